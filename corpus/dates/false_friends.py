"""Words that look like days and are none: names, verbs, habits and quantities."""

import re

_WORDS_BEFORE = re.compile(r"(?:([A-Za-z’']+)[ \t\u00a0]{1,2})?([A-Za-z’']+)[ \t\u00a0]{1,2}[(“\"‘]?$")
_DIGITS_AFTER = re.compile(r"[ \t\u00a0]{1,2}[0-9]{1,2}(?![0-9])")
_WORD_AFTER = re.compile(r"[ \t\u00a0]{1,2}([A-Za-z]+)")

_DAY_NAMES = frozenset(
    "black cyber good super ash holy maundy easter palm bloody giving fat whit spy taco throwback freaky sheffield "
    "ruby small wacky selection blue meatless shrove pancake joe girl happy orthodox stormy gaudy casual bowl".split()
)
_SUNDAY_PAPERS = ("Sun", "Mail", "Star", "Scotland", "Wales", "Independent")  # "on Sunday"
_HABITS = frozenset(
    "every each any some most one that following previous first second third fourth fifth final alternate consecutive "
    "typical normal average another which".split()
)
_AFTER_DAY = frozenset(
    "Times Telegraph Express Mirror Mail Herald Post World Business Night Morning Ticket School Sports Sport Addams "
    "Funday Club Today school roast roasts best lunchtimes".split()
)
_STRONG = frozenset("in since until till during mid early late".split())
_WEAK = frozenset(
    "by from before after through of to between around about for circa and or ending throughout over".split()
)
_OWNERS = frozenset("the a an his her its their our my this that original inaugural upcoming".split())
_MONTH_NAMES = frozenset("april may june august january".split())
_PLAIN_MONTHS = frozenset("january february july september october november december".split())
_BEFORE_MONTH = frozenset("black red blue operation every each any a an one typical fourth".split())
_LISTED = re.compile(r"(?<![0-9,.$£€])(?:1[5-9]|20)[0-9]{2}(?:, |,? and |,? or )$")
_QUANTITY = re.compile(
    r"[ \t\u00a0]{1,2}(?:people|persons?|others?|more|votes?|cases|deaths?|miles?|kilomet|km\b|met(?:er|re)s?\b|feet"
    r"|foot|square|acres|hectares|calories|words|students|seats|men\b|women|children|troops|soldiers|workers|jobs|points?|yards?|times\b"
    r"|hours?|hrs|minutes|tons|tonnes|pounds|dollars|euros?\b|cents|homes|houses|employees|residents|patients|fans|items|units|pages"
    r"|species|percent|per cent|million|billion|thousand|GMT|UTC|local time"
    r"|[a-z]\.m\b|[ap]m\b|degrees|copies|schools|companies|buildings|victims|members|years|[A-Z]{1,3}[0-9])"
)


def words_before(text: str, start: int) -> tuple[str, str]:
    """Return the two words right before a place as they are written, "" for what is not there."""
    match = _WORDS_BEFORE.search(text[max(0, start - 40) : start])
    return (match[1] or "", match[2]) if match else ("", "")


def word_after(text: str, end: int) -> str:
    """Return the word right after a place, "" where punctuation comes first."""
    match = _WORD_AFTER.match(text, end)
    return match[1] if match else ""


def is_a_quantity(text: str, end: int) -> bool:
    """Tell whether the number that ends there counts something ("2019 votes")."""
    return _QUANTITY.match(text, end) is not None


def weekday_is_a_name(text: str, start: int, end: int) -> bool:
    """Tell whether a weekday is part of a name ("Black Friday", "Sunday Times"), a habit or another week's."""
    first, second = words_before(text, start)
    before, after = second.lower(), word_after(text, end)
    if before in _DAY_NAMES or before in _HABITS or after in _AFTER_DAY:
        return True
    if before in ("a", "an"):
        return (
            first.lower() == "on" or not after.islower() or after in ("in", "of", "on", "at", "and", "or", "to", "when")
        )
    if before == "on" and first in _SUNDAY_PAPERS and text.startswith("Sunday", start):
        return True
    return after in ("before", "after", "in") and before == "the" and text[end : end + 6] != " after"


def bare_month_is_a_time(text: str, start: int, end: int, month: str) -> bool:
    """Tell whether a month that stands alone is a time: no given name, no verb, no "every May"."""
    if _DIGITS_AFTER.match(text, end):
        return False  # a day of the month that is none: Feb. 30
    first, second = words_before(text, start)
    before, after, name = second.lower(), word_after(text, end), month.lower().rstrip(".")
    if before in _BEFORE_MONTH or (before == "of" and first.lower() == "fourth"):
        return False
    if before == "the":
        return after.islower() or name in _PLAIN_MONTHS
    if name in _MONTH_NAMES and after[:1].isupper() and after[1:].islower() and before != "in":
        return False
    if before in ("after", "before", "to", "for", "and", "or", "from", "of", "by", "with"):
        return name in _PLAIN_MONTHS or (before in ("of", "by", "from") and not after)
    return before in _STRONG or before in ("through", "between", "around", "throughout") or name in _PLAIN_MONTHS


def year_is_a_time(text: str, start: int, end: int, first_year: int) -> bool:
    """Tell whether four digits are a year: after "in" or "since", or before a noun ("the 2018 vote")."""
    if is_a_quantity(text, end):
        return False
    if _LISTED.search(text[max(0, start - 10) : start]) and first_year >= 1800:
        return True  # "in 2009, 2013 and 2015"
    first, second = words_before(text, start)
    before, after = second.lower(), word_after(text, end)
    line = start == 0 or text[start - 1] == "\n"
    if line and re.match(r"[ \t]?[:–—]", text[end : end + 2]):
        return True
    if text[start - 1 : start] == "(" and text[end : end + 1] == ")":
        return first_year >= 1900
    if not second or text[start - 1 : start] in '(“"‘':
        return False
    if before in _STRONG or before == "year":
        return first.lower() not in ("fiscal", "financial", "tax", "model")
    if before in _WEAK:
        return first_year >= 1800
    if before in _OWNERS or before.endswith(("’s", "'s", "s’", "s'")):
        return first_year >= 1850 and bool(after)
    return False
