"""Figures in a sentence, and whether two sentences give different figures for the same thing."""

import re

from qa.followup import content_words

_SMALL = dict(
    zip(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen".split(),
        range(20),
        strict=True,
    )
)
_TENS = dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True))
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000, "m": 10**6, "bn": 10**9}
_TOKEN = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|[^\W\d_]+(?:['’-][^\W\d_]+)*|[$£€%]")
_ASKS_FOR_A_FIGURE = re.compile(
    r"(?i)\bhow\s+(?:many|much|big|large|long|old|far|high|tall|wide|deep|often|heavy|hot|cold|fast|thick|strong)\b|"
    r"\bwhat\s+(?:\w+\s+){0,3}(?:number|toll|figure|total|share|percentage|price|cost|sum|amount|rate|size)\b"
)
_EMPTY = frozenset(
    "a an and are at been by for from had has have in into is it its of on or that the to was were".split()
)


def asks_for_a_figure(question: str) -> bool:
    """Tell whether a question wants a number."""
    return _ASKS_FOR_A_FIGURE.search(question) is not None


def figures(text: str) -> dict[str, set[float]]:
    """Return the numbers in a text by the singular of the word that follows them ("12 people" -> people: 12)."""
    found: dict[str, set[float]] = {}
    tokens = [token.casefold() for token in _TOKEN.findall(text)]
    place = 0
    while place < len(tokens):
        value, after = number_at(tokens, place)
        if value is None:
            place += 1
            continue
        unit = "$" if place and tokens[place - 1] in "$£€" else next(iter(tokens[after : after + 1]), "")
        if unit and unit not in _EMPTY:
            found.setdefault(_singular(unit), set()).add(value)
        place = after
    return found


def rival_figures(question: str, one: str, other: str) -> bool:
    """Tell whether two sentences answer a question for a figure with different figures for the same thing."""
    if not asks_for_a_figure(question):
        return False
    asked = {_singular(token.casefold()) for token in _TOKEN.findall(question)}
    mine, theirs = figures(one), figures(other)
    shared = (mine.keys() & theirs.keys()) & (asked | {"$", "%"})
    return any(mine[unit].isdisjoint(theirs[unit]) for unit in shared) and _about_the_same(question, one, other)


def _about_the_same(question: str, one: str, other: str) -> bool:
    """Tell whether two sentences have all that the question asks about, or share a third of their words."""
    mine = {_singular(t.casefold()) for t in _TOKEN.findall(one)} - _EMPTY
    theirs = {_singular(t.casefold()) for t in _TOKEN.findall(other)} - _EMPTY
    asked = {_singular(word) for word in content_words(question)}
    return asked <= mine & theirs or 3 * len(mine & theirs) >= min(len(mine), len(theirs))


def number_at(tokens: list[str], place: int) -> tuple[float | None, int]:
    """Return the number that starts at a token (in lower case), in digits or words, and the place after it."""
    value: float | None = None
    while place < len(tokens):
        token = tokens[place]
        if value is None and token[0].isdigit():
            value = float(token.replace(",", ""))
        elif token in _SMALL and (value is None or _goes_on(tokens, place)):
            value = (value or 0) + _SMALL[token]
        elif token in _TENS and (value is None or _goes_on(tokens, place)):
            value = (value or 0) + _TENS[token]
        elif value is None and "-" in token and token.split("-")[0] in _TENS and token.split("-")[-1] in _SMALL:
            value = float(_TENS[token.split("-")[0]] + _SMALL[token.split("-")[-1]])
        elif token in _SCALES and value is not None:
            value *= _SCALES[token]
        elif token == "and" and value is not None and value % 100 == 0 and value > 0 and _is_rest(tokens, place):
            pass
        else:
            break
        place += 1
    return value, place


def _goes_on(tokens: list[str], place: int) -> bool:
    """Tell whether a word goes on with the number before it ("thirty | one", "four hundred | fifty")."""
    before = tokens[place - 1]
    return (before in _TENS and tokens[place] in _SMALL) or before in _SCALES or before == "and"


def _is_rest(tokens: list[str], place: int) -> bool:
    """Tell whether "and" at this place goes on with a number in words ("three hundred and eleven")."""
    before, after = tokens[place - 1], tokens[place + 1 : place + 2]
    return before in _SCALES and bool(after) and (after[0] in _SMALL or after[0] in _TENS)


def _singular(word: str) -> str:
    if word in ("people", "persons", "person"):
        return "person"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
