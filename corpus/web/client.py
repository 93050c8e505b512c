"""Fetching pages and feeds, politely and only from the public internet, within limits of size and time."""

import gzip
import io
import re
import time
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from threading import Event
from typing import TYPE_CHECKING, Self
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from corpus import __version__
from corpus.article import MAX_BYTES
from corpus.errors import ReadError
from corpus.web.safe_connection import BROKEN, TIMED_OUT, Deadline, Refused, connection_pool

if TYPE_CHECKING:
    import httpcore

USER_AGENT = f"Citewire/{__version__}"
REDIRECTS = 10
TIME_LIMIT_S = 30.0  # for an address with its redirects
LARGEST = MAX_BYTES  # of an answer, packed or not
WAIT_LIMIT_S = 10.0  # for a connection, and for each piece of an answer
PAUSE_S = 1.0  # between two requests to a host
RETRY_LIMIT_S = 60.0  # a longer Retry-After is not waited for
RETRIES = 2

_ADVICE = "save it and add the file, or use citewire add --allow-private"

_PORTS = frozenset((80, 443, 8080, 8443))
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252})|\[[0-9A-Fa-f:.]{2,60}\]")
_TRANSIENT = frozenset((408, 425, 429, 500, 502, 503, 504))


class FetchError(ReadError):
    """An address cannot be fetched. permanent: trying again soon is useless. retry_after_s: what a server asks for."""

    def __init__(self, where: str, why: str, *, permanent: bool = True, retry_after_s: float | None = None) -> None:
        super().__init__(where, why)
        self.permanent = permanent
        self.retry_after_s = retry_after_s


class FetchStopped(Exception):  # noqa: N818 - reads better at the raise
    """The fetcher was told to stop before the address was fetched."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """The answer of an address. url: the address after redirects. data: None if it has not changed."""

    url: str
    data: bytes | None
    content_type: str | None
    etag: str | None
    last_modified: str | None


def checked_address(url: str, *, any_port: bool = False) -> str:
    """Return the address in the form that is sent: without fragment, host in ASCII, path quoted.

    Raises ValueError for addresses that are never fetched: other schemes, unusual ports, user names and passwords.
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
    host = parts.hostname or ""
    try:
        host = f"[{host}]" if ":" in host else host.encode("idna").decode()
    except UnicodeError:
        host = ""
    if not _HOST.fullmatch(host):
        raise ValueError("there is no such host: check the address")
    if port is not None and port not in _PORTS and not any_port:
        raise ValueError(f"port {port} is not one of web pages (80, 443, 8080, 8443): {_ADVICE}")
    netloc = host.lower() if port is None else f"{host.lower()}:{port}"
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~-._") or "/"
    return urlunsplit((parts.scheme.lower(), netloc, path, quote(parts.query, safe="/?%:@!$&'()*+,;=~-._"), ""))


