"""Things that are named by letters and digits: flight MH370, case C-311/18, Bill 1128, page 12.

A reader takes one for another that looks like it; a rule does not. Numbers that count or date something are none.
"""

import re
from dataclasses import dataclass

from corpus.dates.vocabulary import MONTH
from qa.question.words import FUNCTION_WORDS

_LETTERS = r"[A-Z]{1,7}(?=[-‑–]?\d)|[A-Z][a-z]{1,6}(?=[-‑–]?\d)|[a-z]{1,7}(?=\d)"  # "top-10" is a word and a number
_CODE = rf"(?P<letters>{_LETTERS})[-‑–]?(?P<code>\d[\dA-Za-z]*(?:[./-]\d+)*)"
_NUMBER = r"(?P<number>\d+(?:[,./]\d+)*)(?![-‑–]\d)"
_IDENTIFIER = re.compile(
    rf"(?<![\w$£€.-])(?:(?P<noun>[A-Za-z]\w*)\s+(?:[Nn]o\.?\s+|[Nn]umber\s+|#)?)??(?:{_CODE}|{_NUMBER})(?![\w%])"
)
_MONTH = re.compile(rf"(?i:{MONTH})$")
_YEAR = re.compile(r"(?:19|20)\d\d$")
_NEXT = re.compile(r"\s+([A-Za-z]+)")


@dataclass(frozen=True, slots=True)
class Identifier:
    """What a thing is called: its kind's word in small letters ("flight"), letters ("mh"), and the rest ("370")."""

    noun: str
    letters: str
    rest: str

    def is_of_kind(self, other: "Identifier") -> bool:
        """Tell whether both name things of one kind: by the same word before them, or by the same letters."""
        if self.letters and self.letters == other.letters:
            return True
        years = [_YEAR.match(each.rest) is not None for each in (self, other)]
        return bool(self.noun) and self.noun == other.noun and years[0] == years[1]


def names_another(question: str, title: str, text: str) -> bool:
    """Tell whether a passage with its article's title names another thing of the kind that a question names.

    Such a passage is not to be read: what it says is of another flight, case or bill.
    """
    asked = identifiers(question)
    if not asked:
        return False
    passage = f"{title}\n{text}"
    if any(re.search(rf"(?i)(?<!\d)(?<!\d[,./-]){re.escape(each.rest)}(?!\d|[,./-]\d)", passage) for each in asked):
        return False
    return any(each.is_of_kind(other) for other in identifiers(passage, certain=False) for each in asked)


def identifiers(text: str, *, certain: bool = True) -> list[Identifier]:
    """Return the things that a text names by letters and digits, in order.

    certain: leave out words before numbers that may count something: "page 12 stands", but also "killed 12 people".
    """
    found = []
    for match in _IDENTIFIER.finditer(text):
        noun = match["noun"] or ""
        if noun.casefold() in FUNCTION_WORDS or _MONTH.match(noun):
            noun = ""
        if match["letters"]:
            rest = match["code"].casefold().removesuffix("s")
            found.append(Identifier(noun.casefold(), match["letters"].casefold(), rest))
        elif noun and (not certain or _is_name(noun, match, text)):
            found.append(Identifier(noun.casefold(), "", match["number"]))
    return found


def _is_name(noun: str, match: re.Match[str], text: str) -> bool:
    """Tell whether a word and a number name a thing: "Bill 1128", "page 12 of it", but not "killed 12 people"."""
    if noun[0].isupper():
        return True
    following = _NEXT.match(text, match.end())
    counts = following is not None and following[1].casefold() not in FUNCTION_WORDS
    return not counts and not _YEAR.match(match["number"])
