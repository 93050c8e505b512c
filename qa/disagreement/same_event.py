"""Whether two sentences are about the same event: signs that they are not (place, year, phase, role, kind of harm).

Nothing here proves that they are: the reader found that both answer the question. One sign of different events is
enough, so a disagreement is shown only if nothing speaks against it.
"""

import re
from collections.abc import Iterable

from corpus.dates.resolve import DayExpression
from corpus.dates.vocabulary import MONTHS, WEEKDAYS
from qa.disagreement.claim import Claim
from qa.disagreement.names import country, is_known_place, lies_in
from qa.disagreement.quantities import singular
from qa.question.words import content_words

_IRREGULAR = (
    "die died death dead dying",
    "kill killed",
    "rise rose risen",
    "take took taken",
    "break broke broken",
    "win won",
    "lead led",
    "hold held",
    "build built",
    "leave left",
    "find found",
    "shoot shot",
    "begin began begun",
    "strike struck",
    "drive drove driven",
    "give gave given",
    "sell sold",
    "buy bought",
    "pay paid",
    "fall fell fallen",
    "sink sank sunk",
    "fly flew flown",
    "write wrote written",
    "meet met",
    "lose lost",
    "steal stole stolen",
    "send sent",
    "beat beaten",
    "come came",
    "cut cutting",
    "weigh weighed",
    "free freed",
)
STEMS = {form: line.split()[0] for line in _IRREGULAR for form in line.split()}
TYPE_WORDS = frozenset(
    "time day date year month hour country city town place state team company person man woman name number share "
    "percentage amount total figure count long far old big large high deep tall wide heavy hot fast often many much "
    "organisation organization group party post job position title role".split()
)
HARM = (
    ("killed", r"kill\w*|die[sd]?|dead|deaths?|dying|bod(?:y|ies)|fatal\w*|toll|drown\w*|lost their lives|perish\w*"),
    ("hurt", r"injur\w*|wound\w*|hurt|hospitali[sz]ed"),
    ("missing", r"missing|unaccounted"),
    ("displaced", r"displaced|evacuat\w*|homeless|fled|(?:left|leave|flee) their homes|shelters?"),
    ("arrested", r"arrest\w*|detain\w*|custody"),
    ("infected", r"infect\w*|cases|sickened|tested positive"),
    ("rescued", r"rescue\w*|saved|survivors?|survived|brought out"),
    ("destroyed", r"destroy\w*|burned down|burnt down|razed|flattened|unfit"),
    ("damaged", r"damag\w*"),
    ("walked out", r"walk\w* out|went on strike|on strike"),
    ("hired", r"hir(?:e|es|ed|ing)|added"),
    ("dismissed", r"laid off|lay off|dismiss\w*|fired|cut"),
)
PHASE = (
    ("begin", r"beg[aiu]n\w*|start(?:s|ed|ing)?|open(?:s|ed|ing)?|launch\w*|broke out|walked out"),
    ("end", r"end(?:s|ed|ing)?|finish\w*|clos(?:e|es|ed|ing)|over|wrapped up|conclud\w*"),
    ("build", r"buil[dt]\w*|put up|erected|construct\w*|open(?:s|ed|ing)?|complet\w*"),
    ("agree", r"approv\w*|agree\w*|sign(?:s|ed|ing)?|ratif\w*|struck|strike a deal"),
    ("vote", r"vot(?:e|es|ed|ing)|approv\w*|pass(?:ed)?"),
    ("arrest", r"arrest\w*|detain\w*|caught"),
    ("charge", r"charg\w*|indict\w*|accus\w*|plead\w*"),
    ("sentence", r"sentenc\w*|convict\w*|verdict"),
    ("suspend", r"suspend\w*|put on leave|on leave"),
    ("resign", r"resign\w*|stepp?(?:ed|s)? down|quit"),
    ("release", r"releas\w*|free[ds]?|let go"),
    ("announce", r"announc\w*|unveil\w*"),
    ("born", r"born|birth"),
    ("die", r"die[sd]?|death|killed"),
    ("arrive", r"arriv\w*|land(?:s|ed|ing)?|reach(?:ed)?"),
    ("depart", r"depart\w*|left|leaves?|set sail|took off"),
    ("inspect", r"inspect\w*"),
    ("return", r"return\w*|reopen\w*|resum\w*"),
    ("found", r"found(?:ed|ing)"),
)
WISH = (
    ("wants", r"wants?|wanted|demand\w*|seeks?|sought|ask(?:s|ed)? for|call(?:s|ed) for|propos\w*"),
    ("offers", r"offer\w*"),
    ("expects", r"expect\w*|forecast\w*|project(?:ed|s)|predict\w*|could|(?-i:may)|might|likely|aims?|hopes?|target\w*|"
     r"goal|plan(?:s|ned)?(?: to)?|suppos\w* to|intend\w*|budgeted"),
)  # fmt: skip


