"""Changing the library through the page: adding what is uploaded or pasted, and removing articles.

Each function checks the right to do so itself: hiding a button protects nothing.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from corpus.article import Article
from corpus.errors import CitewireError, ReadError, UsageError
from corpus.scan.files import Overrides, read_stream
from embeddings.library.library import AddProgress, AddReport
from qa.page.model.desk import Desk

_log = logging.getLogger(__name__)

MAX_FILES = 200
MAX_PASTED_CHARACTERS = 1_000_000


@dataclass(frozen=True, slots=True)
class Adding:
    """How far an addition is, or with a report that it is done; `bad` are files that could not be read, and why."""

    articles: int = 0
    current: str | None = None
    report: AddReport | None = None
    bad: tuple[str, ...] = field(default=())


def add_files(desk: Desk, files: Sequence[Path], tell: Callable[[Adding], None]) -> None:
    """Add the articles of uploaded files; one that cannot be read is named, and the rest goes on.

    Raises NotAllowed, UsageError for too many files, and what adding raises.
    """
    desk.require_change()
    if len(files) > MAX_FILES:
        _log.warning("an upload of %d files was refused", len(files))
        raise UsageError(f"{len(files):,} files are more than the {MAX_FILES} taken at once: use `citewire add FOLDER`")
    if not files:
        raise UsageError("choose files to add")
    bad: list[ReadError] = []

    def articles() -> Iterator[Article]:
        for file in files:
            try:
                data = file.read_bytes()
            except OSError as error:
                bad.append(ReadError(file.name, f"could not be uploaded ({error.strerror})"))
                continue
            yield from read_stream(data, name=file.name, overrides=Overrides(), on_bad=bad.append)

    _add(desk, articles(), bad, tell)


def add_text(desk: Desk, text: str, overrides: Overrides, tell: Callable[[Adding], None]) -> None:
    """Add one pasted article; what the fields say wins over what stands in the text.

    Raises NotAllowed, UsageError for no text or too much, and what adding raises.
    """
    desk.require_change()
    if not text.strip():
        raise UsageError("paste the text of an article")
    if len(text) > MAX_PASTED_CHARACTERS:
        raise UsageError(f"the text is longer than {MAX_PASTED_CHARACTERS:,} characters: upload it as a file")
    bad: list[ReadError] = []
    data = text.encode("utf-8", "replace")
    _add(desk, read_stream(data, name="pasted.txt", overrides=overrides, on_bad=bad.append), bad, tell)


def overrides_of(values: Mapping[str, str]) -> Overrides:
    """Return what was said of a pasted article, nothing of what is empty. Raises UsageError for a date that is none."""
    given = {name: value.strip() or None for name, value in values.items()}
    return Overrides(
        title=given.get("title"),
        source=given.get("source"),
        author=given.get("author"),
        published=given.get("published"),
        url=given.get("url"),
        language=given.get("language"),
    )


def remove_article(desk: Desk, article: str) -> None:
    """Remove an article with all its versions. Raises NotAllowed, UsageError where it is not there, LibraryError."""
    desk.require_change()
    if not desk.assistant.library.remove([article]).removed:
        raise UsageError("this article is not in the library any more")
    _log.info("article %s was removed through the page", article)


def _add(desk: Desk, articles: Iterator[Article], bad: list[ReadError], tell: Callable[[Adding], None]) -> None:
    def progress(done: AddProgress) -> None:
        tell(Adding(done.articles, done.current, bad=_reasons(bad)))

    first = next(articles, None)
    if first is None:
        _log.warning("nothing of an addition could be read: %s", "; ".join(_reasons(bad))[:500])
        raise CitewireError("; ".join(_reasons(bad)) or "there is no article in this")
    report = desk.assistant.library.add(chain([first], articles), progress=progress)
    _log.info("%d articles were added through the page", report.added)
    if bad:
        _log.warning("of an addition could not be read: %s", "; ".join(_reasons(bad))[:500])
    tell(Adding(report.added + report.replaced + report.unchanged, report=report, bad=_reasons(bad)))


def _reasons(bad: Sequence[ReadError]) -> tuple[str, ...]:
    return tuple(str(error) for error in bad)
