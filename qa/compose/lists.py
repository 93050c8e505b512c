"""Series: the items that a sentence writes in a row, "A, B and C", each with its place.

A reader of spans marks a series whole, in part, or one item of it; a question for several things wants each item by
itself. The commas and the last "and" say where they part; that all begin alike (a capital, an article, a preposition,
a figure) says that it is one series and not a name with its apposition.
"""

import re
from dataclasses import dataclass

from qa.compose.appositions import Span, told_apart

_AND = "as well as|and|or|then|plus"
_SEPARATOR = rf"(?:\s*[,;]\s+(?:(?:{_AND})\s+(?:also\s+)?)?|\s+(?:as well as|and|or|&)\s+)"
_PART = re.compile(_SEPARATOR)
_LAST = re.compile(rf"\b(?:{_AND})\b|&")
_ARTICLES = r"a|an|the|his|her|its|their|our|one|two|three|four|five|six|some|several"
_PREPOSITIONS = r"at|in|on|to|from|for|with|by|of|about|between|under|into|through"
_LEAD = re.compile(rf"(?i)(?:both\s+|either\s+)?(?:(?:{_PREPOSITIONS})\s+)?")
_PREPOSITION_AT_END = re.compile(rf"\b(?:{_PREPOSITIONS})\s$", re.IGNORECASE)
_ARTICLE = re.compile(rf"(?:{_ARTICLES})\s", re.IGNORECASE)
_NAME_AT_END = re.compile(
    r"(?:\b[Tt]he )?[“\"‘']?[A-Z\d][\w’'&./-]*(?: (?:(?:of|for|de|van|von|al|bin|the) )*[A-Z\d][\w’'&./-]*)*[”\"’']?$"
)
_WORD_OF_NAME = r"(?:(?:[A-Z]\.)+|[A-Z\d][\w’'&/-]*(?:\.(?= [A-Z]))?)"
_NAME_AT_START = re.compile(
    rf"(?:[Tt]he )?[“\"‘']?{_WORD_OF_NAME}(?: (?:(?:of|for|de|van|von|al|bin|the) )*{_WORD_OF_NAME})*[”\"’']?"
)
_NOUN_AT_END = re.compile(rf"\b(?:{_ARTICLES})(?: [\w’'-]+){{1,5}}$", re.IGNORECASE)
_CLAUSE = re.compile(
    r"\s(?:who|which|that|whose|where|when|while|because|after|before|is|are|was|were|has|have|had|will|would|can|could|said|says)"
    r"\s|[.!?;:(](?:\s|$)|\s[-–—]"
)
_JOINT = re.compile(rf"[”\"’')]*{_SEPARATOR}(?:(?:{_PREPOSITIONS})\s+)?(?:(?:{_ARTICLES})\s+)?[“\"‘'(]*", re.IGNORECASE)
_SHELL = re.compile(r"^(?:and|or|both|either|plus)\s+|^[\s,;“\"]+|[\s,;”\"]+$")
_THE = re.compile(r"(?i)the\s+")
_THE_BEFORE = re.compile(r"(?i)\bthe\s+$")
_MARKS = " ”\"’').,"
_WORDS_OF_TWO = 3
"""Words of an item in lower case, where there are two; longer ones share an object."""
_LONGEST = 9
"""Words of an item; longer parts are clauses."""


@dataclass(frozen=True, slots=True)
class _Part:
    start: int
    end: int
    joined_by_and: bool
    """Whether "and" or "or" stands before it."""


def series(sentence: str, start: int, end: int) -> list[Span]:
    """Return the items of the series that `sentence[start:end]` is, holds or belongs to, in order; [] for none."""
    return _within(sentence, start, end) or around(sentence, start, end)


def around(sentence: str, start: int, end: int) -> list[Span]:
    """Return the items of the series in which `sentence[start:end]` is one, in order; [] for none."""
    return told_apart(sentence, start, end) or _listed(sentence, start, end)


def has_parts(phrase: str) -> bool:
    """Tell whether a comma or "and" parts a phrase."""
    return _PART.search(phrase) is not None


def joins(between: str) -> bool:
    """Tell whether what stands between two phrases makes them items of one series: ", ", " and at the "."""
    return _JOINT.fullmatch(between) is not None


def _within(sentence: str, start: int, end: int) -> list[Span]:
    """Part a span that holds a series, and add what goes on after it."""
    parts = _parts(sentence, start, end)
    if len(parts) < 2:
        return []
    items = [_shelled(sentence, part.start, part.end) for part in parts]
    items[1:] = [(s + _lead(sentence[s:e]), e) for s, e in items[1:]]
    texts = [sentence[s:e] for s, e in items]
    if len(parts) == 2 and not (_alike(texts) and not _one_name(sentence, parts) and not _one_phrase(texts)):
        return []
    if len(parts) > 2 and not (_short(texts) and (_alike(texts) or parts[-1].joined_by_and)):
        return []
    if not any(part.joined_by_and for part in parts):
        more = [item for item in _listed(sentence, *items[-1]) if item[0] >= items[-1][1]]
        return [*items, *more] if more or len(items) > 2 else []
    return items


