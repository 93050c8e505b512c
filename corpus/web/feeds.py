"""RSS and Atom feeds as lists of pages: their addresses, and when each was last changed."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_ROOT = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?[^>]{0,500}\?>\s*|<!--.{0,4000}?-->\s*|<!DOCTYPE[^>\[]{0,300}>\s*){0,20}"
    rb"<(?:rss|(?:\w{1,20}:)?feed|rdf:RDF)[\s>]",
    re.DOTALL | re.IGNORECASE,
)
_FEEDBURNER = "origLink"


@dataclass(frozen=True, slots=True)
class Entry:
    """A page that a feed names. updated: when it last changed (UTC, ISO 8601), None if the feed does not say."""

    url: str
    updated: str | None


def is_feed(data: bytes) -> bool:
    """Tell whether these bytes begin a feed."""
    return _ROOT.match(data[:8192]) is not None


def entries(data: bytes, *, base: str, limit: int) -> list[Entry]:
    """Return the first `limit` pages that a feed names, in its order, each once. base: the feed's address.

    Broken parts of the feed are skipped. Entities are not resolved, and nothing else is read.
    """
    from lxml import etree

    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    root = etree.fromstring(data, parser)
    found: dict[str, Entry] = {}
    if root is None:
        return []
    for item in root.iter("{*}item", "{*}entry"):
        link = _link(item)
        url = urljoin(base, link) if link else ""
        if url.startswith(("http://", "https://")) and url not in found:
            found[url] = Entry(url, _updated(item))
            if len(found) == limit:
                break
    return list(found.values())


def _link(item: "Element") -> str | None:
    """Return the address of an entry's page: the original link, the link, or an identifier that is an address."""
    plain = original = None
    for child in item.iterchildren("*"):
        name = _name(child)
        if name == _FEEDBURNER:
            original = _words(child)
        elif name == "link" and plain is None:
            kind = child.get("rel", "alternate")
            plain = (child.get("href") if kind == "alternate" else None) or _words(child)
    if original or plain:
        return original or plain
    guid = next((child for child in item.iterchildren("*") if _name(child) in ("guid", "id")), None)
    is_link = guid is not None and guid.get("isPermaLink", "true").lower() != "false"
    return _words(guid) if guid is not None and is_link and (_words(guid) or "").startswith("http") else None


def _updated(item: "Element") -> str | None:
    words = {_name(child): _words(child) for child in item.iterchildren("*")}
    for name in ("updated", "modified", "pubDate", "published", "date"):
        if (written := words.get(name)) and (moment := _moment(written)):
            return moment
    return None


def _moment(written: str) -> str | None:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        try:
            moment = parsedate_to_datetime(written)
        except ValueError:
            return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC).isoformat(timespec="seconds")
    except OverflowError:
        return None


def _name(element: "Element") -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _words(element: "Element") -> str | None:
    words = "".join(element.itertext()).strip()
    return words or None
