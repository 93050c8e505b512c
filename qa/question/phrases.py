"""The phrases of a text that tell what it is about: runs of words between those that any question has.

There is no grammar here: two lists of words part the phrases, one of function words and one of what questions are made
of ("main", "types", "effects"), so "What are the main effects of binge drinking?" has one phrase, "binge drinking".
Names are told by their capitals.

A follow-up may put one name or thing in the place of another: "And Landberg?" after "What post does Shah hold?". Each
takes the place of something of its kind: a name that of the one name, "in Bergen" that of "in Oslo".
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from corpus.dates.vocabulary import MONTH, WEEKDAY
from qa.question.words import FUNCTION_WORDS, POSSESSIVE, stem

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
_OPENING = r"(?:(?:and|or|but|so)\s+)?(?:(?:what|how)\s+about\s+)?(?:(?:the\s+)?same\s+for\s+)?"
_PREPOSITION = r"in|at|on|of|for|from|by|with|to|after|before|during|against|under|over|about"
_SHORT = re.compile(
    rf"(?i)^\W*(?P<opening>{_OPENING})(?:(?P<preposition>{_PREPOSITION})\s+)?"
    r"(?P<new>(?:the\s+|an?\s+)?[^\s?!.,;][^?!;]*?)[\s?!.,]*$"
)
_PLACED = re.compile(r"\b(?:in|at|on|near)\s+\S|(?i:\bwhere\b)")
_DATED = re.compile(rf"\d|{MONTH}|{WEEKDAY}")
_THE = re.compile(r"(?i)^(?:the|an?)\s+")
_AFTER_PREPOSITION = re.compile(rf"(?i)\b(?:{_PREPOSITION})\s+(?:the\s+)?$")
_MOST_WORDS = 6


@dataclass(frozen=True, slots=True)
class Phrase:
    """A run of telling words; `words` are their stems, for comparing."""

    text: str
    words: tuple[str, ...]

    @property
    def is_name(self) -> bool:
        """Tell whether it is written with a capital, as names are."""
        return self.text[0].isupper()


def plain_stem(word: str) -> str:
    """Return a word's stem, without its possessive ending."""
    return stem(POSSESSIVE.sub("", word.casefold().replace("’", "'")).replace(".", ""))


def plain_stems(*texts: str) -> frozenset[str]:
    """Return the stems of all words of the texts, function words too."""
    return frozenset(plain_stem(match.group()) for text in texts for match in WORD.finditer(text))


def phrases(text: str) -> list[Phrase]:
    """Return the phrases of a text in order; punctuation parts them too."""
    found: list[Phrase] = []
    run: list[re.Match[str]] = []
    for match in WORD.finditer(text):
        tells = _tells(text, match)
        if run and (not tells or text[run[-1].end() : match.start()].strip(" -/&")):
            found.append(_phrase(text, run))
            run = []
        if tells:
            run.append(match)
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
        name = POSSESSIVE.sub("", name)
        if name and name not in found:
            found.append(name)
    return [name for name in found if not any(name != other and name in other for other in found)]


def _is_no_name(word: str) -> bool:
    return word not in _COUNTRY and re.sub(r"['’.,].*", "", word.casefold()) in _NO_NAMES


def salient_phrases(text: str, most: int, *, known: Iterable[str] = ()) -> list[str]:
    """Return the phrases of an answer that tell most of what it is about, best first.

    A phrase weighs as much as its words are frequent in the text. A name weighs half as much again, and so does a
    phrase that shares a word with `known`, the questions asked so far.
    """
    asked = plain_stems(*known)
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
    written = text[run[0].start() : run[-1].end()]
    return Phrase(POSSESSIVE.sub("", written), tuple(plain_stem(match.group()) for match in run))


