"""The built-in reader: a network scores every passage and the words in it that answer."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean

from tokenizers import Encoding, Tokenizer

from embeddings.encoder.openvino_network import FloatArray, IntArray, padded, usable_cores
from embeddings.encoder.precision import Precision, width_step
from qa.reader.calibration import Calibration
from qa.reader.input import passage_input, question_input
from qa.reader.model import DEFAULT_READER, LARGE_READER, ReaderModel, open_reader_model
from qa.reader.protocol import NOTHING_READ, UNCONTROLLED, Extraction, ReadControl, ReadPassage, ReadResult
from qa.reader.spans import (
    PieceScores,
    ScoredPassage,
    ScoredSpan,
    best_spans,
    falls_apart,
    in_characters,
    item_spans,
    mean_scores,
    piece_scores,
    pieces_of,
    span_features,
    span_of,
)

BUILT_IN = "built-in"
"""The name of Citewire's own reader."""
READ_AGAIN = 4
"""Passages that the large reader reads."""
SPANS_A_PASSAGE = 5
OWN = Calibration(
    span=(-0.464, 0.157, 0.173, 0.068, 0.123, 0.194, -0.166),
    found=(0.389, 0.162, -0.28, 0.08, 0.03, 0.474, 0.246, -0.386),
    given=(-0.415, 0.693, -0.338, -0.019, 0.292, 0.303, 0.0, -0.476),
    answered_from=0.67,
    unsure_from=0.15,
    threshold=0.2,
)
"""Citewire's own reader, fitted by `benchmarks/calibrate_reader.py`; docs/reader.md states the trade-off."""
LARGE = Calibration(
    span=(-0.157, 0.173, 0.14, 0.09, 0.218, 0.096, -0.082),
    found=(0.951, 0.413, -0.74, 0.279, -0.117, 0.428, 0.2, -0.099),
    given=(-0.247, 1.035, 0.048, -0.101, 0.301, 0.017, 0.0, -0.767),
    answered_from=0.75,
    unsure_from=0.28,
    threshold=0.2,
)
"""The large reader, fitted in the same way."""
OTHERS = Calibration(
    span=(0.0, 0.3, 0.5, 0.0, 0.0, 0.0, 0.0),
    found=(0.0, 1.0, *[0.0] * 6),
    given=(0.0, 1.0, *[0.0] * 6),
    answered_from=0.5,
    unsure_from=0.25,
    threshold=0.5,
)
"""Other models. Nobody has calibrated them: the odds of the best span against "no answer" decide."""

Outputs = dict[int, tuple[tuple[FloatArray, ...], int]]
"""For each pair of question and passage, the tensors of its batch and its row in them."""

_BATCHES_A_CORE = 2
_ASKED_OF = 3  # the passages likeliest to answer tell best whether several things are asked for
_SEVERAL_FROM = -0.85  # the logit of .3
_PARTED_FROM = -2.94  # the logit of .05
"""Logits from which a question asks for several things: alone, and where the likeliest answer falls apart into items.

Of 151 questions for one thing, one reaches the first, and one more the second; docs/reader.md has more on lists.
"""


