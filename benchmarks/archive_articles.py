"""Articles to make an archive of: cut from the news in $CITEWIRE_DATA where it is set, else of made-up words."""

import json
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from benchmarks.passages import rows
from benchmarks.texts import made_sentences
from corpus.passages import split

_CORPORA = ("realtimeqa_articles", "bbc_2004_2005", "dcqa_wsj_ap_articles")


@dataclass(frozen=True, slots=True)
class Made:
    """An article to write."""

    title: str
    outlet: str
    day: str
    paragraphs: tuple[str, ...]

    def markdown(self, version: int = 1) -> str:
        """Return it as a file; a later version says so in its first paragraph."""
        first, *others = self.paragraphs
        marked = f"{first} This is version {version}." if version > 1 else first
        head = f"---\ntitle: {self.title}\nsource: {self.outlet}\ndate: {self.day}\n---\n\n"
        return head + "\n\n".join([marked, *others]) + "\n"


def articles(paragraphs: int) -> tuple[Iterator[Made], str]:
    """Return articles without end, the same in every run, and where their words come from."""
    data = os.environ.get("CITEWIRE_DATA")
    if data:
        return _cut(Path(data), paragraphs), "the news corpora"
    return (_made_up(number, paragraphs) for number in count()), "made-up words"


def _cut(data: Path, paragraphs: int) -> Iterator[Made]:
    """Cut each text of the corpora into articles of so many passages; once more, from the next passage on, and so on.

    So no two articles of the first rounds have the same text, and a library has the words that news has.
    """
    for shift in count():
        files = (data / "corpora" / f"{name}.jsonl.gz" for name in _CORPORA)
        for number, row in enumerate(chain.from_iterable(map(rows, files))):
            passages = [" ".join(passage.text.split()) for passage in split(row["text"])][shift:]
            for start in range(0, len(passages) - paragraphs + 1, paragraphs):
                title = json.dumps(" ".join(passages[start].split()[:9]))
                yield Made(title, f"Outlet {number % 40}", _day(number), tuple(passages[start : start + paragraphs]))


def _made_up(number: int, paragraphs: int) -> Made:
    chosen = random.Random(number)
    sentence = made_sentences(chosen, 400)
    texts = tuple(" ".join(sentence() for _ in range(chosen.randint(6, 9))) for _ in range(paragraphs))
    return Made(sentence(), f"Outlet {number % 40}", _day(number), texts)


def _day(number: int) -> str:
    chosen = random.Random(number)
    return f"20{chosen.randint(10, 24)}-{chosen.randint(1, 12):02}-{chosen.randint(1, 28):02}"
