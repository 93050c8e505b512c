"""The page put together: head, conversation, articles, endpoints, and Gradio's settings."""

from collections.abc import Collection
from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from qa.page.api import named_endpoints, require_all_values
from qa.page.articles_tab import adding_tab, articles_tab
from qa.page.chat import chat_tab
from qa.page.filters import html
from qa.page.gradio_fixes import BadRequests, Streams, mend_queue
from qa.page.model.desk import Desk
from qa.page.questions_tab import questions_tab
from qa.page.routes import mcp_routes, routes
from qa.page.security.guard import Guard, SafeHeaders
from qa.page.security.login import Gate
from qa.page.security.sessions import Door
from qa.page.views.markup import part
from qa.page.views.shell import favicon

_FONT = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif"]
_MONO = ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"]
CONCURRENT_QUESTIONS = 8
MAX_UPLOAD_BYTES = 20 * 1024**2


def build(desk: Desk) -> gr.Blocks:
    """Return the page, not yet served."""
    with gr.Blocks(title="Citewire", analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600)) as blocks:
        with gr.Sidebar(open=False, width=300, elem_classes="cw-sidebar"):
            html(part("shell.j2", "past"))
        html(part("shell.j2", "header", desk.has_login))
        with gr.Tabs(elem_classes="cw-tabs"):
            with gr.Tab("Ask", elem_classes="cw-ask-tab"):
                chat_tab(desk, blocks)
            with gr.Tab("Articles") as articles:
                articles_tab(desk, articles)
            with gr.Tab("Questions") as questions:
                questions_tab(desk, questions)
            with gr.Tab("Notebook"):
                html('<div class="cw-notebook"></div>', js_on_load='document.dispatchEvent(new Event("cw-notebook"));')
            if desk.may_change:
                with gr.Tab("Add"):
                    adding_tab(desk)
        named_endpoints(desk)
    blocks.validate_inputs = require_all_values
    blocks.queue(default_concurrency_limit=CONCURRENT_QUESTIONS, api_open=False)
    return blocks


def launch_settings(
    desk: Desk,
    blocks: gr.Blocks,
    *,
    door: Door | None = None,
    hosts: Collection[str] | None = None,
    root: str = "",
    mcp: bool = False,
) -> dict[str, Any]:
    """Return what Gradio is told when the page that was built is served, and mend its queue.

    door: who may come in, None for everybody. hosts: see `Guard`. root: the public address behind a proxy. mcp: whether
    `/mcp` is there; raises CitewireError where its package is missing.
    """
    own, running = mcp_routes(desk) if mcp else ([], None)
    layers = [
        Middleware(Streams, ending=mend_queue(blocks._queue)),
        Middleware(SafeHeaders),
        Middleware(BadRequests),
        Middleware(Guard, hosts=hosts, may_upload=desk.may_change),
    ]
    if door is not None:
        layers.append(Middleware(Gate, door=door))
    return {
        "theme": gr.themes.Base(font=_FONT, font_mono=_MONO),
        "favicon_path": favicon(),
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
