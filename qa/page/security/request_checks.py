"""What is refused before anything looks at it: other sites' requests and long ones; and the headers of every answer."""

import ipaddress
import logging
import os
import re
from collections.abc import Collection
from contextlib import suppress

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.page.views.markup import style

# Gradio runs inline scripts and compiles its templates, so the page needs both "unsafe" words; no other host is named.
PAGE_POLICY = (
    "default-src 'self' data: blob:; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; "
    # Hugging Face shows a Space inside its own page; nobody else may put this one into a frame.
    f"frame-ancestors 'self'{' https://huggingface.co' if os.environ.get('SPACE_ID') else ''}"
)
PLAIN_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""For pages of our own, which run no script."""
LOGIN_POLICY = PLAIN_POLICY.replace("form-action 'none'", "form-action 'self'")
_HEADERS = {
    "content-security-policy": PAGE_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}

_FOREIGN_META = re.compile(rb'<meta\s+(?:property|name)="(?:og|twitter):[^>]*>\s*', re.DOTALL)
_DESCRIPTION = b'<meta name="description" content="Answers from news articles, every word quoted and cited." />'

_log = logging.getLogger(__name__)

MAX_REQUEST_BYTES = 8_000_000
MAX_UPLOAD_REQUEST_BYTES = 200_000_000
MAX_DROPPED_BYTES = 2_000_000_000
_SAFE = ("GET", "HEAD", "OPTIONS")


class RequestChecks:
    """Refuses, in one sentence: foreign hosts, other sites' pages, bodies that are too long, uploads where none may be.

    hosts: the names under which the page may be asked for besides addresses and localhost; None for any. A name that
    is none of these is a trick of a page that lets its own name point to this computer (DNS rebinding).
    """

    def __init__(self, app: ASGIApp, *, hosts: Collection[str] | None, may_upload: bool) -> None:
        self._app = app
        self._hosts = hosts
        self._may_upload = may_upload

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_upload = scope["path"].rstrip("/").endswith("/upload")
        most = MAX_UPLOAD_REQUEST_BYTES if is_upload and self._may_upload else MAX_REQUEST_BYTES
        refusal = self._refusal(scope, most, is_upload=is_upload)
        if refusal:
            status, why = refusal
            _log.warning("refused: %s %.200r from %s (%s)", scope["method"], scope["path"], client_address(scope), why)
            with suppress(ClientDisconnect):  # who sends it gets to read why only once all of it is sent
                sent = 0
                async for part in Request(scope, receive).stream():
                    sent += len(part)
                    if sent > MAX_DROPPED_BYTES:
                        break
            await JSONResponse({"detail": why}, status)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _refusal(self, scope: Scope, most: int, *, is_upload: bool) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        if not self._is_our_host(host_name(headers.get("host", ""))):
            return 403, "This name is not one of the page's: open it under the address that it was announced with."
        if scope["method"] not in _SAFE and is_cross_site(scope):
            return 403, "Requests of another site's page are refused."
        if is_upload and not self._may_upload:
            return 403, "Nothing can be uploaded to this page."
        if "transfer-encoding" in headers:  # the server holds a body to the length that its header says
            return 411, "The request has to say how long it is, by a header Content-Length."
        if int(headers.get("content-length", 0)) > most:
            return 413, f"At most {most // 1_000_000} MB can be sent at once."
        return None

    def _is_our_host(self, name: str) -> bool:
        if self._hosts is None or name == "localhost" or name.endswith(".localhost") or name in self._hosts:
            return True
        with suppress(ValueError):
            ipaddress.ip_address(name)
            return True
        return False


def client_address(scope: Scope) -> str:
    """Return the address that a request comes from, "unknown" where the server does not say."""
    client = scope.get("client")
    return str(client[0]) if client else "unknown"


def is_cross_site(scope: Scope) -> bool:
    """Return whether a page of another site sends this request.

    Browsers say so (Fetch Metadata), or at least the origin, as on plain http. Other programs send neither.
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


class SafeHeaders:
    """Adds the headers. Of Gradio's page it takes other hosts' addresses out, and puts the style in."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start: Message = {}
        body = b""

        async def safely(message: Message) -> None:
            """Send with the headers added; Gradio's page is held back until it is whole, to be cleaned."""
            nonlocal start, body
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if scope["path"] == "/" and message["status"] == 200:
                    start = message
                    return
            elif start:
                body += message.get("body", b"")
                if message.get("more_body", False):
                    return
                page = _FOREIGN_META.sub(b"", body).replace(b"<head>", b"<head>" + _DESCRIPTION, 1)
                page = page.replace(b"</head>", f"<style>{style()}</style></head>".encode(), 1)
                MutableHeaders(scope=start)["content-length"] = str(len(page))
                await send(start)
                message = {"type": "http.response.body", "body": page}
            await send(message)

        await self._app(scope, receive, safely)
