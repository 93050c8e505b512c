"""Collections to ask: real news of $CITEWIRE_DATA, else paragraphs that are asked for by their own words."""

import gzip
import json
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.texts import paragraphs
from corpus.passages import split

SEED = 2


@dataclass(frozen=True, slots=True)
class Question:
    """A question, ways to give its one answer (none: the passages do not say), and the passages that hold it."""

    text: str
    answers: tuple[str, ...]
    right: frozenset[int]


@dataclass(frozen=True, slots=True)
class Collection:
    """Passages and what is asked of them."""

    name: str
    passages: list[str]
    questions: list[Question]


def collections(passages: int, questions: int) -> list[Collection]:
    """Return the collections, of about so many passages and questions at most; times are taken on the first."""
    data = os.environ.get("CITEWIRE_DATA")
    return [_news(Path(data), passages, questions) if data else _made_up(passages, questions)]


def _news(data: Path, passages: int, questions: int) -> Collection:
    """Return real news with questions, a fifth of which its articles do not answer.

    Citewire's calibration is fitted on these questions (docs/evaluation.md).
    """
    asked = [row for row in _rows(data / "news_questions" / "dev.jsonl.gz") if row["need"] == "any"]
    others = _rows(data / "news_questions" / "train.jsonl.gz")
    wanted = dict.fromkeys((row["corpus"], row["article"]) for row in [*asked, *others])
    articles = {
        (corpus, row["id"]): row["text"]
        for corpus in dict.fromkeys(corpus for corpus, _ in wanted)
        for row in _rows(data / "corpora" / f"{corpus}.jsonl.gz")
        if (corpus, row["id"]) in wanted
    }
    texts = list[str]()
    places: dict[tuple[str, str], list[tuple[int, int, int]]] = {}
    for article in wanted:  # those asked about come first; others fill up
        parts = split(articles[article])
        if len(texts) + len(parts) <= passages:
            places[article] = [(p.start, p.end, len(texts) + n) for n, p in enumerate(parts)]
            texts += [p.text for p in parts]
    drawn = _drawn([row for row in asked if (row["corpus"], row["article"]) in places], questions)
    return Collection("news", texts, [_question(row, places[row["corpus"], row["article"]]) for row in drawn])


def _question(row: dict[str, Any], parts: list[tuple[int, int, int]]) -> Question:
    right = {n for answer in row["answers"] for start, end, n in parts if start <= answer["start"] < end}
    return Question(row["question"], tuple(answer["text"] for answer in row["answers"]), frozenset(right))


def _made_up(passages: int, questions: int) -> Collection:
    made, kind = paragraphs(passages)
    drawn = random.Random(SEED).sample(range(len(made)), min(questions, len(made)))
    asked = [(n, " ".join(made[n].split()[3:15])) for n in drawn]
    return Collection(kind, made, [Question(text, (text,), frozenset({n})) for n, text in asked])


def _drawn(asked: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    return random.Random(SEED).sample(asked, min(count, len(asked)))


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)
