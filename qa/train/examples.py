"""Training examples: passages that answer, and passages that look as if they did; and the batches they make.

A batch has word pieces with their labels, of examples of nearly equal lengths.
"""

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from tokenizers import Tokenizer

from qa.reader.input import LONGEST_INPUT, passage_input, question_input
from qa.reader.protocol import ReadPassage
from qa.train.data import OLDER_SETS, Example, NewsArticle, NewsQuestion, Row, Span, apart

_STEP = 8  # lengths are padded to a multiple, so that few shapes are new
_SORTED_TOGETHER = 6000
_CANDIDATES = 40
_OTHERS = 4
_OWN = 4
_PASSAGE_CHARACTERS = 900
_NAME = re.compile(r"(?<![.!?“\"] )(?<!^)\b[A-Z][a-z]+(?: [A-Z][a-z]+)+\b")
_FIGURE = re.compile(r"\b[A-Z]*\d[\d,.]*\d\b|\b[A-Z]+-?\d+\b|\b\d{1,4}\b")


def rank_passages(questions: Sequence[NewsQuestion]) -> None:
    """Give each question the passages that share its telling words: of its own article, and of others (TF-IDF).

    Passages of other articles that hold an answer's words are left out: they may answer.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    articles = {id(question.article): question.article for question in questions}
    places = [(key, n) for key, article in articles.items() for n in range(len(article.passages))]
    passages = [articles[key].passages[n] for key, n in places]
    vectorizer = TfidfVectorizer(stop_words="english", sublinear_tf=True)
    matrix = vectorizer.fit_transform([f"{p.title} {p.text}" for p in passages])
    rows: dict[int, list[int]] = defaultdict(list)
    for row, (key, _) in enumerate(places):
        rows[key].append(row)
    asked = vectorizer.transform([question.question for question in questions])
    for number, question in enumerate(questions):
        scores = (asked[number] @ matrix.T).toarray()[0]
        own = rows[id(question.article)]
        question.own = sorted(range(len(own)), key=lambda n: -scores[own[n]])
        answers = [question.article.text[start:end].casefold() for start, end in question.answers]
        for row in np.argsort(-scores)[:_CANDIDATES]:
            text = passages[row].text.casefold()
            if places[row][0] != id(question.article) and not any(answer in text for answer in answers):
                question.other.append(passages[row])
        question.other = question.other[:_OTHERS]


def news_examples(questions: Sequence[NewsQuestion], random_: random.Random) -> Iterator[Example]:
    """Give each passage that answers a question and a few that do not, with headings left out now and then."""
    for each in questions:
        question = each.question.lower() if random_.random() < 0.08 else each.question
        passages = each.article.passages
        answering = _spans_by_passage(each)
        if each.answers and not answering:
            continue

        def example(passage: ReadPassage, spans: Sequence[Span] = (), asked: str = question) -> Example:
            return Example(asked, _bared(passage, random_), apart(spans), each.several, news=True)  # noqa: B023

        for n, spans in answering.items():
            yield example(passages[n], spans)
        if answering and random_.random() < 0.12 and (other := _asked_of_another(each, random_)):
            yield example(passages[next(iter(answering))], asked=other)
        rivals = [n for n in each.own if n not in answering]
        for n in random_.sample(rivals[:_OWN], min(1, len(rivals))) if each.answers else rivals[:3]:
            yield example(passages[n])
        if each.other:
            yield example(random_.choice(each.other))


def older_examples(sets: Mapping[str, Sequence[Row]], random_: random.Random) -> Iterator[Example]:
    """Give rows of the older sets, drawn anew at each call; a long text is cut to a passage around its answer."""
    for name, rows in sets.items():
        for row in random_.sample(rows, min(len(rows), OLDER_SETS[name])):
            spans = sorted(set(row.answers)) if row.several else list(row.answers[:1])
            text, begin = row.context, 0
            if len(text) > _PASSAGE_CHARACTERS:
                begin = max(0, spans[0][0] - random_.randint(50, 700)) if spans else 0
                begin = text.rfind(". ", 0, begin) + 2 if begin else 0
                text = text[begin : begin + _PASSAGE_CHARACTERS]
            inside = [(s - begin, e - begin) for s, e in spans if begin <= s and e <= begin + len(text)]
            if spans and not inside:
                continue
            question = row.question.lower().rstrip("?") if random_.random() < 0.1 else row.question
            yield Example(question, ReadPassage(text), apart(inside), row.several, news=False)


def _spans_by_passage(question: NewsQuestion) -> dict[int, list[Span]]:
    """Return the answers within each passage that holds any, in the order of the answers."""
    answering: dict[int, list[Span]] = defaultdict(list)
    for start, end in question.answers:
        for n, passage in enumerate(question.article.passages):
            if passage.start <= start and end <= passage.start + len(passage.text):
                answering[n].append((start - passage.start, end - passage.start))
    return answering


def _bared(passage: ReadPassage, random_: random.Random) -> ReadPassage:
    """Return the passage, now and then without its heading or what stands before it, which libraries often lack."""
    roll = random_.random()
    if roll < 0.06:
        return replace(passage, title="", source="", published="", before="")
    if roll < 0.12:
        passage = replace(passage, before="")
    elif roll < 0.18:
        passage = replace(passage, title="")
    return replace(passage, source="", published="") if random_.random() < 0.12 else passage


def _asked_of_another(question: NewsQuestion, random_: random.Random) -> str | None:
    """Return the question with one digit or name changed, which the passage then does not answer; None: it has none."""
    asked = changed_figure(question.question, random_) if random_.random() < 0.5 else None
    asked = asked or changed_name(question.question, question.article, random_)
    if asked is None:
        return None
    new = set(asked.split()) - set(question.question.split())
    return None if any(word in sentence for word in new for sentence in question.sentences) else asked


def changed_figure(question: str, random_: random.Random) -> str | None:
    """Return the question with one digit of a figure or identifier changed, None where it has none."""
    figures = list(_FIGURE.finditer(question))
    if not figures:
        return None
    figure = random_.choice(figures)
    place = random_.choice([n for n in range(*figure.span()) if question[n].isdigit()])
    digit = random_.choice([d for d in "123456789" if d != question[place]])
    return question[:place] + digit + question[place + 1 :]


def changed_name(question: str, article: NewsArticle, random_: random.Random) -> str | None:
    """Return the question with one full name replaced by another of the article's, None where there is none."""
    named = list(_NAME.finditer(question))
    if not named:
        return None
    name = random_.choice(named)
    others = [m.group() for m in _NAME.finditer(article.text) if not set(m.group().split()) & set(name.group().split())]
    return question[: name.start()] + random_.choice(others) + question[name.end() :] if others else None


