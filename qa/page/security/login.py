"""The login in front of everything but `/health`. Gradio's own does not stand before all of its routes.

People log in by a form and carry a cookie; programs send Basic credentials, or the form's fields as Gradio's client.
"""

import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote

import gradio as gr
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from corpus.errors import CitewireError
from qa.page.limits import TooOften
from qa.page.security.request_checks import LOGIN_POLICY, client_address
from qa.page.security.sessions import SESSION_SECONDS, Sessions
from qa.page.site import sentence
from qa.page.views.markup import part, plain_page

_log = logging.getLogger(__name__)

COOKIE = "citewire-session"
USER = "citewire.user"
"""Where a request's scope names the person."""
MAX_LOGIN_BYTES = 10_000
_OPEN = "/health"
_STARTING = "/gradio_api/startup-events"


class LoginMiddleware:
    """Asks for the login. Gradio's first call to itself, with which the server starts, passes; no later one does."""

    def __init__(self, app: ASGIApp, *, sessions: Sessions) -> None:
        self._app = app
        self._sessions = sessions
        self._root = sessions.cookie_path.rstrip("/")
        self._has_started = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with the login."""
        path = scope["path"] if scope["type"] == "http" else ""
        is_start = path == _STARTING and not self._has_started
        self._has_started |= is_start
        if scope["type"] == "lifespan" or path == _OPEN or is_start:
            await self._app(scope, receive, send)
            return
        if path.rstrip("/") == "/login":
            await (await self._login(Request(scope, receive)))(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        token = connection.cookies.get(COOKIE, "")
        problem = None
        try:
            name = self._sessions.person(token) or await self._program(connection)
        except CitewireError as error:
            name, problem = None, error
        if name is None:
            await self._refusal(connection, problem)(scope, receive, send)
        elif path.rstrip("/") == "/logout":
            self._sessions.log_out(token)
            response = RedirectResponse(f"{self._root}/login", 303)
            response.delete_cookie(COOKIE, path=self._sessions.cookie_path)
            await response(scope, receive, send)
        else:
            await self._app({**scope, USER: name}, receive, send)

    async def _program(self, connection: HTTPConnection) -> str | None:
        """Return the name in the request's credentials, None without any. Raises LoginFailed or TooOften."""
        kind, _, credentials = connection.headers.get("authorization", "").partition(" ")
        if kind.casefold() != "basic":
            return None
        client = client_address(connection.scope)
        return await run_in_threadpool(self._sessions.check_credentials, credentials.strip(), client)

    def _refusal(self, connection: HTTPConnection, problem: CitewireError | None) -> Response:
        """Return what whoever has no login gets: a person the form, a program one sentence."""
        scope, headers = connection.scope, connection.headers
        if scope["type"] == "websocket":
            return Response(status_code=403)
        if problem is None and scope["method"] in ("GET", "HEAD") and "text/html" in headers.get("accept", ""):
            query = scope.get("query_string", b"").decode("latin-1")
            wanted = scope["path"] + (f"?{query}" if query else "")
            return RedirectResponse(f"{self._root}/login?next={quote(wanted, safe='')}", 303)
        if scope["method"] != "HEAD":  # Gradio asks so whether its page is up
            told = (scope["method"], scope["path"], client_address(scope))
            _log.warning("refused without a login: %s %.200r from %s", *told)
        said = sentence(problem) if problem else "Log in first: the page, its API and MCP are behind a password."
        is_browser = "sec-fetch-mode" in headers  # which would ask for the password in a window of its own
        asking = None if is_browser else {"www-authenticate": 'Basic realm="Citewire", charset="UTF-8"'}
        return JSONResponse({"detail": said}, _status(problem), headers=asking)

    async def _login(self, request: Request) -> Response:
        if request.method != "POST":
            return _form(within(request.query_params.get("next", "/")))
        body = await request.body()  # at most 8 MB (request_checks.py), which take seconds to take apart
        if len(body) > MAX_LOGIN_BYTES:
            return _form("/", "The form is too long.", 413)
        fields = dict(parse_qsl(body.decode("utf-8", "replace")))
        name, password, wanted = (fields.get(field, "") for field in ("username", "password", "next"))
        is_person = "text/html" in request.headers.get("accept", "")
        try:
            client = client_address(request.scope)
            token = await run_in_threadpool(self._sessions.log_in, name.strip(), password, client)
        except CitewireError as problem:
            if is_person:
                return _form(within(wanted), sentence(problem), _status(problem), name)
            return JSONResponse({"detail": sentence(problem)}, _status(problem))
        response: Response = JSONResponse({"success": True})
        if is_person:
            response = RedirectResponse(self._root + within(wanted), 303)
        response.set_cookie(
            COOKIE,
            token,
            max_age=SESSION_SECONDS,
            path=self._sessions.cookie_path,
            secure=request.scope.get("scheme") == "https",
            httponly=True,
            samesite="lax",
        )
        return response


def within(address: str) -> str:
    """Return an address of this page to go on to; of any other the page's beginning."""
    is_ours = address.startswith("/") and not address.startswith("//") and "\\" not in address
    return address if is_ours and address.isprintable() else "/"


def _form(wanted: str, problem: str = "", status: int = 200, name: str = "") -> Response:
    """Return the form. wanted: where to go on to. problem: why the last try failed."""
    headers = {"content-security-policy": LOGIN_POLICY, "cache-control": "no-store"}
    form = part("shell.j2", "login", wanted, problem, name[:200])
    return HTMLResponse(plain_page("Log in", form), status, headers=headers)


def _status(problem: CitewireError | None) -> int:
    return 429 if isinstance(problem, TooOften) else 401


def client_of(scope: Mapping[str, Any]) -> str:
    """Return the name under which a request's client is counted."""
    return f"person {scope[USER]}" if scope.get(USER) else f"address {client_address(dict(scope))}"


def client_of_event(request: gr.Request) -> str:
    """Return the same for an event of the page or its API."""
    return client_of(getattr(request.request, "scope", None) or {})
