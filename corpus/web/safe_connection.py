"""Connections for fetching: only to checked IP addresses, and with a deadline.

Nothing else imports httpcore, the part of httpx that speaks HTTP.
"""

import socket
import ssl
import time
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

import certifi
import httpcore

TIMED_OUT = httpcore.TimeoutException
BROKEN = (httpcore.NetworkError, httpcore.ProtocolError)
"""Errors of a request."""

# IANA's special-purpose registries (RFC 6890 and after), written out because ipaddress knows them only in part and
# differently in each release; and one public address under which a cloud offers its metadata.
_REFUSED_4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 "
        "192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 "
        "203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 168.63.129.16/32"
    ).split()
)
_PUBLIC_6 = IPv6Network("2000::/3")
_REFUSED_6 = tuple(
    IPv6Network(network) for network in "2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20".split()
)
_TRANSLATED = IPv6Network("64:ff9b::/96")  # IPv4 addresses for machines that have only IPv6


def is_public(address: str) -> bool:
    """Tell whether an IP address is on the public internet. IPv6 that stands for an IPv4 address counts as IPv4."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        inner = ip.ipv4_mapped or (IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _TRANSLATED else None)
        if inner is None:
            return ip in _PUBLIC_6 and not any(ip in network for network in _REFUSED_6)
        ip = inner
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _REFUSED_4)


def resolve(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host, the system's preferred one first. Raises OSError."""
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


class Refused(Exception):  # noqa: N818 - reads better at the raise
    """The host is not on the public internet."""


class Deadline:
    """The moment at which a fetch ends, whatever it is doing."""

    def __init__(self) -> None:
        self._end = 0.0

    def set(self, seconds: float) -> None:
        """Set it to this many seconds from now."""
        self._end = time.monotonic() + seconds

    def left(self, timeout: float | None, error: type[Exception]) -> float:
        """Return the seconds left, at most `timeout`. Raises `error` if none are left."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise error("the time is over")
        return left if timeout is None else min(timeout, left)


def connection_pool(*, allow_private: bool, deadline: Deadline) -> httpcore.ConnectionPool:
    """Return a pool of connections that check addresses, unless private ones are allowed, and keep the deadline."""
    trusted = ssl.create_default_context()
    trusted.load_verify_locations(certifi.where())
    backend = _CheckedBackend(allow_private, deadline)
    return httpcore.ConnectionPool(
        ssl_context=trusted, max_connections=1, keepalive_expiry=5.0, network_backend=backend
    )


class _CheckedBackend(httpcore.NetworkBackend):
    def __init__(self, allow_private: bool, deadline: Deadline) -> None:
        self._allow_private = allow_private
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
        """Connect to the first address of the host that answers. All of its addresses must be allowed."""
        try:
            addresses = resolve(host, port)
        except OSError as error:
            raise httpcore.ConnectError(f"its name cannot be resolved ({error.strerror or error})") from error
        refused = [address for address in addresses if not (self._allow_private or is_public(address))]
        if refused:
            raise Refused(refused[0])
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
    """A connection whose every wait ends at the deadline, so that a slow server cannot hold it."""

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
