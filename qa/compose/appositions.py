"""People named in a row and told apart: "Ann Berg, head of Halden Bank, and Paul Lund, a lawyer"."""

import re

from corpus.speakers.statements import ROLES

Span = tuple[int, int]

CAPITAL = r"(?:(?:de|van|von|der|den|al|el|bin|da|di|la|le|du)[ -])*[A-Z](?:[\w’'-]+|\.)(?:\s?[A-Z]\.)*"
"""A capitalised word or initial of a name, with particles before it and initials after it."""
FULL_NAME = rf"(?P<name>{CAPITAL}(?: {CAPITAL}){{1,4}})"
_FIRST_PERSON = re.compile(rf"(?<![\w’'-]){FULL_NAME}(?=,)")
_POST = (
    rf"(?i:{ROLES}|coordinator|secretary|chair|head|commissioner|ambassador|editor|member|leader|general|analyst|economist|"
    r"advis[eo]r|envoy|executive|speaker|deputy|candidate|inspector|superintendent|representative|administrator)"
)
_NEXT_PERSON = re.compile(
    rf"(?:, (?P<told>(?!(?:and|or|as)\b)(?:[a-z]|\d\d,|[A-Z][\w’'-]*(?: [\w’'&()-]+){{0,5}}? {_POST}\b|{_POST}\b)"
    r"[^,;:.!?“”\"]{0,110}?(?<!ed)(?<! left)(?<! went)(?<! came)(?<! said)(?<! met)(?<! won)))?"
    rf"(?P<last>,? (?:and|as well as) |, )(?:(?:Sen|Rep|Dr|Mr|Mrs|Ms|Gov|Gen|Prof|Rev)\.? )?{FULL_NAME}"
    r"(?![\w’'-])(?! (?:of|for)\b)"
)


def told_apart(sentence: str, start: int, end: int) -> list[Span]:
    """Return the names in the row in which `sentence[start:end]` lies; [] where none of the people is told apart."""
    for first in _FIRST_PERSON.finditer(sentence):
        items, told = [first.span("name")], False
        while more := _NEXT_PERSON.match(sentence, items[-1][1]):
            items.append(more.span("name"))
            told |= more["told"] is not None
            if more["last"] != ", ":
                if told and any(s < end and start < e for s, e in items):
                    return items
                break
    return []
