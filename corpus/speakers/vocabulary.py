"""Words and quotation marks that attribute a statement to a speaker, and words that are no part of a name."""

import re
from dataclasses import dataclass
from itertools import islice

REACH = 600
"""Longest quotation in single marks, in characters."""

_OPENING = re.compile(r"“|«|(?:(?<=[\s(\[—–:/-])|^)[\"'‘](?=[^\s])", re.MULTILINE)
_SINGLE_CLOSE = re.compile(r"['’](?![A-Za-z0-9])")
_DOUBLE = re.compile(r"[\"”]|(?<=[.!?] )“")
_REOPENED = re.compile(r"\s[\"“]\w")
"""A mark that opens again at the start of a further paragraph of one quotation."""
_GUILLEMET = re.compile("»")
ADDING = re.compile(
    r"(?:,| and) (?:and )?(?:adding|saying|noting|warning|stressing|insisting|arguing|explaining)(?: that)?(?=[ ,:])"
)
NO_CLAUSE = re.compile(
    r"\s*(?:to (?:be|have)\b|goodbye|so\b|no[,.]|yes\b|nothing|little|much|it all\b"
    r"|(?:of|about|by|for|in|on|at|with|as) )"
)
GOES_ON = re.compile(
    r"(?:^\s*[,:;—–]|\b(?:adding|continuing|concluding|saying)(?: that)?[,:]?|, (?:and|but|then|or)|[;—–])\s*$"
)
FINITE = re.compile(
    r" (?:he|she|it|they|there|this|these|those|we|I|(?:his|her|their|its|the) [\w-]+|[A-Z][\w’'-]+)"
    r" (?:[a-z]+ly |also )?"
    r"(?:is|was|are|were|will|would|has|had|have|can|could|should|must|may|might|do|does|did)\b"
)


def _choice(words: str) -> str:
    return "|".join(sorted(words.split(), key=len, reverse=True))


# After these the words follow without "that": X said the bridge was safe.
PLAIN = "said says say"
# These take a clause only with "that", or quoted words.
WITH_THAT = (
    "added adds stated states announced announces warned warns explained explains noted notes argued argues "
    "claimed claims insisted insists wrote writes tweeted posted replied responded confirmed confirms "
    "acknowledged admitted admits commented remarked recalled declared declares concluded concludes continued "
    "reported reports revealed reveals suggested suggests predicted predicts stressed stresses emphasised "
    "emphasized observed estimated alleged asserted maintained joked quipped testified complained agreed "
    "cautioned countered hinted pledged reiterated asked read reads told tells vowed promised conceded lamented "
    "summarised summarized"
)
_QUOTED_AS_SAYING = (
    r"(?:is|was|are|were|(?:has|have|had) been) (?:[a-z]+ly |also |later )?(?:quoted|cited|reported)"
    r"(?: (?:by|in|on) [^,.;:“”\"‘\n]{2,60}?)? as saying"
)
_QUOTING = r"(?:quoted|quotes|cited|cites|reported|reports) (?=(?P<whom>[^.;:“”\"‘\n]{2,110}?) as saying\b)"
VERB = re.compile(
    rf"(?<![\w’'-])(?:{_QUOTING}|(?P<verb>{_choice(PLAIN + ' ' + WITH_THAT)}|{_QUOTED_AS_SAYING})(?![\w’'-]))"
    r"|(?P<according>[Aa]ccording to)\b"
)
THAT_FREE = frozenset(PLAIN.split())

_MEDIUM = (
    "statement|news release|press release|release|interview|email|e-mail|tweet|post|posts|report|news conference|"
    "press conference|briefing|press briefing|speech|letter|note|blog post|video|message|memo|filing|"
    "court filing|podcast|telephone interview|phone interview|televised address|address|study|article|"
    "joint statement|Facebook post|Instagram post|written statement"
)
IN_A_STATEMENT = re.compile(
    rf"(?:[Ii]n|[Aa]t|[Oo]n|[Vv]ia|[Dd]uring) (?:(?:a|an|the|its|his|her|their|one|one of (?:his|her|its|their|the)) )?"
    rf"(?:[\w’'-]+ ){{0,3}}?(?:{_MEDIUM})s?"
    r"(?: (?:on|late|early|to|with|from|posted|released|issued|sent|published)(?: [\w’'.@-]+){1,5}?)?(?=[ ,:.])"
)
_DAY = (
    r"(?:(?:on|late|early) ){0,2}(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|today|yesterday|at the time"
    r"|multiple times|this week|last week"
    r"|(?:an?|one|two|three|four|five|six|several|a few) (?:day|week|month|year)s? ago"
    r"|earlier this (?:week|month|year))(?: (?:night|morning|afternoon|evening))?"
)
ADJUNCT = re.compile(
    rf"(?:,? (?:{_DAY}|{IN_A_STATEMENT.pattern}|(?:to|with) (?:reporters|journalists|the press|lawmakers)"
    r"|(?:on|via) (?:Twitter|X|Facebook|Instagram|Truth Social|social media|Telegram)))+(?![\w’'-])",
)
"""Words between a verb and the stated words: the day, the place, the addressee."""

