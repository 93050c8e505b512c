"""The page put together: head, conversation, articles, endpoints, and Gradio's settings."""

from collections.abc import Collection
from typing import Any

import gradio as gr
from gradio.server_messages import ProcessStartsMessage
from starlette.middleware import Middleware

from qa.page.api import named_endpoints
from qa.page.articles_tab import articles_tab
from qa.page.chat import chat_tab
from qa.page.model.desk import Desk
from qa.page.routes import mcp_routes, routes
from qa.page.security.bad_requests import BadRequests
from qa.page.security.guard import Guard
from qa.page.security.headers import Headers
from qa.page.security.login import Gate
from qa.page.security.sessions import Door
from qa.page.views.shell import style
from qa.page.views.welcome import header_html

_FONT = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif"]
_MONO = ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"]
CONCURRENT_QUESTIONS = 8
MAX_UPLOAD_BYTES = 20 * 1024**2


def build(desk: Desk) -> gr.Blocks:
    """Return the page, not yet served."""
    with gr.Blocks(title="Citewire", analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600)) as blocks:
        gr.HTML(header_html(has_login=desk.has_login), apply_default_css=False)
        with gr.Tabs(elem_classes="cw-tabs"):
            with gr.Tab("Ask", elem_classes="cw-ask-tab"):
                chat_tab(desk, blocks)
            with gr.Tab("Articles") as articles:
                articles_tab(desk, articles)
        named_endpoints(desk)
    blocks.queue(default_concurrency_limit=CONCURRENT_QUESTIONS, api_open=False)
    drop_cancelled(blocks._queue)
    return blocks


def launch_settings(
    desk: Desk,
    *,
    door: Door | None = None,
    hosts: Collection[str] | None = None,
    root: str = "",
    mcp: bool = False,
) -> dict[str, Any]:
    """Return what Gradio is told when the page is served.

    door: who may come in, None for everybody. hosts: see `Guard`. root: the public address behind a proxy. mcp: whether
    `/mcp` is there; raises CitewireError where its package is missing.
    """
    own, running = mcp_routes(desk) if mcp else ([], None)
    layers = [Middleware(Headers), Middleware(BadRequests), Middleware(Guard, hosts=hosts, may_upload=desk.may_change)]
    if door is not None:
        layers.append(Middleware(Gate, door=door))
    return {
        "theme": gr.themes.Base(font=_FONT, font_mono=_MONO),
        "head": f"<style>{style()}</style>",
        "app_kwargs": {
            "routes": [*routes(desk), *own],
            "middleware": layers,
            "lifespan": running,
        },
        "root_path": root,
        "max_file_size": MAX_UPLOAD_BYTES,
        "footer_links": [],
        "run_history": False,
        "ssr_mode": False,
        "pwa": False,
        "mcp_server": False,
        "num_workers": 0,
        "enable_monitoring": False,
        "inline": False,
        "quiet": True,
        "prevent_thread_lock": True,
    }


def drop_cancelled(queue: Any) -> None:  # noqa: ANN401 - Gradio's queue, which has no public type
    """Let a queue drop the questions of clients that are no longer there, and what it would tell them.

    Gradio removes a client's messages when it leaves, and then fails on the first message of each question that still
    waits, with a screenful of traceback.
    """
    tell = queue.send_message

    def tell_who_is_there(event: Any, message: Any) -> None:  # noqa: ANN401
        if event.session_hash in queue.pending_messages_per_session:
            tell(event, message)
        elif isinstance(message, ProcessStartsMessage):
            raise gr.Error("the client has gone", print_exception=False)

    queue.send_message = tell_who_is_there
