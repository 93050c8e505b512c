"""RSS and Atom feeds as lists of pages: their addresses, and when each was last changed."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin

from corpus.errors import ReadError
from corpus.readers.xml_files import item_record, root_of
from corpus.readers.xml_stream import parse_xml


@dataclass(frozen=True, slots=True)
class Entry:
    """A page that a feed names. updated: when it last changed (UTC, ISO 8601), None if the feed does not say."""

    url: str
    updated: str | None


def is_feed(data: bytes) -> bool:
    """Tell whether these bytes begin a feed."""
    return root_of(data[:8192]) in (b"rss", b"feed", b"rdf")


def entries(data: bytes, *, base: str, limit: int) -> list[Entry]:
    """Return the first `limit` pages that a feed names, in its order, each once. base: the feed's address.

    Broken parts of the feed are skipped. Entities are not resolved, and nothing else is read.
    """
    try:
        root = parse_xml(data, where=base)
    except ReadError:
        return []
    found: dict[str, Entry] = {}
    for item in root.iter("{*}item", "{*}entry"):
        record = item_record(item, {}) or {}
        url = urljoin(base, record["url"]) if "url" in record else ""
        if url.startswith(("http://", "https://")) and url not in found:
            moments = (_moment(record[name]) for name in ("modified", "published") if name in record)
            found[url] = Entry(url, next(filter(None, moments), None))
            if len(found) == limit:
                break
    return list(found.values())


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
