"""The articles of the labelled news questions, as a library takes them, and the questions as gold questions."""

from collections.abc import Sequence
from pathlib import Path

from corpus.article import Article
from qa.evaluation.gold_questions import GoldQuestion, GoldSet, Need
from qa.train.data import NewsArticle, NewsQuestion, held_out, read_news

PARTS = ("dev", "train")
HELD_OUT = "held-out"
"""The name of those questions of "train" that the reader is not trained on."""


def news_articles(data: Path) -> list[Article]:
    """Return the articles of all parts of the news questions in $CITEWIRE_DATA."""
    found: dict[str, NewsArticle] = {}
    for part in PARTS:
        for question in read_news(data / "news_questions" / f"{part}.jsonl.gz", data / "corpora"):
            found.setdefault(question.article.id, question.article)
    return [
        Article(
            each.text,
            title=each.title or None,
            source=each.source,
            published=each.published or None,
            url=f"https://news.example/{each.id}",
        )
        for each in found.values()
    ]


def news_gold(data: Path, part: str = "dev") -> GoldSet:
    """Return a part's questions as gold questions, without evidence: of "dev", "train" or "held-out"."""
    file = "train" if part == HELD_OUT else part
    questions = read_news(data / "news_questions" / f"{file}.jsonl.gz", data / "corpora")
    if part == HELD_OUT:
        kept = held_out(questions)
        questions = [each for each in questions if each.article.id in kept]
    return GoldSet(part, tuple(_gold(number, each) for number, each in enumerate(questions)))


def _gold(number: int, each: NewsQuestion) -> GoldQuestion:
    answers: Sequence[str] = [each.article.text[start:end] for start, end in each.answers]
    need: Need = "all" if each.several else "any"
    return GoldQuestion(f"{number}", each.question, tuple(answers), need=need, kind=each.kind)
