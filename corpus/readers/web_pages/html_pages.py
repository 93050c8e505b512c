"""Web pages: trafilatura finds the article on the page, the page's own data says who wrote it where and when.

The only file that imports trafilatura. Nothing is fetched: only the file's bytes are looked at.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import asdict, replace
from io import BytesIO
from typing import TYPE_CHECKING

from corpus.article import Article, is_site_root
from corpus.cleaning.assemble import assemble
from corpus.cleaning.byline import may_sign
from corpus.cleaning.fields import known_fields
from corpus.errors import ReadError
from corpus.readers.json_files import read_json
from corpus.readers.open_file import Format, OpenFile, decode
from corpus.readers.web_pages.html_tables import fill_spans, open_layout_tables
from corpus.readers.xml_stream import words_of

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^<>]{0,200}>\s*)?(?:<!--.{0,1000}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_CHARSET = re.compile(
    rb"""<(?:meta|\?xml)[^<>]{0,300}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE
)
# References to characters that no tree may hold: control characters but tab and line ends, and the last two of a plane.
_REFERENCE = re.compile(
    r"(?i)&#(?:x0*(?:[0-8bcef]|1[0-9a-f]|fff[ef])(?![0-9a-f])|0*(?:[0-8]|1[124-9]|2\d|3[01]|6553[45])(?!\d));?"
)
_WHOLE = re.compile(r"<(?:html|body)\b", re.IGNORECASE)
# trafilatura warns of what it finds nothing in; here that is an error with the file's name.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
logging.getLogger("htmldate").setLevel(logging.CRITICAL)
_HEAD_BYTES = 4096
# trafilatura's careful setting; where it keeps less than this share of what the usual one finds, it was too careful.
_TOO_CAREFUL = 0.25
_BEGINNING = 0.8  # of the text in the page's data: who must pay to read on is shown less, with notes on that
_WHOLE_WORDS = 120  # of an article for which readers are to pay; what is shorter is its beginning
_SENTENCE_END = re.compile(r"[.!?][\"'”’»)\]]*$")
_NEARLY_ALL = 0.8
_LONG_PARAGRAPH = 80
_HOST = re.compile(r"(?:[\w-]+\.)+[A-Za-z]{2,}")
_BODY_CLASS = re.compile(r"body|content|article|story|text", re.IGNORECASE)

# Of small pages that are all text, as mails and chapters of books: what is no word of theirs, and what ends a line.
_SILENT = frozenset("script style head template noscript svg math iframe object select button form title".split())
_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details div dl dt figcaption figure footer h1 h2 h3 h4 h5 "
    "h6 header hr html li main nav ol p pre section summary table tbody tfoot thead tr ul".split()
)
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?:px)?\s*(?:;|$)|mso-hide\s*:\s*all", re.IGNORECASE
)
_XML_DECLARATION = re.compile(r"\s*<\?xml[^<>]{0,300}\?>")


def read_page(file: OpenFile) -> Iterator[Article]:
    """Yield the one article of the page, or the posts of a live blog and what stands beside them."""
    from corpus.readers.web_pages import html_metadata

    page = _decoded(file)
    tree = _tree(page)
    fetched = {"url": file.url} if file.url else {}
    if tree is None:  # no mark-up that a parser sees
        yield assemble(page, fetched, where=file.where, find_title=True)
        return
    known = html_metadata.page_fields(tree)
    if typed := _typed_text(tree):
        yield assemble(typed, fetched | known, where=file.where, find_title="title" not in known)
        return
    # Read before trafilatura takes what is not the article out of the tree.
    signed, paid = html_metadata.signed_on_page(tree), html_metadata.must_be_paid(tree)
    posts = html_metadata.live_posts(tree, url=known.get("url") or file.url)
    text, shown = _shown(tree, known, html_metadata.linked_text(tree))
    fields = fetched | shown
    if text.strip() in ("", fields.get("title")) and not posts:
        text, more = _in_data(tree)
        fields |= more | known
    if not text.strip() and not posts:
        raise ReadError(file.where, "no article was found on the page: save its text as .txt and add that")
    if file.url and is_site_root(fields.get("url", "")):  # as the canonical link of every page of some sites
        fields["url"] = file.url
    if "author" not in fields and signed:
        fields["author"] = signed
    has_name = "source" in fields and not _HOST.fullmatch(fields["source"])
    if not has_name and (site := html_metadata.site_in_title(tree, fields.get("title", ""))):
        fields["source"] = site
    shared = {name: fields[name] for name in ("title", "source", "author", "section", "language") if name in fields}
    yield from file.articles_of(shared | post for post in posts)
    if posts:
        text = html_metadata.beside_posts(text, posts)
        if not text:
            return
    article = assemble(text, fields, where=file.where, find_title=False)
    breaks_off = not _SENTENCE_END.search(article.text) or article.text.endswith("...")
    yield replace(article, is_stub=paid and (breaks_off or len(article.text.split()) < _WHOLE_WORDS))


def _in_data(tree: "HtmlElement") -> tuple[str, dict[str, str]]:
    """Return text and fields of the article that the page's name names, from the JSON that its programs would read."""
    page = tree.findtext(".//title") or ""
    for script in tree.iterfind('.//script[@type="application/json"]'):
        data = OpenFile(stream=BytesIO((script.text or "").encode()), name="", where="", on_bad=lambda _: None)
        with suppress(ReadError):
            for article in read_json(data):
                if article.title and article.title in page:
                    named = {n: value for n, value in asdict(article).items() if value and n not in ("text", "path")}
                    return article.text, named
    return "", {}


