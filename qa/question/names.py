"""The names in a question or a short answer, and the person whom a question asks for, known by capitals and wording."""

import re

from qa.question.phrases import opens_sentence

_NAME = re.compile(
    r"[^\W\d_a-z][\w.'’&-]*(?:\s+(?:(?:of|the|for|and|de|van|von|bin|al)\s+){0,2}[^\W\d_a-z][\w.'’&-]*|\s+\d+)*"
)
_NO_NAMES = frozenset(
    "interesting ok okay oh really thanks wow yes"
    " a about after all also am an and any are as at be been before being both but by can could describe did do does"
    " doing explain for from had has have having he her herself hers him himself his how i if in into is it its just"
    " list many me more most much my no not now of off on only or other our out over own please same say said says"
    " she should show so some tell than that the their theirs them then there these they this those to too under up"
    " very was we were what when where which while who whom whose why will with would you your".split()
)
_ASKS_WHO = re.compile(r"(?i)^\W*(?:who|whose|whom)\b")
_WHO_IS = re.compile(r"(?i)^\W*who(?:['’]s|\s+(?:is|are|was|were))\s+((?:the|a|an|our|their)\s+[^?]+?)\W*$")


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
    return re.sub(r"['’.,].*", "", word.casefold()) in _NO_NAMES


def description_asked_for(question: str) -> str | None:
    """Return how a question describes the person it asks for, "" where it does so in no words to repeat.

    "Who is the mayor of Pellow?" asks for "the mayor of Pellow". None where it asks for nobody, or for who a named
    person is.
    """
    if not _ASKS_WHO.match(question):
        return None
    if match := _WHO_IS.match(question):
        return re.sub(r" \([^()]*$", "", match.group(1))
    return "" if not re.match(r"(?i)\W*who(?:['’]s|\s+(?:is|are|was|were))\b", question) else None
