"""Plain addresses beside Gradio's page: articles, fact sheets, feedback, health, and MCP."""

import json
import logging
from functools import partial
from typing import Any, Literal

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from corpus import __version__
from corpus.errors import CitewireError, UsageError
from qa.page.model.activity import give_feedback
from qa.page.model.changes import remove_article
from qa.page.model.conversation import sentence
from qa.page.model.desk import Desk, NotAllowed
from qa.page.security.headers import PLAIN_POLICY
from qa.page.security.login import client_of
from qa.page.views.articles import remove_button_html
from qa.page.views.export import FORMATS, MEDIA_TYPES, export
from qa.page.views.shell import article_html, article_page, message_page
from qa.service.mcp_server import make_mcp_server

_log = logging.getLogger(__name__)
_PLAIN = {"content-security-policy": PLAIN_POLICY}
MAX_FEEDBACK_BYTES = 20_000


def routes(desk: Desk) -> list[Route]:
    """Return the addresses of one page."""
    return [
        Route("/article/{article:str}", partial(article, desk)),
        Route("/article/{article:str}", partial(removal, desk), methods=["DELETE"]),
        Route("/answer/{token:str}.{suffix:str}", partial(fact_sheet, desk, "answer")),
        Route("/conversation/{token:str}.{suffix:str}", partial(fact_sheet, desk, "conversation")),
        Route("/feedback", partial(feedback, desk), methods=["POST"]),
        Route("/health", health),
    ]


def article(desk: Desk, request: Request) -> Response:
    """Give an article as a page, or with `part=1` as a part of one, characters `start` to `end` marked."""
    query = request.query_params
    start, end = (_place(query.get(name, "")) for name in ("start", "end"))
    try:
        with desk.assistant.library.snapshot() as snapshot:
            stored = snapshot.article(request.path_params["article"], query.get("version"))
    except UsageError:
        page = message_page("No such article", "The library holds no article or version of this name (any more).")
        return HTMLResponse(page, 404, headers=_PLAIN)
    except CitewireError as error:
        _log.warning("an article could not be shown: %s", error)
        return HTMLResponse(message_page("This article cannot be shown", sentence(error)), 500, headers=_PLAIN)
    if query.get("part"):
        tools = remove_button_html(stored.info) if desk.may_change else ""
        return HTMLResponse(article_html(stored, start=start, end=end, tools=tools))
    return HTMLResponse(article_page(stored, start=start, end=end), headers=_PLAIN)


def _place(digits: str) -> int:
    """Return a place in a text, 0 for what is none: Python refuses to read a number of thousands of digits."""
    return int(digits) if digits.isdecimal() and len(digits) < 12 else 0


def removal(desk: Desk, request: Request) -> Response:
    """Remove an article. That no other site's page asks for it is checked before (guard.py)."""
    try:
        remove_article(desk, request.path_params["article"])
    except NotAllowed as error:
        return JSONResponse({"message": sentence(error)}, 403)
    except CitewireError as error:
        return JSONResponse({"message": sentence(error)}, 400)
    return JSONResponse({"message": "Removed."})


def fact_sheet(desk: Desk, what: Literal["answer", "conversation"], request: Request) -> Response:
    """Give an answer, or the conversation up to it, as a file."""
    token, suffix = request.path_params["token"], request.path_params["suffix"]
    turns = desk.kept.conversation(token) if suffix in FORMATS else ()
    if not turns:
        page = message_page("Not kept any more", "This answer is no longer kept: ask the question again to export it.")
        return HTMLResponse(page, 404, headers=_PLAIN)
    named = {"content-disposition": f'attachment; filename="citewire-{what}.{suffix}"'}
    chosen = turns if what == "conversation" else turns[-1:]
    return Response(export(chosen, suffix), media_type=MEDIA_TYPES[suffix], headers=named)


async def feedback(desk: Desk, request: Request) -> Response:
    """Keep what a person says of an answer."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FEEDBACK_BYTES:
            return JSONResponse({"message": "The feedback is too long."}, 413)
    try:
        given = json.loads(body)
        turns = desk.kept.conversation(str(given["token"]))
        await run_in_threadpool(give_feedback, desk, turns, str(given["verdict"]), str(given.get("words", "")))
    except (ValueError, KeyError, TypeError, AttributeError):
        return JSONResponse({"message": "This is no feedback."}, 400)
    except CitewireError as error:
        return JSONResponse({"message": sentence(error)}, 400)
    return JSONResponse({"message": "Thank you: kept beside the library."})


def health(request: Request) -> Response:
    """Say that the server answers."""
    return JSONResponse({"status": "ok", "citewire": __version__})


def mcp_routes(desk: Desk) -> tuple[list[BaseRoute], Any]:
    """Return the routes of MCP at `/mcp` and what has to run while they are served.

    Gradio's own mount for MCP does not ask for its login, and its extra holds back pydantic; this one is the package's,
    behind the same login, limits and checks as the page. Raises CitewireError without the package.
    """

    def asking(request: object) -> None:
        desk.questions.take(client_of(request.scope if isinstance(request, Request) else {}))

    server = make_mcp_server(desk.assistant, asking=asking)
    from mcp.server.transport_security import TransportSecuritySettings

    # Hosts and origins are checked before (guard.py), with the names that this page is known by. Every request stands
    # for itself, so that nothing is held for clients that never say goodbye.
    app = server.streamable_http_app(
        streamable_http_path="/mcp",
        stateless_http=True,
        json_response=True,
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    return list(app.routes), lambda _: server.session_manager.run()
