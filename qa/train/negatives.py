"""Passages that look as if they answered a question and do not.

Three kinds: the answer's sentence is taken out of its passage; the question asks for another name, year or extreme
that the passage speaks of elsewhere; and other passages that words or vectors find for the question. Two more are for a
teacher to judge: the question with a word changed, and any other passage that words find, either of which may be
answered still.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from corpus.sentences import sentences
from embeddings.encoder.encoder import Encoder
from embeddings.index.words import WordDocument, WordView
from qa.train.data import Example

_SHORTEST = 120
_NAME = re.compile(r"\b[A-Z][\w-]+(?:\s+(?:of\s+(?:the\s+)?)?[A-Z][\w-]+)*")
_INSIDE_SENTENCE = re.compile(r"[a-z,;] $")
_YEAR = re.compile(r"\b1[5-9]\d\d\b|\b20\d\d\b")
_OPPOSITES = {
    "first": "last",
    "last": "first",
    "largest": "smallest",
    "smallest": "largest",
    "biggest": "smallest",
    "highest": "lowest",
    "lowest": "highest",
    "before": "after",
    "after": "before",
    "won": "lost",
    "lost": "won",
    "oldest": "youngest",
    "youngest": "oldest",
    "increase": "decrease",
    "decrease": "increase",
    "began": "ended",
    "begin": "end",
    "start": "end",
    "north": "south",
    "south": "north",
    "east": "west",
    "west": "east",
    "husband": "wife",
    "wife": "husband",
    "father": "mother",
    "mother": "father",
    "born": "buried",
    "founded": "closed",
    "supported": "opposed",
    "opposed": "supported",
    "allowed": "banned",
    "arrived": "left",
    "bought": "sold",
    "sold": "bought",
}
_OPPOSITE = re.compile(rf"\b(?:{'|'.join(_OPPOSITES)})\b")
_PLAIN = re.compile(r"\b(?!(?:which|whose|where|there|their|about|after|before|would|could|should)\b)[a-z]{5,}\b")
_SHARE_OWN_WORDS = 0.6
_LOOKED_AT = 12
_TAKEN_FROM_TOP = 4
_TAKEN_TO_JUDGE = 3


def without_answer(example: Example) -> Example | None:
    """Return the passage without the sentences that hold an answer; None when too little would be left."""
    kept = [
        example.passage[start:end]
        for start, end in sentences(example.passage)
        if not any(answer.casefold() in example.passage[start:end].casefold() for answer in example.answers)
    ]
    text = " ".join(kept)
    return Example(example.question, text, (), "answer removed") if len(text) >= _SHORTEST else None


def wrong_role(example: Example, random_: random.Random) -> Example | None:
    """Return the same passage asked about another name, year or extreme of it; None where no sure swap is found.

    A name of the question gives way to one that stands in the passage but neither in the question nor in the sentence
    that answers, so that the answer found before is now the answer to something else.
    """
    answering = [(s, e) for s, e in sentences(example.passage) if any(s < b and a < e for a, b in example.spans)]
    if not answering:
        return None
    said = " ".join(example.passage[s:e] for s, e in answering)
    elsewhere = "".join(
        character if not any(s <= n < e for s, e in answering) else "\n" for n, character in enumerate(example.passage)
    )
    for pattern in random_.sample((_NAME, _YEAR), 2):
        asked = [m for m in pattern.finditer(example.question) if m.start() and m[0] in said]
        others = {
            m[0]
            for m in pattern.finditer(elsewhere)
            if _INSIDE_SENTENCE.search(elsewhere[: m.start()][-3:])  # else any word has a capital letter
            and m[0] not in said
            and m[0] not in example.question
            and not any(m[0] in answer or answer in m[0] for answer in example.answers)
        }
        if asked and others:
            gone = random_.choice(asked)
            new = random_.choice(sorted(others))
            question = example.question[: gone.start()] + new + example.question[gone.end() :]
            return replace(example, question=question, spans=(), source="other name")
    if extremes := list(_OPPOSITE.finditer(example.question)):
        gone = random_.choice(extremes)
        question = example.question[: gone.start()] + _OPPOSITES[gone[0]] + example.question[gone.end() :]
        return replace(example, question=question, spans=(), source="opposite")
    return None


def misasked(example: Example, other: str, random_: random.Random) -> Example | None:
    """Return the passage with its question changed in one place, and nobody to say what answers it now.

    A name, a year, an extreme or a plain word of the question gives way to another one: of the passage, or of the other
    text. None where nothing can be changed.
    """
    question = example.question
    for pattern in random_.sample((_NAME, _YEAR, _OPPOSITE, _PLAIN), 4):
        asked = [m for m in pattern.finditer(question) if m.start()]
        text = example.passage if random_.random() < _SHARE_OWN_WORDS else other
        others = sorted({m[0] for m in pattern.finditer(text) if m[0] not in question})
        if asked and (others or pattern is _OPPOSITE):
            gone = random_.choice(asked)
            new = _OPPOSITES[gone[0]] if pattern is _OPPOSITE else random_.choice(others)
            changed = question[: gone.start()] + new + question[gone.end() :]
            return Example(changed, example.passage, (), "misasked", labelled=False)
    return None


def mined_by_words(
    asked: Sequence[Example], pool: Sequence[str], random_: random.Random
) -> Iterator[tuple[Example, str]]:
    """Give for each question one of the passages of the pool that share most of its words but not its answer."""
    for example, found in _by_words(asked, pool):
        if chosen := _without(example, found, random_):
            yield example, chosen


def found_by_words(asked: Sequence[Example], pool: Sequence[str], random_: random.Random) -> Iterator[Example]:
    """Give for each question some of the passages that share most of its words; what they answer is not known."""
    for example, found in _by_words(asked, pool):
        others = [text for text in found if not _own(example, text)]
        for passage in random_.sample(others, min(_TAKEN_TO_JUDGE, len(others))):
            yield Example(example.question, passage, (), "found by words", labelled=False)


def _by_words(asked: Sequence[Example], pool: Sequence[str]) -> Iterator[tuple[Example, list[str]]]:
    view = WordView(None, library_id="mining")
    view.apply([WordDocument(n, None, text) for n, text in enumerate(pool)], [], change=1)
    for example in asked:
        ids, _ = view.search(example.question, _LOOKED_AT)
        yield example, [pool[n] for n in ids]


def mined_by_vectors(
    asked: Sequence[Example], pool: Sequence[str], encoder: Encoder, random_: random.Random
) -> Iterator[tuple[Example, str]]:
    """Give for each question one of the passages of the pool whose vectors are nearest, without its answer."""
    if not asked:
        return
    passages = encoder.encode(pool)
    questions = encoder.encode([example.question for example in asked])
    for at in range(0, len(asked), 256):
        scores = questions[at : at + 256] @ passages.T
        nearest = np.argpartition(-scores, _LOOKED_AT, axis=1)[:, :_LOOKED_AT]
        for row, example in enumerate(asked[at : at + 256]):
            best = sorted(nearest[row], key=lambda n: -scores[row, n])
            if chosen := _without(example, [pool[n] for n in best], random_):
                yield example, chosen


def _without(example: Example, found: Sequence[str], random_: random.Random) -> str | None:
    """Return one of the best passages found that is not the example's own and does not hold its answer."""
    answers = [answer.casefold() for answer in example.answers]
    fits = [text for text in found if not _own(example, text) and not any(a in text.casefold() for a in answers)]
    return random_.choice(fits[:_TAKEN_FROM_TOP]) if fits else None


def _own(example: Example, text: str) -> bool:
    return example.passage[:80] in text or text[:80] in example.passage
