"""The page put together: head, tabs, the endpoints for programs (docs/api.md), Gradio's settings, and what it lacks."""

import asyncio
import logging
from collections.abc import Collection
from contextlib import suppress
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs

import gradio as gr
from gradio.route_utils import FnIndexInferError
from httpx import InvalidURL
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from corpus.errors import CitewireError, UsageError
from corpus.store.records import Filters
from qa.output.files import TEXTS
from qa.page.articles_tab import adding_tab, articles_tab
from qa.page.chat import chat_tab
from qa.page.collection import add_text, overrides_of, remove_article
from qa.page.filters import html
from qa.page.limits import CONCURRENT_QUESTIONS
from qa.page.questions_tab import questions_tab
from qa.page.routes import FAILED, mcp_routes, routes
from qa.page.security.login import LoginMiddleware, client_of_event
from qa.page.security.request_checks import RequestChecks, SafeHeaders, client_address
from qa.page.security.sessions import Sessions
from qa.page.site import Site, Turn, sentence
from qa.page.user_data import give_feedback
from qa.page.views.export import answer_file
from qa.page.views.markup import part
from qa.result import Result
from qa.service import MAX_NAME_CHARACTERS, Action, Actions, Json, checked_text, with_signature_of

_log = logging.getLogger(__name__)

MAX_UPLOAD_BYTES = 20 * 1024**2
LEAVING_SECONDS = 5.0
"""How long a stream that has ended waits for its client to leave it."""
_ODD = (AttributeError, LookupError, TypeError, ValueError, InvalidURL, gr.Error, ClientDisconnect, FnIndexInferError)
"""What Gradio raises of what it does not understand."""


def build(site: Site) -> gr.Blocks:
    """Return the page, not yet served."""
    with gr.Blocks(title="Citewire", analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600)) as blocks:
        with gr.Sidebar(open=False, width=300, elem_classes="cw-sidebar"):
            html(part("shell.j2", "past"))
        html(part("shell.j2", "header", site.has_login))
        with gr.Tabs(elem_classes="cw-tabs"):
            with gr.Tab("Ask"):
                chat_tab(site, blocks)
            with gr.Tab("Articles") as articles:
                articles_tab(site, articles)
            with gr.Tab("Questions") as questions:
                questions_tab(site, questions)
            with gr.Tab("Notebook"):
                html('<div class="cw-notebook"></div>', js_on_load='document.dispatchEvent(new Event("cw-notebook"));')
            if site.may_change:
                with gr.Tab("Add"):
                    adding_tab(site)
        named_endpoints(site)
    blocks.validate_inputs = check_all_values
    blocks.queue(default_concurrency_limit=CONCURRENT_QUESTIONS, api_open=False)
    return blocks


def named_endpoints(site: Site) -> None:
    """Add the endpoints to the page."""

    def token(result: Result, earlier: tuple[str, ...], filters: Filters) -> Json:
        turn = Turn(result.question, earlier, filters, result=result)
        site.recent.keep([turn])
        return {"token": turn.token}

    def export(token: str, form: str = "md") -> Json:
        """Give an answer as md, csv or jsonld, by the token that /ask gave."""
        turns = site.recent.get(checked_text("token", token, MAX_NAME_CHARACTERS))
        if not isinstance(form, str) or form not in TEXTS:
            raise UsageError(f"the form has to be one of {', '.join(TEXTS)}")
        if not turns:
            raise UsageError("this answer is no longer kept: ask the question again to export it")
        return {"form": form, "text": answer_file(turns[-1:], form).decode()}

    def feedback(token: str, verdict: str, words: str = "") -> Json:
        """Keep what you say of an answer: right, answer_wrong or evidence_wrong."""
        turns = site.recent.get(checked_text("token", token, MAX_NAME_CHARACTERS))
        give_feedback(site, turns, checked_text("verdict", verdict, 100), checked_text("words", words, 10**6))
        return {"kept": True}

    def add_article(
        text: str,
        title: str | None = None,
        source: str | None = None,
        author: str | None = None,
        published: str | None = None,
        url: str | None = None,
        language: str | None = None,
    ) -> Json:
        """Add an article by its text and metadata."""
        given = {"title": title, "source": source, "author": author, "published": published, "url": url}
        given["language"] = language
        fields = overrides_of({name: checked_text(name, value, 4_000) for name, value in given.items()})
        report = add_text(site, checked_text("text", text, 10**7), fields, lambda _: None)
        return {"added": report.added, "replaced": report.replaced, "unchanged": report.unchanged}

    def remove(article: str) -> Json:
        """Remove an article with all its versions."""
        remove_article(site, checked_text("article", article, MAX_NAME_CHARACTERS))
        return {"removed": article}

    def endpoint(action: Action, name: str, *, searches: bool = False) -> None:
        def answer(request: gr.Request, *values: Any, **named: Any) -> Json:  # noqa: ANN401 - as they were sent
            try:
                if searches:
                    site.question_limit.take(client_of_event(request))
                return action(*values, **named)
            except CitewireError as error:
                raise gr.Error(sentence(error), print_exception=False) from error
            except Exception as error:
                _log.exception("an endpoint failed")
                raise gr.Error(FAILED, print_exception=False) from error

        function = with_signature_of(action, answer, "request", gr.Request)
        gr.api(function, api_name=name, concurrency_id="ask" if searches else None)

    actions = Actions(site.assistant, also=token)
    endpoint(actions.ask, "ask", searches=True)
    endpoint(actions.search, "search", searches=True)
    endpoint(actions.list_articles, "list_articles")
    endpoint(actions.read_article, "read_article")
    endpoint(export, "export")
    endpoint(feedback, "feedback")
    if site.may_change:
        endpoint(add_article, "add_article")
        endpoint(remove, "remove_article")


