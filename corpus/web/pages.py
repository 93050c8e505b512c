"""Reading the articles of addresses: a page, or a feed and the pages it names. Unchanged pages are not read again."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from corpus.article import Article, canonical_url, from_address, is_site_root
from corpus.errors import ReadError
from corpus.readers.xml_files import item_record, root_of
from corpus.readers.xml_stream import parse_xml
from corpus.scan.read import ReadOptions, read_bytes
from corpus.store.origins import KnownOrigins, Origin, ScannedOrigin
from corpus.web.client import Fetched, Fetcher, FetchError, FetchStopped, moment

if TYPE_CHECKING:
    from protego import Protego

_AGENT = "Citewire"
_MOST_BYTES = 500_000  # of a robots.txt


class Robots:
    """What sites let programs fetch. Without robots.txt that is everything; if it cannot be fetched now, nothing."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._rules: dict[str, Protego | None] = {}  # by site

    def allow(self, url: str) -> bool:
        """Tell whether the page may be fetched. Raises FetchStopped."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        if site not in self._rules:
            self._rules[site] = self._ask(site)
        rules = self._rules[site]
        return rules is not None and bool(rules.can_fetch(url, _AGENT))

    def _ask(self, site: str) -> "Protego | None":
        from protego import Protego

        try:
            data = self._fetcher.get(f"{site}/robots.txt").data or b""
        except FetchError as error:
            if not error.permanent:
                return None
            data = b""
        rules = Protego.parse(data[:_MOST_BYTES].decode("utf-8", "replace"))
        if delay := rules.crawl_delay(_AGENT):
            self._fetcher.slow_down(urlsplit(site).netloc, float(delay))
        return rules


def is_feed(data: bytes) -> bool:
    """Tell whether these bytes begin a feed."""
    return root_of(data[:8192]) in (b"rss", b"feed", b"rdf")


def entries(data: bytes, *, base: str, limit: int) -> dict[str, str | None]:
    """Return the first `limit` pages that a feed names, each with the time of its last change (UTC, ISO 8601) if given.

    base: the feed's address. Broken parts of the feed are skipped. Entities are not resolved, and nothing else is read.
    """
    try:
        root = parse_xml(data, where=base)
    except ReadError:
        return {}
    found: dict[str, str | None] = {}
    for item in root.iter("{*}item", "{*}entry"):
        record = item_record(item, {}) or {}
        url = urljoin(base, record["url"]) if "url" in record else ""
        if url.startswith(("http://", "https://")) and url not in found:
            moments = (moment(record[name]) for name in ("modified", "published") if name in record)
            updated = next(filter(None, moments), None)
            found[url] = updated.isoformat(timespec="seconds") if updated else None
            if len(found) == limit:
                break
    return found


MAX_ENTRIES = 100
"""Pages read of a feed by default, from its start: most feeds begin with the newest."""

_PAYWALL = 2  # an entry's text this many times as long as its page's: the page is a paywall
_FROM_ENTRY = ("title", "source", "author", "published", "modified", "section", "language")


@dataclass(frozen=True, slots=True)
class AddressReader:
    """Reads addresses. limit: most pages of a feed. on_same: called for every unchanged page."""

    fetcher: Fetcher
    known: KnownOrigins
    read_options: ReadOptions
    on_bad: Callable[[ReadError], None]
    on_same: Callable[[], None]
    limit: int = MAX_ENTRIES

    def scan(self, url: str) -> Iterator[ScannedOrigin]:
        """Yield the page, or the pages that a feed names and then the feed itself.

        Errors go to `on_bad`, with `retry_after_s` if the server asks for it. Ends when the fetcher is stopped.
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

    def _feed(self, url: str, feed: Fetched, data: bytes) -> Iterator[ScannedOrigin]:
        """Yield the new and changed pages. The feed counts as read if no page has to be tried again."""
        robots = Robots(self.fetcher)
        entry_articles, sharing = self._entry_articles(url, feed, data)
        named = entries(data, base=feed.url, limit=self.limit)
        if not named and not sharing:
            self.on_bad(ReadError(url, "the feed names no page: check the address"))
        all_read = bool(named or sharing)
        shared = {canonical_url(article.url) for article in sharing if article.url}
        for address, updated in named.items():
            if canonical_url(address) in shared:
                continue
            before = self.known.at(address)
            if before is not None and not self._is_outdated(before, updated):
                self.on_same()
                continue
            try:
                yield self._entry(address, before, entry_articles.get(canonical_url(address)), robots)
            except FetchError as error:
                all_read = False
                self.on_bad(error)
        yield self._scanned(url, feed, sharing[: self.limit], is_read=lambda: all_read)

    def _entry_articles(self, url: str, feed: Fetched, data: bytes) -> tuple[dict[str, Article], list[Article]]:
        """Return the articles in the feed itself: by address, and those whose address several entries share.

        The entries of a live page, or of a site's first page, share one address. No pages are fetched for them.
        """
        by_address: dict[str, list[Article]] = {}
        kind, without_text = feed.content_type, list[ReadError]()  # of these entries the pages are fetched
        for article in read_bytes(
            data, name=url, content_type=kind, url=feed.url, keep_rows=True, on_bad=without_text.append
        ):
            if article.url:
                by_address.setdefault(canonical_url(article.url), []).append(article)
        alone: dict[str, Article] = {}
        sharing: list[Article] = []
        for address, articles in by_address.items():
            if is_site_root(address) or len({article.text for article in articles}) > 1:
                sharing += [replace(article, path=f"{url}{article.path or ''}") for article in articles]
            else:
                alone[address] = replace(articles[0], path=None)
        return alone, sharing

    def _entry(self, url: str, before: Origin | None, entry: Article | None, robots: Robots) -> ScannedOrigin:
        """Return the article of a page that a feed names, or the entry's own text if the page gives none.

        Raises FetchError if the page has to be tried again.
        """
        reason: ReadError
        try:
            if not robots.allow(url):
                raise FetchError(url, "its site does not want it to be fetched by programs (robots.txt)")
            fetched = self._get(url, before)
            if fetched.data is None:
                self.on_same()
                return self._as_before(url, before, fetched)
            bad: list[ReadError] = []
            kind = fetched.content_type
            found = read_bytes(fetched.data, name=url, content_type=kind, url=fetched.url, on_bad=bad.append)
            article = next(found, None)
            if article is not None:
                return self._scanned(url, fetched, [_read_at(url, fetched, _completed(article, entry))])
            reason = bad[0] if bad else ReadError(url, "there is no article on the page")
        except FetchError as error:
            if not error.permanent:
                raise
            reason = error
        if entry is None:
            self.on_bad(reason)
        fetched = Fetched(url, None, None, None, None)
        return self._scanned(url, fetched, [_read_at(url, fetched, entry)] if entry else [])

    def _page(self, url: str, fetched: Fetched, data: bytes) -> ScannedOrigin:
        """Return the articles of a page. A page with errors is fetched again the next time."""
        bad: list[ReadError] = []

        def on_bad(error: ReadError) -> None:
            bad.append(error)
            self.on_bad(error)

        kind = fetched.content_type
        found = read_bytes(data, name=url, content_type=kind, url=fetched.url, keep_rows=True, on_bad=on_bad)
        articles = (_read_at(url, fetched, article) for article in found)
        return self._scanned(url, fetched, articles, is_read=lambda: not bad)

    def _get(self, url: str, before: Origin | None) -> Fetched:
        if before is None or self._is_outdated(before):
            return self.fetcher.get(url)
        return self.fetcher.get(url, etag=_etag_and_mark(before)[0], last_modified=before.last_modified)

    def _is_outdated(self, before: Origin, updated: str | None = None) -> bool:
        """Tell whether an address has to be read again. updated: when its feed says that it changed."""
        other_options = self.read_options.again or _etag_and_mark(before)[1] != self.read_options.mark
        return other_options or bool(updated and (before.checked is None or updated > before.checked))

    def _as_before(self, url: str, before: Origin | None, fetched: Fetched) -> ScannedOrigin:
        """Return an address that has not changed, without articles."""
        etag = fetched.etag or _etag_and_mark(before)[0]
        changed = fetched.last_modified or (before.last_modified if before else None)
        return self._scanned(url, replace(fetched, etag=etag, last_modified=changed))

    def _scanned(
        self,
        url: str,
        fetched: Fetched,
        articles: Iterable[Article] = (),
        *,
        is_read: Callable[[], bool] = lambda: True,
    ) -> ScannedOrigin:
        """Return the articles of an address. It is fetched again in any case unless `is_read` after the last one."""

        def state() -> Origin:
            origin = Origin(location=url, checked=datetime.now(UTC).isoformat(timespec="seconds"))
            if not is_read():
                return origin
            etag = f"{fetched.etag or ''}+{self.read_options.mark}"
            return replace(origin, etag=etag, last_modified=fetched.last_modified)

        return ScannedOrigin(url, map(self.read_options.overrides.apply, articles), state, lambda: False)


def _read_at(url: str, fetched: Fetched, article: Article) -> Article:
    """Return the article with the address it was read at."""
    return from_address(replace(article, path=url + (article.path or "")), fetched.url)


def _etag_and_mark(origin: Origin | None) -> tuple[str | None, str]:
    """Return the server's etag, and our mark of the read options."""
    etag, _, mark = ((origin.etag if origin else None) or "").rpartition("+")
    return etag or None, mark


def _completed(article: Article, entry: Article | None) -> Article:
    """Return the page's article with missing fields from its feed's entry; the entry if that is far longer."""
    if entry is None:
        return article
    if len(entry.text) > _PAYWALL * len(article.text):
        article, entry = entry, article
    missing = {name: getattr(entry, name) for name in _FROM_ENTRY if getattr(article, name) is None}
    return replace(article, **missing)
