"""Claims, and whether two are about the same event: signs that they are not (place, year, phase, kind of harm, body).

Nothing here proves that they are: the reader found that both answer the question. One sign of different events is
enough, so a disagreement is shown only if nothing speaks against it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from corpus.dates.resolve import DayExpression, resolve_days
from corpus.dates.vocabulary import MONTHS, WEEKDAYS
from corpus.sentences import sentences, sentences_around
from embeddings.library.search import Hit
from qa.disagreement.names import NAME, country, is_known_place, without_possessive
from qa.question.words import FUNCTION_WORDS, content_words, stem

_IRREGULAR = (
    "die died death dead dying, rise rose risen, take took taken, break broke broken, win won, lead led, hold held,"
    " build built, leave left, find found, shoot shot, begin began begun, strike struck, drive drove driven,"
    " give gave given, sell sold, buy bought, pay paid, fall fell fallen, sink sank sunk, fly flew flown,"
    " write wrote written, meet met, lose lost, steal stole stolen, send sent, beat beaten, come came, free freed"
)
_STEMS = {form: forms.split()[0] for forms in _IRREGULAR.split(",") for form in forms.split()}
_TYPE_WORDS = frozenset(
    "time day date year month hour country city town place state team company person man woman name number share "
    "percentage amount total figure count long far old big large high deep tall wide heavy hot fast often many much "
    "organisation organization group party post job position title role".split()
)
_HARM = (
    ("killed", r"kill\w*|die[sd]?|dead|deaths?|dying|bod(?:y|ies)|fatal\w*|toll|drown\w*|lost their lives|perish\w*"),
    ("hurt", r"injur\w*|wound\w*|hurt|hospitali[sz]ed"),
    ("missing", r"missing|unaccounted"),
    ("displaced", r"displaced|evacuat\w*|homeless|fled|(?:left|leave|flee) their homes|shelters?"),
    ("arrested", r"arrest\w*|detain\w*|custody"),
    ("rescued", r"rescue\w*|saved|survivors?|survived|brought out"),
    ("destroyed", r"destroy\w*|burned down|burnt down|razed|flattened|unfit"),
    ("damaged", r"damag\w*"),
)
_PHASE = (
    ("begin", r"beg[aiu]n\w*|start(?:s|ed|ing)?|open(?:s|ed|ing)?|launch\w*|broke out|walked out"),
    ("end", r"end(?:s|ed|ing)?|finish\w*|clos(?:e|es|ed|ing)|over|wrapped up|conclud\w*"),
    ("agree", r"approv\w*|agree\w*|sign(?:s|ed|ing)?|ratif\w*|struck|strike a deal"),
    ("arrest", r"arrest\w*|detain\w*|caught"),
    ("charge", r"charg\w*|indict\w*|accus\w*|plead\w*"),
    ("sentence", r"sentenc\w*|convict\w*|verdict"),
    ("born", r"born|birth"),
    ("die", r"die[sd]?|death|killed"),
    ("arrive", r"arriv\w*|land(?:s|ed|ing)?|reach(?:ed)?"),
    ("depart", r"depart\w*|left|leaves?|set sail|took off"),
)
_QUALIFIED = (
    ("wants", r"wants?|wanted|demand\w*|seeks?|sought|ask(?:s|ed)? for|call(?:s|ed) for|propos\w*"),
    ("expects", r"expect\w*|forecast\w*|project(?:ed|s)|predict\w*|could|(?-i:may)|might|likely|aims?|hopes?|target\w*|"
     r"goal|plan(?:s|ned)?(?: to)?|suppos\w* to|intend\w*|budgeted"),
    ("was", r"former|ex|then|outgoing|predecessor"),
    ("will be", r"incoming|successor|replac\w+"),
    ("stands in", r"deputy|vice|acting|interim"),
)  # fmt: skip
"""Words for wishes and expectations, and for offices that somebody no longer holds, not yet or only in part."""
_PLACED = re.compile(
    r"(?i)\b(?:in|at|near|off|outside|against|over|around|on)\s+(?:the\s+|an?\s+)?(?:[a-z]+\s+(?:in|at|near)\s+)?$"
)
_CALENDAR = frozenset(word.casefold() for word in (*WEEKDAYS, *MONTHS))
_PRESENT = re.compile(
    r"(?i)\b(?:is|are|has|have|does|do|leads?|heads?|runs?|owns?|chairs?|holds?|serves?|works?|costs?|governs?)\b"
)
_OF_A_BODY = re.compile(
    r"(?=\b(?:(?P<before>[^\W\d_][\w’'-]*)\s+)?(?P<word>[^\W\d_]{3,})\b"
    r"(?:,?\s+(?:of|at|for)\s+(?:the\s+|an?\s+)?(?P<of>[\w’'-]+(?:\s+[\w’'-]+){0,2}))?)"
)
_NEAR = 60
"""Characters before and after an answer in which a word concerns it."""
_PRESENT_DAYS = 150
"""Days after which a present state may have changed: articles further apart do not contradict each other."""


@dataclass(frozen=True, slots=True)
class Claim:
    """An answer in the sentence of one article: `text == sentence[start : start + len(text)]`.

    article: the article's id. published: its day, None if unknown. days: the day expressions of the sentence, resolved
    against that day, with offsets into the sentence. passage: what was read, with the sentence at `sentence_start`.
    title: the article's heading, "" where it is not known.
    """

    text: str
    sentence: str
    start: int
    article: str
    published: date | None
    days: tuple[DayExpression, ...]
    passage: str
    sentence_start: int
    title: str

    @property
    def end(self) -> int:
        """The end of the answer in its sentence."""
        return self.start + len(self.text)

    def overlaps(self, start: int, end: int) -> bool:
        """Tell whether the answer has a part in characters `[start, end)` of its sentence."""
        return start < self.end and self.start < end


def claim_in(text: str, start: int, end: int, *, article: str, published: date | None, title: str = "") -> Claim:
    """Return the claim `text[start:end]` with the sentence or sentences around it."""
    first, last = sentences_around(text, start, end)
    days = tuple(
        DayExpression(day.text, day.start - first, day.end - first, day.first, day.last)
        for day in resolve_days(text, published, start=first, end=last)
    )
    return Claim(text[start:end], text[first:last], start - first, article, published, days, text, first, title)


def claim_of(hit: Hit, start: int, end: int) -> Claim:
    """Return the claim in characters `[start, end)` of a hit's article version. They lie in the hit's passage."""
    info, begin, stop = hit.info, start - hit.start, end - hit.start
    return claim_in(hit.text, begin, stop, article=hit.article, published=info.day, title=info.heading)


def stems(words: Iterable[str]) -> set[str]:
    """Return the stems of words: irregular verbs from a table, others without a common ending."""
    return {_stem(word) for word in words}


def asked_stems(question: str) -> set[str]:
    """Return the stems of a question's content words, without those that only tell the kind of answer."""
    return stems(word for word in _telling_words(question) if word not in _TYPE_WORDS)


