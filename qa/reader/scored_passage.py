"""From word pieces to the characters of a passage: what the network saw, and the spans found in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from tokenizers import Encoding

from embeddings.encoder.openvino_network import FloatArray
from qa.reader.calibration import Evidence
from qa.reader.input import PassageInput
from qa.reader.protocol import ReadPassage
from qa.reader.spans import PieceScores, PieceSpan


@dataclass(frozen=True, slots=True)
class ScoredSpan:
    """A span of a passage, `[start, end)` in its code points, with what speaks for it.

    item: it was marked as one of several answers, not as the answer.
    """

    passage: int
    start: int
    end: int
    evidence: Evidence
    item: bool = False


@dataclass(frozen=True, slots=True)
class ScoredPassage:
    """A passage as the network saw it. first: the word piece at which the passage begins."""

    given: PassageInput
    encoding: Encoding
    first: int
    scores: PieceScores


@dataclass(frozen=True, slots=True)
class PassageSpans:
    """Turns spans in word pieces of one passage into spans in characters, with their evidence."""

    number: int
    passage: ReadPassage
    scored: ScoredPassage

    def of(self, spans: Sequence[PieceSpan], *, item: bool = False) -> list[ScoredSpan]:
        """Return those of the spans that have characters, whole words each."""
        found: list[ScoredSpan] = []
        given, offsets = self.scored.given, self.scored.encoding.offsets
        for span in spans:
            first, last = _whole_words(self.scored, span)
            start, end = given.back(offsets[first][0]), given.back(offsets[last][1])
            end = _closed(self.passage.text, start, end)
            words = any(map(str.isalnum, self.passage.text[start:end]))
            if words and not any(start < other.end and other.start < end for other in found):
                evidence = evidence_of(self.passage, self.scored.scores, span)
                found.append(ScoredSpan(self.number, start, end, evidence, item))
        return found


def evidence_of(passage: ReadPassage, scores: PieceScores, span: PieceSpan) -> Evidence:
    """Return what speaks for a span of the passage."""
    return Evidence(
        span.log_probability, span.margin, scores.holds or 0.0, span.inside, passage.score_gap, passage.start
    )


def _closed(text: str, start: int, end: int) -> int:
    """Return the end of a span, one character later where that closes a bracket or quotation that it opens."""
    closes = {")": "(", "]": "[", "”": "“", "’": "‘", '"': '"'}
    opener = closes.get(text[end : end + 1])
    inside = text[start:end]
    if opener is None or opener not in inside:
        return end
    is_open = inside.count('"') % 2 == 1 if opener == '"' else inside.count(opener) > inside.count(text[end])
    return end + 1 if is_open else end


def _whole_words(scored: ScoredPassage, span: PieceSpan) -> tuple[int, int]:
    """Return the word pieces of the whole encoding that the span's words consist of."""
    words = scored.encoding.word_ids
    first, last = span.first + scored.first, span.last + scored.first
    while first > scored.first and words[first - 1] == words[first]:
        first -= 1
    while last + 1 < len(words) and words[last + 1] is not None and words[last + 1] == words[last]:
        last += 1
    return first, last


def pieces_of(scored: ScoredPassage, start: int, end: int) -> list[int]:
    """Return the passage's word pieces that lie in its characters `[start, end)`, counted from its first."""
    offsets = scored.encoding.offsets[scored.first : scored.first + len(scored.scores.start)]
    places = [(scored.given.back(s), scored.given.back(e)) for s, e in offsets]
    return [n for n, (s, e) in enumerate(places) if s < end and start < e]


def piece_scores(tensors: tuple[FloatArray, ...], row: int, first: int, stop: int) -> PieceScores:
    """Return the scores of one row of the network's outputs, for the word pieces `[first, stop)` of the passage."""
    start, end, *more = (tensor[row] for tensor in tensors)
    inside, holds, several = more if more else (None, None, None)
    return PieceScores(
        start[first:stop],
        end[first:stop],
        None if inside is None else inside[first:stop],
        float(start[0] + end[0]),
        None if holds is None else float(holds),
        None if several is None else float(several),
    )
