"""Plain addresses beside Gradio's page: articles, fact sheets, feedback, health, and MCP."""

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from corpus import __version__
from corpus.errors import CitewireError, UsageError
from qa.assistant import MAX_QUESTION_CHARACTERS
from qa.desk.saved import MEDIA_TYPE as ATOM
from qa.desk.saved import MOST_ENTRIES, atom
from qa.page.model.collection import remove_article
from qa.page.model.conversation import sentence
from qa.page.model.desk import Desk, NotAllowed
from qa.page.model.notebook import give_feedback, noted, read_pins
from qa.page.model.past import MAX_CONVERSATIONS_BYTES, conversations_of, read_change
from qa.page.model.saved import listed, save_question, saved_questions
from qa.page.security.guard import PLAIN_POLICY
from qa.page.security.login import USER, client_of
from qa.page.views.articles import remove_button_html
from qa.page.views.export import answer_file, file_name
from qa.page.views.markup import about_html, article_address, linked_question
from qa.page.views.notebook import notebook_file, notebook_html, notebook_name
from qa.page.views.office import FILES, MEDIA_TYPES
from qa.page.views.saved import saved_html
from qa.page.views.shell import article_html, article_page, message_page, welcome_html
from qa.service.mcp_server import make_mcp_server

_log = logging.getLogger(__name__)
_PLAIN = {"content-security-policy": PLAIN_POLICY}
MAX_FEEDBACK_BYTES = 20_000
MAX_NOTEBOOK_BYTES = 6_000_000


def routes(desk: Desk) -> list[Route]:
    """Return the addresses of one page."""
    return [
        Route("/article/{article:str}", partial(article, desk)),
        Route("/article/{article:str}", partial(removal, desk), methods=["DELETE"]),
        Route("/answer/{token:str}.{suffix:str}", partial(fact_sheet, desk, "answer")),
        Route("/conversation/{token:str}.{suffix:str}", partial(fact_sheet, desk, "conversation")),
        Route("/notebook.{suffix:str}", partial(notebook, desk), methods=["POST"]),
        Route("/feedback", partial(feedback, desk), methods=["POST"]),
        Route("/conversations", partial(conversations, desk), methods=["GET", "POST"]),
        Route("/questions.atom", partial(questions_feed, desk)),
        Route("/saved", partial(saved, desk), methods=["GET", "POST"]),
        Route("/saved/{number:int}", partial(unsave, desk), methods=["DELETE"]),
        Route("/welcome", partial(welcome, desk)),
        Route("/health", health),
    ]


def article(desk: Desk, request: Request) -> Response:
    """Give an article as a page, or with `part=1` as a part of one, characters `start` to `end` marked."""
    query = request.query_params
    start, end = (_place(query.get(name, "")) for name in ("start", "end"))
    words = query.get("words", "")[:MAX_QUESTION_CHARACTERS]
    try:
        with desk.assistant.library.snapshot() as snapshot:
            stored = snapshot.article(request.path_params["article"], query.get("version"))
    except UsageError:
        page = message_page("No such article", "The library has no such article or version. It may have been removed.")
        return HTMLResponse(page, 404, headers=_PLAIN)
    except CitewireError as error:
        _log.warning("an article could not be shown: %s", error)
        return HTMLResponse(message_page("This article cannot be shown", sentence(error)), 500, headers=_PLAIN)
    if query.get("part"):
        tools = remove_button_html(stored.info) if desk.may_change else ""
        ask = about_html(stored.info.id, stored.info.heading, kind="cw-button") if stored.info.current else ""
        return HTMLResponse(article_html(stored, start=start, end=end, words=words, tools=tools, ask=ask))
    return HTMLResponse(article_page(stored, start=start, end=end, words=words), headers=_PLAIN)


def _place(digits: str) -> int:
    """Return a place in a text, 0 for what is none: Python refuses to read a number of thousands of digits."""
    return int(digits) if digits.isdecimal() and len(digits) < 12 else 0


def removal(desk: Desk, request: Request) -> Response:
    """Remove an article. That no other site's page asks for it is checked before (guard.py)."""
    try:
        remove_article(desk, request.path_params["article"])
    except CitewireError as error:
        return _refused(error)
    return JSONResponse({"message": "Removed."})


def fact_sheet(desk: Desk, what: Literal["answer", "conversation"], request: Request) -> Response:
    """Give an answer, or the conversation up to it, as a file."""
    token, suffix = request.path_params["token"], request.path_params["suffix"]
    turns = desk.kept.conversation(token) if suffix in FILES else ()
    if not turns:
        page = message_page("This answer is gone", "It is not kept for long. Ask the question again, then export it.")
        return HTMLResponse(page, 404, headers=_PLAIN)
    chosen = turns if what == "conversation" else turns[-1:]
    named = {"content-disposition": f'attachment; filename="{file_name(chosen[0].question, suffix)}"'}
    return Response(answer_file(chosen, suffix), media_type=MEDIA_TYPES[suffix], headers=named)


