"""The named endpoints of the HTTP API, for `gradio_client` and whatever else speaks Gradio's protocol.

docs/api.md describes them. Each gives one JSON object, or one sentence that says why not.
"""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

import gradio as gr

from corpus.errors import CitewireError, UsageError
from qa.page.model.collection import Adding, add_text, overrides_of, remove_article
from qa.page.model.conversation import Turn, sentence
from qa.page.model.desk import Desk
from qa.page.model.notebook import give_feedback
from qa.page.security.login import client_of_event
from qa.page.views.export import export
from qa.page.views.office import TEXTS
from qa.service.actions import (
    MAX_NAME_CHARACTERS,
    checked_filters,
    checked_question,
    checked_text,
    checked_turns,
    list_json,
    read_json,
    reading_with,
    search_json,
)

_log = logging.getLogger(__name__)

Object = dict[str, Any]
_FIELDS = ("title", "source", "author", "published", "url", "language")


def named_endpoints(desk: Desk) -> None:
    """Add the endpoints to the page."""

    def ask(
        question: str,
        request: gr.Request,
        turns: list[str] | None = None,
        sources: list[str] | None = None,
        after: str | None = None,
        before: str | None = None,
        reader: str | None = None,
        article: str | None = None,
    ) -> Object:
        desk.questions.take(client_of_event(request))
        earlier, filters = checked_turns(turns), checked_filters(sources, after, before, article)
        assistant = reading_with(desk.assistant, reader)
        result = assistant.ask(checked_question(question), turns=earlier, filters=filters)
        turn = Turn(result.question, earlier, filters, result=result)
        desk.kept.keep([turn])
        return {**result.to_json(), "token": turn.token}

    def search(
        query: str,
        request: gr.Request,
        sources: list[str] | None = None,
        after: str | None = None,
        before: str | None = None,
        limit: int = 10,
    ) -> Object:
        desk.questions.take(client_of_event(request))
        return search_json(desk.assistant, query, sources=sources, after=after, before=before, limit=limit)

    def list_articles(
        sources: list[str] | None = None,
        after: str | None = None,
        before: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> Object:
        return list_json(
            desk.assistant.library, sources=sources, after=after, before=before, limit=limit, offset=offset
        )

    def read_article(article: str, version: str | None = None) -> Object:
        return read_json(desk.assistant.library, article, version=version)

    def export_answer(token: str, form: str = "md") -> Object:
        turns = desk.kept.conversation(checked_text("token", token, MAX_NAME_CHARACTERS))
        if not isinstance(form, str) or form not in TEXTS:
            raise UsageError(f"the form has to be one of {', '.join(TEXTS)}")
        if not turns:
            raise UsageError("this answer is no longer kept: ask the question again to export it")
        return {"form": form, "text": export(turns[-1:], form)}

    def feedback(token: str, verdict: str, words: str = "") -> Object:
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
    ) -> Object:
        desk.require_change()
        values = (title, source, author, published, url, language)
        overrides = overrides_of(
            {name: checked_text(name, value, 4_000) for name, value in zip(_FIELDS, values, strict=True)}
        )
        told: list[Adding] = []
        add_text(desk, checked_text("text", text, 10**7), overrides, told.append)
        report = told[-1].report if told else None
        if report is None:
            raise CitewireError("nothing was added")
        return {"added": report.added, "replaced": report.replaced, "unchanged": report.unchanged}

    def remove(article: str) -> Object:
        remove_article(desk, checked_text("article", article, MAX_NAME_CHARACTERS))
        return {"removed": article}

    def endpoint(function: Callable[..., Object], name: str, description: str, queue: str | None = None) -> None:
        gr.api(_told(function), api_name=name, api_description=description, concurrency_id=queue)

    endpoint(ask, "ask", "Answer a question in quoted, cited words (citewire/1).", "ask")
    endpoint(search, "search", "Find the passages that fit a question or words best.", "ask")
    endpoint(list_articles, "list_articles", "List the articles, the newest first.")
    endpoint(read_article, "read_article", "Give a whole article with all that is known of it.")
    endpoint(export_answer, "export", "Give an answer as md, csv or jsonld, by the token that /ask gave.")
    endpoint(feedback, "feedback", "Keep what you say of an answer: right, answer_wrong or evidence_wrong.")
    if desk.may_change:
        endpoint(add_article, "add_article", "Add an article by its text and metadata.")
        endpoint(remove, "remove_article", "Remove an article with all its versions.")


def require_all_values(function: Any, values: list[Any]) -> None:  # noqa: ANN401 - Gradio's own, which is private
    """Refuse a request with fewer values than its endpoint takes. Gradio's own refusal is a traceback in the log."""
    if len(values) < len(function.inputs):
        told = f"This takes {len(function.inputs)} values, not {len(values)}: /gradio_api/info lists them."
        raise gr.Error(told, print_exception=False)


def _told(function: Callable[..., Object]) -> Callable[..., Object]:
    """Return the function with whatever it raises told as one sentence."""

    @wraps(function)
    def told(*values: Any, **named: Any) -> Object:  # noqa: ANN401 - as they were sent
        try:
            return function(*values, **named)
        except CitewireError as error:
            raise gr.Error(sentence(error), print_exception=False) from error
        except Exception as error:
            _log.exception("an endpoint failed")
            raise gr.Error("This could not be done: the program's log says why.", print_exception=False) from error

    return told
