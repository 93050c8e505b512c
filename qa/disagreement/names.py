"""Comparing names: parts, acronyms, short forms, spellings, adjectives, and places within places."""

import re
from difflib import SequenceMatcher
from functools import cache
from importlib.resources import files

NAME = re.compile(
    r"\b(?:U\.S\.|U\.K\.)|[A-Z][\w'’.&-]*(?:\s+(?:(?:of|the|for|de|van|von|bin|al|del|la|le)\s+){0,2}[A-Z][\w'’.&-]*)*"
)
"""Capitalised words in a row, with little words between them."""
_WORD = re.compile(r"[^\W_]+(?:['’.&-][^\W_]+)*\.?")
_TITLES = frozenset(
    "mr mrs ms dr sir dame lord lady prof professor president vice prime minister chancellor premier senator sen rep "
    "representative congressman congresswoman governor gov mayor judge justice general gen colonel col captain capt "
    "major maj lieutenant lt sergeant sgt sheriff chief king queen prince princess pope cardinal bishop rev reverend "
    "secretary ambassador coach director the a an".split()
)
_SMALL = frozenset("of the for and de van von bin al del la le on in".split())
_ALIKE = 0.84
"""Least share of common characters of two spellings of one name."""


@cache
def _tables() -> tuple[dict[str, str], dict[str, frozenset[str]]]:
    """Return the country or state of each name, and the countries and states that each city or state lies in.

    A line of `places.txt` is one place: its names; the adjectives; its cities; for a state, its country. The first city
    may stand for the government ("Moscow warned").
    """
    names: dict[str, str] = {}
    holding: dict[str, frozenset[str]] = {}
    for line in _lines("places.txt"):
        called, belonging, inside, *above = line.split("|")
        usual = called.split(",")[0]
        names |= {name.casefold(): usual for name in f"{called},{belonging}".split(",") if name}
        within = {usual.casefold(): above} | {city.casefold(): [usual, *above] for city in inside.split(",") if city}
        for name, places in within.items():
            holding[name] = holding.get(name, frozenset()).union(places)
    return names, holding


def country(name: str) -> str | None:
    """Return the usual name of the country or American state that a name or adjective means, None for others."""
    return _tables()[0].get(_bare(name))


def is_known_place(name: str) -> bool:
    """Tell whether a name is a known country, state or city."""
    return any(_bare(name) in table for table in _tables())


def lies_in(inner: str, outer: str) -> bool:
    """Tell whether one place is known to lie in the other."""
    inside = _tables()[1].get((country(inner) or _bare(inner)).casefold(), frozenset())
    return country(outer) in inside


def _bare(name: str) -> str:
    return without_possessive(" ".join(name.split()).casefold().removeprefix("the "))


def without_possessive(word: str) -> str:
    """Return a word or name without "'s" at its end."""
    return word.removesuffix("'s").removesuffix("’s")


def proper_name(text: str) -> str:
    """Return the name in an answer: its longest run of capitalised words, without article; "" if there is none."""
    found = (re.sub(r"^(?:The|An?|No|One)(?:\s+|$)", "", match[0]).rstrip(".'’-") for match in NAME.finditer(text))
    return max(found, key=lambda name: len(name.split()), default="")


def same_name(one: str, other: str) -> bool:
    """Tell whether two names may mean the same person, body or place, or one a part of the other."""
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
    words = [without_possessive(word.removesuffix(".").casefold()) for word in _WORD.findall(name)]
    telling = [word for word in words if word not in _TITLES and word not in _SMALL and word not in ("jr", "sr")]
    return [_first_names().get(word, word) for word in telling or words]


@cache
def _first_names() -> dict[str, str]:
    """Return the usual form of first names and their short forms. A line of `first_names.txt` has those of one name."""
    return {name: line.split()[0] for line in _lines("first_names.txt") for name in line.split()}


def _lines(name: str) -> list[str]:
    return files("qa.disagreement").joinpath(name).read_text("utf-8").splitlines()


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