_NAME = re.compile(r"[A-Z][\w'’&-]*(?:\s+(?:(?:of|the|for|de|van|von|al)\s+){0,2}[A-Z][\w'’&-]*)*|\b(?:U\.S\.|U\.K\.)")
_PLACED = re.compile(
    r"(?i)\b(?:in|at|near|off|outside|against|over|around|on)\s+(?:the\s+|an?\s+)?(?:[a-z]+\s+(?:in|at|near)\s+)?$"
)
_CALENDAR = frozenset(word.casefold() for word in (*WEEKDAYS, *MONTHS))
_SAID = r"(?:said|says|told|reported|announced|confirmed|wrote|added|claimed|according to|counted)"
_REPORTING_DAY = re.compile(rf"(?i)\b{_SAID}(?:\s+[\w'’.]+){{0,3}}?\s*(?:,\s*)?(?:on|late|early|last)?\s*$")
_SPEAKER = re.compile(rf"(?:\b{_SAID}\s+(?:[\w.]+\s+){{0,4}}$)")
_STANDING = re.compile(
    r"(?i)\b(?:former|ex|then|outgoing|incoming|deputy|vice|acting|interim|predecessor|successor|replac\w+)\b"
)
_PRESENT = re.compile(
    r"(?i)\b(?:is|are|has|have|does|do|leads?|heads?|runs?|owns?|chairs?|holds?|serves?|works?|costs?|governs?)\b"
)
_PAST = re.compile(r"(?i)\b(?:was|were|did|had|\w+ed)\b")
PRESENT_DAYS = 150
"""Days after which a present state may have changed: articles further apart do not contradict each other."""
SEASON_DAYS = 60
_NEAR = 60
"""Characters before and after an answer in which a word concerns it."""


def stems(words: Iterable[str]) -> set[str]:
    """Return the stems of words: irregular verbs from a table, others without a common ending."""
    return {_stem(word) for word in words}


def asked_stems(question: str) -> set[str]:
    """Return the stems of a question's content words, without those that only tell the kind of answer."""
    return stems(word for word in content_words(question) if word not in TYPE_WORDS)


