"""What the person who adds articles says of them: it wins over what the files say."""

from dataclasses import dataclass, fields, replace

from corpus.article import Article, parse_published
from corpus.errors import UsageError

MAPPED = ("text", "title", "source", "author", "published", "modified", "url", "place", "section", "language")
"""The fields whose names in JSON and CSV files can be given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What is set wins over what the files say, for every article. Raises UsageError for a date that is none.

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
        if self.published is None:
            return
        try:
            parse_published(self.published)
        except ValueError:
            why = f"{self.published!r} is not a date: write it as 2023-03-06 or 2023-03-06T10:00:00+05:00"
            raise UsageError(why) from None

    def apply(self, article: Article) -> Article:
        """Return the article with what is set here."""
        named = (f.name for f in fields(self) if f.name != "mapped")
        given = {name: getattr(self, name) for name in named if getattr(self, name) is not None}
        return replace(article, **given) if given else article


NO_OVERRIDES = Overrides()


def parse_map(written: str) -> tuple[tuple[str, str], ...]:
    """Return the pairs of `text=body,published=date`. Raises UsageError for what is no such list."""
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
