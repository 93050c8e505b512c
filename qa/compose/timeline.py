"""A timeline: one verbatim sentence a date, oldest first, from the passages found for a question.

A sentence tells of an event on a day when it names the day, or when it reports in the past tense at the head of an
article and names none: then the day of the article stands for it. What a sentence mentions on the way ("the record set
in March 1936", "since October") is background.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from corpus.dates.resolve import DayExpression, days_in_question, resolve_days
from corpus.dates.tense import PAST, is_future
from corpus.near_copies import is_reprint
from corpus.sentences import sentences
from embeddings.encoder.encoder import Encoder
from embeddings.library.search import Hit
from qa.compose.drafts import Draft, Place
from qa.disagreement.same_event import asked_stems, stems

MOST_LINES = 12
KEPT_SHARE = 0.45
"""Share of the best line's score that a line needs."""
LONGEST_DAYS = 31
OLDEST_DAYS = 366
"""Days before its article after which an event is background, unless the question asks about that time."""

_PENALTY = 0.1
"""Of a line whose day is its article's, is a span of days, or lies ahead."""
_LEAD_SENTENCES = 2
_MOST_WORDS = 60
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d+")
_COURSE_WORDS = stems(
    "happen happened happening unfold unfolded develop developed development developments timeline chronology course "
    "events event order sequence latest newest recent news so far step day hour night week story history recap give "
    "list show tell walk take through went go going progress progressed evolve evolved key dates moments change "
    "changed since next last then until".split()
)
_BACKGROUND = re.compile(
    r"(?i)\b(?:since|until|till|by|before|for|as of|record (?:set|of)|set in|not since|dating (?:back )?to|back in|"
    r"compared with|than|down from|up from|built|born|expire[sd]?|lapsed)(?:\s+(?:on|in|the|early|late|last))*\s*$"
)
_ATTRIBUTE = re.compile(r"['’]s?\s+[a-z]")
"""After a day that only tells which: "Monday's flood"."""
_NO_EVENT = re.compile(
    r"^\W*(?:C(?:ORRECTION|orrection|LARIFICATION|larification)S?|Editor[’']s note)\b|"
    r"^(?:[A-Z .]+[–—-]\s*)?For \w+ years\b"
)
_COURSE = re.compile(
    r"(?i)\b(?:time ?line|chronolog\w+|course of (?!action|treatment|study|antibiotics|the river)\w+|"
    r"(?:sequence|order) of events|(?:hour|day|week|month|blow) by (?:hour|day|week|month|blow)|"
    r"(?:key|important|main|major|latest|recent|newest) (?:events|dates|moments|developments|milestones|stages|turns)|"
    r"(?:latest|newest|most recent) (?:news |developments? |updates? )?(?:on|in|about|from|with|regarding|surrounding)|"
    r"story so far|recap|(?:walk|take|guide|lead) me through|series of events|how (?:the )?events|what events|"
    r"leading up to|led up to|leads? up to|run-?up to|history of (?:the )?(?:\w+ ){0,4}?(?:dispute|conflict|case|"
    r"strike|talks|affair|scandal|crisis|protests?|negotiations|war|investigation|trial|row|feud|story))\b"
)
_HOW = re.compile(
    r"(?i)\bhow (?:did|has|have|had|do|does|is|are|was|were)\b.*\b(?:unfold\w*|develop(?:ed|ing)?|evolv\w+|progress\w*|"
    r"play(?:ed|ing)? out|come about|came about|proceed\w*|go on|escalat\w+|(?:chang\w+|grow|grew|grown|spread)"
    r"(?= (?:over|during|from|since|through|throughout|in the (?:days|weeks|months))))\b|"
    r"\bhow (?:did|has|have) (?:the |their |its )?(?:[\w’'-]+ ){1,5}?(?:go|gone)(?: so far)?\s*\??$|"
    r"\bhow (?:did|has) (?:[\w’'-]+ ){1,9}?from (?:[\w’'-]+ ){1,7}?to\b"
)
_WHETHER = re.compile(r"(?i)^(?:is|are|was|were|do|does|did|has|have|had)\b")
_HAPPENED = re.compile(
    r"(?i)\bwhat (?:has |had |have |all |else |exactly |then |really |’s |'s |is |was )*"
    r"(?:happen(?:ed|s|ing)?|go(?:ing|ne) on|went on|occurred|took place|taken place)\b(?P<rest>.*)"
)
_PERIOD = re.compile(
    r"(?i)^\W*(?:$|(?:so far|next|then|since|to date|until|up to)\b|(?:afterwards?|thereafter)\W*$|"
    r"(?:over|in|during|with|after|between|throughout|around|following|before|from)\b)|"
    r"\b(?:in order|so far|since then)\b"
)
PASSAGES_SOUGHT = 40
"""More than for one fact, since events are told in many passages."""
LEAST_FIT = 0.5
"""How well the best line has to fit the question. If none does, the articles do not tell of it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a timeline: characters `[start, end)` of the hit's article version, and the days it tells of.

    confidence: 0 to 1, how well the line fits; no probability. named: whether it names the day itself.
    """

    hit: Hit
    start: int
    end: int
    text: str
    day_from: date
    day_to: date
    confidence: float
    named: bool


