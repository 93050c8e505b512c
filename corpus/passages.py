"""Splitting articles into passages: paragraphs, with short ones joined and long ones cut between sentences."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.article import Passage
from corpus.sentences import paragraphs, sentences

# Estimated word pieces of a passage. The model reads 256: the difference leaves room for its two marks, a title before
# the passage, and errors of the estimate.
_MAX_PIECES = 230
_MAX_CHARACTERS, _MIN_CHARACTERS = 900, 400
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

    def fits(self, max_chars: int) -> bool:
        return self.end - self.start <= max_chars and self.pieces <= _MAX_PIECES

    def is_short(self, min_chars: int) -> bool:
        return self.end - self.start < min_chars


def split(article_text: str, *, max_chars: int = _MAX_CHARACTERS, min_chars: int = _MIN_CHARACTERS) -> list[Passage]:
    """Return the passages in order. They do not overlap, and every word is in one of them.

    max_chars: most characters of a passage, at least 40. min_chars: one with less is joined with a neighbour if both
    fit. Aims at 256 word pieces at most. Their number is estimated: the tokenizer is not known here.
    """
    pieces = (piece for start, end in paragraphs(article_text) for piece in _cut(article_text, start, end, max_chars))
    joined = _join(pieces, max_chars, min_chars)
    return [Passage(p.start, p.end, article_text[p.start : p.end]) for p in joined]


def _join(pieces: Iterator[_Piece], max_chars: int, min_chars: int) -> Iterator[_Piece]:
    """Yield the pieces. A short one is joined to the next, the last one to the one before."""
    held: list[_Piece] = []  # at most two: the last complete one, and one that is still short
    for piece in pieces:
        if held and held[-1].is_short(min_chars) and (both := held[-1] + piece).fits(max_chars):
            held[-1] = both
            continue
        if len(held) == 2:
            yield held.pop(0)
        held.append(piece)
    if len(held) == 2 and held[1].is_short(min_chars) and (both := held[0] + held[1]).fits(max_chars):
        held = [both]
    yield from held


def _cut(text: str, start: int, end: int, max_chars: int) -> Iterator[_Piece]:
    """Yield the paragraph. One that is too long is cut between sentences into parts of about equal length."""
    whole = _piece(text, start, end)
    if whole.fits(max_chars):
        yield whole
        return
    parts = max(-(-(end - start) // max_chars), -(-whole.pieces // _MAX_PIECES))
    wanted = (end - start) / parts
    held: _Piece | None = None
    for unit in _units(text, start, end, max_chars):
        both = held + unit if held else unit
        if held and ((held.end + unit.end) / 2 - held.start > wanted or not both.fits(max_chars)):
            yield held
            held = unit
        else:
            held = both
    if held:
        yield held


def _units(text: str, start: int, end: int, max_chars: int) -> Iterator[_Piece]:
    """Yield the sentences of a paragraph. Those of one quotation stay together if they fit; long ones are cut."""
    quoted: list[_Piece] = []
    for a, b in sentences(text, start, end):
        parts = list(_hard_cut(text, a, b, max_chars))
        if quoted and len(parts) == 1 and _sum([*quoted, *parts]).fits(max_chars):
            quoted += parts
        else:
            yield from quoted
            quoted = parts
        words = text[quoted[0].start : b]
        if sum(map(words.count, _OPENS)) <= sum(map(words.count, _CLOSES)) and words.count(_STRAIGHT) % 2 == 0:
            yield from [_sum(quoted)] if _sum(quoted).fits(max_chars) else quoted
            quoted = []
    yield from quoted


def _sum(pieces: list[_Piece]) -> _Piece:
    return _Piece(pieces[0].start, pieces[-1].end, sum(piece.pieces for piece in pieces))


def _hard_cut(text: str, start: int, end: int, max_chars: int) -> Iterator[_Piece]:
    """Yield the sentence, or parts that fit. Parts are cut at white space in their second half, if there is any."""
    while not (piece := _piece(text, start, min(end, start + max_chars + 1))).fits(max_chars) or (piece.end < end):
        limit = _limit(text, start, min(end, start + max_chars))
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
        if pieces > _MAX_PIECES:
            return max(atom.start(), start + _MAX_PIECES)  # no character has more than one
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
