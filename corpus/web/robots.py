"""What a site's robots.txt says (RFC 9309) of pages that Citewire itself chooses, which are those that a feed names."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from corpus.web.client import Fetcher
from corpus.web.fetch_answer import FetchError

if TYPE_CHECKING:
    from protego import Protego

_AGENT = "Citewire"
_KEPT_S = 24 * 3600.0
_KEPT_UNREACHABLE_S = 600.0
_MOST_BYTES = 500_000


@dataclass(frozen=True, slots=True)
class _Rules:
    """rules: None where the site is to be left alone."""

    rules: "Protego | None"
    until: float


class Robots:
    """Asks each site once a day. A site without a robots.txt allows all; one that cannot say, nothing for now."""

    def __init__(self, fetcher: Fetcher, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self._sites: dict[str, _Rules] = {}

    def allow(self, url: str) -> bool:
        """Return whether the page may be fetched. Raises FetchStopped."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        kept = self._sites.get(site)
        if kept is None or kept.until < self._clock():
            kept = self._sites[site] = self._ask(site)
        return kept.rules is not None and bool(kept.rules.can_fetch(url, _AGENT))

    def _ask(self, site: str) -> _Rules:
        from protego import Protego

        try:
            data = self._fetcher.get(f"{site}/robots.txt").data or b""
        except FetchError as error:
            if not error.lasting:
                return _Rules(None, self._clock() + _KEPT_UNREACHABLE_S)
            data = b""
        rules = Protego.parse(data[:_MOST_BYTES].decode("utf-8", "replace"))
        if delay := rules.crawl_delay(_AGENT):
            self._fetcher.slow_down(urlsplit(site).netloc, float(delay))
        return _Rules(rules, self._clock() + _KEPT_S)
