"""XML files: RSS, Atom and WordPress exports, NITF and NewsML of agencies, and other lists of articles.

Read element by element with lxml, so that an export of any size takes the memory of one article.
"""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urljoin

from corpus.article import Article
from corpus.cleaning.assemble import article_of
from corpus.cleaning.field_names import text_rank
from corpus.errors import ReadError
from corpus.readers.open_file import Format, OpenFile
from corpus.readers.xml_stream import elements, elements_named, local_name, words_of

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_OPENING = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^<>]{0,200}\?>\s*)?(?:<!--.{0,2000}?-->\s*)?(?:<\?[^<>]{0,500}\?>\s*)*"
    rb"(?:<!DOCTYPE\s+(?!html)[^<>\[]{0,300}(?:\[.{0,3000}?\]\s*)?>\s*)?"
    rb"(?:<!--.{0,2000}?-->\s*)?<(?:\w{1,20}:)?(?P<root>[A-Za-z][\w.-]{0,60})[\s>/]",
    re.DOTALL,
)
_START_TAG = re.compile(r"""<[^\s<>"'/]+(?:\s+[^\s<>"'=/]+=(?:"[^"]*"|'[^']*'))*\s*>""")
_DECLARED = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml\b")
_ROOTS = frozenset(b"rss feed rdf nitf newsml newsitem newsmessage channel".split())
_NO_POSTS = re.compile(  # what an export of WordPress has beside posts; "page" is "About us" and the like
    r"attachment|custom_css|customize_changeset|feedback|nav_menu_item|oembed_cache|page|revision|user_request|wp_\w+"
)
_NOT_OUT = frozenset("auto-draft draft future inherit pending trash".split())
_ITEMS = ("item", "entry", "nitf", "newsitem")
_AUTHOR = "author "  # before the login of one of a WordPress export's authors
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_CHILDREN_DEEP = 40  # elements within each other up to which an element may be a record of fields
_BLOCKS = frozenset("p hl2 hl3 h1 h2 h3 h4 li td blockquote".split())


# Where agencies' files have each field: elements, after / the one within it, after @ its attribute; the best first.
_NITF = {
    "id": "doc-id@id-string",
    "title": "hl1 title",
    "author": "byline",
    "published": "date.issue@norm date.release@norm pubdata@date.publication",
    "source": "pubdata@name distributor",
    "section": "pubdata@position.section",
    "url": "pubdata@ex-ref",
    "place": "dateline/location",
}
_NEWS_ITEM = {
    "id": "newsitem@guid",
    "title": "headline",
    "author": "by byline",
    "published": "contentcreated firstcreated versioncreated",
    "modified": "contentmodified",
    "source": "provider/name provider@literal",
    "language": "language@tag",
    "place": "dateline",
}


def _agency_record(root: "Element", places: Mapping[str, str], bodies: str) -> dict[str, str]:
    """Return the fields of an agency's document. bodies: the elements that may hold its text, the best first."""
    body = next((element for name in bodies.split() for element in elements_named(root, name)), None)
    record = {field: next(filter(None, (_found(root, p) for p in of.split())), "") for field, of in places.items()}
    return record | {"text": "\n\n".join(_paragraphs(body)) if body is not None else ""}


def _found(root: "Element", place: str) -> str:
    """Return the words at a place, empty where there are none."""
    path, _, attribute = place.partition("@")
    element: Element | None = root
    for name in path.split("/"):
        element = next(elements_named(element, name), None) if element is not None else None
    if element is None:
        return ""
    return element.get(attribute, "").strip() if attribute else words_of(element)


def _paragraphs(body: "Element") -> Iterator[str]:
    """Yield the words of each block; a block within another comes with it."""
    for element in elements_named(body, *_BLOCKS):
        if not any(local_name(above) in _BLOCKS for above in element.iterancestors()) and (words := words_of(element)):
            yield words


def _recognises(head: bytes) -> bool:
    """Return whether the first bytes of a file open a feed, an agency's news or another XML file but a web page."""
    root = root_of(head)
    return root in _ROOTS or (root not in (b"", b"html") and _DECLARED.match(head) is not None)


def root_of(head: bytes) -> bytes:
    """Return the name of the first element in small letters, without its namespace; empty where there is none."""
    opening = _OPENING.match(head)
    return opening["root"].lower() if opening else b""


def _read(file: OpenFile) -> Iterator[Article]:
    """Yield the article of each item; one that has no text is reported with its number, and the rest goes on."""
    number = 0
    for number, record in enumerate(_records(file.stream, file.where), start=1):
        if file.url and record.get("url"):
            record["url"] = urljoin(file.url, record["url"])
        try:
            yield article_of(record, where=f"{file.where} item {number}", mapped={})
        except ReadError as error:
            file.on_bad(ReadError(error.where, "the item has no words of an article in it"))
    if not number:
        why = "this XML holds no articles: RSS, Atom, NITF, NewsML and lists with title and text are read"
        raise ReadError(file.where, why)


