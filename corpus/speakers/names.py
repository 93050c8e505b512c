"""Finding a speaker's name or description right before or after a verb of saying, and whom "he said" means."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from corpus.speakers.vocabulary import (
    CONJUNCTIONS,
    ENDS_NO_NAME,
    IN_A_STATEMENT,
    NOBODY,
    PRONOUNS,
    ROLES,
    STARTS_NO_NAME,
    STOPS_NAME,
    VERBS_IN,
)

Span = tuple[int, int]

LONGEST = 110
"""Longest name or description, in characters. Longer ones are clauses."""

_ADVERBS = frozenset(
    "also later then earlier previously repeatedly recently has have had once further himself herself "
    "reportedly publicly subsequently separately only simply still now again already famously initially "
    "explicitly privately first often even quickly immediately reportedly specifically however therefore "
    "officially formally always long since themselves itself flatly bluntly".split()
)
_ISSUED_BY = re.compile(
    r"(?:[Aa]n?|[Tt]he|[Oo]ne|another|its|his|her|their) (?:[\w-]+ ){0,3}?"
    r"(?:statement|report|release|letter|note|data|figures|study|forecast|poll|survey|analysis|estimate|tally) "
    r"(?:(?:issued|released|published|posted|made|put out|shared|sent|obtained|given|compiled)(?: [a-z]+day)? "
    r"(?:by|on behalf of)|from|by) "
)
"""The speaker of "a statement issued by the Foreign Office" is the office."""
_WORD = re.compile(r"[^\s,;:—–()“”\"‘«»]+")
_PUBLISHED = re.compile(r" (?:published|released|issued|posted|conducted|commissioned|reviewed|obtained)$")
_GERUND = re.compile(r"[A-Z][a-z]+ing (?:to|with(?:out)?|at|in|on|from|by|the|an?|his|her)\b")
_APPOSITION = re.compile(r"(?:who|whose|which|an?|one|now|then|formerly|[a-z]+ing|[a-z-]+ (?:of|at|for|with|to))\b")
_LEADS = _ADVERBS | frozenset(
    "and but or yesterday today meanwhile however instead nevertheless monday tuesday wednesday thursday friday "
    "saturday sunday so yet".split()
)
_DETERMINERS = frozenset("a an the one another his her their my our".split())
_PLAIN_WORDS = 5
"""Most words of a description without a name or an office: "a young diver"."""
DESCRIPTION = re.compile(r"\s*(?:[Tt]he|[Aa]n?|[Hh]is|[Hh]er|[Ii]ts|[Tt]heir|[Oo]ur)(?: [a-z][\w’'-]+){1,4}, ")
"""Words that may stand before a name: "the mayor, Ana Ruiz"."""
_FULL_NAME = re.compile(r"[A-Z][\w’'-]+(?: (?:[A-Z]\.|[A-Z][\w’'-]+)){1,3},")
_TITLE = re.compile(
    r"(?:^|[ .])(?:Mr|Mrs|Ms|Mx|Dr|Prof|Gen|Maj|Lt|Sgt|Cpl|Capt|Cmdr|Col|Adm|Sen|Rep|Gov|Hon|Rev|Fr|St|Jr|Sr|Inc|Corp|"
    r"Co|Ltd|No|Det|Supt|Insp|Const|Atty|Asst|[A-Z]|[A-Z]\.[A-Z]|Fla|Calif|Tex|Mass|Ind|Mich|Conn|Wash)\.$"
)

RECENT = 12
"""How many earlier statements may give the referent."""
_NEAR = 4000
"""How many characters before a family name to search for the full name."""
_CAPITAL = r"[A-Z][\w’'-]+"
_PERSON_NAME = re.compile(
    rf"\b(?!The |A |An ){_CAPITAL}(?: (?:[A-Z]\.|al-|bin|de|van|von|{_CAPITAL})){{0,3}} {_CAPITAL}"
)
_PERSON = rf"(?:(?:Mr|Mrs|Ms|Dr)\.? )?(?!(?:The|An?)\b){_CAPITAL}(?: (?:[A-Z]\.|{_CAPITAL})){{0,3}}"
_SUBJECT = re.compile(rf"{_PERSON}(?=, (?:who|whose|an?|the|[a-z]+ing|\d+)\b| [a-z])")
_OF_ANOTHER = {
    "he": re.compile(r"\b(?:[Ss]he|[Hh]er|[Hh]erself|Mrs|Ms)\b"),
    "she": re.compile(r"\b(?:[Hh]e|[Hh]is|[Hh]imself|Mr)\b"),
}
"""Words of a sentence that is not about whom the pronoun stands for."""
_ANOTHER = re.compile(r"\b(?:him|them|her(?=[.,;:]))\b")
_NAME = re.compile(_CAPITAL)
_NO_NAME = CONJUNCTIONS | STARTS_NO_NAME | NOBODY | STOPS_NAME


def name_after(text: str, start: int, end: int, *, anybody: bool = False) -> Span | None:
    """Return the name or description that starts at `start`, after white space; None if there is none.

    anybody: accept descriptions such as "a diver" too, and not only names and offices. For use beside a quotation.
    """
    while start < end and text[start] in " \u00a0":
        start += 1
    if issued := _ISSUED_BY.match(text, start, end):
        start = issued.end()
    first = last = None
    for word in _WORD.finditer(text, start, min(end, start + LONGEST + 40)):
        gap = text[start if last is None else last : word.start()]
        if gap.strip() or word[0] in STOPS_NAME or (last is None and len(gap) > 2):
            break
        first = word.start() if first is None else first
        last = word.end()
        if word[0][-1] in ".!?" and not _TITLE.search(text, max(0, last - 9), last):
            last -= len(word[0]) - len(word[0].rstrip(".!?"))
            break
    if first is None or last is None:
        return None
    if published := _PUBLISHED.search(text, first, last):
        last = published.start()
    return _checked(text, first, last, anybody=anybody)


def name_before(text: str, start: int, end: int, *, anybody: bool = False) -> Span | None:
    """Return the name or description in `[start, end)` that ends there, before white space and adverbs.

    Of "X, who leads Y, said", "X who leads Y said" and "the mayor, X, said" it is X. anybody: as in `name_after`.
    """
    segment_start, segment_end = _last_segment(text, start, end)
    words = list(_WORD.finditer(text, segment_start, segment_end))
    who = next((i for i, word in enumerate(words) if word[0] == "who"), 0)
    if 0 < who <= _PLAIN_WORDS and who < len(words) - 1 and words[0][0].lower() in _DETERMINERS:
        return _checked(text, words[0].start(), words[who - 1].end(), anybody=True)
    while words and words[-1][0] in _ADVERBS:
        words.pop()
    for i in range(len(words) - 1, -1, -1):
        if words[i][0].lower() in ("which", "what", "whom"):
            return None
        if words[i][0].lower() in CONJUNCTIONS:
            words = words[i + 1 :]
            break
    while words and words[0][0].lower() in _LEADS:
        words = words[1:]
    if not words:
        return None
    start, end = words[0].start(), words[-1].end()
    medium = IN_A_STATEMENT.search(text, start, end + 1)
    return _checked(text, start, medium.start() if medium and medium.start() > start else end, anybody=anybody)


def _last_segment(text: str, start: int, end: int) -> Span:
    """Return the part between commas with the subject: the last one, or the one before an apposition."""
    body = text[start:end]
    cuts = [start, *(start + m.end() for m in re.finditer(r"[,;:—–“”\"()]\s?", body))]
    if body.rstrip().endswith(")") and "(" in body and len(cuts) >= 3:  # Health Agency (HA) said
        return cuts[-3], start + body.rindex("(")
    if body.rstrip().endswith(",") and len(cuts) >= 3:
        for i in range(len(cuts) - 3, max(-1, len(cuts) - 7), -1):
            if i == 0 or not _APPOSITION.match(text, cuts[i]):
                if i == len(cuts) - 3 and DESCRIPTION.match(text, cuts[i]) and _FULL_NAME.match(text, cuts[i + 1]):
                    i += 1  # the mayor, Ana Ruiz, said
                return cuts[i], cuts[i] + len(re.sub(r"\W+$", "", text[cuts[i] : cuts[i + 1]]))
    return cuts[-1], end


def _checked(text: str, start: int, end: int, *, anybody: bool) -> Span | None:
    """Return the span if it reads like a speaker. Of "a statement issued by X" it is X."""
    if issued := _ISSUED_BY.match(text, start, end):
        start = issued.end()
    name = text[start:end].rstrip(" ”\"'’»")
    end = start + len(name)
    words = name.split()
    if not words or len(name) > LONGEST or _GERUND.match(name):
        return None
    if name in PRONOUNS:
        return start, end
    opening, ending = words[0].lower(), words[-1].lower()
    if opening in NOBODY and (len(words) == 1 or opening not in ("one", "both", "some", "many")):
        return None
    if ending in NOBODY | ENDS_NO_NAME or opening in STARTS_NO_NAME or not VERBS_IN.isdisjoint(words):
        return None
    is_named = any(word[0].isupper() for word in (words[1:] if words[0] in ("The", "A", "An", "One") else words))
    is_described = anybody and opening in _DETERMINERS and 1 < len(words) <= _PLAIN_WORDS
    if not is_named and not is_described and not ROLES.search(name):
        return None
    return start, end


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
    sentence = sentence_before or heard.sentence
    other = _OF_ANOTHER[text[slice(*pronoun)].lower()]
    if sentence and not other.search(text, *sentence) and (subject := _subject(text, sentence, heard.persons)):
        return subject
    name = _one_person(text, named[-RECENT:] or heard.speakers, heard.persons)
    return None if name is None or _others_named(text, name[1], pronoun[0], text[slice(*name)]) else name


def _subject(text: str, sentence: Span, persons: dict[str, bool]) -> Span | None:
    """Return the person who is the subject of a sentence, if the sentence names nobody else."""
    found = _SUBJECT.match(text, *sentence)
    if found is None or found[0].split()[0].lower() in _NO_NAME or not _person(text, found.span(), persons):
        return None
    if _ANOTHER.search(text, *sentence):
        return None
    others = (match.span() for match in _NAME.finditer(text, found.end(), sentence[1]))
    return None if any(_person(text, span, persons) for span in others) else found.span()


def _person(text: str, name: Span, persons: dict[str, bool]) -> bool:
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
