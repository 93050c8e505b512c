"""What is sent with every page: rules that keep the browser from loading anything from another host."""

import os
import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

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


class Headers:
    """Adds the headers, takes other hosts' addresses out of Gradio's page."""

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
