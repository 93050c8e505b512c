"""BibTeX files (.bib): an article an entry, by its abstract. Read with bibtexparser."""

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO

from corpus.article import Article, read_all
from corpus.cleaning.assemble import articles_of_entries, day, person
from corpus.errors import ReadError
from corpus.readers.decoding import decode
from corpus.readers.hints import Hints

SUFFIXES = frozenset((".bib", ".bibtex"))
ISOLATED = True
_ENTRY = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s*%[^\n]*\n|\s*@(?:comment|preamble|string)\s*\{[^\n]*\n)*\s*@[a-z]{3,20}\s*\{\s*"
    rb"[^\s,{}=\"]{1,200}\s*,\s*(?:[a-z][\w-]{1,30}\s*=|\})",
    re.IGNORECASE,
)
_WORDS = re.compile(r"\s+and\s+")


def recognises(head: bytes) -> bool:
    """Return whether a file opens with an entry of a BibTeX file, perhaps after comments."""
    return _ENTRY.match(head) is not None


def read(file: BinaryIO, *, where: str, hints: Hints, on_bad: Callable[[ReadError], None]) -> Iterator[Article]:
    """Yield the article of each entry that has an abstract; the rest is told in one sentence."""
    import bibtexparser
    from bibtexparser.bparser import BibTexParser
    from bibtexparser.customization import convert_to_unicode

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    text = decode(read_all(file, where=where), where=where, declared=hints.charset)
    parser = BibTexParser(common_strings=True, ignore_nonstandard_types=False)
    parser.customization = convert_to_unicode
    try:
        entries = bibtexparser.loads(text, parser=parser).entries
    except Exception as error:  # pyparsing's errors share no class with the library's own
        raise ReadError(where, f"its BibTeX is broken ({str(error)[:80]}): export it again") from error
    yield from articles_of_entries(map(_record, entries), where=where, on_bad=on_bad)


def _record(entry: Mapping[str, str]) -> dict[str, object]:
    """Return the fields of an entry under their usual names."""

    def first(*names: str) -> str:
        return next(
            (" ".join(value.replace("{", "").replace("}", "").split()) for n in names if (value := entry.get(n))), ""
        )

    by_parts = " ".join((entry.get("day") or "", entry.get("month") or "", entry.get("year") or ""))
    return {
        "id": entry.get("ID", ""),
        "title": first("title"),
        "source": first(
            "journal", "journaltitle", "newspaper", "booktitle", "howpublished", "organization", "publisher"
        ),
        "author": [person(name) for name in _WORDS.split(first("author", "editor")) if name],
        "published": day(entry.get("date"), by_parts, _with_month(entry)),
        "url": first("url"),
        "language": first("language", "langid"),
        "text": entry.get("abstract", "").replace("{", "").replace("}", ""),
    }


def _with_month(entry: Mapping[str, str]) -> str:
    """Return the day of a month and year of which the month holds the day ("May 3") or is a number."""
    month, year = entry.get("month") or "", entry.get("year") or ""
    if month.isdigit() and (entry.get("day") or "").isdigit():
        return f"{year}-{int(month):02}-{int(entry['day']):02}"
    return f"{month}, {year}"
