"""MCP over streamable HTTP at `/mcp`, beside the page and behind the same login, limits and checks.

Gradio's own mount for MCP does not ask for its login, and its extra holds back pydantic; this one is the package's.
"""

from typing import Any

from starlette.requests import Request
from starlette.routing import BaseRoute

from qa.page.model.desk import Desk
from qa.page.security.client import client_of
from qa.service.mcp_server import make_mcp_server


def mcp_routes(desk: Desk) -> tuple[list[BaseRoute], Any]:
    """Return the routes and what has to run while they are served. Raises CitewireError without the package."""

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
