"""The address that the page is served at: whether it can be had, and under which names people reach it."""

import errno
import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from corpus.errors import CitewireError, UsageError


@dataclass(frozen=True, slots=True)
class PublicAddress:
    """Where people reach the page that a proxy passes on: `url` without a slash at its end, its host and its path."""

    url: str
    host: str
    path: str


def public_address(url: str) -> PublicAddress:
    """Return the parts of a public address. Raises UsageError for one that is none."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment or parts.username:
        raise UsageError(f"{url!r} is no public address: write it as https://news.example/citewire")
    return PublicAddress(url.rstrip("/"), host.casefold(), parts.path.rstrip("/") + "/")


def is_this_computer(host: str) -> bool:
    """Return whether an address is reached from this computer alone."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.casefold() == "localhost"


def free_port(host: str, port: int) -> int:
    """Return the port, or for 0 a free one. Raises UsageError or CitewireError where it cannot be listened on."""
    if not 0 <= port <= 65_535:
        raise UsageError(f"{port} is no port: name one from 1 to 65535, or 0 for a free one")
    try:
        family, kind, _, _, address = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, UnicodeError):
        raise UsageError(f"{host} is no address of this computer: use 127.0.0.1, or 0.0.0.0 for all of them") from None
    with socket.socket(family, kind) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(address)
        except OSError as error:
            raise CitewireError(_refusal(host, port, error)) from error
        return int(tried.getsockname()[1])


def _refusal(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is in use: stop the program that has it, or name another with --port"
    if error.errno == errno.EACCES:
        return f"port {port} may not be used without more rights: name one above 1023 with --port"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is no address of this computer: use 127.0.0.1, or 0.0.0.0 for all of them"
    return f"port {port} of {host} cannot be listened on ({error.strerror}): name another with --host and --port"
