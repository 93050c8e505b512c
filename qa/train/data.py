"""Labelled questions: of news, each with its whole article, and of the older reading sets, each with one paragraph."""

import gzip
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from corpus.errors import ReadError, UsageError
from corpus.passages import split
from qa.reader.input import sentences_before
from qa.reader.protocol import ReadPassage

Span = tuple[int, int]

HELD_OUT = 45
"""Articles that nothing is trained or calibrated on: `benchmarks.answers --part held-out` asks their questions."""
OLDER_SETS = {
    "squad11_train44": 3200,
    "squad11_train_random4k": 1300,
    "squad11_train_paras1k": 1000,
    "squad11_wiki_a": 800,
    "squad2_unanswerable": 2700,
    "squadshifts_new_wiki": 2000,
    "squadshifts_reddit": 500,
    "squadshifts_amazon_reviews": 300,
    "tydiqa_en_train": 1000,
    "nq_oracle": 400,
    "nq_swap_counterfactual": 300,
    "timeqa_human_windows": 400,
    "realtimeqa_evidence_train": 900,
    "tweetqa_train": 300,
    "fairytaleqa_extractive": 300,
    "ester_train500": 300,
    "qamr_dev": 400,
    "dcqa_sentence_train": 300,
}
"""How many rows of each older set are drawn for a pass over the news questions; docs/reader.md has their licences."""
_SEVERAL = frozenset({"ester_train500"})


@dataclass(frozen=True, slots=True)
class Example:
    """A question beside a passage, and the characters of the passage that answer it, the best first; none: it does not.

    several: the question asks for several things. news: it is of the news questions, not of an older set.
    """

    question: str
    passage: ReadPassage
    spans: tuple[Span, ...]
    several: bool
    news: bool

    def __post_init__(self) -> None:
        if any(not 0 <= start < end <= len(self.passage.text) for start, end in self.spans):
            raise ValueError(f"a span lies outside its passage of {len(self.passage.text)} characters")


@dataclass(frozen=True)
class NewsArticle:
    """An article with its passages as a library would have them."""

    id: str
    text: str
    title: str
    source: str
    published: str

    @cached_property
    def passages(self) -> tuple[ReadPassage, ...]:
        """All passages, in order, as they are put before a reader."""
        return tuple(
            ReadPassage(
                p.text, self.title, self.source, self.published, sentences_before(self.text, p.start), start=p.start
            )
            for p in split(self.text)
        )


@dataclass(slots=True)
class NewsQuestion:
    """A question about an article. answers: places in its text, the best first; sentences: those around them."""

    question: str
    article: NewsArticle
    answers: tuple[Span, ...]
    sentences: tuple[str, ...]
    several: bool
    kind: str = "other"
    own: list[int] = field(default_factory=list)
    """The article's passages, those most like the question first."""
    other: list[ReadPassage] = field(default_factory=list)
    """Passages of other articles that look as if they answered."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of an older reading set; `answers` may be several people's marks of the same one."""

    question: str
    context: str
    answers: tuple[Span, ...]
    several: bool = False


def read_news(questions: Path, corpora: Path) -> list[NewsQuestion]:
    """Return the questions of a file, with their articles from the folder of corpora. Raises ReadError."""
    rows = list(_lines(questions))
    articles: dict[tuple[str, str], NewsArticle] = {}
    wanted = {(row["corpus"], row["article"]) for row in rows}
    for corpus in sorted({corpus for corpus, _ in wanted}):
        for row in _lines(corpora / f"{corpus}.jsonl.gz"):
            if (corpus, row["id"]) in wanted:
                articles[corpus, row["id"]] = _article(corpus, row)
    return [_question(row, articles[row["corpus"], row["article"]]) for row in rows]


def _article(corpus: str, row: dict[str, Any]) -> NewsArticle:
    outlets = {"bbc_2004_2005": "BBC", "dcqa_wsj_ap_articles": "WSJ and AP"}
    source = outlets.get(corpus) or re.sub(r"^www\.", "", row["url"].split("/")[2])
    published = (row.get("publish_date") or "")[:10].replace("/", "-")
    return NewsArticle(row["id"], row["text"], (row.get("title") or "").strip(), source, published)


def _question(row: dict[str, Any], article: NewsArticle) -> NewsQuestion:
    answers = tuple((a["start"], a["start"] + len(a["text"])) for a in row["answers"])
    if any(article.text[start:end] != a["text"] for (start, end), a in zip(answers, row["answers"], strict=True)):
        raise ReadError(row["id"], "an answer does not stand where its offset says")
    around = tuple(article.text[slice(*a["sentence"])] for a in row["answers"])
    return NewsQuestion(row["question"], article, answers, around, row["need"] == "all", row["kind"])


def read_older(folder: Path) -> dict[str, list[Row]]:
    """Return the rows of every older set in the folder. Raises ReadError, and UsageError where there is none."""
    found = {name: read_rows(path) for name in OLDER_SETS if (path := folder / f"{name}.jsonl.gz").is_file()}
    if not found:
        raise UsageError(f"{folder} holds none of the reading sets ({next(iter(OLDER_SETS))}.jsonl.gz and others)")
    return found


def held_out(questions: Sequence[NewsQuestion]) -> frozenset[str]:
    """Return the ids of the articles that are never trained on, drawn by a fixed seed."""
    return frozenset(random.Random(1).sample(sorted({q.article.id for q in questions}), HELD_OUT))


def read_rows(path: Path) -> list[Row]:
    """Return the rows of a reading set. Raises ReadError, also where an answer does not stand at its offset."""
    rows = []
    name = path.name.removesuffix(".jsonl.gz")
    for number, row in enumerate(_lines(path), 1):
        try:
            context, marks = row["context"], [a for a in row["answers"] if a["text"]]
            spans = tuple((a["start"], a["start"] + len(a["text"])) for a in marks)
            if any(context[start:end] != a["text"] for (start, end), a in zip(spans, marks, strict=True)):
                raise ReadError(f"{path}, line {number}", "an answer does not stand where its offset says")
            rows.append(Row(row["question"].strip(), context, spans, several=name in _SEVERAL and len(spans) > 1))
        except (KeyError, TypeError) as error:
            raise ReadError(f"{path}, line {number}", f"is no row of a reading set ({error})") from error
    return rows


def apart(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Return the spans in their order without those that overlap an earlier one."""
    kept: list[Span] = []
    for start, end in spans:
        if all(end <= s or start >= e for s, e in kept):
            kept.append((start, end))
    return tuple(kept)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)
    except (OSError, ValueError) as error:
        raise ReadError(str(path), f"is no set of questions in gzipped JSON Lines ({error})") from error
