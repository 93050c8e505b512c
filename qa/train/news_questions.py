"""Questions made by rule of unlabelled news: real passages with real rivals, where the reading sets have few.

About a fifth are asked of passages that cannot tell: another passage of the same article that lacks the answer, or a
post that nobody holds there.
"""

import gzip
import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from corpus.errors import ReadError
from corpus.passages import split
from corpus.sentences import sentences
from corpus.speakers.statements import statements
from qa.train.example import Example
from qa.train.news_patterns import NAME
from qa.train.news_rules import ask, posts_unlike

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
