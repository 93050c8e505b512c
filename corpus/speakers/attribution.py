"""Finding the speaker of the words in a sentence: "…," said X; X said that …; …, according to X."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice, pairwise

from corpus.dates.tense import PAST
from corpus.speakers.names import DESCRIPTION, Span, name_after, name_before
from corpus.speakers.vocabulary import (
    ADDING,
    ADDRESSEE,
    ADJUNCT,
    CONJUNCTIONS,
    FINITE,
    GOES_ON,
    NO_CLAUSE,
    ROLES,
    THAT_FREE,
    TOLD_WHOM,
    VERB,
    VERBS_IN,
    Quotation,
)

_LEAD = re.compile(r"[\s,]*(?:(?:[Aa]nd|[Bb]ut|[Ss]o|[Yy]et|[Tt]hen|[Hh]owever|[Mm]eanwhile|[Ss]till)\b(?!-)[\s,]*)?")
_JOINED = re.compile(r",? (?:and|but|so|yet)\b")
_WORDS = re.compile(r"[\w’'-]+")
_TOLD = frozenset(("told", "tells"))
_SPEECH_END = (",", ".", "?", "!", "…", "—", "–", "-")
_THAT = re.compile(r",? that (?=\S)")
_ROLE_OF = re.compile(r" (?!the )(?P<role>[a-z][\w’' -]{2,60}) (?:at|of|for|with|in) [^,.;:“\"‘\n]{2,80},(?= )")
_SECOND = re.compile(r"(?<=\w), (?:and|but|while)(?= [^,“\"‘\n]{2,60} (?:said|says|say) [a-z])")
"""The start of a second speaker's clause: X said …, and Y said …."""
_MOST_VERBS = 8
"""Most verbs of saying that are tried in a sentence. A sentence with more is no prose."""
_ASKING = frozenset(("asked", "read", "reads"))
_SOMEWHERE_THAT = re.compile(
    r" (?:outside|inside|in|at|on|during|after|before|from|through|by) [^,.;:“\"‘\n]{2,60}? that (?=\S)"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence `text[start:end]` of a paragraph. masked: the text with quoted words blanked out."""

    text: str
    masked: str
    start: int
    end: int
    quotes: Sequence[Quotation]


@dataclass(frozen=True, slots=True)
class Attribution:
    """Words and their speaker, as spans of the text. quoted: all the words are quoted."""

    words: Span
    speaker: Span
    quoted: bool


def _clauses_from(sentence: Sentence, start: int, speaker: Span) -> list[Attribution]:
    """Return the clause from `start` to the end of the sentence. A clause after ", adding that" counts separately."""
    masked = sentence.masked
    joints = [joint.span() for joint in ADDING.finditer(masked, start, sentence.end)]
    bounds = pairwise([start, *chain(*joints), sentence.end])
    clauses = [_trimmed(masked, *clause) for clause in islice(bounds, 0, None, 2)]
    return [
        Attribution(words, speaker, False) for words in clauses if words and len(_WORDS.findall(masked, *words)) >= 2
    ]


def _clause_before(sentence: Sentence, end: int, speaker: Span) -> list[Attribution]:
    """Return the clause from the sentence's start to the comma before the speaker or verb."""
    lead = _LEAD.match(sentence.masked, sentence.start, end)
    words = _trimmed(sentence.masked, lead.end() if lead else sentence.start, end)
    if words is None or sentence.masked[words[1] : end].strip(" ") not in (",", "—", "–"):
        return []
    return [Attribution(words, speaker, False)] if len(_WORDS.findall(sentence.masked, *words)) >= 3 else []


def _clauses_around(sentence: Sentence, speaker: Span, after: int) -> list[Attribution]:
    """Read `…, X said, …`: the words before, the words after, or both if they are clauses of one statement."""
    masked = sentence.masked
    before = _clause_before(sentence, speaker[0], speaker)
    words = _WORDS.findall(masked, *before[0].words) if before else []
    if len(words) < 4 or not any(word in VERBS_IN or word in PAST or word.endswith("ed") for word in words):
        before = []
    lead = _JOINED.match(masked, after, sentence.end)
    if before and not lead and words[0].lower() not in CONJUNCTIONS:
        return before
    return before + _clauses_from(sentence, lead.end() if lead else after, speaker)


def _trimmed(masked: str, start: int, end: int) -> Span | None:
    words = masked[start:end].lstrip(" ,:;\t\u00a0")
    start, words = end - len(words), words.rstrip(" ,;:.!?—–\t\u00a0\n")
    return (start, start + len(words)) if words else None


def _adjuncts_end(masked: str, verb: re.Match[str], end: int) -> int:
    """Return the first possible start of the stated words: after the day, the place or the addressee."""
    position = verb.end()
    if verb["verb"] in _TOLD:
        whom = TOLD_WHOM.match(masked, position, end) or ADDRESSEE.match(masked, position, end)
        name = None if whom else name_after(masked, position, end)
        position = whom.end() if whom else name[1] if name else position
    adjunct = ADJUNCT.match(masked, position, end)
    return adjunct.end() if adjunct else position


def _only_adjuncts(masked: str, start: int, end: int) -> bool:
    """Tell whether only day, place and addressee stand between a verb or name and the end of the sentence."""
    rest = masked[start:end].rstrip(" .!?\n")
    adjunct = ADJUNCT.match(rest)
    rest = rest[adjunct.end() :] if adjunct else rest
    return (
        not rest.strip()
        or re.match(r", (?:[a-z]+ing|who|the|an?|its) ", rest) is not None
        or re.fullmatch(r",? (?:in|on|at|during|to|from|via|after|by|of|through|with) [^,.;:“\"]{1,70}", rest)
        is not None
    )


def attributions(sentence: Sentence) -> list[Attribution]:
    """Return the attributions of the first verb of saying with a speaker and words, and those that follow from it."""
    found, start = [], sentence.start
    for second in islice(_SECOND.finditer(sentence.masked, start, sentence.end), _MOST_VERBS):
        found += _first(replace(sentence, start=start, end=second.start()))
        start = second.end()
    return found + _first(replace(sentence, start=start))


def _first(sentence: Sentence) -> list[Attribution]:
    for verb in islice(VERB.finditer(sentence.masked, sentence.start, sentence.end), _MOST_VERBS):
        if verb["according"]:
            found = _according(sentence, verb)
        elif verb["whom"]:
            found = _quoting(sentence, verb)
        else:
            found = _after_quote(sentence, verb) or _before_quote(sentence, verb) or _reported(sentence, verb)
        if found:
            return found
    return []


def _after_quote(sentence: Sentence, verb: re.Match[str]) -> list[Attribution]:
    """Read `“…,” said X` and `“…,” X said`."""
    masked, quote = sentence.masked, _last(sentence.quotes, verb.start())
    if quote is None or not quote.closed or masked[quote.end + 1 : sentence.start].strip():
        return []
    gap = masked[quote.end + 1 : verb.start()]
    verb_is_last = _only_adjuncts(masked, _adjuncts_end(masked, verb, sentence.end), sentence.end)
    if not gap.strip(" ,\u00a0"):
        speaker = name_after(masked, verb.end(), sentence.end, anybody=True)
    else:
        speaker = name_before(masked, quote.end + 1, verb.start(), anybody=True)
        between = masked[quote.end + 1 : speaker[0]] if speaker else ""
        if between.strip(" ,\u00a0") and not DESCRIPTION.fullmatch(between):
            return []
        if masked[quote.end - 1] == "." and not verb_is_last:
            return []  # it was “a step.” Police say …
    if speaker is None:
        return []
    found = _whole_or_part(sentence, quote, speaker)
    if not found.quoted and gap.strip(" ,") and not verb_is_last:
        return []  # Asking whether it was a “start”, X said: “…”
    return [found, *_going_on(sentence, max(verb.end(), speaker[1]), speaker)]


def _before_quote(sentence: Sentence, verb: re.Match[str]) -> list[Attribution]:
    """Read `X said: “…”`, `X told reporters, “…”`, `X said in a statement that “…”`."""
    speaker = name_before(sentence.masked, _left_edge(sentence, verb), verb.start())
    if speaker is None:
        return []
    return _quotation_after(sentence, verb.end(), _adjuncts_end(sentence.masked, verb, sentence.end), speaker)


def _quotation_after(sentence: Sentence, verb_end: int, start: int, speaker: Span) -> list[Attribution]:
    """Return the quotation that begins at `start`, after the verb and what belongs to it, and those that go on."""
    masked = sentence.masked
    quote = next((q for q in sentence.quotes if q.start - 1 >= verb_end), None)
    if quote is None or quote.start - 1 >= sentence.end:
        return []
    if re.fullmatch(r"[\s,:]*(?:that\b)?[\s,:]*", masked[start : quote.start - 1]) is None:
        return []
    rest = masked[quote.end + 1 : sentence.end].strip(" .!?\"”’'")
    ended = masked[quote.end - 1] in _SPEECH_END or rest.startswith((",", ";"))
    if rest and not ended:
        return _clauses_from(sentence, quote.start - 1, speaker)
    return [Attribution((quote.start, quote.end), speaker, True), *_going_on(sentence, quote.end + 1, speaker)]


def _reported(sentence: Sentence, verb: re.Match[str]) -> list[Attribution]:
    """Read `X said (that) …`, `…, X said.` and `…, said X.`."""
    masked, edge = sentence.masked, _left_edge(sentence, verb)
    if masked[edge : verb.start()].rstrip().endswith(",") or masked[: verb.start()].endswith((", ", "” ", '" ')):
        speaker = None if verb["verb"] in _TOLD | _ASKING else name_after(masked, verb.end(), sentence.end)
        if speaker and _only_adjuncts(masked, speaker[1], sentence.end):
            return _clause_before(sentence, verb.start(), speaker)
    speaker = name_before(masked, edge, verb.start())
    if speaker is None or verb["verb"] in _ASKING:
        return []
    after = _adjuncts_end(masked, verb, sentence.end)
    if masked.startswith(",", after):
        return _clauses_around(sentence, speaker, after)
    if _only_adjuncts(masked, after, sentence.end):
        return _clause_before(sentence, speaker[0], speaker)
    if that := _THAT.match(masked, after, sentence.end) or _SOMEWHERE_THAT.match(masked, after, sentence.end):
        return _clauses_from(sentence, that.end(), speaker)
    free = verb["verb"] in THAT_FREE or verb["verb"].endswith("saying") or FINITE.match(masked, after, sentence.end)
    if (verb["verb"] in _TOLD and after > verb.end()) or free:
        rest = masked[after : sentence.end]
        begins = after + len(rest) - len(rest.lstrip(" ,:"))
        if masked[after : after + 1] == " " and not NO_CLAUSE.match(masked, begins):
            return _clauses_from(sentence, begins, speaker)
    return []


def _quoting(sentence: Sentence, verb: re.Match[str]) -> list[Attribution]:
    """Read `“…,” a paper quoted X as saying`, `…, a paper quoted X as saying` and `A paper quoted X as saying …`."""
    masked, after = sentence.masked, verb.end("whom") + len(" as saying")
    speaker = name_after(masked, *verb.span("whom"), anybody=True)
    if speaker is None:
        return []
    quote = _last(sentence.quotes, verb.start())
    paper, _ = name_before(masked, _left_edge(sentence, verb), verb.start(), anybody=True) or verb.span()
    if quote and quote.closed and not masked[quote.end + 1 : max(sentence.start, paper)].strip(" ,"):
        return [_whole_or_part(sentence, quote, speaker)]
    if _only_adjuncts(masked, after, sentence.end):
        return _clause_before(sentence, paper, speaker)
    that = _THAT.match(masked, after, sentence.end)
    words = _clauses_from(sentence, that.end() if that else after, speaker)
    return _quotation_after(sentence, after, after, speaker) or words


def _according(sentence: Sentence, verb: re.Match[str]) -> list[Attribution]:
    """Read `According to X, …`, `…, according to X` and `“…,” according to X`."""
    masked = sentence.masked
    speaker = name_after(masked, verb.end(), sentence.end)
    if speaker is None:
        return []
    quote = _last(sentence.quotes, verb.start())
    if quote and quote.closed and not masked[quote.end + 1 : verb.start()].strip(" ,"):
        return [_whole_or_part(sentence, quote, speaker)]
    if len(_WORDS.findall(masked, sentence.start, verb.start())) >= 3:
        if masked.startswith(", that ", speaker[1]):
            return []
        return _clause_before(sentence, verb.start(), speaker)
    comma = masked.find(",", speaker[1], min(sentence.end, speaker[1] + 150))
    if comma < 0:
        return []
    apposition = _ROLE_OF.match(masked, comma + 1, sentence.end)
    if apposition and ROLES.search(apposition["role"]):
        comma = apposition.end() - 1
    quote = next((q for q in sentence.quotes if q.start - 1 > comma), None)
    if (
        quote
        and not masked[comma + 1 : quote.start - 1].strip()
        and not masked[quote.end + 1 : sentence.end].strip(" .")
    ):
        return [Attribution((quote.start, quote.end), speaker, True)]
    return _clauses_from(sentence, comma + 1, speaker)


def _whole_or_part(sentence: Sentence, quote: Quotation, speaker: Span) -> Attribution:
    """Return the quotation, or the whole clause if words of the sentence lead into it."""
    lead = sentence.masked[sentence.start : quote.start - 1]
    if not _LEAD.sub("", lead, count=1).strip() or lead.rstrip().endswith((":", ",", ".", "?", "!")):
        return Attribution((quote.start, quote.end), speaker, True)
    others = [q for q in sentence.quotes if sentence.start <= q.start < quote.start]
    if others and not sentence.masked[sentence.start : others[0].start - 1].strip():
        return Attribution((quote.start, quote.end), speaker, True)
    return Attribution((sentence.start, quote.end + 1), speaker, False)


def _going_on(sentence: Sentence, position: int, speaker: Span) -> Iterator[Attribution]:
    """Yield later quotations of the same speaker: `“…,” X said, “…”`, `adding: “…”`."""
    for quote in sentence.quotes:
        if not position <= quote.start - 1 < sentence.end:
            continue
        between = sentence.masked[max(position, quote.start - 130) : quote.start - 1]
        if GOES_ON.search(between) or (len(between) < 120 and between.rstrip().endswith(",") and "ing " not in between):
            yield Attribution((quote.start, quote.end), speaker, True)


def _left_edge(sentence: Sentence, verb: re.Match[str]) -> int:
    """Return the first possible start of a verb's subject: the start of the sentence or the last mark before it."""
    quote = _last(sentence.quotes, verb.start())
    return max(sentence.start, quote.end + 1) if quote else sentence.start


def _last(quotes: Sequence[Quotation], position: int) -> Quotation | None:
    return next((quote for quote in reversed(quotes) if quote.end < position), None)
