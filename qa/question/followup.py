"""A question asked in the course of a conversation, made to stand alone.

No model rewrites anything: words of the earlier questions and answers are put where the new question points back at
them, so that a person can see at a glance what was asked of the library. What is searched for may name more of the
conversation than what is read: a few words too many help to find a passage, and would only mislead who reads it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qa.question.phrases import COMMANDS, OF_QUESTIONS, names, phrases, plain_stems, salient_phrases, swapped
from qa.question.words import FUNCTION_WORDS, content_words

_ASKS_WHO = re.compile(r"(?i)^\W*(?:who|whose|whom)\b")
_WHO_IS = re.compile(r"(?i)^\W*who(?:['’]s|\s+(?:is|are|was|were))\s+((?:the|a|an|our|their)\s+[^?]+?)\W*$")
_WHO_IS_SOMEBODY = re.compile(r"(?i)\W*who(?:['’]s|\s+(?:is|are|was|were))\b")
_PERSONAL = {"he": "", "she": "", "him": "", "his": "'s", "her": "'s", "hers": "'s", "himself": "", "herself": ""}
_OTHER = {"it": "", "they": "", "them": "", "its": "'s", "their": "'s", "theirs": "'s"}
_PRONOUNS = _PERSONAL | _OTHER
_POINTING = frozenset("this that these those there then one ones former latter such".split())
_COMPARING = frozenset(
    "other others another else same similar also too instead both either compare difference differences".split()
)
_JOINED = re.compile(r"(?i)^\W*(?:and|or|but|so)\b")
_ELLIPTIC = re.compile(r"(?i)^\W*(?:(?:what|how) about\b|(?:why|when|where|who|how|since when|how come)\W*$|why not\b)")
_DEFINED = re.compile(r"(?i)^\W*(?:what|who)(?:['’]s|\s+(?:is|are|was|were))\s+\w")
_EXISTING = re.compile(r"(?i)\b(?:is|are|was|were)\s+there(?=\s+\w)|\bthere\s+be\b")
_AFTER_PREPOSITION = re.compile(r"(?i)\b(?:in|at|on|of|for|from|by|with|to)\s+(?:the\s+)?$")
# Elsewhere a run of words may hold a verb: "Why do cats eat plastic?"
_TOPIC = re.compile(
    r"(?i)^(?:.*\babout|\W*describe|\W*(?:what|who)(?:['’]s|\s+(?:is|are|was|were)))\s+(the\s+)?(?:an?\s+)?([^?!.]+)[?!.]*$"
)
_THE_THING = re.compile(r"\bthe (?P<name>[A-Z][\w.-]*) [a-z][\w-]*(?=\W*$)")
"""A thing at the end of a question whose name only tells which one it is: "the US delegation"."""
_BEFORE_A_QUESTION = re.compile(
    r"(?i)^\W*(?:(?:many\s+)?thanks(?:\s+a\s+lot)?|thank\s+you(?:\s+very\s+much)?|ok(?:ay)?|great|good|nice|perfect|cool|"
    r"hello|hi|hey|sorry|yes|no)\s*[,.!;:]+\s*(?=\w)"
)
_NEW_CLAUSE = re.compile(r"(?i)[,;.?]|\b(?:and|or|if|because|so|when|that)\b")
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*['’]?")

_COURTESIES = frozenset(
    "thanks thank thx cheers great good nice cool perfect wow ok okay hello hi hey bye goodbye morning evening sorry "
    "help yes no".split()
)
_QUESTION_WORDS = frozenset("who whom whose what which when where why how".split())

_JOINED_WORDS = 5
"""With more content words, a question that opens with "and" or "but" is still a whole one."""
_FRAGMENT_WORDS = 3
"""So short, a question without a name is a piece of the one before ("How many dead?", "Where exactly?")."""
_ANSWER_PHRASES = 8
_SHORT_ANSWER_WORDS = 10
"""A longer answer names too much for a pronoun to point at one thing in it."""
_WHOLE_PHRASES = 4
"""A question of so many phrases, or of half as many and a name among them, tells by itself what it is about."""


@dataclass(frozen=True, slots=True)
class Standalone:
    """A question that needs no conversation: `text` as a person and the reader see it, `search` as it is looked for.

    Both are the question itself where it stands on its own.
    """

    text: str
    search: str


def standalone(question: str, turns: Sequence[str], answers: Sequence[str] = ()) -> Standalone:
    """Return the question with what it borrows from the conversation put in.

    A question that stands on its own comes back unchanged. A pronoun is replaced by the one name or thing that it can
    stand for in the turn before. Where there is none, the earlier question follows in brackets. A question that only
    names something else ("And Pakistan's?") is the earlier question with that name in the place of its like. Any other
    piece of a question follows the earlier question.

    turns: the earlier questions, oldest first. answers: what was answered to each of them, "" for nothing; none at all
    where the answers are not known.
    """
    question = " ".join(question.split())
    text = ""
    for asked, answer in zip([*turns, question], ["", *(answers or [""] * len(turns))], strict=True):
        earlier, text = text, _against(" ".join(asked.split()), text, answer)
    if not turns or not question or stands_alone(question):
        return Standalone(text, text)
    borrowed = [phrase.text for turn in (turns[-1], turns[0]) for phrase in phrases(turn)]
    if answers:
        borrowed += salient_phrases(answers[-1], _ANSWER_PHRASES, known=[*turns, question])
    known = plain_stems(question)
    if swapped(question, _without_brackets(earlier)):
        gone = plain_stems(earlier) - plain_stems(text)
        borrowed = [phrase for phrase in borrowed if not plain_stems(phrase) & gone]
    borrowed = [phrase for phrase in dict.fromkeys(borrowed) if not plain_stems(phrase) <= known]
    # The question is there twice, so that what it borrows does not outweigh it.
    again = question if question in text else text
    return Standalone(text, " ".join([question, again, *borrowed]))


def is_courtesy(question: str) -> bool:
    """Tell whether nothing is asked: "thanks!", "ok, great", "hello"."""
    words = {word.casefold().replace("’", "'") for word in _WORD.findall(question)}
    if "?" in question or not words & _COURTESIES or words & (_QUESTION_WORDS | COMMANDS):
        return False
    return words <= _COURTESIES | FUNCTION_WORDS | OF_QUESTIONS


def stands_alone(question: str) -> bool:
    """Tell whether nothing in a question points back, and it names enough to be looked for by itself."""
    words = set(_words(question))
    if words & (_PRONOUNS.keys() | _POINTING | _COMPARING) or _ELLIPTIC.match(question) or _JOINED.match(question):
        return False
    count = len(phrases(question))
    return count >= _WHOLE_PHRASES or (2 * count >= _WHOLE_PHRASES and bool(names(question)))


def _against(question: str, earlier: str, answer: str) -> str:
    """Return the question made to stand alone after one earlier question, itself standing alone, and its answer."""
    question = _BEFORE_A_QUESTION.sub("", question)
    if not earlier or not question:
        return question
    words = _words(question)
    pronoun = next((word for word in words if word in _PRONOUNS), None)
    if pronoun is not None and not _refers_inside(question, pronoun):
        referent = _referent(pronoun, earlier, answer)
        return _replace(question, pronoun, referent) if referent else _bracketed(question, earlier)
    telling = content_words(question)
    if swap := swapped(question, _without_brackets(earlier)):
        return swap
    if _ELLIPTIC.match(question) or (_JOINED.match(question) and len(telling) <= _JOINED_WORDS):
        return f"{_without_brackets(earlier)} {question}"
    if names(question):
        return question
    if len(telling) <= 3 and any(word in _POINTING for word in words[1:] or words):
        return _bracketed(question, earlier)
    if not telling or (len(question.split()) <= _FRAGMENT_WORDS and not _DEFINED.match(question)):
        return f"{_without_brackets(earlier)} {question}"
    return question


def _words(question: str) -> list[str]:
    """Return the words in lower case, without a "there" that only says that something exists."""
    return [word.casefold() for word in _WORD.findall(_EXISTING.sub(" ", question))]


def _referent(pronoun: str, earlier: str, answer: str) -> str | None:
    """Return the one name or thing that the pronoun can stand for after a question and its answer, or None."""
    asked_for = description_asked_for(earlier)
    if pronoun in _PERSONAL and asked_for is not None:
        answered = names(answer, whole=True) if len(answer.split()) <= _SHORT_ANSWER_WORDS else []
        return answered[0] if len(answered) == 1 else asked_for or None
    if topic := _TOPIC.match(_without_brackets(earlier)):
        article, thing = topic.groups()
        whole = [phrase.text for phrase in phrases(thing)] == [thing] and not re.search(r"['’]s?\s", thing)
        if whole and (pronoun in _OTHER or names(f"of {thing}")):
            return f"{'the ' if article else ''}{thing}"
    found = [name for name in names(_without_brackets(earlier)) if name in earlier]
    if len(found) == 1 and pronoun in _OTHER and (thing := _THE_THING.search(earlier)) and thing["name"] == found[0]:
        return thing[0]
    if len(found) == 1 and (pronoun in _PERSONAL or not _AFTER_PREPOSITION.search(earlier[: earlier.index(found[0])])):
        the = re.search(rf"\b[Tt]he {re.escape(found[0])}", earlier)
        return f"the {found[0]}" if the else found[0]
    things = phrases(_without_brackets(earlier))
    if not found and pronoun in _OTHER and len(things) == 1:
        the = re.search(rf"(?i)\bthe {re.escape(things[0].text)}", earlier)
        return f"the {things[0].text}" if the else None
    return None


def description_asked_for(question: str) -> str | None:
    """Return how a question describes the person it asks for, "" where it does so in no words to repeat.

    "Who is the mayor of Pellow?" asks for "the mayor of Pellow". None where it asks for nobody, or for who a named
    person is.
    """
    if not _ASKS_WHO.match(question):
        return None
    if match := _WHO_IS.match(question):
        return re.sub(r" \([^()]*$", "", match.group(1))
    return None if _WHO_IS_SOMEBODY.match(question) else ""


def _refers_inside(question: str, pronoun: str) -> bool:
    """Tell whether a name before the pronoun, or a thing in the clause before its own, is what it stands for."""
    place = re.search(rf"(?i)\b{pronoun}\b", question)
    before = question[: place.start()] if place else ""
    if names(before):
        return True
    things = phrases(before)
    return pronoun in _OTHER and bool(things) and _NEW_CLAUSE.search(before, before.index(things[0].text)) is not None


def _bracketed(question: str, earlier: str) -> str:
    return f"{question} ({_without_brackets(earlier).rstrip('?!. ')})"


def _without_brackets(text: str) -> str:
    """Return an earlier question without what it borrowed itself, unless it says nothing without that.

    Of more than two sentences, the first and the last are kept.
    """
    short = re.sub(r" \([^()]*\)$", "", text)
    kept = short if phrases(short) else text.replace(" (", ", ").rstrip(")")
    sentences = re.split(r"(?<=[?!.])\s+(?=[^\W_a-z])", kept)
    return kept if len(sentences) <= 2 else f"{sentences[0]} {sentences[-1]}"


def _replace(question: str, pronoun: str, name: str) -> str:
    """Put the name where the pronoun first stands, with the possessive ending where it needs one."""
    ending = _PRONOUNS[pronoun]
    if pronoun == "her" and not re.search(r"(?i)\bher\s+\w", question):
        ending = ""
    if ending and name.endswith("s"):
        ending = "'"
    replaced = re.sub(rf"(?i)\b{pronoun}\b", lambda _: name + ending, question, count=1)
    return replaced[0].upper() + replaced[1:] if question[0].isupper() else replaced
