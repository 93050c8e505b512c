"""The named endpoints of the HTTP API, for `gradio_client` and whatever else speaks Gradio's protocol.

docs/api.md describes them. Each gives one JSON object, or one sentence that says why not.
"""

import logging
from typing import Any

import gradio as gr

from corpus.errors import CitewireError, UsageError
from corpus.store.records import Filters
from qa.output.files import TEXTS
from qa.page.model.changing import add_text, overrides_of, remove_article
from qa.page.model.conversation import Turn, sentence
from qa.page.model.desk import Desk
from qa.page.model.kept import give_feedback
from qa.page.security.login import client_of_event
from qa.page.views.export import answer_file
from qa.result import Result
from qa.service import MAX_NAME_CHARACTERS, Action, Actions, Json, checked_text, taking

_log = logging.getLogger(__name__)


def named_endpoints(desk: Desk) -> None:
    """Add the endpoints to the page."""

    def token(result: Result, earlier: tuple[str, ...], filters: Filters) -> Json:
        turn = Turn(result.question, earlier, filters, result=result)
        desk.kept.keep([turn])
        return {"token": turn.token}

    def export(token: str, form: str = "md") -> Json:
        """Give an answer as md, csv or jsonld, by the token that /ask gave."""
        turns = desk.kept.conversation(checked_text("token", token, MAX_NAME_CHARACTERS))
        if not isinstance(form, str) or form not in TEXTS:
            raise UsageError(f"the form has to be one of {', '.join(TEXTS)}")
        if not turns:
            raise UsageError("this answer is no longer kept: ask the question again to export it")
        return {"form": form, "text": answer_file(turns[-1:], form).decode()}

    def feedback(token: str, verdict: str, words: str = "") -> Json:
        """Keep what you say of an answer: right, answer_wrong or evidence_wrong."""
        turns = desk.kept.conversation(checked_text("token", token, MAX_NAME_CHARACTERS))
        give_feedback(desk, turns, checked_text("verdict", verdict, 100), checked_text("words", words, 10**6))
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
        desk.require_change()
        given = {"title": title, "source": source, "author": author, "published": published, "url": url}
        given["language"] = language
        fields = overrides_of({name: checked_text(name, value, 4_000) for name, value in given.items()})
        report = add_text(desk, checked_text("text", text, 10**7), fields, lambda _: None)
        return {"added": report.added, "replaced": report.replaced, "unchanged": report.unchanged}

    def remove(article: str) -> Json:
        """Remove an article with all its versions."""
        remove_article(desk, checked_text("article", article, MAX_NAME_CHARACTERS))
        return {"removed": article}

    def endpoint(action: Action, name: str, *, searches: bool = False) -> None:
        def told(request: gr.Request, *values: Any, **named: Any) -> Json:  # noqa: ANN401 - as they were sent
            try:
                if searches:
                    desk.questions.take(client_of_event(request))
                return action(*values, **named)
            except CitewireError as error:
                raise gr.Error(sentence(error), print_exception=False) from error
            except Exception as error:
                _log.exception("an endpoint failed")
                raise gr.Error("This could not be done: the program's log says why.", print_exception=False) from error

        given = taking(told, action, "request", gr.Request)
        gr.api(given, api_name=name, concurrency_id="ask" if searches else None)

    actions = Actions(desk.assistant, also=token)
    endpoint(actions.ask, "ask", searches=True)
    endpoint(actions.search, "search", searches=True)
    endpoint(actions.list_articles, "list_articles")
    endpoint(actions.read_article, "read_article")
    endpoint(export, "export")
    endpoint(feedback, "feedback")
    if desk.may_change:
        endpoint(add_article, "add_article")
        endpoint(remove, "remove_article")


def require_all_values(function: Any, values: list[Any]) -> None:  # noqa: ANN401 - Gradio's own, which is private
    """Refuse a request with fewer values than its endpoint takes. Gradio's own refusal is a traceback in the log."""
    if len(values) < len(function.inputs):
        told = f"This takes {len(function.inputs)} values, not {len(values)}: /gradio_api/info lists them."
        raise gr.Error(told, print_exception=False)
