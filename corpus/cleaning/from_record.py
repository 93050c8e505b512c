"""From a record of named fields, as JSON, CSV and XML files have them, to the article."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from corpus.article import Article
from corpus.cleaning.assemble import assemble
from corpus.cleaning.fields import known_fields, text_field
from corpus.errors import ReadError
from corpus.limits import MAX_BYTES

_NAMED_BY = ("id", "guid", "_id", "uid", "uuid")
_LONGEST_NAME = 200
_CUT = re.compile(r"\s*\[\+\d+ char(?:acter)?s\]\s*$")  # where NewsAPI cuts a text


def articles_of(
    records: Iterable[Mapping[str, object]], *, where: str, on_bad: Callable[[ReadError], None]
) -> Iterator[Article]:
    """Yield the article of each record of a file; one that has none is reported with its number."""
    for number, record in enumerate(records, start=1):
        try:
            yield article_of(record, where=f"{where} article {number}", mapped={})
        except ReadError as error:
            on_bad(error)


def article_of(record: Mapping[str, object], *, where: str, mapped: Mapping[str, str]) -> Article:
    """Return the article of a record, its `path` being # and what tells the record from the others of its file.

    mapped: fields with the names that they have in the record. Raises ReadError for a record without a text.
    """
    body = text_field(record, mapped)
    body = _CUT.sub("", body)
    if not body:
        named = f"{mapped['text']} (as --map says)" if "text" in mapped else "text (or body, content, articleBody)"
        raise ReadError(where, f"no field {named} with words in it: add one, or name yours with --map text=NAME")
    if len(body) > MAX_BYTES:
        raise ReadError(
            where, f"its text is larger than {MAX_BYTES // 1_000_000} MB, too large for one article: split it"
        )
    article = assemble(body, known_fields(record, mapped), where=where, find_title=False)
    return replace(article, path=f"#{_name(record, body)}")


def _name(record: Mapping[str, object], body: str) -> str:
    """Return what names the record: its id, else a hash of its text."""
    for key in _NAMED_BY:
        given = record.get(key)
        if isinstance(given, str | int) and str(given).strip():
            return str(given).strip()[:_LONGEST_NAME]
    return hashlib.sha256(body.encode("utf-8", errors="replace")).hexdigest()[:16]
