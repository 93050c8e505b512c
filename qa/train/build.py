"""The training examples: every kind of question and passage that the reader will meet, from the reading sets."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from corpus.passages import split
from embeddings.encoder.encoder import Encoder
from qa.train.data import Example, Row, TrainingSet
from qa.train.negatives import found_by_words, mined_by_vectors, mined_by_words, misasked, without_answer, wrong_role
from qa.train.news import news_questions

ENCODED = 12_000  # passages of the pool that get vectors: minutes on a processor
NEWS_SEARCHED = 1_500
"""Articles of unlabelled news whose longer passages join the pool."""
_LONG_ENOUGH = 200
_ASKED_AGAIN = 3
WINDOW = 900
"""Longest passage, in characters, that is used whole: the library's passages are no longer."""


@dataclass(frozen=True, slots=True)
class Mix:
    """How many examples are made of each kind; of all but `several` and `news`, the passage answers none.

    misasked, found: for a teacher to label.
    """

    answer_removed: int = 9_000
    other_role: int = 8_000
    mined_by_words: int = 11_000
    mined_by_vectors: int = 5_000
    several: int = 1_500
    news: int = 12_000
    misasked: int = 0
    found: int = 0


def build(
    rows: Mapping[TrainingSet, Sequence[Row]],
    encoder: Encoder,
    *,
    mix: Mix,
    random_: random.Random,
    news: Sequence[str] = (),
) -> list[Example]:
    """Return the examples in random order.

    news: texts of unlabelled articles, of which questions are asked by rule; among the passages of some of them those
    that do not answer the other questions are sought too.
    """
    answered: list[Example] = []
    minable: list[Example] = []
    examples: list[Example] = []
    for each, own in rows.items():
        made = [_example(row, each, random_) for row in own]
        examples += made
        with_answer = [example for example in made if example.spans]
        answered += with_answer
        minable += with_answer if each.mined else []
    more = [p.text for text in news[:NEWS_SEARCHED] for p in split(text) if len(p.text) > _LONG_ENOUGH]
    pool = sorted({part for own in rows.values() for row in own for part in _windows(row.context)} | {*more})
    examples += _sample(filter(None, map(without_answer, _shuffled(minable, random_))), mix.answer_removed)
    swapped = (wrong_role(example, random_) for example in _shuffled(minable, random_))
    examples += _sample(filter(None, swapped), mix.other_role)
    asked_again = (example for _ in range(_ASKED_AGAIN) for example in _shuffled(minable, random_))
    changed = (misasked(example, random_.choice(minable).passage, random_) for example in asked_again)
    examples += _sample(filter(None, changed), mix.misasked)
    by_words = mined_by_words(_shuffled(minable, random_)[: mix.mined_by_words], pool, random_)
    examples += [Example(e.question, passage, (), "mined by words") for e, passage in by_words]
    some = random_.sample(pool, min(ENCODED, len(pool)))
    by_vectors = mined_by_vectors(_shuffled(minable, random_)[: mix.mined_by_vectors], some, encoder, random_)
    examples += [Example(e.question, passage, (), "mined by vectors") for e, passage in by_vectors]
    if mix.found:
        examples += _sample(found_by_words(_shuffled(minable, random_), pool, random_), mix.found)
    examples += _several(rows, mix.several, random_)
    examples += news_questions(news, mix.news, random_)
    random_.shuffle(examples)
    return examples


def counted(examples: Iterable[Example]) -> dict[str, int]:
    """Return how many examples come from each source, most first."""
    return dict(Counter(example.source for example in examples).most_common())


def _example(row: Row, each: TrainingSet, random_: random.Random) -> Example:
    """Return a row as an example; of several people's marks one is drawn, more often the more of them agree."""
    if each.several:
        return Example(row.question, row.context, _apart(row.answers), row.source)
    spans = (random_.choice(row.answers),) if row.answers else ()
    return Example(row.question, row.context, spans, row.source)


def _apart(spans: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return the spans that do not overlap an earlier one, in order."""
    apart: list[tuple[int, int]] = []
    for start, end in sorted(set(spans)):
        if not apart or start >= apart[-1][1]:
            apart.append((start, end))
    return tuple(apart)


def _several(rows: Mapping[TrainingSet, Sequence[Row]], most: int, random_: random.Random) -> Iterator[Example]:
    """Give passages that hold two answers: a paragraph together with its counterfactual twin, shortened."""
    originals = {
        row.question: row for each, own in rows.items() if each.name == "nq_oracle" for row in own if row.answers
    }
    twins = [row for each, own in rows.items() if each.name == "nq_swap_counterfactual" for row in own if row.answers]
    for twin in random_.sample(twins, min(most, len(twins))):
        original = originals.get(twin.question)
        if original is None:
            continue
        one, two = (_near(Example(r.question, r.context, (r.answers[0],), "")) for r in (original, twin))
        if one.answers != two.answers:
            shift = len(one.passage) + 1
            spans = (*one.spans, *((s + shift, e + shift) for s, e in two.spans))
            yield Example(one.question, f"{one.passage}\n{two.passage}", spans, "two answers")


def _near(example: Example) -> Example:
    """Return the about 350 characters around the only span of an example."""
    start, end = example.spans[0]
    begin = max(example.passage.rfind(". ", 0, start) + 1, start - 200)
    finish = example.passage.find(". ", end)
    finish = min(len(example.passage) if finish < 0 else finish + 1, end + 200)
    return replace(example, passage=example.passage[begin:finish], spans=((start - begin, end - begin),))


def _windows(text: str) -> list[str]:
    """Return a text in parts of at most `WINDOW` characters."""
    if len(text) <= WINDOW:
        return [text]
    parts, at = [], 0
    while at < len(text):
        end = text.rfind(". ", at + 300, at + WINDOW)
        end = at + WINDOW if end < 0 or at + WINDOW >= len(text) else end + 1
        parts.append(text[at:end].strip())
        at = end
    return [part for part in parts if part]


def _shuffled(examples: Sequence[Example], random_: random.Random) -> list[Example]:
    return random_.sample(examples, len(examples))


def _sample(examples: Iterable[Example], most: int) -> list[Example]:
    return [example for example, _ in zip(examples, range(most), strict=False)]
