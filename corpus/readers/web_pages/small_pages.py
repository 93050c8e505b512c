"""The words of small pages that are all text, as mails and chapters of books, block by block. They have no menus."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from corpus.readers.xml_stream import words_of

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_SILENT = frozenset("script style head template noscript svg math iframe object select button form title".split())
_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details div dl dt figcaption figure footer h1 h2 h3 h4 h5 "
    "h6 header hr html li main nav ol p pre section summary table tbody tfoot thead tr ul".split()
)
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?:px)?\s*(?:;|$)|mso-hide\s*:\s*all", re.IGNORECASE
)
XML_DECLARATION = re.compile(r"\s*<\?xml[^<>]{0,300}\?>")
_HEADINGS = ("h1", "h2", "h3")


def blocks_of(page: str) -> Iterator[str]:
    """Yield the words of each block of a page on one line: paragraph, heading, list item, row of a table.

    What the page hides, its scripts, styles and forms are left out.
    """
    from lxml import etree

    root = _parsed(page)
    parts: list[str] = []
    if root is None:
        return
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag, style = element.tag, element.get("style") or ""
        is_shown = tag not in _SILENT and not _HIDDEN.search(style) and element.get("hidden") is None
        if tag in _BLOCKS and is_shown:
            yield from _flushed(parts)
        if event == "end":
            parts.append(" " if tag in ("td", "th") and is_shown else "")
            parts.append(element.tail or "")
        elif is_shown:
            parts += ["\n" if tag == "br" else "", element.text or ""]
        else:
            walk.skip_subtree()
    yield from _flushed(parts)


def heading_of(page: str) -> str:
    """Return the first heading of a page, else its title; empty where it has neither."""
    root = _parsed(page)
    if root is None:
        return ""
    for element in (*(h for name in _HEADINGS for h in root.iter(name)), *root.iter("title")):
        words = words_of(element)
        if words:
            return words
    return ""


def _parsed(page: str) -> "HtmlElement | None":
    """Return the root of a page, None where it has no mark-up and no words."""
    from lxml import etree, html

    parser = html.HTMLParser(huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        return html.document_fromstring(XML_DECLARATION.sub("", page, count=1) or " ", parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def _flushed(parts: list[str]) -> Iterator[str]:
    """Yield the lines that were gathered, line ends of the source being spaces, and begin anew."""
    words = "".join(part if part == "\n" else re.sub(r"\s+", " ", part) for part in parts)
    parts.clear()
    for line in words.split("\n"):
        if line.strip():
            yield line.strip()
