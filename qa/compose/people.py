"""Who answers together: those whom a sentence names in a row with one that answers "Who wrote it?"."""

import re
from collections.abc import Sequence

from embeddings.index.tokens import telling_tokens, tokens
from qa.compose.appositions import CAPITAL, FULL_NAME, Span
from qa.compose.lists import around, has_parts

_THE_NAMED = re.compile(rf"[Tt]he (?P<name>{CAPITAL}(?: {CAPITAL})*)")
_TOLD_OF_LAST = re.compile(r", [^,;.!?]+(?=[,;.!?])")
_NAMED_AT_END = re.compile(rf"^(?:[\w’'-]+ ){{1,5}}?{FULL_NAME}$")
_TOLD_AFTER = re.compile(rf"{FULL_NAME} (?:of|for|from|with|in|on|at|to|by|as) ")
_PEOPLE_OF = re.compile(r"[A-Z]\w+(?:an|ish|ese|ch|i)")
_STEM = 6
"""Characters by which two words are known as forms of one."""


def people(question: str, sentence: str, start: int, end: int) -> list[Span]:
    """Return the people, or others with names, in whose row `sentence[start:end]` stands, where all of them answer.

    [] where one has no name, and where what is said of one has words of the question that another has not: "Who spoke
    for Oslo?" asks for one of "Ann Berg, mayor of Oslo, and Paul Lund, mayor of Lima".
    """
    if has_parts(sentence[start:end]) or "(" in sentence[max(0, start - 1) : end]:
        return []
    row = around(sentence, start, end)
    named = [(start, end) if (s, e) == (start, end) else _named(sentence, s, e) for s, e in row]
    found = [item for item in named if item is not None]
    if not row or len(found) < len(row):
        return []
    asked = _beginnings(telling_tokens(question))
    last = _TOLD_OF_LAST.match(sentence, found[-1][1])
    stops = [*(s for s, _ in row[1:]), last.end() if last else found[-1][1]]
    said = [asked & _beginnings(tokens(sentence[s:stop])) for (s, _), stop in zip(row, stops, strict=True)]
    return found if all(words == said[0] for words in said) else []


def _beginnings(words: Sequence[str]) -> set[str]:
    """Return how words begin, alike for Pakistan, Pakistani and Pakistan's."""
    return {word.removesuffix("'s")[:_STEM] for word in words}


def _named(sentence: str, start: int, end: int) -> Span | None:
    """Return where the name in an item is: "its composer Peter Lund", "Peter Lund of Oslo"."""
    text = sentence[start:end]
    the = _THE_NAMED.match(text)
    if the and (the.end() == len(text) or " " in the["name"]):  # "the Hale Rangers", not "the Marl composer ..."
        return start, start + the.end()
    if not text[:1].isupper():
        found = _NAMED_AT_END.search(text)
        return (start + found.start("name"), end) if found else None
    if _PEOPLE_OF.fullmatch(text) and re.match(r" [a-z]", sentence[end:]):  # "American singer ..."
        return None
    more = _TOLD_AFTER.match(text)
    return start, start + more.end("name") if more else end
