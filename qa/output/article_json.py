"""Articles as JSON: for `citewire list` and `show`, and with less for programs elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import PurePosixPath
from typing import Any

from corpus.article import is_address
from corpus.dates.resolve import resolve_days
from corpus.sentences import sentences
from corpus.speakers.statements import statements
from corpus.store.records import ArticleInfo, StoredArticle, StoredPassage


def info_json(info: ArticleInfo) -> dict[str, Any]:
    """Return an article's metadata."""
    stored = {name: value for name, value in asdict(info).items() if name not in ("id", "key", "heading")}
    return {"article": info.id, **stored, "title": info.heading}


def article_json(stored: StoredArticle, passages: Sequence[StoredPassage]) -> dict[str, Any]:
    """Return everything about one version. Each `start` and `end` counts code points of `text`."""
    text = stored.text
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
            for day in resolve_days(text, stored.info.day)
        ],
        "statements": [asdict(statement) for statement in statements(text)],
        "versions": [
            {"version": v.version, "added": v.added, "current": v.current, "published": v.published}
            for v in stored.versions
        ],
    }


def for_programs(article: Mapping[str, Any]) -> dict[str, Any]:
    """Return an article's JSON for programs elsewhere: the name of its file instead of its path on this machine.

    Gradio's client would take a value under `path` for a file to fetch.
    """
    name, row, number = (article["path"] or "").partition("#")
    file = None if not name or is_address(name) else PurePosixPath(name).name + row + number
    return {("file" if key == "path" else key): (file if key == "path" else value) for key, value in article.items()}