def launch_settings(
    site: Site,
    blocks: gr.Blocks,
    *,
    sessions: Sessions | None = None,
    hosts: Collection[str] | None = None,
    root: str = "",
    mcp: bool = False,
) -> dict[str, Any]:
    """Return what Gradio is told when the page that was built is served.

    sessions: of those who log in, None where nobody has to. hosts: see `RequestChecks`. root: the public address behind
    a proxy. mcp: whether `/mcp` is there; raises CitewireError where its package is missing.
    """
    own, lifespan = mcp_routes(site) if mcp else ([], None)
    layers = [
        Middleware(Streams, queue=blocks._queue),
        Middleware(SafeHeaders),
        Middleware(RequestChecks, hosts=hosts, may_upload=site.may_change),
    ]
    if sessions is not None:
        layers.append(Middleware(LoginMiddleware, sessions=sessions))
    return {
        "theme": gr.themes.Base(font=["system-ui"], font_mono=["ui-monospace"]),
        "favicon_path": str(files("qa.page.views").joinpath("favicon.svg")),
        "app_kwargs": {
            "routes": [*routes(site), *own],
            "middleware": layers,
            "exception_handlers": dict.fromkeys(_ODD, refuse),
            "lifespan": lifespan,
        },
        "root_path": root,
        "max_file_size": MAX_UPLOAD_BYTES,
        "footer_links": [],
        "run_history": False,
        "enable_monitoring": False,
        "quiet": True,
        "prevent_thread_lock": True,
    }


def refuse(request: Request, error: Exception) -> JSONResponse:
    """Answer a request that Gradio does not understand. Its own answer is a traceback in the log."""
    asked = (request.method, request.url.path, client_address(request.scope), type(error).__name__, str(error))
    _log.warning("not understood: %s %.200r from %s (%s: %.200r)", *asked)
    said = "The page does not understand this request: /gradio_api/info lists what it takes."
    return JSONResponse({"detail": said}, 400)


def check_all_values(function: Any, values: list[Any]) -> None:  # noqa: ANN401 - Gradio's own, which is private
    """Refuse a request with fewer values than its endpoint takes. Gradio's own refusal is a traceback in the log."""
    if len(values) < len(function.inputs):
        told = f"This takes {len(function.inputs)} values, not {len(values)}: /gradio_api/info lists them."
        raise gr.Error(told, print_exception=False)


class Streams:
    """Keeps a client's stream of messages open after its end until the client leaves it, and ends one that fails.

    Gradio's client opens a stream when it has queued something and has none open; the server ends the stream when
    nothing is queued any more. A client that queues something before it has read of that end opens none, and never
    hears of what it queued. So the queue replies to it once it has left the stream that ended.
    """

    def __init__(self, app: ASGIApp, *, queue: Any) -> None:  # noqa: ANN401 - Gradio's queue, which has no public type
        self._app = app
        self._push = queue.push
        self._ended: dict[str, asyncio.Event] = {}
        queue.push = self._push_once_left

    async def _push_once_left(self, body: Any, **more: Any) -> Any:  # noqa: ANN401
        await self._left(body.session_hash)  # else what is queued may go with the messages of the client that leaves
        pushed = await self._push(body=body, **more)
        await self._left(body.session_hash)
        return pushed

    async def _left(self, session: str) -> None:
        if session in self._ended:
            await self._ended[session].wait()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        session = parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [""])[0]
        left = asyncio.Event()

        async def hold(message: Message) -> None:
            if message["type"] == "http.response.start":  # else browsers may ask for it twice, of which one is not read
                message = {**message, "headers": [*message["headers"], (b"cache-control", b"no-store")]}
            if b'"msg":"close_stream"' in message.get("body", b""):
                self._ended[session] = left
            elif self._ended.get(session) is left:  # the last message, after which the client could not leave
                with suppress(TimeoutError):
                    async with asyncio.timeout(LEAVING_SECONDS):
                        while (await receive())["type"] != "http.disconnect":
                            pass
            await send(message)

        try:
            await self._app(scope, receive, hold if scope["path"].endswith("/queue/data") else send)
        except RuntimeError as error:
            if not isinstance(error.__cause__, HTTPException):
                raise
            await send({"type": "http.response.body", "body": b""})  # Gradio has told the stream what is wrong
        finally:
            left.set()
            if self._ended.get(session) is left:
                del self._ended[session]
