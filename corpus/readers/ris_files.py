"""RIS files (.ris), as Zotero, EndNote, Mendeley and press databases export them: an article an entry, by its abstract.

Read with rispy.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO

from corpus.article import Article, read_all
from corpus.cleaning.assemble import articles_of_entries, day, person
from corpus.errors import ReadError
from corpus.readers.decoding import decode
from corpus.readers.hints import Hints

SUFFIXES = frozenset((".ris",))
ISOLATED = True
_TYPE = re.compile(rb"(?:\xef\xbb\xbf)?\s*TY  ?- ?[A-Z0-9]{2,10}\s*\r?\n[A-Z][A-Z0-9]  ?-")


def recognises(head: bytes) -> bool:
    """Return whether the first line of a file says of which type its first entry is, and the next is one of RIS too."""
    return _TYPE.match(head) is not None


def read(file: BinaryIO, *, where: str, hints: Hints, on_bad: Callable[[ReadError], None]) -> Iterator[Article]:
    """Yield the article of each entry that has an abstract; the rest is told in one sentence."""
    import rispy

    text = decode(read_all(file, where=where), where=where, declared=hints.charset)
    try:
        entries = rispy.loads(text)
    except (ValueError, IndexError, KeyError, TypeError, OSError) as error:
        raise ReadError(where, f"its RIS is broken ({str(error)[:80]}): export it again") from error
    yield from articles_of_entries(map(_record, entries), where=where, on_bad=on_bad)


def _record(entry: Mapping[str, object]) -> dict[str, object]:
    """Return the fields of an entry under their usual names."""

    def first(*names: str) -> object:
        return next((value for name in names if (value := entry.get(name))), "")

    authors = first("authors", "first_authors", "secondary_authors")
    urls = first("urls", "url", "file_attachments1")
    return {
        "id": first("id", "accession_number"),
        "title": first("title", "primary_title", "short_title"),
        "source": first("secondary_title", "journal_name", "alternate_title1", "alternate_title3", "publisher"),
        "author": [person(str(name)) for name in authors] if isinstance(authors, list) else authors,
        "published": day(entry.get("date"), entry.get("year"), entry.get("publication_year")),
        "url": urls[0] if isinstance(urls, list) else urls,
        "place": first("place_published"),
        "language": first("language"),
        "text": first("abstract", "notes_abstract"),
    }