async def notebook(desk: Desk, request: Request) -> Response:
    """Give the notebook that a browser keeps: as a part of the page (`html`), or as a file."""
    suffix = request.path_params["suffix"]
    if suffix != "html" and suffix not in FILES:
        return JSONResponse({"message": "A notebook is given in no such form."}, 404)
    body = await _body(request, MAX_NOTEBOOK_BYTES)
    if body is None:
        return JSONResponse({"message": "The notebook is too long."}, 413)
    try:
        notes = await run_in_threadpool(lambda: noted(desk, read_pins(body)))
    except CitewireError as error:
        return JSONResponse({"message": sentence(error)}, 400)
    if suffix == "html":
        return HTMLResponse(notebook_html(notes))
    named = {"content-disposition": f'attachment; filename="{notebook_name(suffix, datetime.now(UTC).date())}"'}
    file = await run_in_threadpool(notebook_file, notes, suffix)
    return Response(file, media_type=MEDIA_TYPES[suffix], headers=named)


async def _body(request: Request, most: int) -> bytes | None:
    """Return the body of a request, None where it has more than so many bytes."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            return None
    return body


async def feedback(desk: Desk, request: Request) -> Response:
    """Keep what a person says of an answer."""
    body = await _body(request, MAX_FEEDBACK_BYTES)
    if body is None:
        return JSONResponse({"message": "The feedback is too long."}, 413)
    try:
        given = json.loads(body)
        turns = desk.kept.conversation(str(given["token"]))
        await run_in_threadpool(give_feedback, desk, turns, str(given["verdict"]), str(given.get("words", "")))
    except (ValueError, KeyError, TypeError, AttributeError):
        return JSONResponse({"message": "This is no feedback."}, 400)
    except CitewireError as error:
        return JSONResponse({"message": sentence(error)}, 400)
    return JSONResponse({"message": "Thank you. Your feedback is saved."})


async def conversations(desk: Desk, request: Request) -> Response:
    """Give the conversations of whoever is logged in, the latest first; with POST drop some and keep one before.

    The body is JSON: `{"keep": {"link": ..., "token": ...} or null, "drop": [LINK, ...]}`.
    """
    person = request.scope.get(USER)
    if not person or not desk.keeps_conversations:
        return JSONResponse({"message": "Conversations are kept here only for people who log in."}, 403)
    body = await _body(request, MAX_CONVERSATIONS_BYTES)
    if body is None:
        return JSONResponse({"message": "The conversation is too long to be kept."}, 413)
    try:
        change = read_change(body) if request.method == "POST" else None
        kept = await run_in_threadpool(conversations_of, desk, person, change)
    except CitewireError as error:
        return JSONResponse({"message": sentence(error)}, 400)
    return JSONResponse([asdict(one) for one in kept])


def questions_feed(desk: Desk, request: Request) -> Response:
    """Give the changes in the answers to saved questions as a feed: to people who log in, or who own the library."""

    def link(citation: Mapping[str, Any]) -> str:
        c = citation
        return (
            f"{request.base_url}{article_address(c['article'], version=c['version'], start=c['start'], end=c['end'])}"
        )

    try:
        changed = saved_questions(desk).changed(MOST_ENTRIES)
        library_id = desk.assistant.library.manifest.library_id
    except CitewireError as error:
        return HTMLResponse(message_page("No feed here", sentence(error)), 404, headers=_PLAIN)
    return Response(atom(library_id, changed, link=link), media_type=ATOM)


def saved(desk: Desk, request: Request) -> Response:
    """Give the list of saved questions, a part of the page; with POST save the question that the address asks."""
    try:
        kept = saved_questions(desk)
        if request.method == "GET":
            return HTMLResponse(saved_html(listed(kept)))
        question = linked_question(request.url.query)
        if question is None:
            raise UsageError("there is no question to save")
        save_question(desk, question[0], question[2])
    except CitewireError as error:
        return _refused(error)
    return JSONResponse({"message": "Saved: it is under Questions."})


def unsave(desk: Desk, request: Request) -> Response:
    """Take a saved question away, with what was answered to it."""
    try:
        saved_questions(desk).remove(request.path_params["number"])
    except CitewireError as error:
        return _refused(error)
    return JSONResponse({"message": "Removed from the saved questions."})


def _refused(error: CitewireError) -> Response:
    return JSONResponse({"message": sentence(error)}, 403 if isinstance(error, NotAllowed) else 400)


def welcome(desk: Desk, request: Request) -> Response:
    """Give what the page shows before anything is asked, of the library as it is now."""
    with desk.assistant.library.snapshot() as snapshot:
        return HTMLResponse(welcome_html(snapshot, is_sample=desk.is_sample), headers=_PLAIN)


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
