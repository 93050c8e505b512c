"""Who "he" and "she" are in "he said": the subject of the sentence before, or the only recent speaker."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from corpus.speakers.names import Span
from corpus.speakers.vocabulary import CONJUNCTIONS, NOBODY, PRONOUNS, STARTS_NO_NAME, STOPS_NAME

_ROLE_WORDS = (
    r"spokes(?:man|woman)|mayor|minister|president|premier|chancellor|governor|senator|judge|lawyer|attorney|doctor|officer|"
    r"chief|director|chair(?:man|woman)|manager|coach|author|professor|king|queen|prince|princess|duke|duchess|mother|father|"
    r"brother|sister|wife|husband|son|daughter|teacher|farmer|driver|neighbou?r|commander|captain|founder|owner|official"
)
"""Pattern of words for what a person is or does."""

RECENT = 12
"""How many earlier statements may give the referent."""
_NEAR = 4000
"""How many characters before a family name to search for the full name."""
_ROLE = re.compile(rf"\b(?:{_ROLE_WORDS})$")
_CAPITAL = r"[A-Z][\w’'-]+"
_PERSON_NAME = re.compile(
    rf"\b(?!The |A |An ){_CAPITAL}(?: (?:[A-Z]\.|al-|bin|de|van|von|{_CAPITAL})){{0,3}} {_CAPITAL}"
)
_PERSON = rf"(?:(?:Mr|Mrs|Ms|Dr)\.? )?(?!(?:The|An?)\b){_CAPITAL}(?: (?:[A-Z]\.|{_CAPITAL})){{0,3}}"
_OFFICE = (
    rf"(?:An?|The|One|Another) (?:[\w’'-]+ ){{0,3}}?(?:{_ROLE_WORDS})(?: (?:for|of|at|from|in) (?:the |an? )?[\w’'-]+)?"
)
_SUBJECT = re.compile(rf"{_PERSON}(?=, (?:who|whose|an?|the|[a-z]+ing|\d+)\b| [a-z])|{_OFFICE}(?=, | [a-z])")
_HIS, _HER = re.compile(r"\b(?:[Hh]e|[Hh]is|[Hh]imself|Mr)\b"), re.compile(r"\b(?:[Ss]he|[Hh]er|[Hh]erself|Mrs|Ms)\b")
_ANOTHER = re.compile(r"\b(?:him|them|her(?=[.,;:]))\b")
_NAME = re.compile(_CAPITAL)
_NO_NAME = CONJUNCTIONS | STARTS_NO_NAME | NOBODY | STOPS_NAME


@dataclass(slots=True)
class Heard:
    """What the paragraphs so far tell the next one.

    speakers: who spoke. sentence: the last one that is more than a quotation. open_words, open_speaker: the quotation
    that is still open. persons: whether a last word of names is that of a person's.
    """

    speakers: list[Span] = field(default_factory=list)
    sentence: Span | None = None
    open_words: list[Span] = field(default_factory=list)
    open_speaker: Span | None = None
    persons: dict[str, bool] = field(default_factory=dict)


def referent(
    text: str, pronoun: Span, sentence_before: Span | None, named: Sequence[Span], heard: Heard
) -> Span | None:
    """Return the name that a pronoun beside a verb of saying stands for, None if that is uncertain.

    sentence_before: the last sentence of the same paragraph that is no quotation, None if there is none. named: the
    speakers of the paragraph so far.
    """
    she = text[slice(*pronoun)].casefold() == "she"
    sentence = sentence_before or heard.sentence
    if sentence is not None and (subject := _subject(text, sentence, she=she, persons=heard.persons)):
        return subject
    name = _one_person(text, named[-RECENT:] or heard.speakers, heard.persons)
    return None if name is None or _others_named(text, name[1], pronoun[0], text[slice(*name)]) else name


def _subject(text: str, sentence: Span, *, she: bool, persons: dict[str, bool]) -> Span | None:
    """Return the person who is the subject of a sentence, if the sentence names nobody else."""
    found = _SUBJECT.match(text, *sentence)
    if found is None or found[0] in PRONOUNS or found[0].split()[0].lower() in _NO_NAME:
        return None
    words = text[slice(*sentence)]
    other = _HIS if she else _HER
    if other.search(words) or _ANOTHER.search(words) or not _person(text, found.span(), persons):
        return None
    others = (match.span() for match in _NAME.finditer(text, found.end(), sentence[1]))
    return None if any(_person(text, span, persons) for span in others) else found.span()


def _person(text: str, name: Span, persons: dict[str, bool]) -> bool:
    if found := _ROLE.search(re.sub(r" (?:for|of|at|from|in) .*", "", text[slice(*name)])):
        return found.start() > 0
    last = text[slice(*name)].split()[-1]
    if last not in persons:
        persons[last] = _is_person(text, name, last)
    return persons[last]


def _one_person(text: str, speakers: Sequence[Span], persons: dict[str, bool]) -> Span | None:
    """Return the person if all mentions are of one person, compared by the last word of the name; else None."""
    family = {text[slice(*s)].split()[-1] for s in speakers}
    if len(family) != 1:
        return None
    return speakers[-1] if _person(text, speakers[-1], persons) else None


def _is_person(text: str, speaker: Span, last: str) -> bool:
    """Tell whether a name is a person's: with a given name here or shortly before."""
    near = text[max(0, speaker[0] - _NEAR) : speaker[1]]
    full = (match[0] for match in _PERSON_NAME.finditer(near))
    return last[0].isupper() and any(name.endswith(" " + last) for name in full)


def _others_named(text: str, start: int, end: int, name: str) -> bool:
    """Tell whether somebody else is named between a name and the pronoun."""
    return any(
        other[0].split()[-1] not in name for other in _PERSON_NAME.finditer(text, start, min(end, start + _NEAR))
    )
