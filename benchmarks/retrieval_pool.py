"""The passages and questions that retrieval is tuned and judged on, read from the folder that CITEWIRE_DATA names.

One pool holds the passages of RealTimeQA's news articles (those that its judgements name and a fixed sample of the
others), of NewsQA's CNN stories, and of the paragraphs of three sets of Wikipedia questions.
"""

import gzip
import hashlib
import json
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from corpus.passages import split
from embeddings.encoder.encoder import load_encoder

FloatArray = npt.NDArray[np.float32]

SAMPLED_ARTICLES = 450
"""How many of RealTimeQA's articles join those that the judgements name."""
DEV_SETS = ("newsqa_half", "new_wiki", "squad2_dev_articles", "tydiqa_en_dev")
ENCODED_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class PoolPassage:
    """A passage of the pool; its place in the pool is its id."""

    document: str
    title: str | None
    text: str

    def untitled(self) -> "PoolPassage":
        """Return the passage as it would be in an article without a title."""
        return PoolPassage(self.document, None, self.text)


@dataclass(frozen=True, slots=True)
class PoolQuestion:
    """A question, the half it belongs to ("tune" or "report") and where it is answered.

    `passages` hold the answer; `documents` are those that count when whole articles are looked for.
    """

    id: str
    kind: str
    half: str
    text: str
    passages: frozenset[int]
    documents: frozenset[str]


@dataclass(frozen=True, slots=True)
class Pool:
    """Passages and questions, each with its vector; the passages' with their titles where `titled` was asked for."""

    passages: list[PoolPassage]
    questions: list[PoolQuestion]
    vectors: FloatArray
    asked: FloatArray


def half(question_id: str) -> str:
    """Return which half a question belongs to; the same for ever, and evenly spread."""
    return "tune" if hashlib.sha256(question_id.encode()).digest()[0] % 2 == 0 else "report"


def load_pool(cache: Path, *, titled: bool, on_progress: Callable[[int, int], None]) -> Pool:
    """Return the pool; its vectors are computed once and kept in `cache`. With `titled`, titles are encoded too."""
    data = Path(os.environ["CITEWIRE_DATA"])
    passages: list[PoolPassage] = []
    questions = [*_realtimeqa(data, passages)]
    for name in DEV_SETS:
        questions += _reading_set(data, name, passages)
    texts = [f"{p.title}\n{p.text}" if titled and p.title else p.text for p in passages]
    asked = encoded([question.text for question in questions], cache, on_progress)
    return Pool(passages, questions, encoded(texts, cache, on_progress), asked)


def _realtimeqa(data: Path, passages: list[PoolPassage]) -> Iterator[PoolQuestion]:
    """Add articles to the passages; yield the questions that some article of the pool is judged to answer."""
    judged = [line.split("\t")[:2] for line in (data / "retrieval/realtimeqa_qrels.tsv").read_text().splitlines()]
    articles = {article["id"]: article for article in _lines(data / "corpora/realtimeqa_articles.jsonl.gz")}
    named = {article for _, article in judged}
    others = sorted(articles.keys() - named)
    rows: dict[str, range] = {}
    for name in sorted(named) + random.Random(0).sample(others, SAMPLED_ARTICLES):
        rows[name] = _add(passages, f"realtimeqa:{name}", articles[name]["title"] or None, articles[name]["text"])
    gold = dict(judged)
    for question in _lines(data / "retrieval/realtimeqa_questions.jsonl.gz"):
        name = question["id"]
        if name not in gold:
            continue
        told = {gold[name], *question["articles_with_answer"]} & rows.keys()
        answers = [answer.lower() for answer in question["answers"]]
        holding = {
            row for article in told for row in rows[article] if any(a in passages[row].text.lower() for a in answers)
        }
        yield PoolQuestion(
            id=f"realtimeqa:{name}",
            kind="realtimeqa",
            half=half(name),
            text=question["question"],
            passages=frozenset(holding),
            documents=frozenset(f"realtimeqa:{article}" for article in told),
        )


def _reading_set(data: Path, name: str, passages: list[PoolPassage]) -> Iterator[PoolQuestion]:
    """Add the contexts of a reading set to the passages; yield its answerable questions."""
    seen: dict[str, tuple[str, range, list[tuple[int, int]]]] = {}
    for row in _lines(data / f"dev/{name}.jsonl.gz"):
        context = row["context"]
        if context not in seen:
            document = f"{name}:{len(seen)}"
            spans = [(passage.start, passage.end) for passage in split(context)]
            seen[context] = (document, _add(passages, document, None, context), spans)
        document, rows, spans = seen[context]
        holding = {
            rows[place]
            for answer in row["answers"]
            for place, (start, end) in enumerate(spans)
            if start <= answer["start"] < end
        }
        if holding:
            yield PoolQuestion(
                id=row["id"],
                kind=name,
                half=half(row["id"]),
                text=row["question"],
                passages=frozenset(holding),
                documents=frozenset([document]),
            )


def _add(passages: list[PoolPassage], document: str, title: str | None, text: str) -> range:
    """Add a document's passages and return their rows."""
    first = len(passages)
    passages.extend(PoolPassage(document, title, passage.text) for passage in split(text))
    return range(first, len(passages))


def encoded(texts: list[str], cache: Path, on_progress: Callable[[int, int], None]) -> FloatArray:
    """Return the texts' vectors, (texts, dimension). Only those not in `cache` are encoded; it is saved as it grows."""
    names = [hashlib.sha256(text.encode()).hexdigest()[:24] for text in texts]
    path = cache / "vectors.npz"
    known: dict[str, npt.NDArray[np.float16]] = {}
    if path.exists():
        with np.load(path) as file:
            known = dict(zip(file["names"].tolist(), file["rows"], strict=True))
    missing = sorted({name: text for name, text in zip(names, texts, strict=True) if name not in known}.items())
    encoder = load_encoder() if missing else None
    cache.mkdir(parents=True, exist_ok=True)
    for start in range(0, len(missing), ENCODED_AT_ONCE):
        batch = missing[start : start + ENCODED_AT_ONCE]
        if encoder is not None:
            rows = encoder.encode([text for _, text in batch]).astype(np.float16)
            known.update(zip([name for name, _ in batch], rows, strict=True))
        on_progress(min(start + ENCODED_AT_ONCE, len(missing)), len(missing))
        if start // ENCODED_AT_ONCE % 10 == 9 or start + ENCODED_AT_ONCE >= len(missing):
            np.savez(path, names=np.array(list(known)), rows=np.stack(list(known.values())))
    return np.stack([known[name] for name in names]).astype(np.float32)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)
