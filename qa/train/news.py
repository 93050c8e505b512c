"""Questions that sentences of news answer by their very form, with where the answer stands.

An apposition says who holds a post, a title before a name what someone is, "X founded Y in 1908" who did what and when.
The rules would rather be silent than wrong: a sentence that fits none of them asks nothing.
"""

import gzip
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from corpus.errors import ReadError
from corpus.passages import split
from corpus.sentences import sentences
from corpus.speakers.statements import statements
from qa.train.data import Example
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
    NAME,
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


_A_PASSAGE = 2
_AN_ARTICLE = 6
_SHARE_ELSEWHERE = 0.3
_SHARE_NO_POST = 0.5
_FEWEST_WORDS, _MOST_WORDS = 4, 11
_LONGEST = 140  # characters of a question
_KINDS = 12
_FULL = re.compile(rf"{NAME}$")
_OWN_WORDS = re.compile(r"(?i)\b(?:I|I'm|I’m|my|me|we|our|us|we're|we’re|you|your)\b")
_POST_ASKED = re.compile(r"^Who is the (?P<post>[a-z][\w’' -]+?)(?: (?:of|at|for|in) |\?$)")
_CLAUSE_END = re.compile(r"[,;:!?—–]|\.(?=\s|$)")
_CUT = re.compile(r"(?:\b(?:Mr|Mrs|Ms|Dr|St|Sen|Gov|Rep|Gen|U\.S|if|says|said|it best)|\$\d+)$")
_NO_NAME = re.compile(r"(?:I\b|[A-Z][\w’'-]+ [A-Z])")
_ARTICLE = re.compile(r"(?:The|A|An|There|This|That|It|He|She|They|In|On|If|When|While|No|All|Some|Every|People)\b")


def news_questions(articles: Sequence[str], most: int, random_: random.Random) -> Iterator[Example]:
    """Give at most so many examples from the texts of articles, of no opening of a question more than a twelfth."""
    made: list[Example] = []
    for text in random_.sample(articles, len(articles)):
        if len(made) >= 3 * most:
            break
        made += _of_article(text, random_)
    random_.shuffle(made)
    share = most // _KINDS
    kinds: Counter[str] = Counter()
    given = 0
    for example in made:
        kind = " ".join(example.question.split()[:2])
        if kinds[kind] < share and given < most:
            kinds[kind] += 1
            given += 1
            yield example


def read_articles(path: Path) -> list[str]:
    """Return the texts of a collection of news articles in gzipped JSON Lines. Raises ReadError."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            return [json.loads(line)["text"] for line in lines]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReadError(str(path), f"is no collection of news in gzipped JSON Lines ({error})") from error


def _of_article(text: str, random_: random.Random) -> Iterator[Example]:
    passages = [passage.text for passage in split(text)]
    found: list[tuple[Example, str]] = []
    for passage in passages:
        asked = [*_of_sentences(passage, random_), *_of_speakers(passage)]
        found += [(example, passage) for example in random_.sample(asked, min(_A_PASSAGE, len(asked)))]
    for example, passage in random_.sample(found, min(_AN_ARTICLE, len(found))):
        yield example
        others = [p for p in passages if p != passage and not _tells(p, example)]
        if others and random_.random() < _SHARE_ELSEWHERE:
            yield Example(example.question, random_.choice(others), (), "news, told elsewhere")
        if (match := _POST_ASKED.match(example.question)) and random_.random() < _SHARE_NO_POST:
            other = posts_unlike(match["post"], passage, random_)
            kind = match["post"].split(" ")[-1]
            if other:
                question = example.question.replace(kind, other.split(" ")[-1], 1)
                yield Example(question, passage, (), "news, no such post")


def _of_sentences(passage: str, random_: random.Random) -> Iterator[Example]:
    for start, end in sentences(passage):
        for question, span in ask(passage[start:end], random_):
            if len(question) < _LONGEST:
                answer = passage[start + span[0] : start + span[1]]
                if answer.casefold() not in question.casefold():
                    yield Example(question, passage, ((start + span[0], start + span[1]),), "news")


def _of_speakers(passage: str) -> Iterator[Example]:
    """Ask who said the beginning of what someone said, where the name stands in the passage."""
    for each in statements(passage):
        words = _CLAUSE_END.split(passage[each.start : each.end])[0].split()
        if not _FULL.match(each.speaker) or not _FEWEST_WORDS <= len(words) <= _MOST_WORDS:
            continue
        said = " ".join(words)
        if _OWN_WORDS.search(said) or _CUT.search(said) or each.speaker.split()[-1] in said:
            continue
        if _ARTICLE.match(said) or not _NO_NAME.match(said):
            said = said[0].lower() + said[1:]
        that = " that" if len(words) % 2 else ""
        yield Example(f"Who said{that} {said}?", passage, ((each.speaker_start, each.speaker_end),), "news")


def _tells(passage: str, example: Example) -> bool:
    """Tell whether a passage holds a word of the answer, so that it might tell it too."""
    words = {word.casefold() for answer in example.answers for word in re.findall(r"[A-Z][\w’'-]+|\d+", answer)}
    lowered = passage.casefold()
    return not words or any(word in lowered for word in words)
