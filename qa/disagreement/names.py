"""Whether two names are names of the same: a part, an acronym, a short form, a spelling, an adjective."""

import re
from difflib import SequenceMatcher

from qa.disagreement.regions import country, is_known_place, lies_in

_WORD = re.compile(r"[^\W_]+(?:['’.&-][^\W_]+)*\.?")
_TITLES = frozenset(
    "mr mrs ms dr sir dame lord lady prof professor president vice prime minister chancellor premier senator sen rep "
    "representative congressman congresswoman governor gov mayor judge justice general gen colonel col captain capt "
    "major maj lieutenant lt sergeant sgt sheriff chief king queen prince princess pope cardinal bishop rev reverend "
    "secretary ambassador coach director the a an".split()
)
_SMALL = frozenset("of the for and de van von bin al del la le on in".split())
_SHORT_FORMS = (
    "robert bob bobby rob",
    "william bill will billy liam",
    "richard rick dick rich",
    "joseph joe joey",
    "james jim jimmy jamie",
    "john jack johnny",
    "michael mike mick",
    "thomas tom tommy",
    "charles charlie chuck",
    "edward ed eddie ted",
    "anthony tony",
    "daniel dan danny",
    "david dave",
    "steven steve stephen",
    "christopher chris",
    "matthew matt",
    "nicholas nick",
    "samuel sam",
    "benjamin ben",
    "alexander alex sasha",
    "elizabeth liz beth betty lisa",
    "katherine kate kathy catherine cathy katie",
    "margaret maggie peggy meg",
    "patricia pat patty",
    "jennifer jen jenny",
    "susan sue",
    "deborah deb debbie",
    "rebecca becky",
    "vladimir volodymyr",
    "gregory greg",
    "andrew andy drew",
    "ronald ron",
    "donald don",
    "kenneth ken",
    "lawrence larry",
    "gerald jerry",
)
_SHORT = {name: line.split()[0] for line in _SHORT_FORMS for name in line.split()}
_ALIKE = 0.84
"""Share of common characters from which two names of a length are held for spellings of one."""


def proper_name(text: str) -> str:
    """Return the name in an answer: its longest run of capitalised words, without the article; "" where it has none."""
    best: list[str] = []
    run: list[str] = []
    for match in _WORD.finditer(text):
        word = match[0]
        if word[0].isupper() or word[0].isdigit() or (run and word in _SMALL):
            run.append(word.removesuffix("."))
        else:
            run = []
        kept = _trimmed(run)
        if len(kept) > len(best) and any(part[0].isupper() for part in kept):
            best = kept
    return " ".join(best)


def same_name(one: str, other: str) -> bool:
    """Tell whether two names can stand for the same person, body or place, or one for a part of the other."""
    if (country(one) or one) == (country(other) or other) or lies_in(one, other) or lies_in(other, one):
        return True
    if is_known_place(one) and is_known_place(other):
        return False
    a, b = _words(one), _words(other)
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    if not short or _is_acronym(one, other) or _is_acronym(other, one):
        return True
    if len(short) == len(long) == 2 and _alike(short[1], long[1]):
        return _alike(short[0], long[0]) or (short[0][0] == long[0][0] and min(len(short[0]), len(long[0])) <= 2)
    return all(any(_alike(word, match) or _begins(word, match) for match in long) for word in short)


def _words(name: str) -> list[str]:
    words = [word.removesuffix(".").casefold() for word in _WORD.findall(name)]
    words = [word.removesuffix("'s").removesuffix("’s") for word in words]
    telling = [word for word in words if word not in _TITLES and word not in _SMALL and word not in ("jr", "sr")]
    return [_SHORT.get(word, word) for word in telling or words]


def _alike(one: str, other: str) -> bool:
    if one == other:
        return True
    return min(len(one), len(other)) > 3 and SequenceMatcher(None, one, other, autojunk=False).ratio() >= _ALIKE


def _begins(one: str, other: str) -> bool:
    """Tell whether one word is short for the other: "Fed" for "Federal", "J" for "John"."""
    return (len(one) == 1 or len(one) > 2) and other.startswith(one)


def _is_acronym(short: str, long: str) -> bool:
    letters = [letter.casefold() for letter in short if letter.isalpha()]
    capitals = sum(letter.isupper() for letter in short)
    if not 2 <= len(letters) <= 7 or capitals < 2 or " " in short.strip():
        return False
    words = [word.casefold() for word in _WORD.findall(long)]
    initials = [[word[0] for word in words], [word[0] for word in words if word not in _SMALL]]
    return letters in initials


def _trimmed(run: list[str]) -> list[str]:
    words = list(run)
    while words and (words[-1] in _SMALL or not words[-1]):
        words.pop()
    while words and words[0].casefold() in _SMALL | {"a", "an", "no", "one"}:
        words.pop(0)
    return words
