"""Reading bytes as a file of a name, and files and folders, for the tests of the formats."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from corpus.article import Article
from corpus.errors import ReadError
from corpus.scan.read import NO_OVERRIDES, Overrides, parse_map, read_bytes, read_file, walk


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


def read_paths(
    paths: Sequence[Path],
    *,
    overrides: Overrides = NO_OVERRIDES,
    on_bad: Callable[[ReadError], None],
    on_skipped: Callable[[Path], None] = lambda _: None,
) -> Iterator[Article]:
    """Yield the articles of files, and of the files of folders, in the order in which they are added."""
    for path in paths:
        for file in list(walk(path, on_bad=on_bad, on_skipped=on_skipped)):
            yield from read_file(Path(file.path), overrides=overrides, on_bad=on_bad)
