"""What Gradio lacks, so that no question is lost and no nonsense ends in a traceback."""

import asyncio
import errno
import logging
from typing import Any
from urllib.parse import parse_qs

import gradio as gr
from gradio.server_messages import ProcessStartsMessage
from httpx import InvalidURL
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.page.security.request_checks import client_address

_log = logging.getLogger(__name__)

LEAVING_SECONDS = 5.0
"""How long a stream that has ended waits for its client to leave it."""
_END = b'"msg":"close_stream"'
_OURS = ("/article/", "/answer/", "/conversation", "/feedback", "/health", "/mcp", "/saved")
"""Addresses of our own: they refuse nonsense themselves, so whatever comes through from them is a fault."""
_NONSENSE = (LookupError, TypeError, ValueError, InvalidURL)
"""What Gradio raises of what it does not understand."""
_ODD_NAMES = frozenset((errno.ENAMETOOLONG, errno.EINVAL, errno.EISDIR, errno.ENOTDIR, errno.ENOENT))
"""What the system says of an upload's name that no file can have. Its other errors are faults, as of a full disk."""
_UPLOAD = "/gradio_api/upload"
"""Where Gradio takes every part of a form for a file once it is to report progress, and fails on a part that is not."""
NOT_UNDERSTOOD = "The page does not understand this request: /gradio_api/info lists what it takes."
FAILED = "This could not be done: the program's log says why."

Ending = dict[str, asyncio.Event]
"""The clients whose stream has ended, each with what is set once the client has left it."""


def mend_queue(queue: Any) -> Ending:  # noqa: ANN401 - Gradio's queue, which has no public type
    """Mend a queue, and return what it shares with `Streams`.

    Gradio removes a client's messages when it leaves, and then fails on the first message of each question that still
    waits, with a screenful of traceback: such questions are dropped, and what they would tell.
    """
    tell, push = queue.send_message, queue.push
    ending: Ending = {}

    def tell_who_is_there(event: Any, message: Any) -> None:  # noqa: ANN401
        if event.session_hash in queue.pending_messages_per_session:
            tell(event, message)
        elif isinstance(message, ProcessStartsMessage):
            raise gr.Error("the client has gone", print_exception=False)

    async def left(session: str) -> None:
        if session in ending:
            await ending[session].wait()

    async def push_and_wait(body: Any, **more: Any) -> Any:  # noqa: ANN401
        await left(body.session_hash)  # else what is queued now may go with the messages of the client that leaves
        pushed = await push(body=body, **more)
        await left(body.session_hash)
        return pushed

    queue.send_message = tell_who_is_there
    queue.push = push_and_wait
    return ending


class Streams:
    """Keeps a client's stream of messages open after its end until the client leaves it.

    Gradio's client opens a stream when it has queued something and has none open; the server ends the stream when
    nothing is queued any more. A client that queues something before it has read of that end opens none, and never
    hears of what it queued. So the queue replies to it once it has left the stream that ended.
    """

    def __init__(self, app: ASGIApp, *, ending: Ending) -> None:
        self._app = app
        self._ending = ending

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or not scope["path"].endswith("/queue/data"):
            await self._app(scope, receive, send)
            return
        session = parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [""])[0]
        left = asyncio.Event()

        async def hold(message: Message) -> None:
            if message["type"] == "http.response.start":  # else browsers may ask for it twice, of which one is not read
                message = {**message, "headers": [*message["headers"], (b"cache-control", b"no-store")]}
            if _END in message.get("body", b""):
                self._ending[session] = left
            elif self._ending.get(session) is left:  # the last message, after which the client could not leave
                await _leaves(receive)
            await send(message)

        try:
            await self._app(scope, receive, hold)
        finally:
            left.set()
            if self._ending.get(session) is left:
                del self._ending[session]


async def _leaves(receive: Receive) -> None:
    """Wait until the client leaves, or as long as it may take."""
    try:
        async with asyncio.timeout(LEAVING_SECONDS):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
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
        except ClientDisconnect:
            return
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
    is_late_refusal = has_begun and 400 <= int(getattr(cause, "status_code", 0)) < 500
    if not scope["path"].startswith(_OURS) and (_is_nonsense(error, scope["path"]) or is_late_refusal):
        asked = (scope["method"], scope["path"], client_address(scope), type(cause).__name__, str(cause))
        _log.warning("not understood: %s %.200r from %s (%s: %.200r)", *asked)
        return NOT_UNDERSTOOD
    _log.error("a request failed: %s %.200r", scope["method"], scope["path"], exc_info=error)
    return FAILED


def _is_nonsense(error: Exception, path: str) -> bool:
    if isinstance(error, OSError):
        return error.errno in _ODD_NAMES
    if isinstance(error, AttributeError):
        return path == _UPLOAD
    return isinstance(error, _NONSENSE) or type(error).__module__.startswith("gradio.")


def check_all_values(function: Any, values: list[Any]) -> None:  # noqa: ANN401 - Gradio's own, which is private
    """Refuse a request with fewer values than its endpoint takes. Gradio's own refusal is a traceback in the log."""
    if len(values) < len(function.inputs):
        told = f"This takes {len(function.inputs)} values, not {len(values)}: /gradio_api/info lists them."
        raise gr.Error(told, print_exception=False)
