"""What the layers before the page read of a request, and answering those that no browser sends."""

import errno
import logging

from httpx import InvalidURL
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DRAINED_BYTES = 2_000_000_000
"""So much of a body that is refused is read and dropped, so that whoever sends it gets to read why."""
_log = logging.getLogger(__name__)

_OURS = ("/article/", "/answer/", "/conversation", "/feedback", "/health", "/mcp", "/saved")
"""Addresses of our own: they refuse nonsense themselves, so whatever comes through from them is a fault."""
_NONSENSE = (LookupError, TypeError, ValueError, InvalidURL)
_ODD_NAMES = frozenset((errno.ENAMETOOLONG, errno.EINVAL, errno.EISDIR, errno.ENOTDIR, errno.ENOENT))
"""What the system says of an upload's name that no file can have."""
_UPLOAD = "/gradio_api/upload"
"""Where Gradio takes every part of a form for a file once it is to report progress, and fails on one that is none."""
NOT_UNDERSTOOD = "The page does not understand this request: /gradio_api/info lists what it takes."
FAILED = "This could not be done: the program's log says why."


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


class BadRequests:
    """Answers where the application has raised: 400 to nonsense, 500 to a fault; a stream of events is ended."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. A response that has begun and is no stream of events is broken off, as it has to be."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = is_stream = False

        async def noted(message: Message) -> None:
            nonlocal has_begun, is_stream
            if message["type"] == "http.response.start":
                has_begun = True
                kind = dict(message.get("headers", [])).get(b"content-type", b"")
                is_stream = kind.startswith(b"text/event-stream")
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as error:
            if has_begun and not is_stream:
                raise
            said = _said(scope, error, has_begun=has_begun)
            if has_begun:  # Gradio has told the stream what is wrong, and then raises
                await send({"type": "http.response.body", "body": b"", "more_body": False})
            else:
                await JSONResponse({"detail": said}, 400 if said == NOT_UNDERSTOOD else 500)(scope, receive, send)


def _said(scope: Scope, error: Exception, *, has_begun: bool) -> str:
    """Log what went wrong, and return what the client is told."""
    cause = error.__cause__ or error  # Starlette's own error wraps one that came when the answer had begun
    is_ours = scope["path"].startswith(_OURS)
    if not is_ours and (_is_nonsense(error, scope["path"]) or (has_begun and _is_refusal(cause))):
        asked = (scope["method"], scope["path"], client_address(scope), type(cause).__name__, str(cause))
        _log.warning("not understood: %s %.200r from %s (%s: %.200r)", *asked)
        return NOT_UNDERSTOOD
    _log.error("a request failed: %s %.200r", scope["method"], scope["path"], exc_info=error)
    return FAILED


def _is_nonsense(error: Exception, path: str) -> bool:
    if path == _UPLOAD and isinstance(error, AttributeError):
        return True
    if isinstance(error, OSError):
        return error.errno in _ODD_NAMES
    return isinstance(error, _NONSENSE) or type(error).__module__.startswith("gradio.")


def _is_refusal(error: BaseException) -> bool:
    """Return whether an error is an answer of 400 to 499 that came too late to be one."""
    return 400 <= int(getattr(error, "status_code", 0)) < 500
