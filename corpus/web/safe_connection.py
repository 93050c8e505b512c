"""Connections for fetching: to addresses that were checked, with a moment at which everything ends.

The only file that uses httpcore, the part of httpx that speaks HTTP.
"""

import ssl
import time
from collections.abc import Callable, Iterable
from typing import Any

import certifi
import httpcore

from corpus.web.public_hosts import Resolve, is_public

TIMED_OUT = httpcore.TimeoutException
BROKEN = (httpcore.NetworkError, httpcore.ProtocolError)
"""What a request may raise."""


class Refused(Exception):  # noqa: N818 - reads better at the raise
    """The host is not on the public internet."""


class Deadline:
    """The moment at which a fetch ends, whatever it is doing; set anew for each."""

    def __init__(self) -> None:
        self._end = 0.0

    def set(self, seconds: float) -> None:
        """Let it be so many seconds from now."""
        self._end = time.monotonic() + seconds

    def left(self, timeout: float | None, error: type[Exception]) -> float:
        """Return the seconds until then, at most `timeout`. Raises `error` when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise error("the time is over")
        return left if timeout is None else min(timeout, left)


def connection_pool(*, resolve: Resolve, allow_private: bool, deadline: Deadline) -> httpcore.ConnectionPool:
    """Return connections whose addresses are checked, unless private ones are allowed, and that end in time."""
    trusted = ssl.create_default_context()
    trusted.load_verify_locations(certifi.where())
    backend = _CheckedBackend(resolve, None if allow_private else is_public, deadline)
    return httpcore.ConnectionPool(
        ssl_context=trusted, max_connections=1, keepalive_expiry=5.0, network_backend=backend
    )


class _CheckedBackend(httpcore.NetworkBackend):
    def __init__(self, resolve: Resolve, allowed: Callable[[str], bool] | None, deadline: Deadline) -> None:
        self._resolve = resolve
        self._allowed = allowed
        self._deadline = deadline
        self._system = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Return a connection to the first address of the host that takes one; all must be allowed."""
        try:
            addresses = self._resolve(host, port)
        except OSError as error:
            raise httpcore.ConnectError(f"its name cannot be resolved ({error.strerror or error})") from error
        if self._allowed is not None:
            for address in addresses:
                if not self._allowed(address):
                    raise Refused(address)
        failed: Exception = httpcore.ConnectError("its name has no address")
        for address in addresses:
            left = self._deadline.left(timeout, httpcore.ConnectTimeout)
            try:
                stream = self._system.connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
                continue
            return _Timed(stream, self._deadline)
        raise failed


class _Timed(httpcore.NetworkStream):
    """A connection on which every wait ends with the deadline: a server that drips is none that answers."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._deadline.left(timeout, httpcore.ConnectTimeout)
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's own type
        return self._stream.get_extra_info(info)
