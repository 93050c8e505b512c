"""What the layers before the page read of a request: where it comes from, its host, its body."""

from starlette.datastructures import Headers
from starlette.types import Receive, Scope

DRAINED_BYTES = 2_000_000_000
"""So much of a body that is refused is read and dropped, so that whoever sends it gets to read why."""


def client_address(scope: Scope) -> str:
    """Return the address that a request comes from, "unknown" where the server does not say."""
    client = scope.get("client")
    return str(client[0]) if client else "unknown"


def is_cross_site(scope: Scope) -> bool:
    """Return whether a page of another site sends this request.

    Browsers say so themselves (Fetch Metadata); where they do not, as on plain http, the page's origin is compared
    with the host asked. Programs that are no browsers send neither.
    """
    headers = Headers(scope=scope)
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None:
        return False
    return host_name(origin.partition("://")[2]) != host_name(headers.get("host", ""))


def host_name(host: str) -> str:
    """Return a Host header's name without its port, in lower case."""
    host = host.strip().casefold()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


async def body_of(receive: Receive, most: int) -> bytes | None:
    """Return a request's body, or None for one of more than `most` bytes, of which the rest is dropped."""
    body: bytes = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        has_more = message.get("more_body", False)
        if len(body) > most:
            if has_more:
                await drop_body(receive)
            return None
        if not has_more:
            return body


async def drop_body(receive: Receive) -> None:
    """Read what is left of a request's body and drop it."""
    dropped = 0
    while dropped < DRAINED_BYTES:
        message = await receive()
        dropped += len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return