def coverage(question: str, claim: Claim) -> float:
    """Return the share of a question's content words in the claim's sentence, 1.0 if it has none."""
    asked = asked_stems(question)
    return len(asked & stems(_telling_words(claim.sentence))) / len(asked) if asked else 1.0


def _telling_words(text: str) -> list[str]:
    """Return the content words, with those that a hyphen joins of function words alone: "to-go", "in-between"."""
    joined = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)+", text.casefold())
    return [*content_words(text), *(word for word in joined if FUNCTION_WORDS.issuperset(word.split("-")))]


def about_different_things(question: str, one: Claim, other: Claim) -> bool:
    """Tell whether there is a sign that two claims are about different events, places, times or roles."""
    for classes in (_HARM, _PHASE):
        asked, mine, theirs = (_classes(classes, text) for text in (question, one.sentence, other.sentence))
        if any(a and b and not a & b for a, b in ((mine, theirs), (asked, mine), (asked, theirs))):
            return True
    near = (claim.sentence[max(0, claim.start - _NEAR) : claim.end + _NEAR] for claim in (one, other))
    mine, theirs = (_classes(_QUALIFIED, text) - _classes(_QUALIFIED, question) for text in near)
    if mine != theirs:
        return True
    return (
        name_nothing_in_common(question, one, other)
        or _other_names(question, one, other)
        or _other_times(question, one, other)
        or _of_different_bodies(question, one, other)
    )


def _classes(classes: tuple[tuple[str, str], ...], text: str) -> set[str]:
    """Return the classes of which a text has a word."""
    return {name for name, words in classes if re.search(rf"(?i)\b(?:{words})\b", text)}


def _stem(word: str) -> str:
    word = without_possessive(word.casefold())
    return _STEMS.get(word) or stem(word)


def _names(text: str, start: int = 0, end: int = 0) -> dict[str, bool]:
    """Return the names in a sentence outside the answer, and whether each is used as a place or an opponent."""
    found = {}
    for match in NAME.finditer(text):
        name = re.sub(r"(?:['’]s?)?\.?$", "", match[0])
        words = name.split()
        opens = match.start() == 0 and len(words) == 1 and not is_known_place(name)
        if opens or (match.start() < end and start < match.end()) or _CALENDAR.issuperset(name.casefold().split()):
            continue
        found[name.removeprefix("The ")] = _PLACED.search(text[: match.start()]) is not None
    return found


