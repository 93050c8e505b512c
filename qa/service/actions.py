"""Actions on a library with JSON results, shared by the HTTP API and the MCP server.

Programs may send anything, so every value is checked here. An error is one sentence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import PurePosixPath
from typing import Any

from corpus.article import parse_published
from corpus.dates.resolve import resolve_days
from corpus.errors import UsageError
from corpus.sentences import sentences
from corpus.speakers.statements import statements
from corpus.store.records import ArticleInfo, Filters, StoredArticle, StoredPassage
from embeddings.library.library import Library
from qa.assistant import MAX_QUESTION_CHARACTERS, Assistant, check_question
from qa.dated_questions import retrieve_on_days
from qa.result import SCHEMA
from qa.searched import meant_filters


def info_json(info: ArticleInfo) -> dict[str, Any]:
    """Return an article's metadata."""
    return {
        "article": info.id,
        "version": info.version,
        "current": info.current,
        "title": info.heading,
        "source": info.source,
        "author": info.author,
        "published": info.published,
        "modified": info.modified,
        "url": info.url,
        "place": info.place,
        "section": info.section,
        "language": info.language,
        "path": info.path,
        "added": info.added,
        "changed": info.changed,
        "characters": info.characters,
    }


def article_json(stored: StoredArticle, passages: Sequence[StoredPassage]) -> dict[str, Any]:
    """Return everything about one version. Each `start` and `end` counts code points of `text`."""
    text = stored.text
    published = parse_published(stored.info.published) if stored.info.published else None
    return {
        **info_json(stored.info),
        "text": text,
        "passages": [{"start": p.start, "end": p.end} for p in passages],
        "sentences": [{"start": start, "end": end} for start, end in sentences(text)],
        "days": [
            {
                "text": day.text,
                "start": day.start,
                "end": day.end,
                "from": day.first.isoformat(),
                "to": day.last.isoformat(),
            }
            for day in resolve_days(text, published)
        ],
        "statements": [asdict(statement) for statement in statements(text)],
        "versions": [
            {"version": v.version, "added": v.added, "current": v.current, "published": v.published}
            for v in stored.versions
        ],
    }