def swapped(question: str, earlier: str) -> str | None:
    """Return the earlier question with what the follow-up names in place of its like; None where that is not plain."""
    short = _SHORT.match(question)
    if short is None or len(short["new"].split()) > _MOST_WORDS or re.search(r"[?!.]\s+\S", earlier):
        return None
    new = short["new"]
    bare = POSSESSIVE.sub("", _THE.sub("", new))
    named = names(f"of {bare}") == [bare]
    if not short["opening"] and not named and not (short["preposition"] and re.match(r"(?i)the\s|.*\d", new)):
        return None
    if short["preposition"]:
        span = _after(short["preposition"], earlier)
        if span is None or bool(_DATED.search(new)) != bool(_DATED.search(earlier[slice(*span)])):
            return _added(short["preposition"].casefold(), new, earlier)
    elif not named:
        return None
    else:
        own = POSSESSIVE.search(new) is not None
        span = _name(earlier, own=own)
        if own and span is None:
            span, new = _name(earlier, own=False), bare
            span = None if span and _AFTER_PREPOSITION.search(earlier[: span[0]]) else span
    if span is None or earlier[slice(*span)].casefold() == new.casefold():
        return None
    if named and not POSSESSIVE.search(new) and POSSESSIVE.search(earlier[slice(*span)]):
        new += "'s"
    return earlier[: span[0]] + new + earlier[span[1] :]


def _added(preposition: str, new: str, earlier: str) -> str | None:
    """Return the earlier question with a place or time added, where it has none: "How many died?", "And in 2019?"."""
    is_day = _DATED.search(new) is not None
    fits = preposition in ("in", "at", "on") if is_day else preposition == "in" and names(f"of {new}")
    if not (fits and earlier) or (_DATED if is_day else _PLACED).search(earlier):
        return None
    return f"{earlier.rstrip(' ?!.')} {preposition} {new}?"


def _after(preposition: str, earlier: str) -> tuple[int, int] | None:
    """Return what stands after the one such preposition: a name, a phrase or a number."""
    found = list(re.finditer(rf"(?i)\b{preposition}\s+(?=\S)", earlier))
    if len(found) != 1:
        return None
    start = found[0].end()
    rest = earlier[start:]
    article = _THE.match(rest)
    lead = article.end() if article else 0
    number = re.match(r"\d[\d,.:]*\b", rest[lead:])
    firsts = [*names(f"of {rest[lead:]}")[:1], *(phrase.text for phrase in phrases(f"of {rest[lead:]}")[:1])]
    texts = [text for text in ([number[0]] if number else firsts) if rest[lead:].startswith(text)]
    return (start, start + lead + max(map(len, texts))) if texts else None


def _name(earlier: str, *, own: bool) -> tuple[int, int] | None:
    """Return the one name that another can stand for; own: one whose something is meant ("And Pakistan's?")."""
    spans = [(at := earlier.index(name), at + len(name)) for name in names(earlier) if name in earlier]
    if own:
        spans = [span for span in (_owner(earlier, span) for span in spans) if span]
    else:
        spans = [_whole(earlier, span) for span in spans if not _is_attribute(earlier, span)]
    if len(spans) > 1:
        spans = [span for span in spans if not _AFTER_PREPOSITION.search(earlier[: span[0]])]
    return spans[0] if len(spans) == 1 else None


def _owner(earlier: str, span: tuple[int, int]) -> tuple[int, int] | None:
    """Return the owner that a name is: "Oslo's", or "the US" of "the US delegation"."""
    owned = _with_own(earlier, span)
    if owned != span:
        return owned
    return (span[0] - len("the "), span[1]) if _is_attribute(earlier, span) else None


def _whole(earlier: str, span: tuple[int, int]) -> tuple[int, int]:
    """Return a name with "the" before it and its possessive ending."""
    the = re.search(r"(?i)\bthe $", earlier[: span[0]])
    return the.start() if the else span[0], _with_own(earlier, span)[1]


def _with_own(earlier: str, span: tuple[int, int]) -> tuple[int, int]:
    ending = re.match(r"['’]s?\b|['’](?=\s)", earlier[span[1] :])
    return span[0], span[1] + (ending.end() if ending else 0)


def _is_attribute(earlier: str, span: tuple[int, int]) -> bool:
    """Tell whether a name only tells which: "the US delegation"."""
    return re.search(r"(?i)\bthe $", earlier[: span[0]]) is not None and bool(re.match(r" [a-z]", earlier[span[1] :]))
