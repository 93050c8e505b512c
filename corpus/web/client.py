"""Fetching pages and feeds: politely, only from the public internet, and never more or longer than the limits say."""

import re
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from corpus import __version__
from corpus.limits import MAX_BYTES
from corpus.web.fetch_answer import FetchError, limited, refusal, unpacked
from corpus.web.safe_connection import Resolve, resolve

if TYPE_CHECKING:
    import httpcore

USER_AGENT = f"Citewire/{__version__}"
REDIRECTS = 10
TIME_LIMIT_S = 30.0  # for an address with all that it redirects to
WAIT_LIMIT_S = 10.0  # for a connection, and between two pieces of what comes
PAUSE_S = 1.0  # between two requests to a host
RETRY_LIMIT_S = 60.0  # a server that asks to come back later than that is not waited for
RETRIES = 2

_PORTS = frozenset((80, 443, 8080, 8443))
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252})|\[[0-9A-Fa-f:.]{2,60}\]")
_NO_ARTICLE = re.compile(r"(?:image|audio|video|font)/", re.IGNORECASE)


class FetchStopped(Exception):  # noqa: N818 - reads better at the raise
    """Asked to stop before the address was fetched."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address gave; `url` is where it led in the end. `data` is None when it has not changed."""

    url: str
    data: bytes | None
    content_type: str | None
    etag: str | None
    last_modified: str | None