def _listed(sentence: str, start: int, end: int) -> list[Span]:
    """Find the other items of a series in which the span is one: before it, after it, up to the one after "and"."""
    form = _form(sentence[start:end])
    if form not in ("name", "article"):
        return []
    parts = _parts(sentence, 0, len(sentence))
    mine = next((n for n, part in enumerate(parts) if part.start <= start and end <= part.end), None)
    if mine is None:
        return []
    at_start = not sentence[parts[mine].start : start].strip() or _LEAD.fullmatch(sentence[parts[mine].start : start])
    items: list[Span] = [(start, end)]
    n = mine
    while n > 0 and (at_start or n < mine):  # what is before the span's own part is only reached from its beginning
        item, whole = _item_at_end(sentence, parts[n - 1], form)
        if item is None:
            break
        items.insert(0, item)
        n -= 1
        if not whole:
            break
    if sentence[end : parts[mine].end].strip(_MARKS):
        return items if len(items) > 1 and parts[mine].joined_by_and else []
    closed = parts[mine].joined_by_and
    n = mine + 1
    while n < len(parts) and not closed:
        item, whole = _item_at_start(sentence, parts[n], form)
        if item is None:
            break
        items.append(item)
        closed = parts[n].joined_by_and
        n += 1
        if not whole:
            break
    texts = [sentence[s:e] for s, e in items]
    return items if closed and len(items) > 1 and _short(texts) else []


def _parts(sentence: str, start: int, end: int) -> list[_Part]:
    parts, at, joined = [], start, False
    for match in _PART.finditer(sentence, start, end):
        if match.end() < end and match.start() > at and not _in_number(sentence, match):
            parts.append(_Part(at, match.start(), joined))
            at, joined = match.end(), bool(_LAST.search(match.group()))
    return [*parts, _Part(at, end, joined)]


def _in_number(sentence: str, match: re.Match[str]) -> bool:
    """Tell whether the comma parts a day from its year, "March 6, 2023", or a town from its state."""
    before, after = sentence[: match.start()], sentence[match.end() :]
    return bool(re.search(r"[A-Z][a-z]+\.? \d{1,2}$", before) and re.match(r"\d{4}\b", after))


def _item_at_end(sentence: str, part: _Part, form: str) -> tuple[Span | None, bool]:
    """Return the item that ends a part, and whether it is the whole of it."""
    text = sentence[part.start : part.end]
    found = (_NAME_AT_END if form == "name" else _NOUN_AT_END).search(text)
    if found is None and form == "article":  # "at Hill School, at the Oak Hall"
        found = _NAME_AT_END.search(text)
        found = found if found and _PREPOSITION_AT_END.search(text[: found.start()]) else None
    if found is None or len(found.group().split()) > _LONGEST:
        return None, False
    lead = text[: found.start()]
    return _shelled(sentence, part.start + found.start(), part.end), not lead.strip() or bool(_LEAD.fullmatch(lead))


def _item_at_start(sentence: str, part: _Part, form: str) -> tuple[Span | None, bool]:
    """Return the item that begins a part, and whether it is the whole of it."""
    text = sentence[part.start : part.end]
    begin = _lead(text)
    found_form = _form(text[begin:])
    # "Anna Berg, the mayor, and Paul Lund": what stands between the commas says who Berg is.
    if found_form != form and not (found_form == "article" and (part.joined_by_and or begin)):
        return None, False
    found = _NAME_AT_START.match(text, begin) if found_form == "name" and part.joined_by_and else None
    if found:
        stop = found.end()
    else:
        clause = _CLAUSE.search(text, begin)
        stop = clause.start() if clause else len(text.rstrip(_MARKS + "!?"))
    if len(text[begin:stop].split()) > _LONGEST or stop <= begin:
        return None, False
    return _shelled(sentence, part.start + begin, part.start + stop), not text[stop:].strip(_MARKS)


def _lead(text: str) -> int:
    """Return how many characters of "both" and a preposition a phrase begins with."""
    lead = _LEAD.match(text)
    return lead.end() if lead and lead.end() < len(text) else 0


def _form(text: str) -> str:
    """Return what a phrase begins with: name, article, figure or word."""
    text = text.lstrip("“\"‘'")
    if _ARTICLE.match(text):
        return "article"
    if text[:1].isdigit() or text[:1] in "$£€":
        return "figure"
    return "name" if text[:1].isupper() else "word"


def _alike(texts: list[str]) -> bool:
    forms = {_form(text) for text in texts}
    named = all(text[:1].isupper() or text.startswith("the ") for text in texts)
    return len(forms) == 1 or (forms == {"name", "article"} and named)


def _one_name(sentence: str, parts: list[_Part]) -> bool:
    """Tell whether two capitalised parts are rather one name: "the Trade and Investment Framework"."""
    first, second = (sentence[part.start : part.end] for part in parts)
    the_first = _THE.match(first) or _THE_BEFORE.search(sentence[: parts[0].start])
    one, more = _THE.sub("", first).split(), second.split()
    return second[:1].isupper() and the_first is not None and len(one) == 1 < len(more) and "of" not in more


def _one_phrase(texts: list[str]) -> bool:
    """Tell whether two parts rather share their words: "finding ways to keep or sell the boats"."""
    return all(_form(text) == "word" for text in texts) and any(len(text.split()) > _WORDS_OF_TWO for text in texts)


def _short(texts: list[str]) -> bool:
    return all(0 < len(text.split()) <= _LONGEST for text in texts)


def _shelled(sentence: str, start: int, end: int) -> Span:
    """Return the place without the words and marks that only join it to the others."""
    while match := _SHELL.search(sentence[start:end]):
        if match.start() == 0:
            start += match.end()
        else:
            end = start + match.start()
    return start, end
