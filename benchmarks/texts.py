"""Paragraphs to measure with: of real news where $CITEWIRE_DATA is set, else made up of a word list."""

import gzip
import json
import os
import random
from collections.abc import Callable
from pathlib import Path

from corpus.passages import split

_CORPUS = "corpora/realtimeqa_articles.jsonl.gz"
_SYLLABLES = "ba co den fi gra hel in jo ka lim mon na or pel qui ra sta tor un vel wen yar zo".split()


def paragraphs(count: int) -> tuple[list[str], str]:
    """Return paragraphs of 500 to 900 characters, the same in every run, and where they come from."""
    data = os.environ.get("CITEWIRE_DATA")
    if data:
        return _real(Path(data), count), "real news"
    return _made(count), "made-up words"


def _real(data: Path, count: int) -> list[str]:
    found: list[str] = []
    with gzip.open(data / _CORPUS, "rt", encoding="utf-8") as lines:
        for line in lines:
            passages = [" ".join(p.text.split()) for p in split(json.loads(line)["text"])]
            found += [p for p in passages if 500 <= len(p) <= 900]
            if len(found) >= count:
                break
    return found[:count]


def made_sentences(chosen: random.Random, words: int) -> Callable[[], str]:
    """Return what gives one sentence after the other of so many made-up words."""
    known = ["".join(chosen.choices(_SYLLABLES, k=chosen.randint(1, 3))) for _ in range(words)]
    return lambda: " ".join(chosen.choices(known, k=12)).capitalize() + "."


def _made(count: int) -> list[str]:
    chosen = random.Random(1)
    sentence = made_sentences(chosen, 5000)
    return [" ".join(sentence() for _ in range(chosen.randint(7, 10))) for _ in range(count)]
