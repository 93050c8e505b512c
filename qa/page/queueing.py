"""What Gradio's queue lacks, so that no question is lost: clients that leave, and streams of messages that end."""

import asyncio
from typing import Any
from urllib.parse import parse_qs

import gradio as gr
from gradio.server_messages import ProcessStartsMessage
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LEAVING_SECONDS = 5.0
"""How long a stream that has ended waits for its client to leave it."""
_END = b'"msg":"close_stream"'

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
