"""Names of outlets, told by their form: "The Quay", a newspaper's usual word ("Norby Courier"), a domain."""

import re

_WORDS = frozenset(
    "advertiser advocate agency alerts argus bbc blade briefing broadcasting bulletin cbs chronicle citizen cnn "
    "courier daily democrat digest dispatch echo enquirer examiner express fm gazette globe guardian herald "
    "independent inquirer journal ledger mail magazine media mercury mirror monitor nbc network news newsletter "
    "newspaper newspapers newswire npr observer online pbs post press radio record recorder reformer register report "
    "republic republican reuters review sentinel standard star sun telegraph television times today tribune tv "
    "update upi voice weekly wire world".split()
)
SECTIONS = frozenset(
    "africa arts asia business city comment community culture economy education entertainment environment europe "
    "features finance health home international life lifestyle local money national news opinion politics region "
    "regional science sport sports tech technology travel video weather world".split()
)
"""Usual names of sections, in small letters."""
_GENERAL = frozenset(  # which by themselves name a section or a kind of text
    "breaking briefing bulletin business daily digest general global latest live local media morning news newsletter "
    "online press record release report review sport sports times today top update updates weekly world the".split()
)
_SMALL = frozenset("a and at de del der des di du et in la le of on the und van von y &".split())
_DOMAIN = re.compile(r"(?:[\w-]{2,40}\.){1,3}(?:com|org|net|news|tv|fm|example|[a-z]{2})", re.IGNORECASE)
_COUNTRY = re.compile(r"\s?\((?:[A-Z]{2,4}|[A-Z][a-z]+(?: [A-Z][a-z]+)?)\)$")
_MOST_WORDS = 6


def is_outlet(words: str, *, alone: bool = False) -> bool:
    """Return whether a few words are an outlet's name by their form: "The ...", a newspaper's usual word, a domain.

    alone: whether nothing else on the line tells; "The ..." of more than two words may then be a headline.
    """
    plain = _COUNTRY.sub("", words)
    if _DOMAIN.fullmatch(plain):
        return True
    parts = plain.split()
    if not is_capitalised(plain):
        return False
    names = [part.strip(".,'’").lower() for part in parts]
    if _GENERAL.issuperset(names):
        return False
    return not _WORDS.isdisjoint(names) or (
        parts[0].lower() == "the" and 2 <= len(parts) <= (2 if alone else _MOST_WORDS)
    )


def is_capitalised(words: str) -> bool:
    """Return whether words are written as a name is: few, each with a capital but the small ones, none a number."""
    parts = words.split()
    if not 1 <= len(parts) <= _MOST_WORDS or words[-1] in ".!?;:" or "," in words:
        return False
    return all(part.lower() in _SMALL or part[0].isupper() for part in parts) and parts[-1].lower() not in _SMALL


def without_country(words: str) -> str:
    """Return an outlet's name without the country behind it: The Quay of "The Quay (UK)"."""
    return _COUNTRY.sub("", words)
