"""Questions that sentences of news answer by their very form, with where the answer stands.

An apposition says who holds a post, a title before a name what someone is, "X founded Y in 1908" who did what and when.
The rules would rather be silent than wrong: a sentence that fits none of them asks nothing.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence

from qa.train.news_patterns import (
    AGE,
    APPOSITION,
    BASE,
    BY,
    COUNT,
    DEED,
    DEEDS,
    DOES,
    HAPPENED,
    HELD,
    LIKE,
    NO_PLACE,
    ONE_OF_MANY,
    POSSESSED,
    POSTS,
    PRONOUN,
    SAME_DEED,
    STOP,
    TITLE,
)

Asked = tuple[str, tuple[int, int]]
"""A question, and the characters of the sentence that answer it."""


def ask(sentence: str, random_: random.Random) -> Iterator[Asked]:
    """Give the questions that a sentence answers by its form, each with its answer's characters in the sentence."""
    for rule in _RULES:
        yield from rule(sentence, random_)


def posts_unlike(post: str, text: str, random_: random.Random) -> str | None:
    """Return a post of another kind of which the text does not speak."""
    lowered = text.casefold()
    others = [each for each in POSTS[:26] if each.split()[-1] not in lowered and each not in post]
    return random_.choice(others) if others else None


def _posts(sentence: str, random_: random.Random) -> Iterator[Asked]:
    for match in APPOSITION.finditer(sentence):
        name, post, where = match["name"], match["post"], match["where"]
        if PRONOUN.match(name) or POSSESSED.search(name) or STOP.search(post) or " and " in (where or ""):
            continue
        asked = [f"Who is the {post}?"] if not POSSESSED.search(post.split(" ")[0]) else [f"Who is {post}?"]
        kind = post.split(" of ")[0].split(" at ")[0].split(" for ")[0]
        if where:
            if not kind.endswith(ONE_OF_MANY):
                asked.append(f"Who serves as {post}?")
            if not POSSESSED.search(where) and where[0].isupper():
                asked.append(f"Who is {_possessive(where)} {kind}?")
            if verb := DOES.get(kind):
                asked += 2 * [f"Who {verb} {where}?"]
        yield random_.choice(asked), match.span("name")
        asked = [f"What is {_possessive(name)} {word}?" for word in ("job", "title", "position", "post", "role")]
        asked += [f"What post does {name} hold?", f"Who is {name}?", f"What does {name} do?", f"What is {name}?"]
        yield random_.choice(asked), match.span("post")


def _titles(sentence: str, random_: random.Random) -> Iterator[Asked]:
    for match in TITLE.finditer(sentence):
        title, where, name = match["title"], match["where"], match["name"]
        if POSSESSED.search(name):
            continue
        said = title if title.endswith(".") else title.lower()
        if where and not NO_PLACE.match(where):
            asked = [f"Who is the {where} {said}?"]
            if said in ("mayor", "sheriff", "police chief", "fire chief") and "’" not in where and "'" not in where:
                asked = [f"Who is the {said} of {where}?", f"Who is {_possessive(where)} {said}?"]
            yield random_.choice(asked), match.span("name")
        asked = [f"What is {_possessive(name)} title?", f"What office does {name} hold?", f"What is {name}?"]
        asked += [f"What position does {name} have?", f"What is the job of {name}?"]
        yield random_.choice(asked), match.span("title")


def _ages(sentence: str, random_: random.Random) -> Iterator[Asked]:
    for match in AGE.finditer(sentence):
        name = match["name"]
        family = name.rsplit(" ", 1)[-1]
        asked = [f"How old is {name}?", f"What is the age of {name}?", f"How old is {family}?"]
        yield random_.choice(asked), match.span("age")


def _deeds(sentence: str, random_: random.Random) -> Iterator[Asked]:
    for match in DEED.finditer(sentence):
        what, when = match["what"], match["when"]
        if PRONOUN.match(match["name"]) and not match["name"].startswith("The "):
            continue
        if re.match(r"(?:its|his|her|their) ", what):
            continue
        verb = random_.choice(DEEDS[match["deed"]])
        start, end = match.span("name")
        start += 4 if match["name"].startswith(("the ", "The ")) else 0
        yield f"Who {verb} {what}?", (start, end)
        if when and match["deed"] in ("founded", "signed", "won", "opened", "bought", "launched", "announced"):
            base = {"founded": "found", "won": "win", "bought": "buy"}.get(match["deed"], match["deed"][:-2])
            base += "e" if base in ("announc",) else ""
            yield f"When did {match['name']} {base} {what}?", _without_word(match, "when")
    for match in BY.finditer(sentence):
        if not PRONOUN.match(match["what"]) or match["what"].startswith("The "):
            what = _lowered(match["what"])
            asked = [f"Who {match['be']} {what} {match['deed']} by?", f"By whom {match['be']} {what} {match['deed']}?"]
            yield random_.choice(asked), match.span("name")


def _places(sentence: str, random_: random.Random) -> Iterator[Asked]:
    for match in HELD.finditer(sentence):
        what = match["what"]
        if PRONOUN.match(what) and not what.startswith("The "):
            continue
        what, be, deed = _lowered(what), match["be"], match["deed"]
        where = [f"Where {be} {what} {deed}?", f"In which place {be} {what} {deed}?"]
        if deed == "held":
            where += [f"Where did {what} take place?", f"Where did they hold {what}?"]
        yield random_.choice(where), _without_word(match, "where")
        if match["when"]:
            yield f"When {be} {what} {deed}?", _without_word(match, "when")


def _times(sentence: str, random_: random.Random) -> Iterator[Asked]:
    for match in HAPPENED.finditer(sentence):
        what = match["what"]
        if (PRONOUN.match(what) and not what.startswith("The ")) or STOP.search(what):
            continue
        base = BASE[match["deed"]]
        base = random_.choice((base, LIKE.get(base, base)))
        does = "does" if match["deed"].endswith("s") else "did"
        asked = [f"When {does} {_lowered(what)} {base}?"]
        if "day" in match["when"]:
            asked.append(f"On which day {does} {_lowered(what)} {base}?")
        yield random_.choice(asked), _without_word(match, "when")


def _counts(sentence: str, random_: random.Random) -> Iterator[Asked]:
    for match in COUNT.finditer(sentence):
        deed = random_.choice(SAME_DEED.get(match["deed"], match["deed"]).split("|"))
        be = "are" if deed == "missing" else "were"
        yield f"How many {match['who']} {be} {deed}?", match.span("many")


_RULES: Sequence[Callable[[str, random.Random], Iterator[Asked]]] = (
    _posts,
    _titles,
    _ages,
    _deeds,
    _places,
    _times,
    _counts,
)


def _possessive(name: str) -> str:
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def _lowered(what: str) -> str:
    return what[0].lower() + what[1:] if what.startswith("The ") else what


def _without_word(match: re.Match[str], group: str) -> tuple[int, int]:
    """Return the group's characters without the "in", "on" or "at" before it."""
    text = match[group]
    lead = len(text) - len(text.lstrip())
    word = re.match(r"(?:in|on|at) (?:the |a )?", text.lstrip())
    return match.start(group) + lead + (word.end() if word else 0), match.end(group)
