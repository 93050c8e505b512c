"""Split an article into passages: paragraphs, short ones joined, long ones cut between sentences."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.article import Passage
from corpus.sentences import paragraphs, sentences

Span = tuple[int, int]

_SPACE = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class SplitOptions:
    """Sizes of passages in characters.

    A passage under `min_characters` is joined with the next paragraph where both fit into `max_characters`, which
    no passage exceeds. Raises ValueError unless 0 <= min_characters <= max_characters and max_characters >= 40.
    """

    max_characters: int = 900
    min_characters: int = 200

    def __post_init__(self) -> None:
        if not 0 <= self.min_characters <= self.max_characters or self.max_characters < 40:
            raise ValueError(f"passages cannot have {self.min_characters} to {self.max_characters} characters")


def split(article_text: str, *, options: SplitOptions = SplitOptions()) -> list[Passage]:
    """Return the passages of the text in order: they do not overlap, and every word is in one of them."""
    pieces = (piece for span in paragraphs(article_text) for piece in _cut(article_text, span, options))
    return [Passage(start, end, article_text[start:end]) for start, end in _join(article_text, pieces, options)]


def _join(text: str, pieces: Iterator[Span], options: SplitOptions) -> Iterator[Span]:
    """Yield the pieces, each short one joined to its neighbours."""
    held: Span | None = None
    for start, end in pieces:
        if held is None:
            held = (start, end)
        elif end - held[0] <= options.max_characters and (
            held[1] - held[0] < options.min_characters or end - start < options.min_characters // 4
        ):
            held = (held[0], end)
        else:
            yield held
            held = (start, end)
    if held is not None:
        yield held


def _cut(text: str, span: Span, options: SplitOptions) -> Iterator[Span]:
    """Yield the paragraph, or where it is too long runs of its sentences of about equal length."""
    start, end = span
    if end - start <= options.max_characters:
        yield span
        return
    parts = -(-(end - start) // options.max_characters)
    wanted = (end - start) / parts
    held: Span | None = None
    for sentence in sentences(text, start, end):
        for a, b in _hard_cut(text, sentence, options.max_characters):
            if held is None:
                held = (a, b)
            elif b - held[0] <= options.max_characters and held[1] - held[0] < wanted * 0.8:
                held = (held[0], b)
            else:
                yield held
                held = (a, b)
    if held is not None:
        yield held


def _hard_cut(text: str, span: Span, limit: int) -> Iterator[Span]:
    """Yield the sentence, or pieces of at most `limit` characters cut at white space where there is any."""
    start, end = span
    while end - start > limit:
        cut = max(
            (m.start() for m in _SPACE.finditer(text, start + limit // 2, start + limit + 1)), default=start + limit
        )
        while text[cut - 1].isspace():
            cut -= 1
        yield start, cut
        start = cut
        while text[start].isspace():
            start += 1
    yield start, end
