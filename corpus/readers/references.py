"""What reference managers and press databases export: an article an entry, by its abstract.

RIS, as Zotero, EndNote and Mendeley write it, is read with rispy, BibTeX with bibtexparser.
"""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from corpus.article import Article
from corpus.cleaning.assemble import article_of
from corpus.cleaning.written_dates import iso_date
from corpus.errors import ReadError
from corpus.readers.open_file import Format, OpenFile

_TYPE = re.compile(rb"(?:\xef\xbb\xbf)?\s*TY  ?- ?[A-Z0-9]{2,10}\s*\r?\n[A-Z][A-Z0-9]  ?-")
_ENTRY = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s*%[^\n]*\n|\s*@(?:comment|preamble|string)\s*\{[^\n]*\n)*\s*@[a-z]{3,20}\s*\{\s*"
    rb"[^\s,{}=\"]{1,200}\s*,\s*(?:[a-z][\w-]{1,30}\s*=|\})",
    re.IGNORECASE,
)
_WORDS = re.compile(r"\s+and\s+")
_SLASHED = re.compile(r"(\d{4})[/-](\d{1,2})[/-](\d{1,2})(?:/.*)?")


def _read_ris(file: OpenFile) -> Iterator[Article]:
    import rispy

    text = file.text()
    try:
        entries = rispy.loads(text)
    except (ValueError, IndexError, KeyError, TypeError, OSError) as error:
        raise ReadError(file.where, f"its RIS is broken ({str(error)[:80]}): export it again") from error
    yield from _articles(map(_of_ris, entries), file)


def _of_ris(entry: Mapping[str, object]) -> dict[str, object]:
    """Return the fields of an entry under their usual names."""

    def first(*names: str) -> object:
        return next((value for name in names if (value := entry.get(name))), "")

    authors = first("authors", "first_authors", "secondary_authors")
    urls = first("urls", "url", "file_attachments1")
    return {
        "id": first("id", "accession_number"),
        "title": first("title", "primary_title", "short_title"),
        "source": first("secondary_title", "journal_name", "alternate_title1", "alternate_title3", "publisher"),
        "author": [_person(str(name)) for name in authors] if isinstance(authors, list) else authors,
        "published": _day(entry.get("date"), entry.get("year"), entry.get("publication_year")),
        "url": urls[0] if isinstance(urls, list) else urls,
        "place": first("place_published"),
        "language": first("language"),
        "text": first("abstract", "notes_abstract"),
    }


def _read_bibtex(file: OpenFile) -> Iterator[Article]:
    import bibtexparser
    from bibtexparser.bparser import BibTexParser
    from bibtexparser.customization import convert_to_unicode

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    text = file.text()
    parser = BibTexParser(common_strings=True, ignore_nonstandard_types=False)
    parser.customization = convert_to_unicode
    try:
        entries = bibtexparser.loads(text, parser=parser).entries
    except Exception as error:  # pyparsing's errors share no class with the library's own
        raise ReadError(file.where, f"its BibTeX is broken ({str(error)[:80]}): export it again") from error
    yield from _articles(map(_of_bibtex, entries), file)


def _of_bibtex(entry: Mapping[str, str]) -> dict[str, object]:
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
        "author": [_person(name) for name in _WORDS.split(first("author", "editor")) if name],
        "published": _day(entry.get("date"), by_parts, _with_month(entry)),
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


def _articles(records: Iterable[Mapping[str, object]], file: OpenFile) -> Iterator[Article]:
    """Yield the article of each entry that has a text or abstract; one message names the others."""
    without: list[str] = []
    good = 0
    for number, record in enumerate(records, start=1):
        try:
            article = article_of(record, where=f"{file.where} entry {number}", mapped={})
        except ReadError:
            without.append(str(record.get("title") or f"entry {number}")[:80])
            continue
        good += 1
        yield article if record.get("id") else replace(article, path=f"#{number}")
    if without:
        named = f"{without[0]!r}" if len(without) == 1 else f"{len(without)} entries, the first {without[0]!r}"
        why = f"no text or abstract in {named}: add the pages or files of these texts themselves"
        file.on_bad(ReadError(file.where, why))
    elif not good:
        raise ReadError(file.where, "there is no entry in it: export it again")


def _person(name: str) -> str:
    """Return a person's name in usual order: Zoe Miller of "Miller, Zoe"."""
    family, comma, given = name.partition(",")
    return f"{given.strip()} {family.strip()}".strip() if comma else name.strip()


def _day(*written: object) -> str:
    """Return the first of what is written that is a whole day, as ISO 8601; empty where only a year is known."""
    for value in written:
        text = str(value or "").strip()
        if match := _SLASHED.fullmatch(text):
            text = f"{match[1]}-{int(match[2]):02}-{int(match[3]):02}"
        if found := iso_date(text):
            return found
    return ""


RIS = Format("RIS", frozenset((".ris",)), _read_ris, _TYPE.match, isolated=True)
BIBTEX = Format("BibTeX", frozenset((".bib", ".bibtex")), _read_bibtex, _ENTRY.match, isolated=True)
