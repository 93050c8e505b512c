"""Who asks: the person logged in, else the address that the request comes from."""

from collections.abc import Mapping
from typing import Any

import gradio as gr

from qa.page.security.login import USER
from qa.page.security.requests import client_address


def client_of(scope: Mapping[str, Any]) -> str:
    """Return the name under which a request's client is counted."""
    return f"person {scope[USER]}" if scope.get(USER) else f"address {client_address(dict(scope))}"


def client_of_event(request: gr.Request) -> str:
    """Return the same for an event of the page or its API."""
    return client_of(getattr(request.request, "scope", None) or {})