def _decoded(file: OpenFile) -> str:
    """Return the page's source, without what keeps a parser from reading it."""
    data = file.content()
    charset = _CHARSET.search(data[:_HEAD_BYTES])
    declared = file.charset or (charset[1].decode("ascii") if charset else None)
    page = _XML_DECLARATION.sub("", decode(data, where=file.where, declared=declared), count=1)
    return _REFERENCE.sub(" ", page)


def _tree(page: str) -> "HtmlElement | None":
    """Return the page as a tree of elements, None where no parser sees mark-up."""
    import trafilatura
    from lxml.html.builder import BODY, HTML

    tree = trafilatura.load_html(page if _WHOLE.search(page) else f"<html><body>{page}</body></html>")
    # "<svg><p>": trafilatura expects something round what it may take out.
    return tree if tree is None or tree.tag == "html" else HTML(BODY(tree))


def _shown(tree: "HtmlElement", known: Mapping[str, str], linked: str) -> tuple[str, dict[str, str]]:
    """Return the text that the page shows, with the captions of a series of pictures, and all its fields.

    known: the fields of the page's data. linked: the text in it, taken where the page shows less.
    """
    for box in tree.xpath('.//span[contains(@class, "mw-editsection")]'):  # Wikinews' "edit"
        box.drop_tree()
    join_parts(tree)
    open_layout_tables(tree)
    fill_spans(tree)
    captions = "\n\n".join(words_of(each) for each in tree.iter("figcaption"))
    links, headings = ({words_of(part) for part in tree.iter(name)} for name in ("a", "h1"))
    text, guessed = _extract(tree)
    lines = set(text.split("\n\n")) - headings
    if lines and lines <= links:  # a list of other pages
        text = ""
    if _is_better(linked, text):
        text = linked
    fields = guessed | dict(known)
    if len(text) < _TOO_CAREFUL * len(captions):  # a series of pictures, perhaps with a few words above it
        text = captions if text.strip() == fields.get("title") else f"{text}\n\n{captions}"
    return text, fields


def _extract(tree: "HtmlElement") -> tuple[str, dict[str, str]]:
    """Return the article's paragraphs, blank lines between them, and the fields that trafilatura makes out."""
    import trafilatura

    options = {"include_comments": False, "include_tables": True}
    page_words = sum(_length(p) for p in tree.iter("p"))
    facts = trafilatura.extract_metadata(tree, date_config={"original_date": True, "extensive_search": False})
    careful = trafilatura.bare_extraction(deepcopy(tree), favor_precision=True, **options)
    text = careful.text if careful is not None and careful.text else ""
    if len(text) < _TOO_CAREFUL * page_words or not text:
        usual = trafilatura.bare_extraction(tree, **options)
        found = usual.text if usual is not None and usual.text else ""
        text = found if len(text) < _TOO_CAREFUL * len(found) else text
    lines = [line.removeprefix("- ") for line in text.split("\n")]
    author = "; ".join(name for name in (facts.author or "").split("; ") if may_sign(name))
    record = {"title": facts.title, "author": author, "published": facts.date, "source": facts.sitename}
    return "\n\n".join(lines), known_fields(record | {"url": facts.url, "language": facts.language})


def _typed_text(tree: "HtmlElement") -> str:
    """Return the text of a page that is nearly all typed lines, as wire copy is kept; empty for another page."""
    body = tree.find("body")
    parts = ["".join(part.itertext()) for part in tree.iter("pre")]
    if body is None or not parts or sum(map(len, parts)) < _NEARLY_ALL * _length(body):
        return ""
    return "\n\n".join(parts)


def _is_better(linked: str, text: str) -> bool:
    """Return whether the page's data has the article's text where the page itself shows little or only its beginning.

    Or the same words, which then have their paragraphs.
    """
    if len(text) < _TOO_CAREFUL * len(linked) or text.split() == linked.split():
        return True
    words = " ".join(linked.split())
    shown = (line for line in text.split("\n") if len(line) >= _LONG_PARAGRAPH)
    return len(text) < _BEGINNING * len(words) and any(" ".join(line.split()) in words for line in shown)


def join_parts(tree: "HtmlElement") -> None:
    """Put the parts of an article that a page cuts into equal boxes, with advertisements between, into the first box.

    Of boxes that look like articles' bodies, trafilatura would take one alone.
    """
    for article in tree.iter("article"):
        boxes: dict[str, list[HtmlElement]] = {}
        for box in article.iter("div", "section"):
            name = box.get("class") or ""
            if _BODY_CLASS.search(name) and sum(_length(p) >= _LONG_PARAGRAPH for p in box.iterchildren("p")) >= 2:
                boxes.setdefault(name, []).append(box)
        for first, *others in boxes.values():
            for other in others:
                if other.getparent() is not None and first not in other.iterancestors():
                    first.extend(list(other))


def _length(paragraph: "HtmlElement") -> int:
    """Return the number of characters of a paragraph's words."""
    return sum(map(len, paragraph.itertext()))


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
    headings = (*root.iter("h1", "h2", "h3"), *root.iter("title")) if root is not None else ()
    return next(filter(None, map(words_of, headings)), "")


def _parsed(page: str) -> "HtmlElement | None":
    """Return the root of a page, None where it has no mark-up and no words."""
    from lxml import etree, html

    parser = html.HTMLParser(huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        return html.document_fromstring(_XML_DECLARATION.sub("", page, count=1) or " ", parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def _flushed(parts: list[str]) -> Iterator[str]:
    """Yield the lines that were gathered, line ends of the source being spaces, and begin anew."""
    words = "".join(part if part == "\n" else re.sub(r"\s+", " ", part) for part in parts)
    parts.clear()
    for line in words.split("\n"):
        if line.strip():
            yield line.strip()


HTML = Format("web page", frozenset((".html", ".htm", ".xhtml")), read_page, _PAGE.match, isolated=True)
