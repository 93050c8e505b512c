"""The rows of tables and lists: each is one article, and a bad one costs no other."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress

from corpus.article import Article
from corpus.cleaning.assemble import article_of
from corpus.cleaning.written_dates import date_order, in_order
from corpus.errors import ReadError

MOST_BAD = 100  # from the start on: after that it is another kind of file

Row = tuple[str, Mapping[str, object] | ReadError]
"""Where a row stands, and its fields by name or why it has none."""


def row_articles(
    rows: Callable[[], Iterable[Row]],
    mapped: Mapping[str, str],
    *,
    where: str,
    kind: str,
    empty: str,
    on_bad: Callable[[ReadError], None],
) -> Iterator[Article]:
    """Yield the article of each row; one that has none is reported, and the rest goes on.

    rows: gives the rows from the first on. They are looked through before, for the order of days in slashes. kind: what
    a row is called. Raises ReadError with `empty` where there is no row, and where none of the first `MOST_BAD` is an
    article.
    """
    order = date_order(_sound(rows()), mapped)
    bad = good = 0
    for place, record in rows():
        try:
            if isinstance(record, ReadError):
                raise record
            article = article_of(in_order(record, order, mapped), where=place, mapped=mapped)
        except ReadError as error:
            bad += 1
            on_bad(error)
            if bad == MOST_BAD and not good:
                why = f"none of its first {bad} {kind}s is an article: check its fields, or columns"
                raise ReadError(where, why) from None
            continue
        good += 1
        yield article
    if not good and not bad:
        raise ReadError(where, empty)


def _sound(rows: Iterable[Row]) -> Iterator[Mapping[str, object]]:
    """Yield the fields of the rows that have some, up to where the file is broken."""
    with suppress(ReadError):
        for _, record in rows:
            if not isinstance(record, ReadError):
                yield record