def for_programs(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what programs elsewhere are told of an article: the name of its file, and not where that lies here.

    Gradio's client would take a value under `path` for a file to fetch.
    """
    path = told["path"]
    name, row, number = (path or "").partition("#")
    file = None if not name or "://" in name else PurePosixPath(name).name + row + number
    return {("file" if key == "path" else key): (file if key == "path" else value) for key, value in told.items()}


def chosen_filters(
    sources: Sequence[str], after: str | None, before: str | None, article: str | None = None
) -> Filters:
    """Return the filters. An empty day or article is no filter. Raises UsageError for an invalid day."""
    try:
        return Filters(tuple(sources), _day(after), _day(before), article or None)
    except ValueError as error:
        raise UsageError(f"the filters cannot be used: {error}") from None


def _day(value: str | None) -> date | None:
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{value[:40]!r} is no day, write it as 2023-03-06") from None


MAX_TURNS = 20
MAX_SOURCES = 200
MAX_NAME_CHARACTERS = 500
MAX_PASSAGES = 50
MAX_LISTED = 1_000


def ask_json(
    assistant: Assistant,
    question: object,
    *,
    turns: object = None,
    sources: object = None,
    after: object = None,
    before: object = None,
    reader: object = None,
) -> dict[str, Any]:
    """Return the result of a question (`citewire/1`). Raises UsageError for invalid values.

    reader: the name of one of the assistant's readers, None for the first.
    """
    filters = checked_filters(sources, after, before)
    chosen = reading_with(assistant, reader)
    return chosen.ask(checked_question(question), turns=checked_turns(turns), filters=filters).to_json()


def reading_with(assistant: Assistant, reader: object) -> Assistant:
    """Return the assistant with the reader named; "" and None leave it as it is. Raises UsageError."""
    name = checked_text("reader", reader, MAX_NAME_CHARACTERS)
    return assistant.reading_with(name) if name else assistant


def search_json(
    assistant: Assistant,
    query: object,
    *,
    sources: object = None,
    after: object = None,
    before: object = None,
    limit: object = 10,
) -> dict[str, Any]:
    """Return the best passages for a question or words, best first. Scores compare only within one search."""
    words = checked_question(query)
    check_question(words)
    filters = checked_filters(sources, after, before)
    count = _whole("limit", limit, 1, MAX_PASSAGES)
    with assistant.library.snapshot() as snapshot:
        filters = meant_filters(filters, snapshot)
        coverage = snapshot.coverage(filters)
        found = retrieve_on_days(snapshot, words, filters=filters, k=count) if coverage.articles else []
    passages = [
        {
            "article": r.hit.article,
            "version": r.hit.version,
            "title": r.hit.info.heading,
            "source": r.hit.info.source,
            "published": r.hit.info.published,
            "url": r.hit.info.url,
            "start": r.hit.start,
            "end": r.hit.end,
            "text": r.hit.text,
            "score": round(r.score, 4),
        }
        for r in found
    ]
    searched = {"articles": coverage.articles, "sources": coverage.sources, "from": coverage.first, "to": coverage.last}
    return {"schema": SCHEMA, "query": words, "passages": passages, "searched": searched}


def list_json(
    library: Library,
    *,
    sources: object = None,
    after: object = None,
    before: object = None,
    limit: object = 50,
    offset: object = 0,
) -> dict[str, Any]:
    """Return the articles that pass the filters, newest first, without texts. `total` counts all of them."""
    filters = checked_filters(sources, after, before)
    count, first = _whole("limit", limit, 1, MAX_LISTED), _whole("offset", offset, 0, 10**9)
    with library.snapshot() as snapshot:
        filters = meant_filters(filters, snapshot)
        total = snapshot.coverage(filters).articles
        infos = snapshot.articles(filters, order="published", descending=True, limit=count, offset=first)
    articles = [for_programs(info_json(info)) for info in infos]
    return {"schema": SCHEMA, "total": total, "offset": first, "articles": articles}


def read_json(library: Library, article: object, *, version: object = None) -> dict[str, Any]:
    """Return an article with text and metadata. Raises UsageError for an unknown one."""
    named = checked_text("article", article, MAX_NAME_CHARACTERS)
    if not named:
        raise UsageError("name an article by its id: the list of articles has them")
    wanted = checked_text("version", version, MAX_NAME_CHARACTERS) or None
    with library.snapshot() as snapshot:
        try:
            stored = snapshot.article(named, wanted)
        except UsageError:
            # The library's own message names its folder, which remote users must not see.
            raise UsageError("the library holds no article or version of this name: list the articles") from None
        passages = snapshot.passages_of(named) if stored.info.current else []
    return {"schema": SCHEMA, **for_programs(article_json(stored, passages))}


def checked_question(value: object) -> str:
    """Check a question. The assistant checks its length."""
    return checked_text("question", value, None).strip()


def checked_turns(value: object) -> tuple[str, ...]:
    """Check the earlier questions. Return the latest 20."""
    return tuple(turn for turn in _texts("turns", value, MAX_QUESTION_CHARACTERS) if turn.strip())[-MAX_TURNS:]


def checked_filters(sources: object, after: object, before: object, article: object = None) -> Filters:
    """Check the filters. Raises UsageError for invalid values."""
    outlets = [source for source in _texts("sources", sources, MAX_NAME_CHARACTERS) if source.strip()]
    named = (("after", after), ("before", before), ("article", article))
    return chosen_filters(outlets, *(checked_text(name, value, MAX_NAME_CHARACTERS) for name, value in named))


def checked_text(name: str, value: object, most: int | None) -> str:
    """Check a text of at most `most` characters. Return "" for none."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise UsageError(f"{name} has to be a text, not {_kind(value)}")
    if most is not None and len(value) > most:
        raise UsageError(f"{name} is longer than {most:,} characters")
    # JSON may carry half a surrogate pair, which can be neither searched nor stored.
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _texts(name: str, value: object, most: int) -> Sequence[str]:
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise UsageError(f"{name} has to be a list of texts, not {_kind(value)}")
    if len(value) > MAX_SOURCES:
        raise UsageError(f"{name} has more than {MAX_SOURCES} entries")
    return [checked_text(f"an entry of {name}", entry, most) for entry in value]


def _whole(name: str, value: object, lowest: int, highest: int) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
        raise UsageError(f"{name} has to be a whole number from {lowest:,} to {highest:,}")
    return value


def _kind(value: object) -> str:
    names = {
        bool: "true or false",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "an object",
        str: "a text",
    }
    return names.get(type(value), "nothing of this kind")