def checked_address(url: str, *, any_port: bool = False) -> str:
    """Return an address as it is asked for: without fragment, its host in ASCII, its path in quotable characters.

    Raises ValueError with what is wrong for what is never fetched: other schemes, odd ports, names and passwords.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise ValueError("it is no address: check it") from None
    if parts.scheme.lower() not in ("http", "https"):
        raise ValueError("only http and https addresses are fetched: save it and add the file")
    if parts.username is not None or parts.password is not None:
        raise ValueError("addresses with a user name are not fetched: save the page and add the file")
    try:
        host = (parts.hostname or "").encode("idna").decode() if ":" not in (parts.hostname or "") else parts.hostname
    except UnicodeError:
        host = None
    host = f"[{host}]" if host and ":" in host else host
    if not host or not _HOST.fullmatch(host):
        raise ValueError("there is no such host: check the address")
    if port is not None and port not in _PORTS and not any_port:
        raise ValueError(f"port {port} is not one of web pages (80, 443, 8080, 8443): --allow-private lifts this")
    netloc = host.lower() if port is None else f"{host.lower()}:{port}"
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~-._") or "/"
    return urlunsplit((parts.scheme.lower(), netloc, path, quote(parts.query, safe="/?%:@!$&'()*+,;=~-._"), ""))


class Fetcher:
    """Fetches one address after the other; close it when done.

    resolve: gives a host's IP addresses. allow_private: whether hosts that are not on the public internet, and any
    port, are fetched. pause: waits so many seconds. stop: whether to fetch nothing any more. pause_s: seconds between
    two requests to a host. time_limit and limit: seconds and bytes for one address.
    """

    def __init__(
        self,
        *,
        resolve: Resolve = resolve,
        allow_private: bool = False,
        pause: Callable[[float], object] = time.sleep,
        stop: Callable[[], bool] = lambda: False,
        pause_s: float = PAUSE_S,
        time_limit: float = TIME_LIMIT_S,
        limit: int = MAX_BYTES,
    ) -> None:
        from corpus.web.safe_connection import Deadline, connection_pool

        self._deadline = Deadline()
        self._pool = connection_pool(resolve=resolve, allow_private=allow_private, deadline=self._deadline)
        self._allow_private = allow_private
        self._pause = pause
        self._stop = stop
        self._pause_s = pause_s
        self._time_limit = time_limit
        self._limit = limit
        self._next: dict[str, float] = {}
        self._slower: dict[str, float] = {}

    def get(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Fetched:
        """Return what an address gives, with no data where it has not changed since `etag` or `last_modified`.

        Raises FetchError, or FetchStopped.
        """
        asked = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        conditions = {name: value for name, value in asked.items() if value is not None}
        for attempt in range(RETRIES + 1):
            try:
                return self._follow(url, conditions)
            except FetchError as error:
                wait = min(self._pause_s, 1.0) * 2**attempt if error.after is None else error.after
                if error.lasting or attempt == RETRIES or wait > RETRY_LIMIT_S:
                    raise
                self._wait(wait)
        raise AssertionError  # the last attempt returns or raises

    def slow_down(self, host: str, seconds: float) -> None:
        """Let at least so many seconds, up to a minute, pass between two requests to a host that asks for it."""
        self._slower[host] = min(seconds, RETRY_LIMIT_S)

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _follow(self, url: str, conditions: Mapping[str, str]) -> Fetched:
        """Fetch an address and where it redirects to, each checked anew."""
        at, seen = url, set[str]()
        left = self._time_limit
        for _ in range(REDIRECTS + 1):
            try:
                at = checked_address(at, any_port=self._allow_private)
            except ValueError as error:
                raise FetchError(url, f"{error}" if at == url else f"it redirects to {at}: {error}") from None
            if at in seen:
                raise FetchError(url, "it redirects in a circle: check the address in a browser")
            seen.add(at)
            self._be_polite(urlsplit(at).netloc)
            began = time.monotonic()
            self._deadline.set(left)
            answer = self._ask(url, at, conditions)
            if isinstance(answer, Fetched):
                return answer
            at = urljoin(at, answer)
            left -= time.monotonic() - began
        raise FetchError(url, f"it redirects more than {REDIRECTS} times: check the address in a browser")

    def _ask(self, url: str, at: str, conditions: Mapping[str, str]) -> Fetched | str:
        """Return what an address gives, or where it redirects to."""
        from corpus.web.safe_connection import BROKEN, TIMED_OUT, Refused

        sent = {
            "Host": urlsplit(at).netloc,
            "User-Agent": USER_AGENT,
            "Accept": "text/html,application/xhtml+xml,application/rss+xml,application/atom+xml,*/*;q=0.5",
            "Accept-Encoding": "gzip, deflate",
            **conditions,
        }
        headers = [(name.encode(), value.encode("latin-1", "replace")) for name, value in sent.items()]
        waits = dict.fromkeys(("connect", "read", "write", "pool"), WAIT_LIMIT_S)
        try:
            with self._pool.stream("GET", at, headers=headers, extensions={"timeout": waits}) as response:
                return self._answer(url, at, response)
        except Refused as error:
            raise FetchError(
                url,
                f"{urlsplit(at).hostname} is at {error}, which is not on the public internet: "
                "--allow-private fetches it all the same",
            ) from None
        except TIMED_OUT:
            raise FetchError(url, "the server does not answer in time: try again later", lasting=False) from None
        except (*BROKEN, zlib.error) as error:
            raise FetchError(url, f"it cannot be fetched ({error}): check the address", lasting=False) from None

    def _answer(self, url: str, at: str, response: "httpcore.Response") -> Fetched | str:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        status = response.status
        if status in (301, 302, 303, 307, 308) and (target := headers.get("location")):
            return target
        kept = (headers.get("content-type"), headers.get("etag"), headers.get("last-modified"))
        if status == HTTPStatus.NOT_MODIFIED:
            return Fetched(at, None, *kept)
        if status != HTTPStatus.OK:
            raise refusal(url, status, headers.get("retry-after"))
        if _NO_ARTICLE.match(headers.get("content-type", "")):
            raise FetchError(url, f"it is {headers['content-type']}, not an article: check the address")
        too_large = FetchError(url, f"it is larger than {self._limit // 1_000_000} MB, too large for one article")
        size = headers.get("content-length", "")
        if size.isdigit() and int(size) > self._limit:
            raise too_large
        parts, length = [], 0
        for part in unpacked(limited(response.iter_stream(), self._limit, too_large), headers, url):
            length += len(part)
            if length > self._limit:
                raise too_large
            parts.append(part)
        return Fetched(at, b"".join(parts), *kept)

    def _be_polite(self, host: str) -> None:
        """Wait until the host may be asked again."""
        wait = self._next.get(host, 0.0) - time.monotonic()
        self._wait(wait)
        self._next[host] = time.monotonic() + max(self._pause_s, self._slower.get(host, 0.0))

    def _wait(self, seconds: float) -> None:
        if seconds > 0 and not self._stop():
            self._pause(seconds)
        if self._stop():
            raise FetchStopped