@dataclass(frozen=True, slots=True)
class Encoded:
    """An example in word pieces. first: the piece at which the passage begins. spans: first and last piece of each."""

    ids: Sequence[int]
    types: Sequence[int]
    first: int
    spans: tuple[tuple[int, int], ...]
    several: bool
    news: bool


@dataclass(frozen=True, slots=True)
class Batch:
    """Tensors of (rows, length), and of (rows,) for `answered` and `several`; all of news or all of older sets.

    allowed: pieces of the passage and the first, which stands for "no answer here". starts, ends: labels that sum to 1
    over a row. inside, inside_known: whether a piece lies in an answer, and whether that is labelled.
    """

    input_ids: torch.Tensor
    attention_mask: torch.Tensor
    token_type_ids: torch.Tensor
    allowed: torch.Tensor
    starts: torch.Tensor
    ends: torch.Tensor
    inside: torch.Tensor
    inside_known: torch.Tensor
    answered: torch.Tensor
    several: torch.Tensor
    news: bool = field(kw_only=True)

    @property
    def pieces(self) -> int:
        """How many word pieces there are, padding not counted."""
        return int(self.attention_mask.sum())


def encode(examples: Iterable[Example], tokenizer: Tokenizer) -> Iterator[Encoded]:
    """Give each example in word pieces; one whose answer would be cut off is left out."""
    tokenizer.no_padding()
    tokenizer.enable_truncation(LONGEST_INPUT, strategy="only_second")
    for example in examples:
        given = passage_input(example.passage)
        encoding = tokenizer.encode(question_input(example.question), given.text)
        given_to = zip(encoding.offsets, encoding.sequence_ids, strict=True)
        first = next((n for n, ((start, _), text) in enumerate(given_to) if text == 1 and start >= given.begin), None)
        places = [
            (encoding.char_to_token(given.begin + start, 1), encoding.char_to_token(given.begin + end - 1, 1))
            for start, end in example.spans
        ]
        spans = tuple((s, e) for s, e in places if s is not None and e is not None)
        if first is not None and len(spans) == len(places):
            yield Encoded(encoding.ids, encoding.type_ids, first, spans, example.several, example.news)


def batches(encoded: Sequence[Encoded], *, pieces: int, random_: random.Random) -> Iterator[Batch]:
    """Give all examples once, in random order, in batches of about `pieces` word pieces and nearly one length."""
    order = random_.sample(encoded, len(encoded))
    for at in range(0, len(order), _SORTED_TOGETHER):
        some = sorted(order[at : at + _SORTED_TOGETHER], key=lambda e: (e.news, len(e.ids) + 8 * random_.random()))
        groups: list[list[Encoded]] = [[]]
        for one in some:
            if groups[-1] and ((len(groups[-1]) + 1) * len(one.ids) > pieces or one.news != groups[-1][0].news):
                groups.append([])
            groups[-1].append(one)
        random_.shuffle(groups)
        yield from map(batch, groups)


def batch(group: Sequence[Encoded]) -> Batch:
    """Return the examples as tensors, side by side."""
    shape = len(group), -(-max(len(one.ids) for one in group) // _STEP) * _STEP
    ids, mask, types = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    allowed = np.zeros(shape, dtype=bool)
    starts, ends, inside, known = (np.zeros(shape, dtype=np.float32) for _ in range(4))
    for row, one in enumerate(group):
        length = len(one.ids)
        ids[row, :length], mask[row, :length], types[row, :length] = one.ids, 1, one.types
        allowed[row, one.first : length - 1] = allowed[row, 0] = True
        known[row, one.first : length - 1] = 1
        # Of one answer that stands in several places the first counts double; which of them is "inside" is not told.
        shares = [1.0 if one.several or n else 2.0 for n in range(len(one.spans))]
        for share, (start, end) in zip(shares, one.spans, strict=True):
            starts[row, start] += share / sum(shares)
            ends[row, end] += share / sum(shares)
            inside[row, start : end + 1] = 1
        if not one.spans:
            starts[row, 0] = ends[row, 0] = 1
        if not one.several:
            for start, end in one.spans[1:]:
                inside[row, start : end + 1] = known[row, start : end + 1] = 0
    answered = np.array([bool(one.spans) for one in group], dtype=np.float32)
    several = np.array([one.several for one in group], dtype=np.float32)
    arrays = ids, mask, types, allowed, starts, ends, inside, known, answered, several
    return Batch(*map(torch.from_numpy, arrays), news=group[0].news)
