"""Articles of addresses: a page, or a feed with the pages it names; what a server says is unchanged is not read."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from corpus.article import Article, canonical_url, is_site_root
from corpus.errors import ReadError
from corpus.scan.changes import KnownSources, ReadOptions
from corpus.scan.files import read_bytes
from corpus.store.origins import Origin, ScannedSource
from corpus.web.client import Fetched, Fetcher, FetchStopped
from corpus.web.feeds import Entry, entries, is_feed
from corpus.web.fetch_answer import FetchError
from corpus.web.robots import Robots

MAX_ENTRIES = 100
"""Pages of a feed that are read unless told otherwise, the first it names: most feeds have the newest first."""

_MARK = re.compile(r"(.*?)(?:\+([0-9a-f]{8}))?", re.DOTALL)
_FULLER = 2  # an entry's own text that is so many times as long as its page's: what was fetched is a wall, not the page
_FILLED = ("title", "source", "author", "published", "modified", "section", "language")


@dataclass(frozen=True, slots=True)
class AddressReader:
    """Reads addresses. limit: how many pages of a feed at most. on_same: told of every page that is as before."""

    fetcher: Fetcher
    robots: Robots
    known: KnownSources
    read_options: ReadOptions
    on_bad: Callable[[ReadError], None]
    on_same: Callable[[], None]
    limit: int = MAX_ENTRIES

    def scan(self, url: str) -> Iterator[ScannedSource]:
        """Yield the article of a page, or those of the pages that a feed names and after them the feed itself.

        What cannot be fetched is told, with `after` where the server asks to come back later. Ends when the fetcher is
        asked to stop.
        """
        before = self.known.at(url)
        try:
            fetched = self._get(url, before)
            if fetched.data is None:
                self.on_same()
                yield self._as_before(url, before, fetched)
            elif is_feed(fetched.data):
                yield from self._feed(url, fetched, fetched.data)
            else:
                yield self._page(url, fetched, fetched.data)
        except FetchError as error:
            self.on_bad(error)
        except FetchStopped:
            return

    def _feed(self, url: str, feed: Fetched, data: bytes) -> Iterator[ScannedSource]:
        """Yield the pages that are new or have changed; the feed counts as read when none has to be tried again."""
        own, shared = self._own_articles(url, feed, data)
        named = entries(data, base=feed.url, limit=self.limit)
        if not named and not shared:
            self.on_bad(ReadError(url, "the feed names no page: check the address"))
        again = 0
        apart = {canonical_url(article.url) for article in shared if article.url}
        for entry in named:
            if canonical_url(entry.url) in apart:
                continue
            before = self.known.at(entry.url)
            if before is not None and not self._may_have_changed(before, entry):
                self.on_same()
                continue
            try:
                yield self._entry(entry, before, own.get(canonical_url(entry.url)))
            except FetchError as error:
                again += 1
                self.on_bad(error)
        articles = (self.read_options.overrides.apply(article) for article in shared[: self.limit])
        keep = bool(named or shared) and not again
        yield ScannedSource(url, articles, lambda: self._look(url, feed, keep=keep), lambda: False)

    def _own_articles(self, url: str, feed: Fetched, data: bytes) -> tuple[dict[str, Article], list[Article]]:
        """Return what a feed itself says: by address, and of the entries whose address is not theirs alone.

        Several entries of a live page, or of a site's first page, have one address; no page of their own is fetched.
        """
        by_address: dict[str, list[Article]] = {}
        kind = feed.content_type
        for article in read_bytes(data, name=url, content_type=kind, url=feed.url, keep_rows=True, on_bad=_nothing):
            if article.url:
                by_address.setdefault(canonical_url(article.url), []).append(article)
        own: dict[str, Article] = {}
        shared: list[Article] = []
        for address, articles in by_address.items():
            if is_site_root(address) or len({article.text for article in articles}) > 1:
                shared += [replace(article, path=f"{url}{article.path or ''}") for article in articles]
            else:
                own[address] = replace(articles[0], path=None)
        return own, shared

    def _entry(self, entry: Entry, before: Origin | None, own: Article | None) -> ScannedSource:
        """Return the article of a page that a feed names, or the entry's own text where the page gives none.

        Raises FetchError where that is to be tried again.
        """
        url = entry.url
        reason: ReadError
        try:
            if not self.robots.allow(url):
                raise FetchError(url, "its site does not want it to be fetched by programs (robots.txt)")
            fetched = self._get(url, before)
            if fetched.data is None:
                self.on_same()
                return self._as_before(url, before, fetched)
            bad: list[ReadError] = []
            article = next(self._articles(url, fetched, fetched.data, bad.append), None)
            if article is not None:
                return self._whole(url, fetched, _fuller(article, own))
            reason = bad[0] if bad else ReadError(url, "there is no article on the page")
        except FetchError as error:
            if not error.lasting:
                raise
            reason = error
        if own is None:
            self.on_bad(reason)
        fetched = Fetched(url, None, None, None, None)
        return self._whole(url, fetched, own)

    def _whole(self, url: str, fetched: Fetched, article: Article | None) -> ScannedSource:
        articles = () if article is None else (self.read_options.overrides.apply(replace(article, path=url)),)
        return ScannedSource(url, articles, lambda: self._look(url, fetched), lambda: False)

    def _page(self, url: str, fetched: Fetched, data: bytes) -> ScannedSource:
        """Return the article of a page. A page without one is fetched again the next time."""
        bad = 0

        def told(error: ReadError) -> None:
            nonlocal bad
            bad += 1
            self.on_bad(error)

        def articles() -> Iterator[Article]:
            for article in self._articles(url, fetched, data, told):
                yield self.read_options.overrides.apply(replace(article, path=url + (article.path or "")))

        return ScannedSource(url, articles(), lambda: self._look(url, fetched, keep=not bad), lambda: False)

    def _articles(
        self, url: str, fetched: Fetched, data: bytes, on_bad: Callable[[ReadError], None]
    ) -> Iterator[Article]:
        """Yield the articles of what was fetched; one that names no address of its own has that which it led to."""
        kind = fetched.content_type
        for article in read_bytes(data, name=url, content_type=kind, url=fetched.url, on_bad=on_bad):
            yield article if article.url else replace(article, url=fetched.url)

    def _get(self, url: str, before: Origin | None) -> Fetched:
        etag, mark = _parts(before)
        if before is None or self.read_options.again or mark != self.read_options.mark:
            return self.fetcher.get(url)
        return self.fetcher.get(url, etag=etag, last_modified=before.last_modified)

    def _may_have_changed(self, before: Origin, entry: Entry) -> bool:
        if self.read_options.again or _parts(before)[1] != self.read_options.mark:
            return True
        return bool(entry.updated and (before.checked is None or entry.updated > before.checked))

    def _as_before(self, url: str, before: Origin | None, fetched: Fetched) -> ScannedSource:
        etag = fetched.etag or _parts(before)[0]
        changed = fetched.last_modified or (before.last_modified if before else None)
        kept = replace(fetched, etag=etag, last_modified=changed)
        return ScannedSource(url, (), lambda: self._look(url, kept), lambda: False)

    def _look(self, url: str, fetched: Fetched, *, keep: object = True) -> Origin:
        """Return how an address looked; `keep` is false where it has to be fetched again whatever its server says."""
        mark = f"+{self.read_options.mark}" if self.read_options.mark else ""
        etag = (fetched.etag or "") + mark if keep else None
        changed = fetched.last_modified if keep else None
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return Origin(location=url, etag=etag or None, last_modified=changed, checked=now)


def _parts(origin: Origin | None) -> tuple[str | None, str]:
    """Return the server's own mark of what was fetched, and ours of how it was read."""
    found = _MARK.fullmatch((origin.etag if origin else None) or "")
    assert found is not None  # the pattern takes any string
    return found[1] or None, found[2] or ""


def _fuller(article: Article, own: Article | None) -> Article:
    """Return the page's article, what it does not say filled in from the feed; the feed's where that says far more."""
    if own is None:
        return article
    if len(own.text) > _FULLER * len(article.text):
        article, own = own, article
    empty = {name: getattr(own, name) for name in _FILLED if getattr(article, name) is None}
    return replace(article, **empty)


def _nothing(_: ReadError) -> None:
    """Say nothing of an entry that has no text: its page is fetched."""
