"""Follow-ups that put one name or thing in the place of another: after "What post does Shah hold?", "And Landberg?".

What is put in must stand where something of its kind stood: a name for the one name, "in Bergen" for "in Oslo", "boer
goats" for "angora goats". Otherwise nothing is swapped.
"""

import re

from qa.question.phrases import names, phrases

_OPENING = r"(?:(?:and|or|but|so)\s+)?(?:(?:what|how)\s+about\s+)?"
_PREPOSITION = r"in|at|on|of|for|from|by|with|to|after|before|during|against|under|over"
_SHORT = re.compile(
    rf"(?i)^\W*(?=(?:and|or|but|so|what\s+about|how\s+about)\b){_OPENING}(?:(?P<preposition>{_PREPOSITION})\s+)?"
    r"(?P<new>(?:the\s+|an?\s+)?[^\s?!.,;][^?!;]*?)[\s?!.,]*$"
)
_THE = re.compile(r"(?i)^(?:the|an?)\s+")
_OWN = re.compile(r"['’]s?$")
_AFTER_PREPOSITION = re.compile(rf"(?i)\b(?:{_PREPOSITION})\s+(?:the\s+)?$")
_MOST_WORDS = 6


def swapped(question: str, earlier: str) -> str | None:
    """Return the earlier question with what the follow-up names in place of its like; None where that is not plain."""
    short = _SHORT.match(question)
    if short is None or len(short["new"].split()) > _MOST_WORDS or re.search(r"[?!.]\s+\S", earlier):
        return None
    new = short["new"]
    bare = _OWN.sub("", _THE.sub("", new))
    named = names(f"of {bare}") == [bare]
    if short["preposition"]:
        span = _after(short["preposition"], earlier)
    elif named:
        span = _name(earlier, own=new != bare and _OWN.search(new) is not None)
    else:
        span = _same_head(new, earlier)
    if span is None or earlier[slice(*span)].casefold() == new.casefold():
        return None
    if named and not _OWN.search(new) and _OWN.search(earlier[slice(*span)]):
        new += "'s"
    return earlier[: span[0]] + new + earlier[span[1] :]


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


def _same_head(new: str, earlier: str) -> tuple[int, int] | None:
    """Return the phrase of the earlier question that ends in the same word: "angora goats" for "boer goats"."""
    mine = phrases(new)
    if len(mine) != 1 or _THE.sub("", new) != mine[0].text or len(mine[0].words) < 2:
        return None
    like = [p.text for p in phrases(earlier) if p.words[-1] == mine[0].words[-1] and len(p.words) > 1]
    if len(like) != 1:
        return None
    at = earlier.index(like[0])
    article = re.search(r"(?i)\b(?:the|an?)\s+$", earlier[:at])
    return (article.start() if article and _THE.match(new) else at), at + len(like[0])
