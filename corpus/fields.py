"""What a file says of its article in named fields: front matter, JSON, labelled lines at the top of a text."""

import re
from collections.abc import Mapping, Sequence

from corpus.clean import clean_line
from corpus.published import iso_date

# The usual names of each field, in order of preference, without case, spaces and punctuation.
_NAMES = {
    "title": "title headline head pagetitle articletitle articleheadline",
    "source": "source outlet publisher publication newspaper site sitename website sourcename publishername provider",
    "author": "author authors byline bylines creator writer reporter authorname",
    "published": "published date publishedat datepublished publisheddate publishdate publicationdate pubdate "
    "pubdatetime publishedon publishedtime articlepublishedtime datetime created createdat timestamp",
    "modified": "modified updated updatedat datemodified modifieddate lastmodified lastupdated lastmod "
    "articlemodifiedtime",
    "url": "url link canonicalurl canonical weburl articleurl sourceurl permalink",
    "place": "place dateline location datelineplace",
    "section": "section category articlesection sectionname desk",
    "language": "language lang locale inlanguage",
}
_TEXT_NAMES = (
    "text articlebody body content maintext articletext fulltext bodytext cleanedtext articlecontent paragraphs "
    "article story"
).split()
_UNKNOWN = frozenset(("", "~", "-", "null", "none", "nan", "unknown", "n/a", "na", "undefined"))
_LONGEST_FIELD = 2_000
_MOST_AUTHORS = 50
_URL = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}|[A-Z][a-z]{3,20}")


def known_fields(record: Mapping[str, object]) -> dict[str, str]:
    """Return what a record says of an article, by the names of `Article`; what is empty or unclear is left out."""
    named = {_plain(key): value for key, value in record.items() if isinstance(key, str)}
    known: dict[str, str] = {}
    for field, names in _NAMES.items():
        for name in names.split():
            if name in named and (value := _field(field, named[name])):
                known[field] = value
                break
    return known


def field_of(label: str) -> str | None:
    """Return the field of `Article` that a label names, as `Byline` does `author`."""
    plain = _plain(label)
    return next((field for field, names in _NAMES.items() if plain in names.split()), None)


def text_field(record: Mapping[str, object]) -> str:
    """Return the text of a record, its paragraphs apart where it has a list of them; empty where it has none."""
    named = {_plain(key): value for key, value in record.items() if isinstance(key, str)}
    for name in _TEXT_NAMES:
        value = named.get(name)
        if isinstance(value, str) and value.strip():
            return value
        if isinstance(value, list) and any(isinstance(part, str) for part in value):
            return "\n\n".join(part for part in value if isinstance(part, str))
    return ""


def _plain(key: str) -> str:
    """Return a field name without case, spaces and punctuation, so that `Pub-Date` is `pubdate`."""
    return "".join(c for c in key[:60].lower() if c.isalnum())


def _field(field: str, value: object) -> str | None:
    """Return a field's value as `Article` wants it, or None."""
    written = clean_line(_written(value)[:_LONGEST_FIELD])
    if written.lower() in _UNKNOWN:
        return None
    if field in ("published", "modified"):
        return iso_date(written)
    if field == "url":
        return written if _URL.fullmatch(written) else None
    if field == "language":
        return re.split("[-_]", written)[0].lower() if _LANGUAGE.fullmatch(written) else None
    if field == "author":
        return re.sub(r"^by:?\s+", "", written, flags=re.IGNORECASE)
    return written


def _written(value: object) -> str:
    """Return a value as one string: a list's parts with commas, an object by its name."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, Mapping):
        name = value.get("name") or value.get("title") or value.get("@value")
        return name if isinstance(name, str) else ""
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        parts = [part if isinstance(part, str) else _named(part) for part in value[:_MOST_AUTHORS]]
        return ", ".join(part.strip() for part in parts if part.strip())
    return ""


def _named(part: object) -> str:
    """Return the name of one part of a list, as `{"name": "Jane Doe"}` has it."""
    return _written(part) if isinstance(part, Mapping) else ""
