"""An article as JSON: its metadata, text, passages, sentences, days, statements and versions."""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from corpus.article import parse_published
from corpus.dates.resolve import resolve_days
from corpus.sentences import sentences
from corpus.speakers.statements import statements
from corpus.store.store import ArticleInfo, StoredArticle, StoredPassage


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
        "statements": [
            {
                "start": s.start,
                "end": s.end,
                "speaker": s.speaker,
                "speaker_start": s.speaker_start,
                "speaker_end": s.speaker_end,
                "voice": s.voice,
            }
            for s in statements(text)
        ],
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
