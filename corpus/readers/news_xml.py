"""The news formats of agencies: NITF and NewsML-G2 (https://iptc.org/standards/)."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from corpus.readers.xml_stream import local_name

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_BLOCKS = frozenset("p hl2 hl3 h1 h2 h3 h4 li td blockquote".split())


def nitf_record(root: "Element") -> dict[str, str]:
    """Return the fields of a NITF document."""
    body = next(_named(root, "body.content"), None)
    published = _attribute(root, "date.issue", "norm") or _attribute(root, "date.release", "norm")
    record = {
        "id": _attribute(root, "doc-id", "id-string"),
        "title": _text(root, "hl1") or _text(root, "title"),
        "author": _without_by(_text(root, "byline")),
        "published": _compact(published or _attribute(root, "pubdata", "date.publication")),
        "source": _attribute(root, "pubdata", "name") or _text(root, "distributor"),
        "section": _attribute(root, "pubdata", "position.section"),
        "url": _attribute(root, "pubdata", "ex-ref"),
        "place": _text(root, "location") if next(_named(root, "dateline"), None) is not None else "",
        "text": "\n\n".join(_paragraphs(body)) if body is not None else "",
    }
    return {name: value for name, value in record.items() if value}


def news_item_record(root: "Element") -> dict[str, str]:
    """Return the fields of a NewsML-G2 item with its text as XHTML within it."""
    body = next(_named(root, "inlinexml"), None)
    if body is None:
        body = next(_named(root, "contentset"), None)
    record = {
        "id": root.get("guid", ""),
        "title": _text(root, "headline"),
        "author": _without_by(_text(root, "by") or _text(root, "byline")),
        "published": _text(root, "contentcreated") or _text(root, "firstcreated") or _text(root, "versioncreated"),
        "modified": _text(root, "contentmodified"),
        "source": _provider(root),
        "language": _attribute(root, "language", "tag"),
        "place": _text(root, "dateline"),
        "text": "\n\n".join(_paragraphs(body)) if body is not None else "",
    }
    return {name: value for name, value in record.items() if value}


def _provider(root: "Element") -> str:
    """Return the outlet's name as its provider element has it."""
    provider = next(_named(root, "provider"), None)
    if provider is None:
        return ""
    return _text(provider, "name") or provider.get("literal", "")


def _named(root: "Element", name: str) -> Iterator["Element"]:
    return (element for element in root.iter() if local_name(element) == name)


def _text(root: "Element", name: str) -> str:
    element = next(_named(root, name), None)
    return "" if element is None else " ".join("".join(element.itertext()).split())


def _attribute(root: "Element", name: str, attribute: str) -> str:
    return next((element.get(attribute, "").strip() for element in _named(root, name)), "")


def _paragraphs(body: "Element") -> Iterator[str]:
    """Yield the words of each block; a block within another comes with it."""
    for element in body.iter():
        if local_name(element) in _BLOCKS and not any(local_name(a) in _BLOCKS for a in element.iterancestors()):
            words = " ".join("".join(element.itertext()).split())
            if words:
                yield words


def _without_by(words: str) -> str:
    return words[3:].strip() if words.lower().startswith("by ") else words


def _compact(moment: str) -> str:
    """Return 20230306T100000Z as 2023-03-06T10:00:00Z."""
    day, t, clock = moment.partition("T")
    if t and len(day) == 8 and day.isdigit() and clock[:6].isdigit():
        return f"{day[:4]}-{day[4:6]}-{day[6:]}T{clock[:2]}:{clock[2:4]}:{clock[4:6]}{clock[6:]}"
    return moment
