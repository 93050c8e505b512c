"""Statements: quoted and reported words with the speaker that the text names.

This is a grammar of verbs of saying, without parsing: the verb, the name right before or after it, and the quotation or
clause with them. The outlet's own words belong to no statement.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from corpus.sentences import sentences
from corpus.speakers.attribution import Attribution, Sentence, attributions
from corpus.speakers.names import RECENT, Heard, Span, referent
from corpus.speakers.vocabulary import PRONOUNS, Quotation, quotations

_PARAGRAPH = re.compile(r"[^\n]+")
_NARRATED = re.compile(r"\b(?!Xx*\b)\w")
"""A word outside quotations. A sentence with one is more than a quotation."""
_BACK = 4
"""How many paragraphs before a range are read too, so that a quotation that began there keeps its speaker."""


@dataclass(frozen=True, slots=True)
class Statement:
    """Stated words, `text[start:end]`, and their speaker, `speaker == text[speaker_start:speaker_end]`.

    The words are those between the marks in direct speech, and the reporting clause in reported speech.
    """

    start: int
    end: int
    speaker: str
    speaker_start: int
    speaker_end: int
    voice: Literal["direct", "reported"]


def statements(text: str, *, start: int = 0, end: int | None = None) -> list[Statement]:
    """Return the statements with words in `text[start:end]`, in text order.

    Statements without a named speaker are left out. "He said" stands for the subject of the sentence before, or for the
    only speaker named in the same paragraph or the one before it.
    """
    stop = len(text) if end is None else min(end, len(text))
    found: list[Attribution] = []
    heard = Heard()
    for paragraph in _paragraphs(text, start, stop):
        found += _read(text, paragraph, heard)
    found = [f for f in found if f.words[0] < stop and f.words[1] > start]
    return [
        Statement(*f.words, text[slice(*f.speaker)], *f.speaker, "direct" if f.quoted else "reported")
        for f in sorted(found, key=lambda f: f.words)
    ]


def _paragraphs(text: str, start: int, end: int) -> list[Span]:
    """Return the paragraphs that overlap the range, and a few before it."""
    spans = [match.span() for match in _PARAGRAPH.finditer(text)]
    first = next((number for number, span in enumerate(spans) if span[1] > start), len(spans))
    return [span for span in spans[max(0, first - _BACK) :] if span[0] < end]


def _read(text: str, paragraph: Span, heard: Heard) -> list[Attribution]:
    """Read one paragraph, and update `heard` for the next one."""
    quotes = quotations(text, *paragraph)
    masked = _masked(text, paragraph, quotes)
    shift = paragraph[0]
    local = [Quotation(q.start - shift, q.end - shift, q.closed) for q in quotes]
    body = text[paragraph[0] : paragraph[1]]
    starts = [q.start for q in local]
    read: list[Attribution] = []
    narrated: list[Span] = []
    for begin, finish in sentences(masked):
        if _NARRATED.search(masked, begin, finish):
            narrated.append((begin + shift, finish + shift))
        near = slice(max(0, bisect_left(starts, begin) - 1), bisect_left(starts, finish))
        sentence = Sentence(body, masked, begin, finish, local[near])
        for new in attributions(sentence) or _same_speaker(sentence, read):
            if all(new.words[0] >= r.words[1] or new.words[1] <= r.words[0] for r in read[-RECENT:]):
                read.append(new)
    read = [
        Attribution((a.words[0] + shift, a.words[1] + shift), (a.speaker[0] + shift, a.speaker[1] + shift), a.quoted)
        for a in read
    ]
    read = _with_names(text, narrated, read, heard)
    return _with_open_quotations(text, paragraph, quotes, read, heard)


def _masked(text: str, paragraph: Span, quotes: Sequence[Quotation]) -> str:
    """Return the paragraph with quoted words blanked out, except a final punctuation mark."""
    pieces, position = [], paragraph[0]
    for quote in quotes:
        mark = text[quote.end - 1] if text[quote.end - 1] in ",.?!…—–-" else ""
        length = quote.end - quote.start - len(mark)
        pieces += [text[position : quote.start], "X".ljust(length, "x")[:length], mark]
        position = quote.end
    return "".join([*pieces, text[position : paragraph[1]]])


def _same_speaker(sentence: Sentence, read: Sequence[Attribution]) -> list[Attribution]:
    """Attribute a sentence that is only a quotation to the speaker quoted just before it."""
    inside = [q for q in sentence.quotes if sentence.start <= q.start < sentence.end]
    if not inside or not read or sentence.start != inside[0].start - 1:
        return []
    if sentence.masked[inside[0].end + 1 : sentence.end].strip(" .!?"):
        return []
    words = slice(*read[-1].words)
    if not read[-1].quoted and not re.search('[“"‘]', sentence.masked[words]):
        return []
    between = sentence.masked[read[-1].words[1] : sentence.start]
    return [Attribution((inside[0].start, inside[0].end), read[-1].speaker, True)] if between.count(".") < 3 else []


def _with_names(text: str, narrated: Sequence[Span], read: list[Attribution], heard: Heard) -> list[Attribution]:
    """Replace "he" and "she" by names, and drop statements whose speaker stays unknown.

    narrated: the sentences of the paragraph that are more than a quotation, in order.
    """
    named: list[Span] = []
    found = []
    for attribution in read:
        if text[slice(*attribution.speaker)] not in PRONOUNS:
            found.append(attribution)
            named.append(attribution.speaker)
            continue
        earlier = [sentence for sentence in narrated if sentence[1] <= attribution.speaker[0]]
        name = referent(text, attribution.speaker, earlier[-1] if earlier else None, named, heard)
        if name:
            found.append(replace(attribution, speaker=name))
    heard.speakers = [a.speaker for a in found[-RECENT:]]
    heard.sentence = narrated[-1] if narrated else None
    return found


def _with_open_quotations(
    text: str, paragraph: Span, quotes: Sequence[Quotation], read: list[Attribution], heard: Heard
) -> list[Attribution]:
    """Join a quotation over several paragraphs: the first does not close it, the next opens it again."""
    speaker_of = {a.words: a.speaker for a in read if a.quoted}
    if quotes and quotes[0].start - 1 == paragraph[0]:
        words = (quotes[0].start, quotes[0].end)
        speaker = speaker_of.get(words)
        if speaker is None and heard.open_speaker is not None:
            speaker = heard.open_speaker
            read = [*read, Attribution(words, speaker, True)]
            heard.speakers = heard.speakers or [speaker]
        elif speaker is not None:
            read = [*read, *(Attribution(open_words, speaker, True) for open_words in heard.open_words)]
        speaker_of |= {words: speaker} if speaker else {}
    if quotes and not quotes[-1].closed:
        words = (quotes[-1].start, quotes[-1].end)
        heard.open_speaker = speaker_of.get(words) or (read[-1].speaker if read and read[-1].quoted else None)
        heard.open_words = [] if words in speaker_of else [words]
        if heard.open_speaker and words not in speaker_of:
            read = [*read, Attribution(words, heard.open_speaker, True)]
            heard.open_words = []
    else:
        heard.open_speaker, heard.open_words = None, []
    return read
