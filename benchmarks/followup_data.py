"""Conversations and the passages that follow-up questions are judged on, from the folder that CITEWIRE_DATA names.

The conversations are TREC CAsT's of 2019 to 2021; each turn has a person's rewrite that stands alone. In those of 2021
every turn has its answer, a passage, which the next turn's history tells. The passages are these answers, the
paragraphs of sets of questions on Wikipedia, and those paragraphs of news that share most words with a conversation.
"""

import gzip
import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.memory_index import word_index
from corpus.passages import split
from embeddings.index.word_index import WordDocument

PARAGRAPHS = (
    "train/squad11_train44",
    "train/squad11_train_random4k",
    "train/squad11_wiki_a",
    "train/nq_oracle",
    "train/tydiqa_en_train",
    "train/squadshifts_new_wiki",
    "train/covidqa_windows_optional",
)
NEWS = ("corpora/realtimeqa_articles", "corpora/bbc_2004_2005")
NEWS_EACH = 100
"""How many paragraphs of news are taken for one conversation."""


@dataclass(frozen=True, slots=True)
class ConversationTurn:
    """A question in a conversation, and what a person made of it.

    `earlier` are the questions before it and `answers` the passages that answered them, "" where that is not told;
    `answer` is the passage that answered this one.
    """

    conversation: str
    number: str
    earlier: tuple[str, ...]
    answers: tuple[str, ...]
    question: str
    rewrite: str
    changed: bool
    answer: str

    @property
    def year(self) -> str:
        """Return the name of the set: cast2019, cast2020 or cast2021."""
        return self.conversation.partition("/")[0]

    @property
    def half(self) -> str:
        """Return which half the conversation belongs to, "tune" or "report"; the same for ever."""
        return "tune" if hashlib.sha256(self.conversation.encode()).digest()[0] % 2 == 0 else "report"


def conversation_turns(data: Path) -> list[ConversationTurn]:
    """Return all turns that come after another one, in order."""
    rows = list(_lines(data / "conv/rewrites_dev.jsonl.gz"))
    answers = {}
    for row in rows:
        if row["history"] and row["history"][-1]["role"] == "system":
            answers[row["source"], row["conversation"], _asked(row["history"])] = row["history"][-1]["text"]
    return [
        ConversationTurn(
            conversation=f"{row['source']}/{row['conversation']}",
            number=row["turn"],
            earlier=tuple(said["text"] for said in row["history"] if said["role"] == "user"),
            answers=_answers(row["history"]),
            question=row["utterance"],
            rewrite=row["rewrite"],
            changed=row["changed"],
            answer=answers.get((row["source"], row["conversation"], 1 + _asked(row["history"])), ""),
        )
        for row in rows
        if row["history"]
    ]


def passages(turns: list[ConversationTurn], data: Path, cache: Path) -> list[str]:
    """Return the passages to search, each once. Which news is near is found once and kept in `cache`."""
    found = [answer for turn in turns for answer in (*turn.answers, turn.answer) if answer]
    for name in PARAGRAPHS:
        found += [row["context"] for row in _lines(data / f"{name}.jsonl.gz")]
    kept = cache / "news.json"
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(_near_news(turns, data)))
    return list(dict.fromkeys([*found, *json.loads(kept.read_text())]))


def data_folder() -> Path:
    """Return the folder that CITEWIRE_DATA names."""
    return Path(os.environ["CITEWIRE_DATA"])


def _asked(history: list[dict[str, str]]) -> int:
    return sum(said["role"] == "user" for said in history)


def _answers(history: list[dict[str, str]]) -> tuple[str, ...]:
    """Return the answer to each question of the history, "" where it has none."""
    answers: list[str] = []
    for said in history:
        if said["role"] == "user":
            answers.append("")
        else:
            answers[-1] = said["text"]
    return tuple(answers)


def _near_news(turns: list[ConversationTurn], data: Path) -> list[str]:
    """Return the paragraphs of news that share most words with all that is asked in a conversation."""
    texts = [p.text for name in NEWS for row in _lines(data / f"{name}.jsonl.gz") for p in split(row["text"])]
    index = word_index([WordDocument(n, None, text) for n, text in enumerate(texts)])
    asked: dict[str, dict[str, None]] = defaultdict(dict)
    for turn in turns:
        asked[turn.conversation].update(dict.fromkeys([*turn.earlier, turn.question]))
    near = {int(n) for questions in asked.values() for n in index.search(" ".join(questions), NEWS_EACH)[0]}
    return [texts[n] for n in sorted(near)]


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)