def asks_for_timeline(question: str) -> bool:
    """Tell whether a question asks for a course of events: "How did the talks unfold?", "What happened in the strike?".

    What happened to somebody, at one place or on one day is one event.
    """
    text = " ".join(question.split())
    if _WHETHER.match(text):
        return False
    if _COURSE.search(text) or _HOW.search(text):
        return True
    happened = _HAPPENED.search(text)
    if happened is None or not _PERIOD.search(happened["rest"]):
        return False
    return not any(day.first == day.last for day in days_in_question(text, today=date(2024, 1, 1)))


def timeline(question: str, hits: Sequence[Hit], *, relevance: Callable[[list[str]], Sequence[float]]) -> list[Line]:
    """Return at most `MOST_LINES` lines, one a date, oldest first; none where fewer than two dates are told of.

    relevance: tells how well each of some sentences fits the question, 0 to 1. A question that names nothing ("What
    happened next?") has no lines: its words choose among the passages.
    """
    asked = asked_stems(question) - _COURSE_WORDS
    if not asked:
        return []
    told = [line for hit in {(hit.version, hit.start): hit for hit in hits}.values() for line in _lines(hit, question)]
    fitting = zip(told, relevance([line.text for line in told]), strict=True)
    scored = [_scored(line, asked, float(score)) for line, score in fitting]
    ranked = sorted(scored, key=lambda line: (-line.confidence, line.day_from, line.hit.passage_id, line.start))
    chosen = _one_a_date([line for line in ranked if line.confidence >= KEPT_SHARE * ranked[0].confidence])
    return sorted(chosen, key=lambda line: line.day_from) if len(chosen) > 1 else []


def _lines(hit: Hit, question: str) -> list[Line]:
    """Return the sentences of a passage that tell of an event on a day, with what speaks against them as confidence."""
    published = hit.info.day
    if published is None:
        return []
    found = []
    for number, (start, end) in enumerate(sentences(hit.text)):
        text = hit.text[start:end]
        words = _WORD.findall(text)
        if len(words) > _MOST_WORDS or text.endswith("?") or _NO_EVENT.search(text):
            continue
        days = resolve_days(hit.text, published, start=start, end=end)
        day = _told_day(hit.text, start, days, published, question)
        if day is None and (days or hit.start + number >= _LEAD_SENTENCES or not _reports(text)):
            continue
        first, last = (day.first, day.last) if day else (published, published)
        penalty = _PENALTY if day is None or first != last or first > published else 0.0
        found.append(Line(hit, hit.start + start, hit.start + end, text, first, last, -penalty, day is not None))
    return found


def _told_day(
    text: str, start: int, days: Sequence[DayExpression], published: date, question: str
) -> DayExpression | None:
    """Return the day on which a sentence's event was, or None: the first that is not mentioned on the way."""
    asked = days_in_question(question, today=published)
    for day in days:
        mentioned = _BACKGROUND.search(text[start : day.start]) or _ATTRIBUTE.match(text[day.end : day.end + 5])
        if mentioned or (day.last - day.first).days >= LONGEST_DAYS:
            continue
        meant = any(named.first <= day.last and day.first <= named.last for named in asked)
        if (published - day.last).days > OLDEST_DAYS and not meant:
            continue
        return day
    return None


def _reports(text: str) -> bool:
    """Tell whether a sentence reports in the past tense."""
    words = [word for word in _WORD.findall(text) if word.islower()]
    return any(word in PAST or (word.endswith("ed") and len(word) > 4) for word in words) and not is_future(text, 0, 0)


def _scored(line: Line, asked: set[str], relevance: float) -> Line:
    passage = f"{line.hit.info.title or ''} {line.hit.text}"
    own, around = (len(asked & stems(_WORD.findall(text.casefold()))) / len(asked) for text in (line.text, passage))
    score = 0.5 * relevance + 0.25 * own + 0.25 * around + line.confidence
    return replace(line, confidence=min(1.0, max(0.0, score)))


def _one_a_date(ranked: Sequence[Line]) -> list[Line]:
    """Return the best line of each date; near copies once, a span of days only where no day in it has a line."""
    chosen: list[Line] = []
    for line in sorted(ranked, key=lambda line: line.day_from != line.day_to):
        if not any(other.day_from <= line.day_to and line.day_from <= other.day_to for other in chosen):
            chosen.append(line)
    kept: list[Line] = []
    for line in sorted(chosen, key=lambda line: (not line.named, -line.confidence)):
        if not any(is_reprint(line.text, other.text) for other in kept):
            kept.append(line)
    return sorted(kept, key=lambda line: -line.confidence)[:MOST_LINES]


def timeline_drafts(question: str, hits: Sequence[Hit], encoder: Encoder) -> list[Draft]:
    """Return one answer a date, oldest first; none where the passages do not tell of the course asked about."""

    def relevance(texts: list[str]) -> list[float]:
        cosines: list[float] = (encoder.encode(texts) @ encoder.encode_question(question)).tolist() if texts else []
        return cosines

    lines = timeline(question, hits, relevance=relevance)
    if not lines or max(line.confidence for line in lines) < LEAST_FIT:
        return []
    places = [Place(line.hit, line.start, line.end, line.text, line.confidence, "timeline") for line in lines]
    return [Draft((place,), group=number) for number, place in enumerate(places, start=1)]
