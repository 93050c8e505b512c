"""Numbers in words and digits, and whether a question asks for one."""

import re

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
_ASKS_FOR_A_FIGURE = re.compile(
    r"(?i)\bhow\s+(?:many|much|big|large|long|old|far|high|tall|wide|deep|often|heavy|hot|cold|fast|thick|strong)\b|"
    r"\bwhat\s+(?:\w+\s+){0,3}(?:number|toll|figure|total|share|percentage|price|cost|sum|amount|rate|size)\b"
)


def asks_for_a_figure(question: str) -> bool:
    """Tell whether a question asks for a number."""
    return _ASKS_FOR_A_FIGURE.search(question) is not None


def number_at(tokens: list[str], place: int) -> tuple[float | None, int]:
    """Return the number in digits or words that starts at a token (in lower case), and the index after it."""
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
    """Tell whether a word continues the number before it ("thirty | one", "four hundred | fifty")."""
    before = tokens[place - 1]
    return (before in _TENS and tokens[place] in _SMALL) or before in _SCALES or before == "and"


def _is_rest(tokens: list[str], place: int) -> bool:
    """Tell whether "and" at this index continues a number in words ("three hundred and eleven")."""
    before, after = tokens[place - 1], tokens[place + 1 : place + 2]
    return before in _SCALES and bool(after) and (after[0] in _SMALL or after[0] in _TENS)
