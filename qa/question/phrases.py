"""The phrases of a text that tell what it is about: runs of words between those that any question has.

There is no grammar here: two lists of words part the phrases, one of function words and one of what questions are made
of ("main", "types", "effects"), so "What are the main effects of binge drinking?" has one phrase, "binge drinking".
Names are told by their capitals.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from qa.question.words import FUNCTION_WORDS, stem

WORD = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W_]+(?:['’.&-][^\W_]+)*")
_COUNTRY = frozenset({"US", "U.S."})
OF_QUESTIONS = frozenset(
    "able actually add advantage advantages affect affects allowed amount argument ask asked available bad based"
    " became become began begin benefit benefits best better big bigger biggest bring brought call called came cause"
    " caused causes change changed changes choose chosen come common compare compared compares comparison consider"
    " considered create created currently day days describe detail details develop developed development difference"
    " differences different differ disadvantage disadvantages effect effects end ended especially example examples"
    " explain fact facts famous far feel find first form forms found generally give good great happen happened happens"
    " headed heard hear helped helps high highest history impact impacts important improve include included includes"
    " increase influence information interested interesting involve involved keep key kinds know known large larger"
    " largest last latest lead leads learn least led list long longer longest look looks low lowest main major mean"
    " means meant mention mentioned need needed new newest next notable number occur old oldest option origin origins"
    " owned particular people people's person person's place popular possible prevent pros cons purpose put reason"
    " reasons recent recently relate related relationship result results role said say says second seem seems several"
    " show significance similar sort sorts specific specifically start started stop successful take takes talking"
    " tell thing things think third thought time times today took tried try type types typical general various want"
    " wanted way ways wonder work worked works year years".split()
)
"""What questions are made of beside function words."""
COMMANDS = frozenset("describe explain list show tell".split())
_NO_NAMES = FUNCTION_WORDS | COMMANDS | frozenset("interesting said say says".split())
_NAME = re.compile(
    r"[^\W\d_a-z][\w.'’&-]*(?:\s+(?:(?:of|the|for|and|de|van|von|bin|al)\s+){0,2}[^\W\d_a-z][\w.'’&-]*|\s+\d+)*"
)
_PARTING = FUNCTION_WORDS | OF_QUESTIONS


@dataclass(frozen=True, slots=True)
class Phrase:
    """A run of telling words; `words` are their plain forms, for comparing."""

    text: str
    words: tuple[str, ...]

    @property
    def is_name(self) -> bool:
        """Tell whether it is written with a capital, as names are."""
        return self.text[0].isupper()


def plain(word: str) -> str:
    """Return a word's stem, without its possessive ending."""
    return stem(re.sub(r"'s?$", "", word.casefold().replace("’", "'")).replace(".", ""))


def plain_words(texts: Iterable[str]) -> frozenset[str]:
    """Return the plain forms of all words of the texts, function words too."""
    return frozenset(plain(match.group()) for text in texts for match in WORD.finditer(text))


def phrases(text: str) -> list[Phrase]:
    """Return the phrases of a text in order; punctuation parts them too."""
    found: list[Phrase] = []
    run: list[re.Match[str]] = []
    for match in WORD.finditer(text):
        if run and text[run[-1].end() : match.start()].strip(" -/&"):
            found.append(_phrase(text, run))
            run = []
        if _tells(text, match):
            run.append(match)
        elif run:
            found.append(_phrase(text, run))
            run = []
    return [*found, _phrase(text, run)] if run else found


def names(text: str, *, whole: bool = False) -> list[str]:
    """Return the capitalised names of a text, without the capital that only opens a sentence.

    whole: the text is an answer, not a sentence, so that its first word may be a name of one word.
    """
    found: list[str] = []
    for match in _NAME.finditer(text):
        name = match.group().strip(" .'’-")
        first, _, rest = name.partition(" ")
        if _is_no_name(first):
            while _is_no_name(first):
                name = rest.strip()
                first, _, rest = name.partition(" ")
        elif not whole and opens_sentence(text, match.start()) and not rest and not first.isupper():
            continue
        name = re.sub(r"['’]s?$", "", name)
        if name and name not in found:
            found.append(name)
    return [name for name in found if not any(name != other and name in other for other in found)]


def _is_no_name(word: str) -> bool:
    return word not in _COUNTRY and re.sub(r"['’.,].*", "", word.casefold()) in _NO_NAMES


def salient_phrases(text: str, most: int, *, known: Iterable[str] = ()) -> list[str]:
    """Return the phrases of an answer that tell most of what it is about, best first.

    A phrase weighs as much as its words are frequent in the text, half as much again where it is a name, and once more
    where it shares a word with `known`, the questions asked so far.
    """
    asked = plain_words(known)
    first: dict[tuple[str, ...], Phrase] = {}
    for phrase in (every := phrases(text)):
        first.setdefault(phrase.words, phrase)
    count = Counter(word for phrase in every for word in phrase.words)
    weights = {
        words: sum(count[word] for word in set(words))
        / len(words)
        * (1.5 if phrase.is_name else 1.0)
        * (1.5 if asked & set(words) else 1.0)
        for words, phrase in first.items()
    }
    return [first[words].text for words in sorted(weights, key=lambda words: -weights[words])[:most]]


def opens_sentence(text: str, start: int) -> bool:
    """Tell whether what starts here has its capital only because a sentence opens with it."""
    before = text[:start].rstrip(" \"'“‘(")
    return not before or before[-1] in ".?!:"


def _tells(text: str, match: re.Match[str]) -> bool:
    word = match.group()
    if word in _COUNTRY:
        return True
    low = word.casefold().replace("’", "'")
    if low not in _PARTING and re.sub(r"'?s$", "", low) not in _PARTING:
        return True
    return low not in FUNCTION_WORDS and word[0].isupper() and not opens_sentence(text, match.start())


def _phrase(text: str, run: list[re.Match[str]]) -> Phrase:
    written = re.sub(r"['’]s?$", "", text[run[0].start() : run[-1].end()])
    return Phrase(written, tuple(plain(match.group()) for match in run))