def _near(name: str, others: Iterable[str]) -> bool:
    """Tell whether a name is a longer or shorter form of one of others, or means the same country."""
    words, its = set(name.casefold().split()), country(name)
    return any(
        words <= (them := set(other.casefold().split())) or them <= words or (its and its == country(other))
        for other in others
    )


def _other_names(question: str, one: Claim, other: Claim) -> bool:
    """Tell whether two sentences name different places or opponents that the question does not name."""
    mine, theirs = (_names(claim.sentence, claim.start, claim.end) for claim in (one, other))
    known = _names(question)
    only_mine = [name for name in mine if not _near(name, [*known, *theirs])]
    only_theirs = [name for name in theirs if not _near(name, [*known, *mine])]
    if any(map(country, only_mine)) != any(map(country, only_theirs)):
        return True
    return any(mine[name] for name in only_mine) and any(theirs[name] for name in only_theirs)


def name_nothing_in_common(question: str, one: Claim, other: Claim, *, passages: bool = False) -> bool:
    """Tell whether the question names nothing, and two sentences name things beside the answers, none of them both.

    An answer that is more than a name counts with what it names. passages: for a sentence that names nothing, what its
    passage names counts.
    """
    if _names(question):
        return False
    mine, theirs = (_named_beside(claim, passages=passages) for claim in (one, other))
    return bool(mine and theirs) and not any(_near(name, theirs) for name in mine)


def _named_beside(claim: Claim, *, passages: bool) -> list[str]:
    """Return what a claim's sentence names beside the answer; if that is nothing, what its passage names."""
    texts = [claim.sentence]
    if passages:
        texts += [claim.passage[start:end] for start, end in sentences(claim.passage)]
    found = [[n for n in _names(t) if n not in claim.text or len(n) < len(claim.text) / 2] for t in texts]
    return found[0] or [name for names in found for name in names]


def only_one_has_the_name(question: str, one: Claim, other: Claim) -> bool:
    """Tell whether the question names something that one passage or its title names, too, and the other does not.

    "Who is the mayor of Kessing?" of a passage about Kessing and of one that has a mayor and no Kessing. Where a title
    is not known, it may be what names it.
    """
    if not (one.title and other.title):
        return False
    return any(_has_name(one, name) != _has_name(other, name) for name in _names(question))


def _has_name(claim: Claim, name: str) -> bool:
    """Tell whether a claim's title or passage has a name, or a longer or shorter form of it."""
    return any(name in text or _near(name, _names(text)) for text in (claim.title, claim.passage))


def _other_times(question: str, one: Claim, other: Claim) -> bool:
    """Tell whether two sentences are about different times, or about the present at different times."""
    apart = abs((one.published - other.published).days) if one.published and other.published else 0
    if _PRESENT.search(question) and apart > _PRESENT_DAYS:
        return True
    mine, theirs = ([day for day in c.days if not c.overlaps(day.start, day.end)] for c in (one, other))
    if not mine or not theirs or any(a.first <= b.last and b.first <= a.last for a in mine for b in theirs):
        return False
    return not _classes(_HARM, question)  # a toll rises from day to day


def _of_different_bodies(question: str, one: Claim, other: Claim) -> bool:
    """Tell whether what the question names is of one body in one sentence and of another in the other.

    "Who was the treasurer?" of the harbour trust and of the golf club; "the budget committee", "the school committee".
    """
    asked = asked_stems(question)
    mine, theirs = (_bodies(claim, asked) for claim in (one, other))
    words, other_words = (stems(content_words(claim.sentence)) for claim in (one, other))
    return any(
        mine[word].isdisjoint(other_words) and theirs[word].isdisjoint(words) for word in mine.keys() & theirs.keys()
    )


def _bodies(claim: Claim, asked: set[str]) -> dict[str, set[str]]:
    """Return for words of the question the stems of what they are of: treasurer "of the golf club", "golf club's"."""
    sentence = f"{claim.sentence[: claim.start]}, {claim.sentence[claim.end :]}"
    found: dict[str, set[str]] = {}
    for match in _OF_A_BODY.finditer(sentence):
        word = _stem(match["word"])
        if word in asked:
            words = content_words(f"{match['before'] or ''} {match['of'] or ''}")
            found.setdefault(word, set()).update(stems(words) - asked)
    return {word: bodies for word, bodies in found.items() if bodies}
