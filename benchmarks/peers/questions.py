"""Collections to ask: of $CITEWIRE_DATA where that is set, the bundled articles with their gold questions always."""

import gzip
import json
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from benchmarks.texts import paragraphs
from corpus.passages import split
from corpus.scan.files import Overrides, read_paths
from qa.evaluation.gold.read import read_gold

SEED = 2
GOLD = Path(__file__).parents[2] / "qa/evaluation/gold/bundled.jsonl"


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
    if not data:
        return [_made_up(passages, questions), _bundled()]
    return [_newsqa(Path(data), passages, questions), _realtimeqa(Path(data), passages, questions), _bundled()]


def _newsqa(data: Path, passages: int, questions: int) -> Collection:
    texts, asked = list[str](), list[Question]()
    begins: dict[str, list[tuple[int, int, int]]] = {}
    for row in _rows(data / "dev" / "newsqa_half.jsonl.gz"):
        story = row["context"]
        if story not in begins:
            parts = split(story)
            if len(texts) + len(parts) > passages:
                continue
            begins[story] = [(p.start, p.end, len(texts) + n) for n, p in enumerate(parts)]
            texts += [p.text for p in parts]
        right = {n for a in row["answers"] for start, end, n in begins[story] if start <= a["start"] < end}
        if right:
            answers = tuple(a["text"] for a in row["answers"])
            asked.append(Question(row["question"], answers, frozenset(right)))
    return Collection("NewsQA's CNN stories", texts, _drawn(asked, questions))


def _realtimeqa(data: Path, passages: int, questions: int) -> Collection:
    """Return quiz questions with the articles that hold their answer: every passage of such an article is right."""
    told = {row["id"]: row for row in _rows(data / "retrieval" / "realtimeqa_questions.jsonl.gz")}
    lines = (data / "retrieval" / "realtimeqa_qrels.tsv").read_text("utf-8").splitlines()
    judged = random.Random(SEED).sample([line.split("\t")[:2] for line in lines if "\t" in line], len(lines))
    wanted = {article for _, article in judged}
    articles = {
        row["id"]: [p.text for p in split(row["text"])]
        for row in _rows(data / "corpora" / "realtimeqa_articles.jsonl.gz")
        if row["id"] in wanted
    }
    texts, asked, places = list[str](), list[Question](), dict[str, frozenset[int]]()
    for question, article in judged:
        if question not in told or article not in articles or len(asked) == questions:
            continue
        if article not in places:
            if len(texts) + len(articles[article]) > passages:
                continue
            places[article] = frozenset(range(len(texts), len(texts) + len(articles[article])))
            texts += articles[article]
        asked.append(Question(told[question]["question"], tuple(told[question]["answers"]), places[article]))
    return Collection("RealTimeQA's news quizzes", texts, asked)


def _bundled() -> Collection:
    """Return the bundled articles with the gold questions of the report half that stand alone."""

    def refuse(error: Exception) -> None:
        raise error

    paths = sorted(Path(str(file)) for file in files("corpus.articles").iterdir() if file.name.endswith(".md"))
    texts, places = list[str](), dict[str, list[int]]()
    for path in paths:
        [article] = read_paths([path], overrides=Overrides(), on_bad=refuse)
        parts = [p.text for p in split(article.text)]
        places[path.name] = list(range(len(texts), len(texts) + len(parts)))
        texts += parts
    asked = [
        Question(
            one.question,
            one.answers,
            frozenset(n for e in one.evidence for n in places[e.article] if e.quote is None or e.quote in texts[n]),
        )
        for one in read_gold(GOLD).of_half("report").questions
        if not one.turns
    ]
    return Collection("the bundled articles", texts, asked)


def _made_up(passages: int, questions: int) -> Collection:
    made, kind = paragraphs(passages)
    drawn = random.Random(SEED).sample(range(len(made)), min(questions, len(made)))
    asked = [(n, " ".join(made[n].split()[3:15])) for n in drawn]
    return Collection(kind, made, [Question(text, (text,), frozenset({n})) for n, text in asked])


def _drawn(asked: list[Question], count: int) -> list[Question]:
    return random.Random(SEED).sample(asked, min(count, len(asked)))


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)