class NetworkReader:
    """Reads with a trained network. Safe to call from many threads."""

    reads_timelines = False
    english_only = True  # it was trained on nothing else
    notice = None  # nothing leaves this program

    def __init__(self, model: ReaderModel, calibration: Calibration) -> None:
        self._model = model
        self.calibration = calibration
        self._tokenizer = Tokenizer.from_str(model.tokenizer)
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(model.max_length, strategy="only_second")
        self.name = BUILT_IN if model.name == DEFAULT_READER else model.name

    @property
    def threshold(self) -> float:
        """The confidence from which a further extraction counts as an answer beside the best one."""
        return self.calibration.threshold

    def is_word(self, word: str) -> bool:
        """Return whether the network knows the word as one piece, as it knows the most common 20,000 or so."""
        return len(self._tokenizer.encode(f" {word}", add_special_tokens=False).ids) == 1

    def read(self, question: str, passages: Sequence[ReadPassage], control: ReadControl = UNCONTROLLED) -> ReadResult:
        """Return the extractions of all passages and the status; offsets count within each passage's text.

        Raises QuestionCancelled between two batches of passages once nobody waits any more.
        """
        spans, several = self.spans(question, passages, control)
        if not spans:
            return replace(NOTHING_READ, reader=self.name)
        scored = [(span, self.calibration.confidence(span.features)) for span in spans]
        best_of_each = {span.passage: span.features for span in reversed(spans)}  # a passage's best span comes first
        probability = self.calibration.of_question(list(best_of_each.values()))
        best = max(confidence for span, confidence in scored if not span.item)
        extractions = [
            Extraction(span.passage, span.start, span.end, min(1.0, probability * confidence / best))
            for span, confidence in scored
            if span.item is several
        ]
        return ReadResult(
            tuple(sorted(extractions, key=lambda each: -each.confidence)),
            self.calibration.status(probability),
            several=several,
            reader=self.name,
            answered_from=self.calibration.answered_from,
        )

    def spans(
        self, question: str, passages: Sequence[ReadPassage], control: ReadControl = UNCONTROLLED
    ) -> tuple[list[ScoredSpan], bool]:
        """Return the likeliest spans of every passage, best first in each, and whether several things are asked for.

        If so, the items of lists follow in each passage; where it has none, its best span counts as one.
        """
        scored = self._scored(question, passages, control)
        several = self._several([each.scores for each in scored.values()])
        found: list[ScoredSpan] = []
        for number, each in scored.items():
            found += in_characters(best_spans(each.scores, most=SPANS_A_PASSAGE), number, passages[number], each)
            if several:
                items = item_spans(each.scores) or best_spans(each.scores, most=1)
                found += in_characters(items, number, passages[number], each, item=True)
        return found, several

    def score_spans(
        self, question: str, passages: Sequence[ReadPassage], spans: Sequence[tuple[int, int, int]]
    ) -> list[float]:
        """Return the confidence in given spans: (passage, start, end), characters of its text. 0 for one not read."""
        scored = self._scored(question, passages)
        confidences: list[float] = []
        for number, start, end in spans:
            if number in scored and (pieces := pieces_of(scored[number], start, end)):
                scores = scored[number].scores
                span = span_of(scores, pieces[0], pieces[-1])
                confidences.append(self.calibration.confidence(span_features(passages[number], scores, span)))
            else:
                confidences.append(0.0)
        return confidences

    def _several(self, scores: Sequence[PieceScores]) -> bool:
        ranked = sorted(scores, key=lambda each: -each.holds)[:_ASKED_OF]
        likely = fmean([each.several for each in ranked]) if ranked else -math.inf
        return likely > _SEVERAL_FROM or (likely > _PARTED_FROM and falls_apart(ranked[0]))

    def _scored(
        self, question: str, passages: Sequence[ReadPassage], control: ReadControl = UNCONTROLLED
    ) -> dict[int, ScoredPassage]:
        """Return what the network makes of each passage that it can read beside the question."""
        given = [passage_input(passage) for passage in passages]
        pairs = [(question_input(question), each.text) for each in given]
        encodings = self._tokenizer.encode_batch(pairs) if pairs else []
        outputs = self._run(encodings, control)
        scored: dict[int, ScoredPassage] = {}
        for number, (each, encoding) in enumerate(zip(given, encodings, strict=True)):
            given_to = zip(encoding.offsets, encoding.sequence_ids, strict=True)
            pieces = [n for n, ((start, _), text) in enumerate(given_to) if text == 1 and start >= each.begin]
            if pieces:  # else question and heading alone fill the network
                first, stop = pieces[0], pieces[-1] + 1
                scored[number] = ScoredPassage(each, encoding, first, piece_scores(*outputs[number], first, stop))
        return scored

    def _run(self, encodings: Sequence[Encoding], control: ReadControl) -> Outputs:
        """Run the network on all pairs, in batches of like lengths that keep every core busy."""
        order = sorted(range(len(encodings)), key=lambda n: -len(encodings[n].ids))
        outputs: Outputs = {}
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

        def batches() -> Iterator[tuple[dict[str, IntArray], list[int]]]:
            for group in groups:
                control.raise_if_cancelled()
                yield self._inputs(group, encodings), group

        if len(groups) > 1:
            self._model.network.run(batches(), take)
        elif groups[0]:
            control.raise_if_cancelled()
            take(groups[0], self._model.network.run_one(self._inputs(groups[0], encodings)))
        return outputs

    def _inputs(self, group: Sequence[int], encodings: Sequence[Encoding]) -> dict[str, IntArray]:
        model = self._model
        rows = [encodings[n].ids for n in group]
        arrays = padded(rows, pad_id=model.pad_id, step=width_step(model.network.precision), limit=model.max_length)
        if "token_type_ids" in model.inputs:
            types = [encodings[n].type_ids for n in group]
            width = arrays["input_ids"].shape[1]
            arrays["token_type_ids"] = padded(types, pad_id=0, step=width)["input_ids"]
        return {name: arrays[name] for name in model.inputs}


class LargeReader(NetworkReader):
    """Reads the passages that the built-in reader thinks likeliest again, with a larger network.

    What both networks score counts alike: two that learned from the same labels err in different places.
    """

    def __init__(self, model: ReaderModel, calibration: Calibration, first: NetworkReader) -> None:
        super().__init__(model, calibration)
        self.first = first

    def is_word(self, word: str) -> bool:
        """Return whether the built-in reader's network knows the word as one piece."""
        return self.first.is_word(word)

    def _scored(
        self, question: str, passages: Sequence[ReadPassage], control: ReadControl = UNCONTROLLED
    ) -> dict[int, ScoredPassage]:
        """Return what both networks make of the few passages that are likeliest to answer."""
        first = self.first._scored(question, passages, control)

        def likelihood(number: int) -> float:
            spans = best_spans(first[number].scores, most=1)
            features = (span_features(passages[number], first[number].scores, span) for span in spans)
            return max(map(self.first.calibration.confidence, features), default=0.0)

        likely = sorted(first, key=likelihood, reverse=True)[:READ_AGAIN]
        again = super()._scored(question, [passages[n] for n in likely], control)
        return {
            likely[n]: replace(first[likely[n]], scores=mean_scores(first[likely[n]].scores, each.scores))
            for n, each in again.items()
        }


def open_reader(
    name: str = DEFAULT_READER, *, precision: Precision = "auto", cache: Path | None = None
) -> NetworkReader:
    """Open a reader: "citewire" (the built-in one), "large", or an extractive model of the hub or of a folder.

    Raises ModelError.
    """
    model = open_reader_model(name, precision=precision, cache=cache)
    if name == LARGE_READER:
        return LargeReader(model, LARGE, open_reader(precision=precision, cache=cache))
    return NetworkReader(model, OWN if model.is_own else OTHERS)
