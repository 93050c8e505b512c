"""The reader that was trained to read: a network scores every passage and the places in it that answer."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Encoding, Tokenizer

from corpus.sentences import sentences
from embeddings.encoder.batches import clean
from embeddings.encoder.openvino_network import FloatArray, IntArray, usable_cores
from embeddings.encoder.precision import Precision
from qa.question.answer_type import asked_for
from qa.reader.calibration import MEASURES, Calibration, Evidence
from qa.reader.dates import noted
from qa.reader.day_readings import day_readings
from qa.reader.features import QuestionSigns
from qa.reader.model import DEFAULT_READER, ReaderModel, open_reader_model
from qa.reader.protocol import Read, Reading, ReadPassage
from qa.reader.relevance import Relevance
from qa.reader.sentences import SpanPlace, sentence_places
from qa.reader.spans import PassageScores, passage_scores

SPANS_A_PASSAGE = 5
SPANS_FOR_SENTENCES = 12
"""Of a passage, so that nearly every sentence of it has one."""
OWN = Calibration(
    0.034,
    (0.382, 0.063, 0.321, 0.413, -0.391, -0.552, 0.267, 0.209, -0.527, 0.085),
    0.28,
    sentence=(-2.988, 0.436, -1.227, 1.094, 4.363, 1.136),
    any_found=(-1.539, 0.0, 0.0, 0.0, 0.0, 0.343, 0.247, 0.35, 0.0, 1.005, 1.209, 0.137, 0.0, 0.0),
    any_given=(-0.656, 0.0, 2.089, -1.05, -0.169, 0.029, 0.152, 0.0, -0.074, 0.0, 0.084, 0.0, -1.382, 0.144),
    answered_from=0.6,
)
"""Citewire's own reader, fitted by `benchmarks/calibrate_reader.py`; docs/reader.md states the trade-off."""
OTHERS = Calibration(0.0, (0.3, 0.5, *[0.0] * (MEASURES - 2)), 0.5)
"""Readers that are named: from the odds of the best span against "no answer", which nobody has calibrated."""

_QUESTION_WORDS = 64
_BATCHES_A_CORE = 2


@dataclass(frozen=True, slots=True)
class ScoredSpan:
    """A span of a passage, `[start, end)` in its code points, with all that speaks for it."""

    passage: int
    start: int
    end: int
    evidence: Evidence


