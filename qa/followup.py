"""A question asked in the course of a conversation, made to stand alone.

No model rewrites anything: words of the earlier questions are put where the new question points back at them, so that a
person can see at a glance what was asked of the library.
"""

import re
from collections.abc import Sequence

_PERSONAL = {"he": "", "she": "", "him": "", "his": "'s", "her": "'s", "hers": "'s", "himself": "", "herself": ""}
_OTHER = {"it": "", "they": "", "them": "", "its": "'s", "their": "'s", "theirs": "'s"}
_POINTING = {"this", "that", "these", "those", "there", "then", "one", "ones", "former", "latter", "such"}
_ELLIPTIC = re.compile(
    r"(?i)^\W*(?:(?:and|or|but|so)\b|(?:what|how) about\b|(?:why|when|where|who|how|since when|how come)\W*$|why not\b)"
)
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*['’]?")
_NAME = re.compile(
    r"[^\W\d_a-z][\w.'’&-]*(?:\s+(?:(?:of|the|for|and|de|van|von|bin|al)\s+){0,2}[^\W\d_a-z][\w.'’&-]*|\s+\d+)*"
)
_FUNCTION_WORDS = frozenset(
    "a about after all also am an and any are as at be been before being both but by can could did do does doing for "
    "from had has have having how i if in into is just many me more most much my no not now of off on only or other "
    "our out over own please same say says said should so some tell than that the then there these this those to "
    "too under up very was we were what when where which while who whom whose why will with would you your".split()
)
_QUESTION_WORDS = frozenset(
    "who whom whose what which when where why how is are was were do does did can could".split()
)


_FRAGMENT_WORDS = 3
"""So short, a question without a name is a piece of the one before ("How many dead?", "Where exactly?")."""


def standalone_question(question: str, turns: Sequence[str]) -> str:
    """Return the question with what it borrows from earlier questions (oldest first) put in.

    A question that stands on its own comes back unchanged. A pronoun is replaced by the one name that the earlier
    questions offer for it; where there is none, or the question is only a part of one ("And Pakistan's?"), the earlier
    question is put before it.
    """
    question = " ".join(question.split())
    earlier = ""
    for turn in turns:
        earlier = _against(" ".join(turn.split()), earlier)
    return _against(question, earlier)


def content_words(text: str) -> list[str]:
    """Return the words of a question that carry its content, in lower case and in order."""
    words = (word.casefold().removesuffix("'s").removesuffix("’s") for word in _WORD.findall(text))
    references = _PERSONAL.keys() | _OTHER.keys()
    return [word for word in words if word not in _FUNCTION_WORDS and word not in references]


def _against(question: str, earlier: str) -> str:
    """Return the question made to stand alone after one earlier question, itself standing alone."""
    if not earlier or not question:
        return question
    if _ELLIPTIC.match(question):
        return f"{earlier} {question}"
    words = [word.casefold() for word in _WORD.findall(question)]
    pronoun = next((word for word in words if word in _PERSONAL or word in _OTHER), None)
    if pronoun is not None and not _refers_inside(question, pronoun):
        names = _names(earlier)
        asks_who = re.match(r"(?i)\W*(?:who|whose|whom)\b", earlier) and not re.match(
            r"(?i)\W*who\s+(?:is|was)\b", earlier
        )
        if len(names) == 1 and not (pronoun in _PERSONAL and asks_who):
            return _replace(question, pronoun, names[0])
        return f"{earlier} {question}"
    if (
        any(word in _POINTING for word in words[1:] or words)
        and len(content_words(question)) <= 4
        and not _names(question)
    ):
        return f"{earlier} {question}"
    if not content_words(question) or (len(words) <= _FRAGMENT_WORDS and not _names(question)):
        return f"{earlier} {question}"
    return question


def _refers_inside(question: str, pronoun: str) -> bool:
    """Tell whether a name before the pronoun, in the same question, is what it stands for."""
    place = re.search(rf"(?i)\b{pronoun}\b", question)
    return place is not None and bool(_names(question[: place.start()]))


def _names(text: str) -> list[str]:
    """Return the capitalised names of a question, without the capital that only opens a sentence."""
    found: list[str] = []
    for match in _NAME.finditer(text):
        name = match.group().strip(" .'’-")
        first, _, rest = name.partition(" ")
        if first.casefold() in _FUNCTION_WORDS | _QUESTION_WORDS or first.casefold() in _PERSONAL | _OTHER:
            name = rest.strip()
        elif _opens_sentence(text, match.start()) and not rest and not first.isupper():
            continue
        name = re.sub(r"['’]s?$", "", name)
        if name and name not in found:
            found.append(name)
    return [name for name in found if not any(name != other and name in other for other in found)]


def _opens_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip(" \"'“‘(")
    return not before or before[-1] in ".?!"


def _replace(question: str, pronoun: str, name: str) -> str:
    """Put the name where the pronoun first stands, with the possessive ending where it needs one."""
    ending = (_PERSONAL | _OTHER)[pronoun]
    if pronoun == "her" and not re.search(r"(?i)\bher\s+\w", question):
        ending = ""
    return re.sub(rf"(?i)\b{pronoun}\b", lambda _: name + ending, question, count=1)
