"""Quantities in a sentence: value, unit, counted thing, precision; and whether two of them can both be right.

A quantity is an interval. "About 400" and other round numbers mean whatever rounds to them: at most a tenth away with
such a word, a fortieth without. "Nearly 400" means up to a tenth less; "more than 400" and "at least 400" up to a
quarter more (nobody who knows of 40 dead writes "at least 12"); "up to 400" down to half.
"""

import math
import re
from dataclasses import dataclass, replace

from qa.disagreement.names import without_possessive
from qa.question.words import FUNCTION_WORDS, number_at, stem

_SIZES = {
    "length": "kilometre=1000 kilometer=1000 km=1000 metre=1 meter=1 m=1 mile=1609.34 foot=0.3048 feet=0.3048 ft=0.3048"
    " inch=0.0254 yard=0.9144 centimetre=0.01 centimeter=0.01 cm=0.01 millimetre=0.001 millimeter=0.001 mm=0.001",
    "mass": "kilogram=1 kilo=1 kg=1 tonne=1000 ton=1000 gram=0.001 ounce=0.02835",
    "time": "second=1 minute=60 hour=3600 day=86400 week=604800 month=2630016 year=31557600 decade=315576000"
    " century=3155760000",
    "area": "acre=4046.9 hectare=10000",
    "$": "$=1 dollar=1",
    "£": "£=1 pound=1",
    "€": "€=1 euro=1",
    "rupee": "rupee=1",
    "yen": "yen=1",
    "%": "%=1 percent=1",
    "degree": "degree=1 °=1",
}
_UNITS = {
    stem(name): (dimension, float(size))
    for dimension, sizes in _SIZES.items()
    for name, size in (each.split("=") for each in sizes.split())
}
"""The dimension of a unit, and its size in the dimension's base unit."""
_SAME_NOUN = (
    "person people dead death fatality victim body life, house home dwelling, worker employee, child kid,"
    " police officer policeman, soldier troop"
)
_NOUNS = {stem(noun): line.split()[0] for line in _SAME_NOUN.split(",") for noun in line.split()}
_TOKEN = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|[^\W\d_]+(?:['’-][^\W\d_]+)*|[$£€%°]")
_STOPS = FUNCTION_WORDS | {"said", "says"}
_HEDGE = re.compile(
    r"(?i)\b(?:(?P<about>about|some|around|roughly|approximately|an estimated|estimated|perhaps|circa)|"
    r"(?P<below>nearly|almost|close to|just under|just short of)|"
    r"(?P<atleast>more than|over|at least|no fewer than|not less than|just over|upwards? of|exceeding)|"
    r"(?P<atmost>up to|as many as|as much as|fewer than|less than|under|at most|no more than))"
    r"\s+(?:(?:the|a|an|US|A)\b\s*)?[$£€]?\s*$"
)
_PART_BEFORE = re.compile(
    r"(?i)\b(?:from|instead of|rather than|not|compared (?:with|to))\s+"
    r"(?:(?:about|some|the|nearly|only|just|an?)\s+)*[$£€]?\s*$|"
    r"\b(?:another|an additional|a further|additional|an extra)\s+[$£€]?\s*$|"
    r"\b(?:including|of them|among them|of these|of those|of whom|of which|all but|alone)\b[^.;]{0,25}$|"
    r"^\s*(?:of|among)\s+(?:the|them|these|those|its|their)\b[^.;]{0,40}$"
)
_PART_AFTER = re.compile(
    r"(?i)^\s*(?:(?:more|other|others|additional|further|extra|new)\b(?!\s+than)|"
    r"(?:\w+\s+)?(?:of (?:them|these|those|whom|which)|alone)\b)"
)
_RATE = re.compile(
    r"(?i)^\W*(?:[\w-]+\s+){0,2}?(?:a|an|per|each|every)\s+(?P<per>hour|day|night|week|month|quarter|year|person|head|"
    r"household|family|child|student|ton|tonne|barrel|litre|liter|gallon|mile|share|ticket|game|match)\b"
)
_FOREVER = re.compile(r"(?i)\b(?:permanent(?:ly)?|forever|indefinitely)\b")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity. low, high: the interval it allows, in the dimension's base unit.

    dimension: "length", "mass", "time", "area", "%", "degree", a currency, or "" for counts. unit: its word. nouns: up
    to three words after the number, in the singular. per: the base of a rate. partial: it is a part, an
    addition, or an earlier value.
    """

    value: float
    low: float
    high: float
    dimension: str
    unit: str
    nouns: tuple[str, ...]
    per: str
    partial: bool
    start: int
    end: int


def noun_of(word: str) -> str:
    """Return the stem of a counted word, the same one for synonyms."""
    base = stem(without_possessive(word.casefold()))
    return _NOUNS.get(base, base)


def quantities(sentence: str) -> list[Quantity]:
    """Return the quantities of a sentence in order, without years and vague numbers ("dozens")."""
    tokens = [(match[0].casefold(), match.start(), match.end()) for match in _TOKEN.finditer(sentence)]
    words = [token for token, _, _ in tokens]
    found: list[Quantity] = []
    place = 0
    while place < len(tokens):
        value, after = number_at(words, place)
        if value is None and words[place] in ("a", "an") and (not found or found[-1].end < tokens[place][1] - 1):
            unit = noun_of(words[place + 1]) if place + 1 < len(words) else ""
            value, after = (1.0, place + 1) if _UNITS.get(unit, ("",))[0] == "time" else (None, after)
        if value is None:
            place += 1
            continue
        if not _is_year(sentence, tokens[place], value, words[after : after + 1]):
            found.append(_read(sentence, tokens, place, after, value))
        place = after
    return _ranges(sentence, found)


def quantity_in(sentence: str, start: int, end: int) -> Quantity | None:
    """Return the quantity in a short answer at these characters, None if there is none."""
    text = sentence[start:end].strip()
    if _FOREVER.search(text) and len(text.split()) < 4:
        return Quantity(math.inf, math.inf, math.inf, "time", "", (), "", False, start, end)
    inside = [quantity for quantity in quantities(sentence) if quantity.start < end and start < quantity.end]
    return inside[0] if inside else None


def differ(one: Quantity, other: Quantity) -> bool:
    """Tell whether two quantities of one dimension cannot both be right, even with rounding."""
    if one.unit != other.unit and one.dimension:
        return 0.95 * one.low > other.high or 0.95 * other.low > one.high
    is_rounded = one.value.is_integer() != other.value.is_integer()  # "5 percent" and "4.8 percent"
    if is_rounded and max(one.value, other.value) < 100 and abs(one.value - other.value) <= 0.5:
        return False
    return one.low > other.high or other.low > one.high


def _read(sentence: str, tokens: list[tuple[str, int, int]], place: int, after: int, value: float) -> Quantity:
    start, end = tokens[place][1], tokens[after - 1][2]
    currency = place > 0 and tokens[place - 1][0] in ("$", "£", "€")
    begin = tokens[place - 1][1] if currency else start
    following = _following(sentence, tokens, after, end)
    unit = tokens[place - 1][0] if currency else next(iter(following), "")
    square = unit == "square" and len(following) > 1
    dimension, size = _UNITS.get(following[1] if square else unit, ("", 1.0))
    if square and dimension == "length":
        dimension, size = "area", size * size
    rest = after + (0 if currency or not dimension else 1 + square)
    tail_at = tokens[rest - 1][2]
    if re.match(r"\s+and a half\b", sentence[tail_at:]):
        value += 0.5
        tail_at += len(" and a half")
    before, behind = sentence[:begin], sentence[tail_at:]
    low, high = _interval(before, sentence[start:end], value)
    per = _RATE.match(behind)
    partial = bool(_PART_BEFORE.search(before) or _PART_AFTER.match(sentence[end:]))
    nouns = () if dimension else tuple(following)
    return Quantity(
        value * size, low * size, high * size, dimension, unit if dimension else "", nouns,
        per["per"].casefold() if per else "", partial, begin, max(end, tail_at if dimension else end),
    )  # fmt: skip


def _following(sentence: str, tokens: list[tuple[str, int, int]], after: int, end: int) -> list[str]:
    """Return the stems of up to three words after a number, up to a full stop or a function word."""
    if [token for token, _, _ in tokens[after : after + 2]] == ["per", "cent"]:
        return ["percent", "cent"]
    found: list[str] = []
    for token, start, stop in tokens[after : after + 4]:
        if re.search(r"[,.;:()“”\"–—]", sentence[end:start]) or token in _STOPS or token[0].isdigit():
            break
        found.append(noun_of(token))
        end = stop
    return found[:3]


def _interval(before: str, written: str, value: float) -> tuple[float, float]:
    hedge = _HEDGE.search(before)
    kind = hedge.lastgroup if hedge else None
    step = _step(written, value)
    if kind == "about":
        wide = max(min(step / 2, 0.1 * value), 0.02 * value)
        return value - wide, value + wide
    plain = min(step / 2, 0.025 * value) if step >= 100 or step < 1 else 0.0
    if kind == "below":
        return 0.9 * value, value + plain
    if kind == "atleast":
        return value - plain, 1.25 * value
    if kind == "atmost":
        return 0.5 * value, value + plain
    return value - plain, value + plain


def _step(written: str, value: float) -> float:
    """Return the value of the last significant digit: 10 for 430, 100,000 for "38.4 million"."""
    number, _, part = written.split()[0].replace(",", "").partition(".")
    if part.isdigit() and float(f"{number}.{part}"):
        return value / float(f"{number}.{part}") * 10.0 ** -len(part)  # value: 38,400,000 in "38.4 million"
    step = 1.0
    while value >= 10 * step and value % (10 * step) == 0:
        step *= 10
    return step


def _ranges(sentence: str, found: list[Quantity]) -> list[Quantity]:
    """Merge the two numbers of "between 20 and 25 people", "20 to 25 people" and "20-25 people"."""
    joined: list[Quantity] = []
    for quantity in found:
        last = joined[-1] if joined else None
        between = sentence[last.end : quantity.start] if last else ""
        opens = last is not None and re.search(r"(?i)\b(?:between|from)\s+[$£€]?$", sentence[: last.start])
        is_range = re.fullmatch(r"\s*(?:[-–]|to)\s*[$£€]?", between) or (
            opens and re.fullmatch(r"\s+and\s+[$£€]?", between)
        )
        if last and is_range and not last.nouns and last.value < quantity.value:
            partial = quantity.partial and not opens
            joined[-1] = replace(quantity, low=last.low, partial=partial, start=last.start)
        else:
            joined.append(quantity)
    return joined


def _is_year(sentence: str, token: tuple[str, int, int], value: float, following: list[str]) -> bool:
    """Tell whether a number is a year: four digits without comma that count nothing or follow "in" or "since"."""
    if not (re.fullmatch(r"\d{4}", token[0]) and 1500 <= value < 2100):
        return False
    before = sentence[: token[1]]
    counts = following and following[0] not in _STOPS and sentence[token[2] : token[2] + 1] == " "
    return not counts or re.search(r"(?i)\b(?:in|since|of|by|until|[a-z]{3,9} \d{1,2},|the)\s+$", before) is not None


def counts_the_same(one: Quantity, other: Quantity) -> bool:
    """Tell whether two quantities count the same thing by their words."""
    if one.dimension != other.dimension or one.per != other.per or one.partial or other.partial:
        return False
    return not one.nouns or not other.nouns or not set(one.nouns).isdisjoint(other.nouns)
