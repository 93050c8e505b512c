"""What is refused before anything looks at it: requests that other sites' pages send, and those that are too long.

Each answer gets the headers that tell a browser what the page may load.
"""

import contextlib
import ipaddress
import logging
import os
import re
from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.page.security.requests import client_address, drop_body, host_name, is_cross_site
from qa.page.views.shell import style

_log = logging.getLogger(__name__)

MAX_REQUEST_BYTES = 8_000_000
"""A million pasted characters at their longest, escaped as JSON, are not cut off."""
MAX_UPLOAD_REQUEST_BYTES = 200_000_000
_SAFE = ("GET", "HEAD", "OPTIONS")
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

_FOREIGN_META = re.compile(rb'<meta\s+(?:property|name)="(?:og|twitter):[^>]*>\s*', re.DOTALL)
_DESCRIPTION = b'<meta name="description" content="Answers from news articles, every word quoted and cited." />'


class Guard:
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
            _log.warning(
                "refused: %s %.200r from %s (%s)", scope["method"], scope["path"], client_address(scope), refusal[1]
            )
            await drop_body(receive)
            await JSONResponse({"detail": refusal[1]}, refusal[0])(scope, receive, send)
            return
        await _Measured(receive, send, most).serve(self._app, scope)

    def _refusal(self, scope: Scope, most: int, *, is_upload: bool) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        if not self._is_our_host(host_name(headers.get("host", ""))):
            return 403, "This name is not one of the page's: open it under the address that it was announced with."
        if scope["method"] not in _SAFE and is_cross_site(scope):
            return 403, "Requests of another site's page are refused."
        if is_upload and not self._may_upload:
            return 403, "Nothing can be uploaded to this page."
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdecimal() or int(length) > most:
            return 413, too_long(most)
        return None

    def _is_our_host(self, name: str) -> bool:
        if self._hosts is None or name == "localhost" or name.endswith(".localhost") or name in self._hosts:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


class _Measured:
    """A request whose body says nothing of its length: cut off where it is too long, and answered by 413."""

    def __init__(self, receive: Receive, send: Send, most: int) -> None:
        self._receive = receive
        self._send = send
        self._most = most
        self._bytes = 0
        self._has_more = True
        self._has_begun = False

    async def serve(self, app: ASGIApp, scope: Scope) -> None:
        with contextlib.suppress(_TooLong):
            await app(scope, self._next, self._on)
        if self._bytes > self._most and not self._has_begun:
            _log.warning("refused: %.200r from %s (too long)", scope["path"], client_address(scope))
            if self._has_more:
                await drop_body(self._receive)
            await JSONResponse({"detail": too_long(self._most)}, 413)(scope, self._receive, self._send)

    async def _next(self) -> Message:
        message = await self._receive()
        self._bytes += len(message.get("body", b""))
        self._has_more = message.get("more_body", False)
        if self._bytes > self._most:
            raise _TooLong
        return message

    async def _on(self, message: Message) -> None:
        if self._bytes > self._most and not self._has_begun:
            return  # the application's own account of the body that was cut off
        self._has_begun = True
        await self._send(message)


class _TooLong(Exception):  # noqa: N818 - never seen outside this file
    """The body is longer than it may be."""


def too_long(most: int) -> str:
    """Return the sentence that says how much may be sent at once."""
    return f"At most {most // 1_000_000} MB can be sent at once."


class SafeHeaders:
    """Adds the headers. Of Gradio's page it takes other hosts' addresses out, and puts the style in.

    Gradio would add the style by a script, and everything would move once it is there.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, _Sending(send, is_page=scope["path"] == "/"))


class _Sending:
    """Sends a response on with the headers added; Gradio's page is held back until it is whole, to be cleaned."""

    def __init__(self, send: Send, *, is_page: bool) -> None:
        self._send = send
        self._is_page = is_page
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": _with_policy(message["headers"])}
            if self._is_page and message["status"] == 200:
                self._start = message
                return
        elif message["type"] == "http.response.body" and self._start is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._send_page()
            return
        await self._send(message)

    async def _send_page(self) -> None:
        page = _FOREIGN_META.sub(b"", self._body).replace(b"<head>", b"<head>" + _DESCRIPTION, 1)
        if b"gradio_config" in page:
            page = page.replace(b"</head>", f"<style>{style()}</style></head>".encode(), 1)
        headers = [(name, value) for name, value in (self._start or {})["headers"] if name != b"content-length"]
        headers.append((b"content-length", str(len(page)).encode()))
        await self._send({**(self._start or {}), "headers": headers})
        await self._send({"type": "http.response.body", "body": page})


def _with_policy(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    names = {name.lower() for name, _ in headers}
    added = [
        (b"content-security-policy", PAGE_POLICY.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
    ]
    return [*headers, *((name, value) for name, value in added if name not in names)]
