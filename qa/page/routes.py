"""Plain addresses beside Gradio's page: articles, fact sheets, feedback, health, and MCP."""

import json
import logging
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from corpus import __version__
from corpus.errors import CitewireError, UsageError
from qa.assistant import MAX_QUESTION_CHARACTERS
from qa.batch.saved_questions import MEDIA_TYPE as ATOM
from qa.batch.saved_questions import MOST_ENTRIES, atom
from qa.output.files import FILES, MEDIA_TYPES
from qa.page.collection import remove_article
from qa.page.security.login import USER, client_of
from qa.page.security.request_checks import PLAIN_POLICY
from qa.page.site import NotAllowed, Site, sentence
from qa.page.user_data import (
    cited_pins,
    conversations_of,
    give_feedback,
    parsing,
    read_pins,
    save_question,
    saved_questions,
    with_answers,
)
from qa.page.views.answer import welcome_html
from qa.page.views.export import answer_file, file_name, notebook_file, notebook_html
from qa.page.views.markup import article_html, article_page, citation_address, linked_questions, message_page, part
from qa.service import make_mcp_server

_log = logging.getLogger(__name__)
FAILED = "This could not be done: the program's log says why."
_PLAIN = {"content-security-policy": PLAIN_POLICY}


def routes(site: Site) -> list[Route]:
    """Return the addresses of one page."""

    def answered(path: str, answer: Callable[..., Response], *methods: str, reads: bool = False) -> Route:
        """Return the route of a function of a site and a request; with `reads` also of its body, at most 8 MB."""

        async def endpoint(request: Request) -> Response:
            given = [await request.body()] if reads else []
            try:
                return await run_in_threadpool(answer, site, request, *given)
            except CitewireError as error:
                return JSONResponse({"message": sentence(error)}, 403 if isinstance(error, NotAllowed) else 400)
            except Exception:  # noqa: BLE001 - the outermost boundary
                _log.exception("a request failed: %s %.200r", request.method, request.url.path)
                return JSONResponse({"message": FAILED}, 500)

        return Route(path, endpoint, methods=methods or None)

    return [
        answered("/article/{article:str}", article),
        answered("/article/{article:str}", removal, "DELETE"),
        answered("/answer/{token:str}.{suffix:str}", fact_sheet),
        answered("/conversation/{token:str}.{suffix:str}", partial(fact_sheet, is_whole=True)),
        answered("/notebook.{suffix:str}", notebook, "POST", reads=True),
        answered("/feedback", feedback, "POST", reads=True),
        answered("/conversations", conversations, "GET", "POST", reads=True),
        answered("/questions.atom", questions_feed),
        answered("/saved", saved, "GET", "POST"),
        answered("/saved/{number}", unsave, "DELETE"),
        answered("/welcome", welcome),
        answered("/health", health),
    ]


def article(site: Site, request: Request) -> Response:
    """Give an article as a page, or with `part=1` as a part of one, characters `start` to `end` marked."""
    query = request.query_params
    start, end = (_number(query.get(name, "")) for name in ("start", "end"))
    words = query.get("words", "")[:MAX_QUESTION_CHARACTERS]
    try:
        with site.assistant.library.snapshot() as snapshot:
            stored = snapshot.article(request.path_params["article"], query.get("version"))
    except UsageError:
        page = message_page("No such article", "The library has no such article or version. It may have been removed.")
        return HTMLResponse(page, 404, headers=_PLAIN)
    quote = query.get("quote", "")
    if quote and (at := stored.text.find(quote)) >= 0:
        start, end = at, at + len(quote)
    if query.get("part"):
        shown = article_html(stored, start=start, end=end, words=words, is_part=True, may_remove=site.may_change)
        return HTMLResponse(shown)
    return HTMLResponse(article_page(stored, start=start, end=end, words=words), headers=_PLAIN)


def _number(digits: str) -> int:
    """Return a number of an address, 0 if it is not valid: Python refuses to read one of thousands of digits."""
    return int(digits) if digits.isdecimal() and len(digits) < 12 else 0


def removal(site: Site, request: Request) -> Response:
    """Remove an article. That no other site's page asks for it is checked before (request_checks.py)."""
    notice = remove_article(site, request.path_params["article"])
    return JSONResponse({"message": "Removed.", "notice": notice})