ADDRESSEE = re.compile(r" [^,.;:!?“”\"‘\n]{1,60}?(?=,? that[ ,]|[:,] ?[“\"‘]| [“\"‘]|$)")

TOLD_WHOM = re.compile(
    r" (?:reporters|journalists|lawmakers|(?:the )?[A-Z][\w’'.&-]*(?: (?:of|the|[A-Z0-9][\w’'.&-]*)){0,6})(?=[ ,.])"
)
"""Addressees after which the stated words may follow without "that"."""

PRONOUNS = frozenset("he she He She".split())
# A name has no verb in it.
VERBS_IN = frozenset(
    "confirmed announced warned "
    "is was were are am be been being will would could should can may might must do does did has had have said "
    "says went made came took gave saw got became began left told asked wrote n't not never cannot won't didn't "
    "isn't wasn't".split()
)
NOBODY = frozenset(
    "it they we i you there this that these those who which what one some many most others another it’s they’ve "
    "people everyone someone somebody nobody anyone reports it's all both none each either neither so as than "
    "how also not".split()
)
STARTS_NO_NAME = frozenset("of in on at for with to from by and or but as about over into than like".split())
ENDS_NO_NAME = STARTS_NO_NAME | {"a", "an", "the"}
STOPS_NAME = frozenset(
    "in on at during to when as after before while with via about ahead following because that if through who "
    "whom whose but late early last this today yesterday tomorrow Monday Tuesday Wednesday Thursday Friday "
    "Saturday Sunday earlier later adding from is was were are has had will would by since citing regarding "
    "amid upon again until here there now then said".split()
)
CONJUNCTIONS = frozenset(
    "but while although though as because that when if where which after before since until whether what how "
    "why whereas so yet meanwhile still however then despite though later earlier unless".split()
)
ROLES = re.compile(
    r"\b(?:spokes(?:man|woman|person|people)|officials?|police|statements?|reports?|ministry|agency|agencies|"
    r"company|government|prosecutors?|authorities|researchers?|experts?|witness(?:es)?|analysts?|residents?|"
    r"sources?|scientists?|lawyers?|attorneys?|investigators?|officers?|organi[sz]ers?|critics|economists?|"
    r"department|committee|court|judges?|union|council|office|group|paper|newspaper|magazine|site|website|"
    r"broadcaster|study|survey|outlet|release|engineers?|institutes?|pollsters?|polls?|tally|forecast|analysis|fans|embassy|"
    r"commission|board|bank|club|team|family|mother|father|brother|sister|wife|husband|son|daughter|friend|"
    r"colleague|aide|adviser|insiders?|observers|doctors?|teachers?|farmers?|mayor|minister|president|premier|"
    r"chancellor|governor|senator|secretary|director|chief|head|leader|leaders|chair|chairman|chairwoman|boss|"
    r"manager|coach|author|authors|professor|bishop|pope|king|queen|prince|duke|duchess|activists?|lawmakers?|"
    r"commander|captain|owner|operator|airline|regulator|watchdog|charity|firm|utility|bureau|service|"
    r"administration|campaign|editor|reporter|correspondent|journalist|developer|founder|executive|user|fan|man|"
    r"woman|student|driver|neighbou?r|survivor|victim|dealer|trader|singer|actor|actress|star|note|letter|"
    r"document|indictment|complaint|summary)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Quotation:
    """The words `text[start:end]` between two marks. closed: the second mark exists."""

    start: int
    end: int
    closed: bool


def quotations(text: str, start: int, end: int) -> list[Quotation]:
    """Return the outermost quotations of the paragraph `text[start:end]`, in order.

    A double mark that is not closed runs to the end of the paragraph: the next one may continue it.
    """
    found: list[Quotation] = []
    position = start
    while opening := _OPENING.search(text, position, end):
        inner = opening.end()
        close = _close(text, opening, end)
        if close is None:
            position = inner
            continue
        reopened = close < end and _REOPENED.match(text, close - 1) is not None
        last = len(text[inner:close].rstrip()) + inner if reopened else close
        if last > inner:
            found.append(Quotation(inner, last, close < end))
        position = close if reopened else min(end, close + 1)
    return found


def _close(text: str, opening: re.Match[str], end: int) -> int | None:
    """Return the position of the closing mark, `end` if a double mark has none, None if no mark opens here."""
    mark, inner = opening[0], opening.end()
    if mark in '“«"':
        closing = _GUILLEMET if mark == "«" else _DOUBLE
        close = closing.search(text, inner, end)
        return close.start() if close else end
    stop = min(end, inner + REACH)
    following = text.find("‘", inner, stop)
    first = None
    for candidate in islice(_SINGLE_CLOSE.finditer(text, inner, stop if following < 0 else following), 8):
        first = candidate.start() if first is None else first
        if text[candidate.start() - 1] in ",.!?…;—":
            return candidate.start()
    return first