def _records(file: BinaryIO, where: str) -> Iterator[dict[str, str]]:
    """Yield the fields of each article as they end; what has been used is dropped from memory."""
    channel: dict[str, str] = {}
    open_items = depth = 0
    inside_news = False
    for event, element in elements(file, where=where):
        name = local_name(element)
        if event == "start":
            depth += 1
            open_items += name in _ITEMS
            if depth == 1 and (language := element.get(_LANGUAGE)):
                channel["language"] = language
            continue
        depth -= 1
        parent = element.getparent()
        record: dict[str, str] | None = None
        if name in ("item", "entry"):
            record = item_record(element, channel)
        elif name == "nitf":
            record, inside_news = _agency_record(element, _NITF, "body.content"), True
        elif name == "newsitem":
            record = None if inside_news else _agency_record(element, _NEWS_ITEM, "inlinexml contentset")
            inside_news = False
        elif not open_items and parent is not None and local_name(parent) in ("channel", "feed", "rdf"):
            _note_channel(name, element, channel)
        elif not open_items and depth <= _CHILDREN_DEEP:
            record = _other_record(element)
        open_items -= name in _ITEMS
        if name in _ITEMS or record is not None:
            _drop(element)
        if record is not None and (record.get("text") or name in ("item", "entry")):
            yield record


def _drop(element: "Element") -> None:
    """Free an element and what stands before it."""
    element.clear(keep_tail=True)
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _note_channel(name: str, element: "Element", channel: dict[str, str]) -> None:
    """Note what a feed says of all its items: its title, which is the outlet, its language, its authors' names."""
    parts = {local_name(part): words_of(part) for part in element.iterchildren("*")} if name == "author" else {}
    if parts.get("author_login") and parts.get("author_display_name"):
        channel[_AUTHOR + parts["author_login"]] = parts["author_display_name"]
    words = words_of(element)
    if name == "channel":  # of RSS 1.0, whose items stand beside it
        for child in element.iterchildren("*"):
            _note_channel(local_name(child), child, channel)
    elif name == "title" and words:
        channel.setdefault("source", words)
    elif name == "language" and words:
        channel.setdefault("language", words)


def item_record(item: "Element", channel: dict[str, str]) -> dict[str, str] | None:
    """Return the fields of an item of RSS or an entry of Atom; None if it is not a published article.

    channel: what the feed says of all its items. Its parts lose their attributes.
    """
    found: dict[str, list[str]] = {}
    links: list[str] = []
    for child in item.iterchildren("*"):
        name = local_name(child)
        if name == "link" and child.get("href"):
            if child.get("rel", "alternate") == "alternate":
                links.append(child.get("href", "").strip())
            continue
        value = _content(child)
        if name == "author" and len(child):  # Atom: an element with name and address
            value = next(map(words_of, elements_named(child, "name")), "")
        if name == "category" and child.get("domain") == "post_tag":
            continue
        if value.strip():
            found.setdefault(name, []).append(value.strip())
        if name in ("guid", "id") and value.startswith("http") and child.get("isPermaLink", "").lower() != "false":
            found["permalink"] = [value.strip()]
    if _NO_POSTS.fullmatch(_first(found, "post_type")) or (
        "post_type" in found and _first(found, "status") in _NOT_OUT
    ):
        return None
    creators = [channel.get(_AUTHOR + login, login) for login in found.get("creator", ())]
    language = item.get(_LANGUAGE) or _first(found, "language")
    record = {
        "id": _first(found, "guid", "id"),
        "title": _first(found, "title"),
        "text": max(
            (v for n in ("encoded", "content", "description", "summary") for v in found.get(n, ())), key=len, default=""
        ),
        "author": ", ".join(dict.fromkeys(creators or map(_person, found.get("author", ())))),
        "published": _first(found, "pubdate", "published", "date", "issued", "post_date_gmt", "created"),
        "modified": _first(found, "updated", "modified", "post_modified_gmt"),
        "url": _first(found, "origlink") or next(iter(links), "") or _first(found, "link", "permalink"),
        "section": _first(found, "category", "subject", "section"),
        "source": _first(found, "source") or channel.get("source", ""),
        "language": language or channel.get("language", ""),
        "place": _first(found, "dateline", "location"),
    }
    record["published"] = record["published"] or record["modified"]
    return {name: value for name, value in record.items() if value}


def _person(author: str) -> str:
    """Return the name in what RSS calls an author: "jane@gazette.example (Jane Doe)"."""
    return re.sub(r"\S+@\S+(?: \((.*)\))?", r"\1", author)


def _first(found: dict[str, list[str]], *names: str) -> str:
    return next((found[name][0] for name in names if name in found), "")


def _content(element: "Element") -> str:
    """Return what an element holds: its words, or the mark-up of a text that is written as elements."""
    from lxml import etree

    if not len(element):
        return element.text or ""
    for part in element.iterdescendants("*"):
        part.attrib.clear()  # of no use for the words, and a > may stand in them
    # Written as one: each child by itself would bring all names of the namespaces round it.
    whole = etree.tostring(element, encoding="unicode", with_tail=False)
    opening = _START_TAG.match(whole)
    inner = whole[opening.end() if opening else 0 : whole.rindex("</")]
    return re.sub(r"(</?)\w{1,20}:", r"\1", inner)


def _other_record(element: "Element") -> dict[str, str] | None:
    """Return the fields of an element whose children are named as an article's, title and text among them."""
    if len(element) < 2 or len(element) > 200:
        return None
    names = [local_name(child) for child in element]
    title = any(name in ("title", "headline", "head", "hl1", "heading") for name in names)
    if not title or not any(text_rank(name) == 0 for name in names):
        return None
    record = {name.lower(): value for name, value in element.attrib.items() if "}" not in name}
    for name, child in zip(names, element, strict=True):
        value = _content(child).strip()
        if value:
            record[name] = f"{record[name]}\n\n{value}" if name in record and text_rank(name) == 0 else value
    text = next((record[name] for name in names if text_rank(name) == 0 and record.get(name)), "")
    return record | {"text": text} if text else None


XML = Format("XML", frozenset((".xml", ".rss", ".atom", ".rdf", ".nitf")), _read, _recognises, isolated=True)
