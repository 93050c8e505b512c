"""The headers that tell a browser what the page may load (Content Security Policy)."""

import os
import re

from starlette.datastructures import MutableHeaders
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
        start: Message = {}
        body = b""

        async def safely(message: Message) -> None:
            """Send with the headers added; Gradio's page is held back until it is whole, to be cleaned."""
            nonlocal start, body
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=[*message["headers"]])
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                message = {**message, "headers": headers.raw}
                if scope["path"] == "/" and message["status"] == 200:
                    start = message
                    return
            if start:
                body += message.get("body", b"")
                if message.get("more_body", False):
                    return
                page = _cleaned(body)
                MutableHeaders(raw=start["headers"])["content-length"] = str(len(page))
                await send(start)
                message = {"type": "http.response.body", "body": page}
            await send(message)

        await self._app(scope, receive, safely)


def _cleaned(page: bytes) -> bytes:
    page = _FOREIGN_META.sub(b"", page).replace(b"<head>", b"<head>" + _DESCRIPTION, 1)
    if b"gradio_config" in page:
        page = page.replace(b"</head>", f"<style>{style()}</style></head>".encode(), 1)
    return page
