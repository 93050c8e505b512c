"""RIS, which reference managers and press databases export: an article an entry, by its abstract. Read with rispy."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from corpus.article import Article
from corpus.cleaning.assemble import article_of
from corpus.cleaning.written_dates import iso_date
from corpus.errors import ReadError
from corpus.readers.open_file import Format, OpenFile

_TYPE = re.compile(rb"(?:\xef\xbb\xbf)?\s*TY  ?- ?[A-Z0-9]{2,10}\s*\r?\n[A-Z][A-Z0-9]  ?-")


def _read(file: OpenFile) -> Iterator[Article]:
    """Yield the article of each entry that has an abstract; the others are told in one sentence."""
    import rispy

    try:
        entries = rispy.loads(file.text())
    except (ValueError, IndexError, KeyError, TypeError, OSError) as error:
        raise ReadError(file.where, f"its RIS is broken ({str(error)[:80]}): export it again") from error
    if not entries:
        raise ReadError(file.where, "there is no entry in it: export it again")
    without: list[str] = []
    for number, record in enumerate(map(_fields, entries), start=1):
        try:
            article = article_of(record, where=f"{file.where} entry {number}", mapped={})
        except ReadError:
            without.append(str(record["title"] or f"entry {number}")[:80])
            continue
        yield article if record["id"] else replace(article, path=f"#{number}")
    if without:
        named = f"{without[0]!r}" if len(without) == 1 else f"{len(without)} entries, the first {without[0]!r}"
        why = f"no text or abstract in {named}: add the pages or files of these texts themselves"
        file.on_bad(ReadError(file.where, why))


def _fields(entry: Mapping[str, object]) -> dict[str, object]:
    """Return the fields of an entry under their usual names. Of the day a year alone is none."""

    def first(*names: str) -> object:
        return next((value for name in names if (value := entry.get(name))), "")

    authors = first("authors", "first_authors", "secondary_authors")
    urls = first("urls", "url", "file_attachments1")
    written = (str(entry.get(name) or "").split("/")[:3] for name in ("date", "year", "publication_year"))
    days = ("-".join(part.strip().zfill(2) for part in parts) for parts in written)  # of 2021/5/3/
    return {
        "id": first("id", "accession_number"),
        "title": first("title", "primary_title", "short_title"),
        "source": first("secondary_title", "journal_name", "alternate_title1", "alternate_title3", "publisher"),
        "author": [_person(str(name)) for name in authors] if isinstance(authors, list) else authors,
        "published": next(filter(None, map(iso_date, days)), ""),
        "url": urls[0] if isinstance(urls, list) else urls,
        "place": first("place_published"),
        "language": first("language"),
        "text": first("abstract", "notes_abstract"),
    }


def _person(name: str) -> str:
    """Return a person's name in usual order: Zoe Miller of "Miller, Zoe"."""
    family, comma, given = name.partition(",")
    return f"{given.strip()} {family.strip()}".strip() if comma else name.strip()


RIS = Format("RIS", frozenset((".ris",)), _read, _TYPE.match, isolated=True)