def fact_sheet(site: Site, request: Request, *, is_whole: bool = False) -> Response:
    """Give an answer as a file. is_whole: with the conversation up to it."""
    token, suffix = request.path_params["token"], request.path_params["suffix"]
    turns = site.recent.get(token) if suffix in FILES else ()
    if not turns:
        page = message_page("This answer is gone", "It is not kept for long. Ask the question again, then export it.")
        return HTMLResponse(page, 404, headers=_PLAIN)
    chosen = turns if is_whole else turns[-1:]
    return _file(answer_file(chosen, suffix), file_name(chosen[0].question, suffix), suffix)


def _file(content: bytes, name: str, suffix: str) -> Response:
    named = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=MEDIA_TYPES[suffix], headers=named)


def notebook(site: Site, request: Request, body: bytes) -> Response:
    """Give the notebook that a browser keeps: as a part of the page (`html`), or as a file."""
    suffix = request.path_params["suffix"]
    if suffix != "html" and suffix not in FILES:
        return JSONResponse({"message": "A notebook is given in no such form."}, 404)
    notes = cited_pins(site, read_pins(body))
    if suffix == "html":
        return HTMLResponse(notebook_html(notes))
    return _file(notebook_file(notes, suffix), f"citewire-notebook-{datetime.now(UTC):%Y-%m-%d}.{suffix}", suffix)


def feedback(site: Site, request: Request, body: bytes) -> Response:
    """Keep what a person says of an answer."""
    with parsing("feedback"):
        given = json.loads(body)
        token, verdict, words = str(given["token"]), str(given["verdict"]), str(given.get("words", ""))
    give_feedback(site, site.recent.get(token), verdict, words)
    return JSONResponse({"message": "Thank you. Your feedback is saved."})


def conversations(site: Site, request: Request, body: bytes) -> Response:
    """Give the conversations of whoever is logged in, the latest first; with POST after the change in the body."""
    person = request.scope.get(USER)
    if not person or not site.keeps_conversations:
        raise NotAllowed("conversations are kept here only for people who log in")
    change = body if request.method == "POST" else None
    return JSONResponse([asdict(one) for one in conversations_of(site, person, change)])


def questions_feed(site: Site, request: Request) -> Response:
    """Give the changes in the answers to saved questions as a feed: to people who log in, or who own the library."""
    changed = saved_questions(site).changed(MOST_ENTRIES)
    library_id = site.assistant.library.manifest.library_id
    feed = atom(library_id, changed, link=lambda citation: f"{request.base_url}{citation_address(citation)}")
    return Response(feed, media_type=ATOM)


def saved(site: Site, request: Request) -> Response:
    """Give the list of saved questions, a part of the page; with POST save the question that the address asks."""
    kept = saved_questions(site)
    if request.method == "GET":
        return HTMLResponse(part("saved.j2", "listing", with_answers(kept)))
    linked = linked_questions(request.url.query)
    if linked is None:
        raise UsageError("there is no question to save")
    save_question(site, linked.questions[-1], linked.filters)
    return JSONResponse({"message": "Saved: it is under Questions."})


def unsave(site: Site, request: Request) -> Response:
    """Take a saved question away, with what was answered to it."""
    saved_questions(site).remove(_number(request.path_params["number"]))
    return JSONResponse({"message": "Removed from the saved questions."})


def welcome(site: Site, request: Request) -> Response:
    """Give what the page shows before anything is asked, of the library as it is now."""
    with site.assistant.library.snapshot() as snapshot:
        return HTMLResponse(welcome_html(snapshot, is_sample=site.is_sample), headers=_PLAIN)


def health(site: Site, request: Request) -> Response:
    """Say that the server answers."""
    return JSONResponse({"status": "ok", "citewire": __version__})


def mcp_routes(site: Site) -> tuple[list[BaseRoute], Any]:
    """Return the routes of MCP at `/mcp` and what has to run while they are served.

    Gradio's own mount for MCP does not ask for its login, and its extra holds back pydantic; this one is the package's,
    behind the same login, limits and checks as the page. Raises CitewireError without the package.
    """

    def asking(request: object) -> None:
        site.question_limit.take(client_of(request.scope if isinstance(request, Request) else {}))

    server = make_mcp_server(site.assistant, asking=asking)
    from mcp.server.transport_security import TransportSecuritySettings

    # Hosts and origins are checked before (request_checks.py), with the names that this page is known by. Every request
    # stands for itself, so that nothing is held for clients that never say goodbye.
    app = server.streamable_http_app(
        streamable_http_path="/mcp",
        stateless_http=True,
        json_response=True,
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    return list(app.routes), lambda _: server.session_manager.run()
