"""Reading articles from files, standard input and fetched bytes, with what the user says of them."""

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from email.message import Message
from pathlib import Path
from typing import Any

from corpus.article import Article, parse_published
from corpus.cleaning.fields import known_fields
from corpus.errors import ReadError, UsageError
from corpus.readers.open_file import OpenFile
from corpus.readers.registry import read_open, suffix_of_type
from corpus.scan.files import real_path, reason

MAPPED = ("text", "title", "source", "author", "published", "modified", "url", "place", "section", "language")
"""The fields that `--map` takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What the user says of every article. It wins over what the files say. Raises UsageError for an invalid value.

    mapped: pairs of a field and its name in JSON and CSV files, as `parse_map` returns them.
    """

    source: str | None = None
    author: str | None = None
    published: str | None = None
    url: str | None = None
    title: str | None = None
    language: str | None = None
    mapped: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        for name, value in self._given().items():
            if not value.strip():
                raise UsageError(f"the {name} given is empty: write it, or leave the option out")
            if re.search("[\ud800-\udfff]", value):
                raise UsageError(f"the {name} given ({value!a}) is not written in UTF-8: write it again")
        if self.language is not None:
            code = known_fields({"language": self.language}).get("language")
            if code is None or len(code) > 3:
                raise UsageError(f"{self.language!r} is no language: write it in two letters, as en or de")
            object.__setattr__(self, "language", code)
        if self.url is not None and "url" not in known_fields({"url": self.url}):
            raise UsageError(f"{self.url!r} is no address: write it whole, as https://news.example/report")
        if self.published is None:
            return
        try:
            parse_published(self.published)
        except ValueError:
            why = f"{self.published!r} is not a date: write it as 2023-03-06 or 2023-03-06T10:00:00+05:00"
            raise UsageError(why) from None

    def apply(self, article: Article) -> Article:
        """Return the article with what is set here."""
        given: dict[str, Any] = self._given()
        return replace(article, **given) if given else article

    def _given(self) -> dict[str, str]:
        named = (f.name for f in fields(self) if f.name != "mapped")
        return {name: value for name in named if (value := getattr(self, name)) is not None}


NO_OVERRIDES = Overrides()


def parse_map(written: str) -> tuple[tuple[str, str], ...]:
    """Return the pairs of `text=body,published=date`. Raises UsageError if it is not such a list."""
    pairs: dict[str, str] = {}
    for part in written.split(","):
        field, equals, name = (piece.strip() for piece in part.partition("="))
        if not (equals and name):
            raise UsageError(f"--map {written!r}: write FIELD=NAME,FIELD=NAME, as in text=body,published=date")
        if field not in MAPPED:
            raise UsageError(f"--map {written!r}: there is no field {field!r}; the fields are {', '.join(MAPPED)}")
        if field in pairs:
            raise UsageError(f"--map {written!r}: the field {field} is given twice")
        pairs[field] = name
    return tuple(pairs.items())


def read_file(
    path: Path, *, overrides: Overrides = NO_OVERRIDES, on_bad: Callable[[ReadError], None]
) -> Iterator[Article]:
    """Yield the articles of a file. `on_bad` gets what cannot be read of it, and reading goes on."""
    own, mapped = real_path(path), dict(overrides.mapped)
    try:
        with path.open("rb") as stream:
            file = OpenFile(stream=stream, name=path.name, where=str(path), on_bad=on_bad, mapped=mapped)
            for article in read_open(file):
                yield overrides.apply(replace(article, path=f"{own}{article.path or ''}"))
    except OSError as error:
        on_bad(ReadError(str(path), reason(error)))


def read_bytes(
    data: bytes,
    *,
    name: str,
    content_type: str | None = None,
    url: str | None = None,
    overrides: Overrides = NO_OVERRIDES,
    keep_rows: bool = False,
    on_bad: Callable[[ReadError], None],
) -> Iterator[Article]:
    """Yield the articles in bytes that were fetched, uploaded, or read from standard input.

    name: names the data in messages; its suffix tells the format where the content does not. content_type: as the
    server declared it, with its charset. url: where it was fetched; it resolves relative addresses, and is the address
    of a page that names none of its own. Articles get no path. With keep_rows, each of several articles gets # and
    what tells it from the others.
    """
    header = Message()
    header["content-type"] = content_type or "application/octet-stream"
    file = OpenFile(
        stream=io.BytesIO(data),
        name=name if content_type is None else f"{name}{suffix_of_type(content_type)}",
        where=name,
        on_bad=on_bad,
        mapped=dict(overrides.mapped),
        charset=header.get_content_charset(),
        url=url,
    )
    for article in read_open(file):
        yield overrides.apply(article if keep_rows else replace(article, path=None))
