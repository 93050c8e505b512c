"""Splitting articles into passages: paragraphs, with short ones joined and long ones cut between sentences."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.article import Passage
from corpus.sentences import paragraphs, sentences

# Estimated maximum of word pieces in a passage. The model reads 256: the difference leaves room for its two marks, a
# title before the passage, and errors of the estimate.
_MOST_PIECES = 230
_MOST_CHARACTERS, _FEWEST_CHARACTERS = 900, 400
_WORD_LENGTH = 14  # longer words are in no vocabulary
_ATOM = re.compile(r"[A-Za-zÀ-ɏ]+|\d+|[^\sA-Za-zÀ-ɏ\d]")
_OPENS, _CLOSES, _STRAIGHT = "“«„", "”»", '"'


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of the text and its estimated number of word pieces."""

    start: int
    end: int
    pieces: int

    def __add__(self, following: "_Piece") -> "_Piece":
        return _Piece(self.start, following.end, self.pieces + following.pieces)

    def fits(self, most: int) -> bool:
        return self.end - self.start <= most and self.pieces <= _MOST_PIECES

    def is_short(self, fewest: int) -> bool:
        return self.end - self.start < fewest


def split(article_text: str, *, most: int = _MOST_CHARACTERS, fewest: int = _FEWEST_CHARACTERS) -> list[Passage]:
    """Return the passages in order. They do not overlap, and every word is in one of them.

    No passage has more than `most` characters, at least 40. One with less than `fewest` is joined with a neighbour if
    both fit. Aims at 256 word pieces at most. Their number is estimated: the tokenizer is not known here.
    """
    pieces = (piece for start, end in paragraphs(article_text) for piece in _cut(article_text, start, end, most))
    joined = _join(pieces, most, fewest)
    return [Passage(p.start, p.end, article_text[p.start : p.end]) for p in joined]


def _join(pieces: Iterator[_Piece], most: int, fewest: int) -> Iterator[_Piece]:
    """Yield the pieces. A short one is joined to the next, the last one to the one before."""
    held: list[_Piece] = []  # at most two: the last complete one, and one that is still short
    for piece in pieces:
        if held and held[-1].is_short(fewest) and (both := held[-1] + piece).fits(most):
            held[-1] = both
            continue
        if len(held) == 2:
            yield held.pop(0)
        held.append(piece)
    if len(held) == 2 and held[1].is_short(fewest) and (both := held[0] + held[1]).fits(most):
        held = [both]
    yield from held


def _cut(text: str, start: int, end: int, most: int) -> Iterator[_Piece]:
    """Yield the paragraph. One that is too long is cut between sentences into parts of about equal length."""
    whole = _piece(text, start, end)
    if whole.fits(most):
        yield whole
        return
    parts = max(-(-(end - start) // most), -(-whole.pieces // _MOST_PIECES))
    wanted = (end - start) / parts
    held: _Piece | None = None
    for unit in _units(text, start, end, most):
        both = held + unit if held else unit
        if held and ((held.end + unit.end) / 2 - held.start > wanted or not both.fits(most)):
            yield held
            held = unit
        else:
            held = both
    if held:
        yield held


def _units(text: str, start: int, end: int, most: int) -> Iterator[_Piece]:
    """Yield the sentences of a paragraph. Those of one quotation stay together if they fit; long ones are cut."""
    quoted: list[_Piece] = []
    for a, b in sentences(text, start, end):
        parts = list(_hard_cut(text, a, b, most))
        if quoted and len(parts) == 1 and _sum([*quoted, *parts]).fits(most):
            quoted += parts
        else:
            yield from quoted
            quoted = parts
        said = text[quoted[0].start : b]
        if sum(map(said.count, _OPENS)) <= sum(map(said.count, _CLOSES)) and said.count(_STRAIGHT) % 2 == 0:
            yield from [_sum(quoted)] if _sum(quoted).fits(most) else quoted
            quoted = []
    yield from quoted


def _sum(pieces: list[_Piece]) -> _Piece:
    return _Piece(pieces[0].start, pieces[-1].end, sum(piece.pieces for piece in pieces))


def _hard_cut(text: str, start: int, end: int, most: int) -> Iterator[_Piece]:
    """Yield the sentence, or parts that fit. Parts are cut at white space in their second half, if there is any."""
    while not (piece := _piece(text, start, min(end, start + most + 1))).fits(most) or (piece.end < end):
        limit = _limit(text, start, min(end, start + most))
        half = start + (limit - start) // 2
        cut = next((place for place in range(limit, half - 1, -1) if text[place].isspace()), limit)
        yield _piece(text, start, start + len(text[start:cut].rstrip()))
        start = cut
        while text[start].isspace():
            start += 1
    yield piece


def _limit(text: str, start: int, end: int) -> int:
    """Return the end of a part that begins at `start`: at most `end`, and no more word pieces than fit."""
    pieces = 0
    for atom in _ATOM.finditer(text, start, end):
        pieces += _pieces(atom[0])
        if pieces > _MOST_PIECES:
            return max(atom.start(), start + _MOST_PIECES)  # no character has more than one
    return end


def _piece(text: str, start: int, end: int) -> _Piece:
    return _Piece(start, end, sum(map(_pieces, _ATOM.findall(text, start, end))))


def _pieces(atom: str) -> int:
    """Estimate the word pieces of a word, a number or another character. On news this errs on the high side."""
    length = len(atom)
    if length > _WORD_LENGTH:
        return length // 3
    if atom[0].isdecimal():
        return (length + 1) // 2
    return 1 + (length >= (6 if atom[0].isupper() else 10))  # fewer names are in the vocabulary
