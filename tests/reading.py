"""Reading bytes as a file of a name, for the tests of the formats."""

from corpus.article import Article
from corpus.errors import ReadError
from corpus.scan.files import Overrides, parse_map, read_bytes


def read(data: bytes | str, name: str, mapped: str = "", url: str | None = None) -> tuple[list[Article], list[str]]:
    """Return the articles, those of a file of several with their rows, and what could not be read."""
    errors: list[ReadError] = []
    overrides = Overrides(mapped=parse_map(mapped)) if mapped else Overrides()
    raw = data.encode() if isinstance(data, str) else data
    found = list(read_bytes(raw, name=name, url=url, overrides=overrides, keep_rows=True, on_bad=errors.append))
    return found, [str(error) for error in errors]


def one(data: bytes | str, name: str) -> Article:
    articles, errors = read(data, name)
    assert errors == []
    assert len(articles) == 1, articles
    return articles[0]


def why(data: bytes | str, name: str) -> str:
    articles, errors = read(data, name)
    assert articles == []
    assert len(errors) == 1
    return errors[0]
