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
# Where the programs have each field, the best first.
_IN_RIS = {
    "id": "id accession_number",
    "title": "title primary_title short_title",
    "source": "secondary_title journal_name alternate_title1 alternate_title3 publisher",
    "author": "authors first_authors secondary_authors",
    "published": "date year publication_year",
    "url": "urls url file_attachments1",
    "place": "place_published",
    "language": "language",
    "text": "abstract notes_abstract",
}
_IN_BIBTEX = {
    "id": "ID",
    "title": "title",
    "source": "journal journaltitle newspaper booktitle howpublished organization publisher",
    "author": "author editor",
    "published": "date written",
    "url": "url",
    "language": "language langid",
    "text": "abstract",
}


def _read_ris(file: OpenFile) -> Iterator[Article]:
    import rispy

    text = file.text()
    try:
        entries = rispy.loads(text)
    except (ValueError, IndexError, KeyError, TypeError, OSError) as error:
        raise ReadError(file.where, f"its RIS is broken ({str(error)[:80]}): export it again") from error
    yield from _articles((_record(entry, _IN_RIS) for entry in entries), file)


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
    for entry in entries:
        day, month, year = (entry.get(part) or "" for part in ("day", "month", "year"))
        entry["written"] = f"{year}/{month}/{day}" if month.isdigit() else f"{day} {month} {year}"
    plain = ({name: re.sub("[{}]", "", value) for name, value in entry.items()} for entry in entries)
    yield from _articles((_record(entry, _IN_BIBTEX) for entry in plain), file)


def _record(entry: Mapping[str, object], names: Mapping[str, str]) -> dict[str, object]:
    """Return the fields of an entry under their usual names."""
    record = {field: next((value for n in of.split() if (value := entry.get(n))), "") for field, of in names.items()}
    authors, urls = record["author"], record["url"]
    authors = authors if isinstance(authors, list) else re.split(r"\s+and\s+", str(authors))
    days = (_day(str(entry.get(n) or "")) for n in names["published"].split())  # a year is no day
    url = urls[0] if isinstance(urls, list) else urls
    return record | {
        "author": [_person(str(name)) for name in authors],
        "published": next(filter(None, days), ""),
        "url": url,
    }


def _day(written: str) -> str | None:
    """Return a day in ISO 8601, also one with slashes: 2021/5/3/."""
    return iso_date("-".join(part.zfill(2) for part in written.strip().split("/")[:3]))


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


RIS = Format("RIS", frozenset((".ris",)), _read_ris, _TYPE.match, isolated=True)
BIBTEX = Format("BibTeX", frozenset((".bib", ".bibtex")), _read_bibtex, _ENTRY.match, isolated=True)
