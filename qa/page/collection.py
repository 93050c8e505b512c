"""The collection on the page: finding its articles, adding and removing them.

Each function that changes it checks the right to do so itself, and raises NotAllowed: hiding a button protects nothing.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from corpus.article import Article
from corpus.errors import CitewireError, ReadError, UsageError
from corpus.scan.read import Overrides, ReadOptions, read_bytes
from corpus.store.origins import ScannedOrigin, without_origin
from corpus.store.records import EVERYTHING, ArticleInfo, Filters
from embeddings.library.library import CurrentOrigins
from embeddings.library.protocol import AddProgress, AddReport
from embeddings.library.search import Hit
from qa.assistant import check_question
from qa.page.site import Site
from qa.retrieval import retrieve

_log = logging.getLogger(__name__)

MAX_FILES = 200
SEARCHED_PASSAGES = 60
MAX_BARS = 60


Listed = tuple[ArticleInfo, Hit | None]
"""An article of a list, with the passage that fits the words searched for best."""


class Bar(NamedTuple):
    """How many articles were published from one day to another, both included."""

    first: date
    last: date
    articles: int


class Found(NamedTuple):
    """A part of the articles found, how many there are in all, and their number over time and per outlet."""

    listed: list[Listed]
    total: int
    bars: list[Bar]
    outlets: list[tuple[str, int]]
    undated: int


def find_articles(site: Site, words: str, filters: Filters = EVERYTHING, *, limit: int = 50) -> Found:
    """Return the articles under the filters: with words those that fit them, best first; else all, newest first."""
    if words.strip():
        check_question(words)
    with site.assistant.library.snapshot() as snapshot:
        if words.strip():
            best: dict[str, Listed] = {}
            for each in retrieve(snapshot, words, filters=filters, k=SEARCHED_PASSAGES):
                if each.hit.lexical > 0:
                    best.setdefault(each.hit.article, (each.hit.info, each.hit))
            found = list(best.values())
        else:
            all_ = snapshot.articles(filters)
            found = [(info, None) for info in all_]
    outlets = Counter(info.source for info, _ in found if info.source)
    days = [info.day for info, _ in found if info.day]
    ranked = sorted(outlets.items(), key=lambda item: (-item[1], item[0]))
    return Found(found[:limit], len(found), bars(days), ranked, len(found) - len(days))


def bars(days: Iterable[date]) -> list[Bar]:
    """Return the number of articles by day, month, year or years: the finest that needs at most `MAX_BARS` bars."""
    dates = np.array(list(days), "datetime64[D]")
    if not len(dates):
        return []
    for unit in ("D", "M", "Y"):
        units = dates.astype(f"datetime64[{unit}]")
        first = units.min()
        places = (units - first).astype(int)
        if places.max() < MAX_BARS:
            break
    step = 1 + int(places.max()) // MAX_BARS
    articles = np.bincount(places // step)
    edges = (first + step * np.arange(len(articles) + 1)).astype("datetime64[D]")
    ends = np.minimum(edges[1:] - 1, np.datetime64(date.max))
    return [Bar(*bar) for bar in zip(edges[:-1].tolist(), ends.tolist(), articles.tolist(), strict=True)]


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


def add_files(site: Site, files: Sequence[Path], tell: Callable[[Adding], None]) -> AddReport:
    """Add the articles of uploaded files; one that cannot be read is named, and the rest goes on."""
    site.check_may_change()
    if len(files) > MAX_FILES:
        _log.warning("an upload of %d files was refused", len(files))
        raise UsageError(f"{len(files):,} files are more than the {MAX_FILES} taken at once: use `citewire add FOLDER`")
    if not files:
        raise UsageError("choose files to add")
    bad: list[ReadError] = []

    def articles() -> Iterator[Article]:
        for file in files:
            yield from read_bytes(file.read_bytes(), name=file.name, overrides=Overrides(), on_bad=bad.append)

    return _add(site, [without_origin(articles())], bad, tell)


def add_text(site: Site, text: str, overrides: Overrides, tell: Callable[[Adding], None]) -> AddReport:
    """Add one pasted article; what the fields say wins over what stands in the text."""
    site.check_may_change()
    if not text.strip():
        raise UsageError("paste the text of an article")
    bad: list[ReadError] = []
    data = text.encode("utf-8", "replace")
    articles = read_bytes(data, name="pasted.txt", overrides=overrides, on_bad=bad.append)
    return _add(site, [without_origin(articles)], bad, tell)


def add_address(site: Site, url: str, tell: Callable[[Adding], None], *, allow_private: bool = False) -> AddReport:
    """Add the article of a web page, or those of the pages that a feed names, as `citewire add` does.

    allow_private: whether hosts that are not on the public internet are fetched. Raises CitewireError where nothing
    could be read.
    """
    from corpus.web.client import Fetcher, checked_address
    from corpus.web.pages import AddressReader

    site.check_may_change()
    if not url.strip():
        raise UsageError("write the address of a page or a feed")
    try:
        named = url if "://" in url else f"https://{url.strip()}"
        address = checked_address(named, any_port=allow_private)
    except ValueError as error:
        raise UsageError(f"{url.strip()}: {error}") from None
    bad: list[ReadError] = []
    same: list[bool] = []
    known = CurrentOrigins(site.assistant.library)
    with Fetcher(allow_private=allow_private) as fetcher:
        reader = AddressReader(fetcher, known, ReadOptions(), bad.append, lambda: same.append(True))
        return _add(site, reader.scan(address), bad, tell, same)


def overrides_of(values: Mapping[str, str]) -> Overrides:
    """Return the fields of a pasted article that are not empty. Raises UsageError if the date is not valid."""
    given: dict[str, Any] = {name: value.strip() or None for name, value in values.items()}
    return Overrides(**given)


def remove_article(site: Site, article: str) -> str:
    """Remove an article with all its versions. Return what is still to be known of it, "" for nothing."""
    site.check_may_change()
    report = site.assistant.library.remove([article])
    if not report.removed:
        raise UsageError("this article is no longer in the library")
    _log.info("article %s was removed through the page", article)
    held = "Somebody still reads an older state of the library, so its files hold the text until the next removal."
    return held if report.is_held else ""


def _add(
    site: Site,
    sources: Iterable[ScannedOrigin],
    bad: Sequence[ReadError],
    tell: Callable[[Adding], None],
    same: Sequence[bool] = (),
) -> AddReport:
    """Add what the sources hold, while they note in `bad` and `same` what cannot be read and what is as before."""

    def progress(done: AddProgress) -> None:
        tell(Adding(done.articles, done.current, bad=tuple(map(str, bad))))

    report = site.assistant.library.add_from(sources, progress=progress)
    reasons = tuple(map(str, bad))
    if reasons and not (report.added or report.replaced or report.unchanged or same):
        raise CitewireError("; ".join(reasons))
    if reasons:
        _log.warning("of an addition could not be read: %.500s", "; ".join(reasons))
    _log.info("%d articles were added through the page", report.added)
    tell(Adding(report=report, bad=reasons, same=len(same)))
    return report