class NetworkReader:
    """Reads with a trained network. Safe to call from many threads."""

    def __init__(self, model: ReaderModel, calibration: Calibration) -> None:
        self._model = model
        self._calibration = calibration
        self._tokenizer = Tokenizer.from_str(model.tokenizer)
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(model.max_length, strategy="only_second")
        self.name = model.name

    @property
    def threshold(self) -> float:
        """The confidence from which a reading counts as an answer beside the best one."""
        return self._calibration.threshold

    @property
    def answered_from(self) -> float:
        """The probability that any passage answers from which the question is answered."""
        return self._calibration.answered_from

    def is_word(self, word: str) -> bool:
        """Return whether the network knows the word as one piece, as it knows the most common 20,000 or so."""
        return len(self._tokenizer.encode(f" {word}", add_special_tokens=False).ids) == 1

    def read(self, question: str, passages: Sequence[ReadPassage], relevance: Relevance) -> Read:
        """Return the readings of all passages, and whether they answer; offsets count within each passage's text."""
        calibration = self._calibration
        of_a_day: list[Reading] = []
        if asked_for(question).sentence:
            spans = self.spans(question, passages, most=SPANS_FOR_SENTENCES)
            readings = [
                Reading(p.passage, p.start, p.end, calibration.of_sentence(p.measures), "sentence", key=p.key)
                for p in self.places(spans, passages, relevance)
            ]
            of_a_day = day_readings(question, passages)
        else:
            spans = self.spans(question, passages)
            bounds = [[start for start, _ in sentences(passage.text)] for passage in passages]
            readings = [
                Reading(span.passage, span.start, span.end, calibration.confidence(span.evidence), "short")
                for span in spans
                if not any(span.start < start < span.end for start in bounds[span.passage])
            ]
        any_answers = calibration.of_any([span.evidence.measures for span in best_of_each(spans)])
        return Read(
            tuple(sorted([*readings, *of_a_day], key=lambda reading: -reading.confidence)),
            answered=bool(of_a_day) or (bool(readings) and any_answers >= self.answered_from),
        )

    def places(
        self, spans: Sequence[ScoredSpan], passages: Sequence[ReadPassage], relevance: Relevance
    ) -> list[SpanPlace]:
        """Return the sentences that hold likely spans, each as sure as the best of them."""
        sure = self._calibration.confidence
        places = [SpanPlace(s.passage, s.start, s.end, sure(s.evidence), s.evidence.signs) for s in spans]
        return sentence_places(places, passages, relevance)

    def spans(self, question: str, passages: Sequence[ReadPassage], *, most: int = SPANS_A_PASSAGE) -> list[ScoredSpan]:
        """Return the likeliest spans of every passage, at most so many of each, not yet weighed against each other."""
        if not passages:
            return []
        asked = " ".join(clean(question).split()[:_QUESTION_WORDS])
        texts = [noted(passage.text, passage.days) for passage in passages]
        encodings = self._tokenizer.encode_batch([(asked, clean(each.text)) for each in texts])
        scored = self._scores(encodings, most)
        words = QuestionSigns(question)
        found: list[ScoredSpan] = []
        for number, (encoding, scores, passage) in enumerate(zip(encodings, scored, passages, strict=True)):
            signs = words.passage(passage.title, passage.text)
            bounds = sentences(passage.text)
            for rank, span in enumerate(scores.spans):
                start = texts[number].back(encoding.offsets[span.first][0])
                end = texts[number].back(encoding.offsets[span.last][1])
                if start < end and words.may_answer(passage.text[start:end]):
                    evidence = Evidence(
                        log_probability=span.log_probability,
                        margin=scores.margin if rank == 0 else scores.margin + _below(scores, rank),
                        holds=scores.holds,
                        behind=passage.behind,
                        start=passage.start,
                        signs=signs.of(passage.text[start:end], _around(passage.text, bounds, start, end)),
                    )
                    found.append(ScoredSpan(number, start, end, evidence))
        return found

    def _scores(self, encodings: Sequence[Encoding], most: int) -> list[PassageScores]:
        """Run the network on all pairs, in batches of like lengths that keep every core busy."""
        order = sorted(range(len(encodings)), key=lambda n: -len(encodings[n].ids))
        outputs: dict[int, tuple[tuple[FloatArray, ...], int]] = {}
        total = sum(len(encoding.ids) for encoding in encodings)
        share = max(256, math.ceil(total / (_BATCHES_A_CORE * usable_cores())))
        groups: list[list[int]] = [[]]
        for n in order:
            if groups[-1] and len(encodings[groups[-1][0]].ids) * (len(groups[-1]) + 1) > share * 1.1:
                groups.append([])
            groups[-1].append(n)

        def take(group: list[int], tensors: tuple[FloatArray, ...]) -> None:
            for row, n in enumerate(group):
                outputs[n] = tensors, row

        if len(groups) == 1:
            take(groups[0], self._model.network.run_one(self._inputs(groups[0], encodings)))
        else:
            self._model.network.run(((self._inputs(group, encodings), group) for group in groups), take)
        return [_passage_scores(encodings[n], *outputs[n], most) for n in range(len(encodings))]

    def _inputs(self, group: Sequence[int], encodings: Sequence[Encoding]) -> dict[str, IntArray]:
        shape = len(group), max(len(encodings[n].ids) for n in group)
        arrays = {name: np.zeros(shape, dtype=np.int64) for name in self._model.inputs}
        arrays["input_ids"][:] = self._model.pad_id
        for row, n in enumerate(group):
            encoding, length = encodings[n], len(encodings[n].ids)
            arrays["input_ids"][row, :length] = encoding.ids
            arrays["attention_mask"][row, :length] = 1
            if "token_type_ids" in arrays:
                arrays["token_type_ids"][row, :length] = encoding.type_ids
        return arrays


def best_of_each(spans: Sequence[ScoredSpan]) -> list[ScoredSpan]:
    """Return the first span of each passage, the network's best there."""
    best: dict[int, ScoredSpan] = {}
    for span in spans:
        best.setdefault(span.passage, span)
    return list(best.values())


def open_reader(
    name: str = DEFAULT_READER, *, precision: Precision = "auto", cache: Path | None = None
) -> NetworkReader:
    """Open Citewire's own reader, or any extractive question-answering model by its name on the hub or its folder.

    Raises ModelError.
    """
    model = open_reader_model(name, precision=precision, cache=cache)
    return NetworkReader(model, OWN if model.has_holds else OTHERS)


def _passage_scores(encoding: Encoding, tensors: tuple[FloatArray, ...], row: int, most: int) -> PassageScores:
    pieces = [n for n, sequence in enumerate(encoding.sequence_ids) if sequence == 1]
    if not pieces:  # the question alone fills the network
        return PassageScores((), -math.inf, None)
    return passage_scores(
        tensors[0][row],
        tensors[1][row],
        first=pieces[0],
        last=pieces[-1],
        holds=float(tensors[2][row]) if len(tensors) > 2 else None,
        most=most,
    )


def _around(text: str, bounds: Sequence[tuple[int, int]], start: int, end: int) -> str:
    """Return the sentences that a span touches."""
    touched = [(s, e) for s, e in bounds if s < end and start < e]
    return text[touched[0][0] : touched[-1][1]] if touched else text[start:end]


def _below(scores: PassageScores, rank: int) -> float:
    return scores.spans[rank].log_probability - scores.spans[0].log_probability
