"""The page put together: head, tabs, the endpoints for programs (docs/api.md), and Gradio's settings."""

import logging
from collections.abc import Collection
from importlib.resources import files
from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from corpus.errors import CitewireError, UsageError
from corpus.store.records import Filters
from qa.output.files import TEXTS
from qa.page.articles_tab import adding_tab, articles_tab
from qa.page.chat import chat_tab
from qa.page.collection import add_text, overrides_of, remove_article
from qa.page.filters import html
from qa.page.gradio_fixes import FAILED, BadRequests, Streams, check_all_values, mend_queue
from qa.page.questions_tab import questions_tab
from qa.page.rate_limit import CONCURRENT_QUESTIONS
from qa.page.routes import mcp_routes, routes
from qa.page.security.login import LoginMiddleware, client_of_event
from qa.page.security.request_checks import RequestChecks, SafeHeaders
from qa.page.security.sessions import Sessions
from qa.page.site import Site, Turn, sentence
from qa.page.user_data import give_feedback
from qa.page.views.export import answer_file
from qa.page.views.markup import part
from qa.result import Result
from qa.service import MAX_NAME_CHARACTERS, Action, Actions, Json, checked_text, with_signature_of

_log = logging.getLogger(__name__)

_FONT = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif"]
_MONO = ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"]
MAX_UPLOAD_BYTES = 20 * 1024**2


def build(site: Site) -> gr.Blocks:
    """Return the page, not yet served."""
    with gr.Blocks(title="Citewire", analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600)) as blocks:
        with gr.Sidebar(open=False, width=300, elem_classes="cw-sidebar"):
            html(part("shell.j2", "past"))
        html(part("shell.j2", "header", site.has_login))
        with gr.Tabs(elem_classes="cw-tabs"):
            with gr.Tab("Ask", elem_classes="cw-ask-tab"):
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
    """Return what Gradio is told when the page that was built is served, and mend its queue.

    sessions: of those who log in, None where nobody has to. hosts: see `RequestChecks`. root: the public address behind
    a proxy. mcp: whether `/mcp` is there; raises CitewireError where its package is missing.
    """
    own, lifespan = mcp_routes(site) if mcp else ([], None)
    layers = [
        Middleware(Streams, ending=mend_queue(blocks._queue)),
        Middleware(SafeHeaders),
        Middleware(BadRequests),
        Middleware(RequestChecks, hosts=hosts, may_upload=site.may_change),
    ]
    if sessions is not None:
        layers.append(Middleware(LoginMiddleware, sessions=sessions))
    return {
        "theme": gr.themes.Base(font=_FONT, font_mono=_MONO),
        "favicon_path": str(files("qa.page.views").joinpath("favicon.svg")),
        "app_kwargs": {
            "routes": [*routes(site), *own],
            "middleware": layers,
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
