"""Changing the collection through the page: adding articles and removing them.

Each function checks the right to do so itself: hiding a button protects nothing.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.article import Article
from corpus.errors import CitewireError, ReadError, UsageError
from corpus.scan.changes import ReadOptions
from corpus.scan.files import Overrides, read_bytes
from corpus.store.origins import ScannedSource, without_source
from embeddings.library.library import CurrentOrigins
from embeddings.library.protocol import AddProgress, AddReport
from qa.page.model.desk import Desk

_log = logging.getLogger(__name__)

_OTHERWISE = "save it and add the file"
"""What the page offers for an address that is not on the public internet."""
MAX_FILES = 200
MAX_PASTED_CHARACTERS = 1_000_000


@dataclass(frozen=True, slots=True)
class Adding:
    """How far an addition is, or with a report that it is done.

    bad: files and addresses that could not be read, and why. same: pages that are as they were when they were read.
    """

    articles: int = 0
    current: str | None = None
    report: AddReport | None = None
    bad: tuple[str, ...] = ()
    same: int = 0


def add_files(desk: Desk, files: Sequence[Path], tell: Callable[[Adding], None]) -> AddReport:
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
            yield from read_bytes(data, name=file.name, overrides=Overrides(), on_bad=bad.append)

    return _add(desk, [without_source(articles())], bad, tell)


def add_text(desk: Desk, text: str, overrides: Overrides, tell: Callable[[Adding], None]) -> AddReport:
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
    articles = read_bytes(data, name="pasted.txt", overrides=overrides, on_bad=bad.append)
    return _add(desk, [without_source(articles)], bad, tell)


def add_address(desk: Desk, url: str, tell: Callable[[Adding], None], *, allow_private: bool = False) -> AddReport:
    """Add the article of a web page, or those of the pages that a feed names, as `citewire add` does.

    allow_private: whether hosts that are not on the public internet are fetched. Raises NotAllowed, UsageError for what
    is no address, CitewireError where nothing could be read, and what adding raises.
    """
    from corpus.web.client import Fetcher, checked_address
    from corpus.web.pages import AddressReader

    desk.require_change()
    if not url.strip():
        raise UsageError("write the address of a page or a feed")
    try:
        named = url if "://" in url else f"https://{url.strip()}"
        address = checked_address(named, any_port=allow_private, otherwise=_OTHERWISE)
    except ValueError as error:
        raise UsageError(f"{url.strip()}: {error}") from None
    bad: list[ReadError] = []
    same: list[bool] = []
    known = CurrentOrigins(desk.assistant.library)
    with Fetcher(allow_private=allow_private, otherwise=_OTHERWISE) as fetcher:
        reader = AddressReader(fetcher, known, ReadOptions(), bad.append, lambda: same.append(True))
        return _add(desk, reader.scan(address), bad, tell, same)


def overrides_of(values: Mapping[str, str]) -> Overrides:
    """Return what was said of a pasted article, nothing of what is empty. Raises UsageError for a date that is none."""
    given: dict[str, Any] = {name: value.strip() or None for name, value in values.items()}
    return Overrides(**given)


def remove_article(desk: Desk, article: str) -> None:
    """Remove an article with all its versions. Raises NotAllowed, UsageError where it is not there, LibraryError."""
    desk.require_change()
    if not desk.assistant.library.remove([article]).removed:
        raise UsageError("this article is no longer in the library")
    _log.info("article %s was removed through the page", article)


def _add(
    desk: Desk,
    sources: Iterable[ScannedSource],
    bad: Sequence[ReadError],
    tell: Callable[[Adding], None],
    same: Sequence[bool] = (),
) -> AddReport:
    """Add what the sources hold, while they note in `bad` and `same` what cannot be read and what is as before."""

    def reasons() -> tuple[str, ...]:
        return tuple(map(str, bad))

    def progress(done: AddProgress) -> None:
        tell(Adding(done.articles, done.current, bad=reasons()))

    report = desk.assistant.library.add_from(sources, progress=progress)
    if bad:
        _log.warning("of an addition could not be read: %s", "; ".join(reasons())[:500])
    if bad and not (report.added or report.replaced or report.unchanged or same):
        raise CitewireError("; ".join(reasons()))
    _log.info("%d articles were added through the page", report.added)
    tell(Adding(report=report, bad=reasons(), same=len(same)))
    return report