def coverage(question: str, claim: Claim) -> float:
    """Return the share of a question's content words in the claim's sentence, 1.0 if it has none."""
    asked = asked_stems(question)
    there = stems(re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d+", claim.sentence.casefold()))
    return len(asked & there) / len(asked) if asked else 1.0


def about_different_things(question: str, one: Claim, other: Claim) -> bool:
    """Tell whether there is a sign that two claims are about different events, places, times or roles."""
    return (
        _other_names(question, one, other)
        or _other_times(question, one, other)
        or _other_class(HARM, question, one, other)
        or _other_class(PHASE, question, one, other)
        or _wishes(question, one) != _wishes(question, other)
        or _standing(question, one) != _standing(question, other)
    )


def same_step(question: str, claim: Claim) -> bool:
    """Tell whether the verb of the question (built, begun, arrested) is the one nearest to the answer."""
    return bool(_all(PHASE, question) & _nearest(PHASE, claim))


def _stem(word: str) -> str:
    word = word.casefold().removesuffix("'s").removesuffix("’s")
    if word in STEMS:
        return STEMS[word]
    base = singular(word)
    for ending in ("ing", "ed", "e"):
        if len(base) > len(ending) + 2 and base.endswith(ending):
            base = base[: -len(ending)]
            break
    return base[:-1] if len(base) > 3 and base[-1] == base[-2] else base


def _names(text: str, start: int, end: int) -> list[tuple[str, bool]]:
    """Return the names in a sentence outside the answer, and whether each is used as a place or an opponent."""
    found = []
    for match in _NAME.finditer(text):
        name = re.sub(r"['’]s?$", "", match[0])
        words = name.split()
        if (match.start() < end and start < match.end()) or all(word.casefold() in _CALENDAR for word in words):
            continue
        if match.start() == 0 and len(words) == 1 and not is_known_place(name):
            continue
        if _SPEAKER.search(text[: match.start()]):
            continue
        placed = _PLACED.search(text[: match.start()]) is not None
        found.append((name.removeprefix("The "), placed))
    return found


def _other_names(question: str, one: Claim, other: Claim) -> bool:
    """Tell whether two sentences name different places, opponents or things of one kind, not in the question."""
    mine, theirs = (_names(c.sentence, *((0, 0) if c.is_whole else (c.start, c.end))) for c in (one, other))
    asked = [name for name, _ in _names(question, 0, 0)]
    left = [n for n in mine if not any(_near(n[0], name) for name in [*asked, *(name for name, _ in theirs)])]
    right = [n for n in theirs if not any(_near(n[0], name) for name in [*asked, *(name for name, _ in mine)])]
    if any(country(name) for name, _ in left) != any(country(name) for name, _ in right):
        return True
    placed = any(placed for _, placed in left) and any(placed for _, placed in right)
    bound = any(all(any(_near(name, n) for n, _ in side) for side in (mine, theirs)) for name in asked)
    kinds = any(
        a.split()[-1] == b.split()[-1] and len(a.split()) > 1 and len(b.split()) > 1 for a, _ in left for b, _ in right
    )
    return (placed and not bound) or kinds


def _near(one: str, other: str) -> bool:
    a, b = set(one.casefold().split()), set(other.casefold().split())
    return (
        a <= b or b <= a or (country(one) or 1) == (country(other) or 2) or lies_in(one, other) or lies_in(other, one)
    )


def _other_times(question: str, one: Claim, other: Claim) -> bool:
    """Tell whether two sentences are about different times, or about the present at different times."""
    at_present = _PRESENT.search(question) and not _PAST.search(question)
    if at_present and one.published and other.published:
        between = abs((one.published - other.published).days)
        if between > PRESENT_DAYS:
            return True
    mine, theirs = (_event_days(claim) for claim in (one, other))
    if not mine or not theirs or any(a.first <= b.last and b.first <= a.last for a in mine for b in theirs):
        return False
    gap = min(max((b.first - a.last).days, (a.first - b.last).days) for a in mine for b in theirs)
    long = any((day.last - day.first).days > 26 for day in [*mine, *theirs])
    counted_up = any(re.search(rf"(?i)\b(?:{words})\b", question) for _, words in HARM[:7])
    return long or gap > SEASON_DAYS or not counted_up


def _event_days(claim: Claim) -> list[DayExpression]:
    """Return the days in a sentence outside the answer, without the day of the statement."""
    return [
        day
        for day in claim.days
        if not (not claim.is_whole and day.start < claim.end and claim.start < day.end)
        and not _REPORTING_DAY.search(claim.sentence[: day.start])
    ]


def _nearest(classes: tuple[tuple[str, str], ...], claim: Claim) -> set[str]:
    """Return the classes of the word nearest to the answer. Words before it count as half as far."""
    best: dict[str, int] = {}
    for name, words in classes:
        for match in re.finditer(rf"(?i)\b(?:{words})\b", claim.sentence):
            if match.start() < claim.end and claim.start < match.end():
                away = 0
            else:
                before, behind = claim.start - match.end(), match.start() - claim.end
                away = before if before >= 0 else 2 * behind
            best[name] = min(best.get(name, away), away)
    return {name for name, away in best.items() if away == min(best.values())}


def _all(classes: tuple[tuple[str, str], ...], text: str) -> set[str]:
    return {name for name, words in classes if re.search(rf"(?i)\b(?:{words})\b", text)}


def _other_class(classes: tuple[tuple[str, str], ...], question: str, one: Claim, other: Claim) -> bool:
    """Tell whether a sentence is about another kind of thing than the question or the other sentence."""
    asked = _all(classes, question)
    mine, theirs = (
        _all(classes, claim.sentence) if claim.is_whole else _nearest(classes, claim) for claim in (one, other)
    )
    if asked:
        return any(said and not said & asked for said in (mine, theirs))
    return bool(mine and theirs and not mine & theirs)


def _wishes(question: str, claim: Claim) -> set[str]:
    """Return words near the answer for wishes, offers and expectations, unless the question has them too."""
    around = claim.sentence if claim.is_whole else claim.sentence[max(0, claim.start - _NEAR) : claim.end + _NEAR]
    return _all(WISH, around) - _all(WISH, question)


def _standing(question: str, claim: Claim) -> set[str]:
    """Return words near the answer that qualify an office ("former", "deputy") and are not in the question."""
    around = claim.sentence[max(0, claim.start - 40) : claim.end + 25] if not claim.is_whole else ""
    asked = {word.casefold() for word in _STANDING.findall(question)}
    return {word.casefold() for word in _STANDING.findall(around)} - asked


def for_different_parties(question: str, one: Claim, other: Claim) -> bool:
    """Tell whether the answers act for different parties: "for the union" and "for the company"."""
    mine, theirs = (set(re.findall(r"\bfor (?:the )?(\w{4,})", c.sentence)) for c in (one, other))
    asked = stems(content_words(question))
    mine, theirs = ({w for w in side if _stem(w) not in asked} for side in (mine, theirs))
    bound = any(re.search(r"\bfor (?:the )?\w", c.sentence) and _shares_party(question, c) for c in (one, other))
    return bool(mine and theirs and not mine & theirs) and not bound


def _shares_party(question: str, claim: Claim) -> bool:
    asked = set(re.findall(r"\bfor (?:the )?(\w{4,})", question))
    return bool(asked & set(re.findall(r"\bfor (?:the )?(\w{4,})", claim.sentence)))