class Fetcher:
    """Fetches addresses, one at a time, within a `with` statement.

    allow_private: fetch also from hosts outside the public internet and from any port. stop: once it is set, nothing
    more is waited for or fetched. pause_s: seconds between two requests to a host.
    """

    def __init__(self, *, allow_private: bool = False, stop: Event | None = None, pause_s: float = PAUSE_S) -> None:
        self._deadline = Deadline()
        self._pool = connection_pool(allow_private=allow_private, deadline=self._deadline)
        self._allow_private = allow_private
        self._stop = stop or Event()
        self._pause_s = pause_s
        self._next_at: dict[str, float] = {}  # moment of the next request, by host
        self._slower: dict[str, float] = {}  # seconds between two requests, by host

    def get(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Fetched:
        """Fetch an address. The answer has no data if nothing has changed since `etag` or `last_modified`.

        Raises FetchError or FetchStopped.
        """
        asked = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        conditions = {name: value for name, value in asked.items() if value is not None}
        for attempt in range(RETRIES):
            try:
                return self._follow(url, conditions)
            except FetchError as error:
                wait = min(self._pause_s, 1.0) * 2**attempt if error.retry_after_s is None else error.retry_after_s
                if error.permanent or wait > RETRY_LIMIT_S:
                    raise
                self._wait(wait)
        return self._follow(url, conditions)

    def slow_down(self, host: str, seconds: float) -> None:
        """Wait at least this many seconds between two requests to a host, up to a minute."""
        self._slower[host] = min(seconds, RETRY_LIMIT_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()

    def _follow(self, url: str, conditions: Mapping[str, str]) -> Fetched:
        """Fetch an address and follow its redirects. Each address is checked."""
        at, left = url, TIME_LIMIT_S
        for _ in range(REDIRECTS + 1):
            try:
                at = checked_address(at, any_port=self._allow_private)
            except ValueError as error:
                raise FetchError(url, f"{error}" if at == url else f"it redirects to {at}: {error}") from None
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
        """Return the answer of an address, or the address that it redirects to."""
        sent = {
            "Host": urlsplit(at).netloc,
            "User-Agent": USER_AGENT,
            "Accept": "text/html,application/xhtml+xml,application/rss+xml,application/atom+xml,*/*;q=0.5",
            "Accept-Encoding": "gzip",
            **conditions,
        }
        headers = [(name.encode(), value.encode("latin-1", "replace")) for name, value in sent.items()]
        waits = dict.fromkeys(("connect", "read", "write", "pool"), WAIT_LIMIT_S)
        try:
            with self._pool.stream("GET", at, headers=headers, extensions={"timeout": waits}) as response:
                return self._answer(url, at, response)
        except Refused as error:
            why = f"{urlsplit(at).hostname} is at {error}, which is not on the public internet: {_ADVICE}"
            raise FetchError(url, why) from None
        except TIMED_OUT:
            raise FetchError(url, "the server does not answer in time: try again later", permanent=False) from None
        except (*BROKEN, gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise FetchError(url, f"it cannot be fetched ({error}): check the address", permanent=False) from None

    def _answer(self, url: str, at: str, response: "httpcore.Response") -> Fetched | str:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        status = response.status
        if status in (301, 302, 303, 307, 308) and (target := headers.get("location")):
            return target
        metadata = (headers.get("content-type"), headers.get("etag"), headers.get("last-modified"))
        if status == HTTPStatus.NOT_MODIFIED:
            return Fetched(at, None, *metadata)
        if status != HTTPStatus.OK:
            raise _refusal(url, status, headers.get("retry-after", "").strip())
        too_large = FetchError(url, f"it is larger than {LARGEST // 1_000_000} MB, too large for one article")
        parts, length = [], 0
        for part in response.iter_stream():
            length += len(part)
            if length > LARGEST:
                raise too_large
            parts.append(part)
        data = b"".join(parts)
        packing = headers.get("content-encoding", "identity").strip().lower()
        if packing in ("gzip", "x-gzip"):
            data = gzip.GzipFile(fileobj=io.BytesIO(data)).read(LARGEST + 1)  # a few bytes may stand for gigabytes
        elif packing not in ("identity", ""):
            why = f"it comes packed as {packing!r}, which was not asked for: save it and add the file"
            raise FetchError(url, why)
        if len(data) > LARGEST:
            raise too_large
        return Fetched(at, data, *metadata)

    def _be_polite(self, host: str) -> None:
        """Wait until the host may be asked again."""
        wait = self._next_at.get(host, 0.0) - time.monotonic()
        self._wait(wait)
        self._next_at[host] = time.monotonic() + max(self._pause_s, self._slower.get(host, 0.0))

    def _wait(self, seconds: float) -> None:
        if seconds > 0 and not self._stop.is_set():
            self._stop.wait(seconds)
        if self._stop.is_set():
            raise FetchStopped


def _refusal(url: str, status: int, retry_after: str) -> FetchError:
    """Return the error for a refusal, with the seconds of its Retry-After header if it has one."""
    try:
        phrase = f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        phrase = str(status)
    if status in _TRANSIENT and retry_after.isdigit():
        why = f"the server asks to come back in {retry_after} s ({phrase}): try again then"
        return FetchError(url, why, permanent=False, retry_after_s=float(retry_after))
    return FetchError(url, f"the server answers {phrase}: check the address", permanent=status not in _TRANSIENT)


def moment(written: str) -> datetime | None:
    """Return the time in UTC that is written as in ISO 8601, or as HTTP and feeds have it; None for any other text."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        with suppress(ValueError, OverflowError):
            found = read(written)
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    return None
