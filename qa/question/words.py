"""The words of questions and texts as all of qa compares them: stems, function words, numbers, slips.

Things named by letters and digits (flight MH370, case C-311/18) are told apart by a rule, since a reader takes one for
another that looks like it.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from corpus.dates.vocabulary import BELOW_TWENTY, MONTH, SCALES, TENS
from embeddings.index.tokens import stem as stem
from embeddings.index.tokens import tokens

FUNCTION_WORDS = frozenset(
    "a about above across after again against ahh all almost along already also although always am among an and any"
    " anyone anything are around as at be because been before being below between both but by can can't cannot could"
    " couldn't did didn't do does doesn't doing don't done down during each either else enough etc even ever every few"
    " for from further get gets getting go going got had has have having he he's her here hers herself him himself his"
    " hmm how however i i'd i'll i'm i've if in instead into is isn't it it's its itself just kind let's like make"
    " makes made many may maybe me might mine more most much must my myself near neither never no nor not nothing now"
    " of off often oh ok okay on once one ones only onto or other others our ours out over own per perhaps please"
    " rather really same shall she she's should since so some someone something soon still such than thank thanks that"
    " that's the their theirs them themselves then there there's these they they're they've this those though through"
    " thus till to together too toward towards under until unto up upon us use used uses using usually versus very via"
    " vs was wasn't we well were what what's when whenever where whereas whether which while who who's whom whose why"
    " will with within without won't would wow yes yet you your yours yourself".split()
)
"""Words that tell nothing of what a question or a sentence is about, in small letters, with straight apostrophes.

The search has a shorter list (`embeddings/index/tokens.py`): it looks for "against" and "until", too.
"""
NUMBER_WORDS = frozenset({*BELOW_TWENTY, *TENS, *SCALES})
"""Words of which numbers are made."""
_SCALES = SCALES | {"m": 10**6, "bn": 10**9}
_ASKS_FOR_A_FIGURE = re.compile(
    r"(?i)\bhow\s+(?:many|much|big|large|long|old|far|high|tall|wide|deep|often|heavy|hot|cold|fast|thick|strong)\b|"
    r"\bwhat\s+(?:\w+\s+){0,3}(?:number|toll|figure|total|share|percentage|price|cost|sum|amount|rate|size)\b"
)
_WORD = re.compile(r"(?<![\w'’])[^\W\d_]+(?![\w'’])")
_SHORTEST = 5  # letters; shorter words have too many neighbours
_LETTERS = r"[A-Z]{1,7}(?=[-‑–]?\d)|[A-Z][a-z]{1,6}(?=[-‑–]?\d)|[a-z]{1,7}(?=\d)"  # "top-10" is a word and a number
_CODE = rf"(?P<letters>{_LETTERS})[-‑–]?(?P<code>\d[\dA-Za-z]*(?:[./-]\d+)*)"
_NUMBER = r"(?P<number>\d+(?:[,./]\d+)*)(?![-‑–]\d)"
_IDENTIFIER = re.compile(
    rf"(?<![\w$£€.-])(?:(?P<noun>[A-Za-z]\w*)\s+(?:[Nn]o\.?\s+|[Nn]umber\s+|#)?)??(?:{_CODE}|{_NUMBER})(?![\w%])"
)
_MONTH = re.compile(rf"(?i:{MONTH})$")
_YEAR = re.compile(r"(?:19|20)\d\d$")
_NEXT = re.compile(r"\s+([A-Za-z]+)")
POSSESSIVE = re.compile(r"['’]s?$")
"""The ending of "Oslo's" and "the ministers'"."""


def content_words(text: str) -> list[str]:
    """Return the words of a text that carry its content, as the search sees them: in small letters, in order."""
    words = (token.removesuffix("'s") for token in tokens(text))
    return [word for word in words if word not in FUNCTION_WORDS]


def content_stems(text: str) -> frozenset[str]:
    """Return the stems of a text's content words."""
    return frozenset(stem(word) for word in content_words(text))


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
        elif token in BELOW_TWENTY and (value is None or _goes_on(tokens, place)):
            value = (value or 0) + BELOW_TWENTY[token]
        elif token in TENS and (value is None or _goes_on(tokens, place)):
            value = (value or 0) + TENS[token]
        elif value is None and "-" in token and token.split("-")[0] in TENS and token.split("-")[-1] in BELOW_TWENTY:
            value = float(TENS[token.split("-")[0]] + BELOW_TWENTY[token.split("-")[-1]])
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
    return (before in TENS and tokens[place] in BELOW_TWENTY) or before in _SCALES or before == "and"


def _is_rest(tokens: list[str], place: int) -> bool:
    """Tell whether "and" at this index continues a number in words ("three hundred and eleven")."""
    before, after = tokens[place - 1], tokens[place + 1 : place + 2]
    return before in _SCALES and bool(after) and (after[0] in BELOW_TWENTY or after[0] in TENS)


def misspelt(question: str, texts: Iterable[str], is_word: Callable[[str], bool]) -> dict[str, str]:
    """Return the question's misspelt words, each with the word of the texts that is meant.

    A slip is one letter too many, too few or wrong, or two swapped letters. The first and the last letter have to be
    right, since words are inflected at their end. is_word: tells whether a word in lower case is a common word.
    """
    asked = {word for word in _WORD.findall(question) if len(word) >= _SHORTEST and word.islower()}
    unknown = {word for word in asked if not is_word(word)}
    if not unknown:
        return {}
    counts = Counter(word for text in texts for word in _WORD.findall(text))
    there = {word.casefold() for word in counts}
    meant = {}
    for word in unknown - there:
        near = [other for other in counts if other.islower() and _is_one_slip(word, other)]
        if near:
            meant[word] = max(near, key=lambda other: (counts[other], other))
    return meant


def without_slips(text: str, meant: Mapping[str, str]) -> str:
    """Return the text with its slips corrected."""
    return _WORD.sub(lambda found: meant.get(found[0], found[0]), text) if meant else text


def _is_one_slip(word: str, other: str) -> bool:
    """Tell whether two words are one slip apart, with the same first and last letter."""
    if abs(len(word) - len(other)) > 1 or word == other or word[0] != other[0] or word[-1] != other[-1]:
        return False
    pairs = zip(word, other, strict=False)
    start = next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(word), len(other)))
    left, right = word[start:], other[start:]
    swapped = left[:2] == right[1::-1] and left[2:] == right[2:]
    return swapped or left[1:] == right[1:] or left[1:] == right or left == right[1:]


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
