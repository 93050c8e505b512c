"""Evaluating: gold questions are asked, and their answers and passages compared with what was expected."""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from corpus.article import Article, canonical_url
from corpus.errors import UsageError
from corpus.store.store import EVERYTHING, StoredArticle
from embeddings.library.library import Library, Snapshot
from qa.evaluation.figures import answered, curve, figures
from qa.evaluation.gold.question import Evidence, GoldQuestion, GoldSet, Paragraph, paragraph_articles
from qa.evaluation.language_model import model_figures
from qa.evaluation.metrics import contains, reliability_bins
from qa.evaluation.outcome import Outcome, judge
from qa.result import Citation, ClosePassage, Result


@dataclass(frozen=True, slots=True)
class EvidenceSpan:
    """Characters `[start, end)` of an article's version that hold an evidence quote."""

    article: str
    version: str
    start: int
    end: int

    def is_in(self, passage: ClosePassage) -> bool:
        """Tell whether the passage overlaps the span."""
        same = passage.article == self.article and passage.version == self.version
        return same and passage.start < self.end and self.start < passage.end


@dataclass(frozen=True, slots=True)
class Located:
    """The spans of all evidence, and warnings about evidence that the library does not hold."""

    spans: Mapping[Evidence, tuple[EvidenceSpan, ...]]
    warnings: tuple[str, ...] = ()


def locate(snapshot: Snapshot, questions: Sequence[GoldQuestion]) -> Located:
    """Find all occurrences of every evidence quote in the current versions of its articles.

    An article is named by id, path, file name or address. White space in a quote matches any white space.
    """
    named = {evidence.article: list[StoredArticle]() for question in questions for evidence in question.evidence}
    addresses = _addresses(snapshot) if any("://" in name for name in named) else {}
    for name in named:
        named[name] = _named(snapshot, name, addresses)
    spans: dict[Evidence, tuple[EvidenceSpan, ...]] = {}
    no_article: dict[str, list[str]] = {}
    no_words: dict[str, list[str]] = {}
    for question in questions:
        for evidence in question.evidence:
            articles = named[evidence.article]
            spans[evidence] = tuple(span for article in articles for span in _spans(article, evidence.quote))
            if not articles:
                no_article.setdefault(evidence.article, []).append(question.id)
            elif not spans[evidence]:
                no_words.setdefault(f"{_short(evidence.quote or '')} in {evidence.article}", []).append(question.id)
    warnings = [
        f"evidence counts as not retrieved, since {reason}: {_some(list(missing))} (of {_some(asked)})"
        for reason, missing in [("the library has no such article", no_article), ("the words are not there", no_words)]
        if (asked := list(dict.fromkeys(one for ids in missing.values() for one in ids)))
    ]
    return Located(spans, tuple(warnings))


def ranks(question: GoldQuestion, retrieved: Sequence[ClosePassage], located: Located) -> tuple[int | None, ...]:
    """Return, for each thing the question needs, the rank (from 1) of the best passage with evidence for it, or None.

    retrieved: best first. With `need` "any" one thing is needed, at any span of evidence. With "all" each expected
    answer that an evidence quote contains is needed. Evidence that the library does not hold counts as None.
    """
    if not question.evidence:
        return ()
    wanted = [tuple(question.evidence)]
    if question.need == "all":
        holding = [_holding(question.evidence, answer) for answer in question.answers]
        wanted = [group for group in holding if group] or wanted
    return tuple(_rank([p for e in group for p in located.spans[e]], retrieved) for group in wanted)


def _holding(evidence: Sequence[Evidence], answer: str) -> tuple[Evidence, ...]:
    return tuple(e for e in evidence if e.quote is not None and contains(e.quote, [answer]))


def _rank(spans: Sequence[EvidenceSpan], retrieved: Sequence[ClosePassage]) -> int | None:
    ranked = enumerate(retrieved, start=1)
    return next((rank for rank, passage in ranked if any(span.is_in(passage) for span in spans)), None)


def _addresses(snapshot: Snapshot) -> dict[str, list[str]]:
    """Return the ids of the articles at each address."""
    found: dict[str, list[str]] = {}
    for info in snapshot.articles(EVERYTHING, order="added", descending=False, limit=None, offset=0):
        if info.url:
            found.setdefault(canonical_url(info.url), []).append(info.id)
    return found


def _named(snapshot: Snapshot, name: str, addresses: Mapping[str, list[str]]) -> list[StoredArticle]:
    """Return the articles with that file name, else those at that address, else the one with that id."""
    ids = snapshot.articles_named(name) or (addresses.get(canonical_url(name), []) if "://" in name else [])
    try:
        return [snapshot.article(identity) for identity in ids or [name]]
    except UsageError:  # no article has that id
        return []


def _spans(article: StoredArticle, quote: str | None) -> list[EvidenceSpan]:
    whole = [(0, len(article.text))]
    pattern = re.compile(r"\s+".join(map(re.escape, (quote or "").split())))
    spans = whole if quote is None else [match.span() for match in pattern.finditer(article.text)]
    return [EvidenceSpan(article.info.id, article.info.version, start, end) for start, end in spans]


def _some(names: Sequence[str]) -> str:
    """Return the first names and the number of others."""
    more = f" and {len(names) - _NAMED_IN_WARNINGS:,} more" if len(names) > _NAMED_IN_WARNINGS else ""
    return ", ".join(names[:_NAMED_IN_WARNINGS]) + more


def _short(text: str) -> str:
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"


SCHEMA = "citewire-evaluation/1"
_CURVE_POINTS = 200
_NAMED_IN_WARNINGS = 5

Passages = Literal["library", "given", "all"]

Progress = Callable[[int, int], None]
"""Called with the numbers of questions done and of all questions."""


class Answerer(Protocol):
    """An assistant under evaluation. It answers from its library, or from one text."""

    @property
    def library(self) -> Library:
        """The library that `ask` answers from."""

    def ask(self, question: str, *, turns: Sequence[str] = ()) -> Result:
        """Answer from the library. turns: earlier questions, oldest first."""

    def ask_text(self, question: str, text: str, title: str | None = None) -> Result:
        """Answer from this text only. Offsets of citations count in it."""


MakeLibrary = Callable[[Sequence[Article]], AbstractContextManager[Answerer]]
"""Puts articles into a temporary library and gives an assistant for it."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The outcomes of a set of gold questions.

    passages: what was asked: a library, each question's own paragraph, or a library of all paragraphs of the file.
    warnings: sentences about anything that distorts the figures. about: what was evaluated, as names and values.
    """

    name: str
    passages: Passages
    outcomes: tuple[Outcome, ...]
    warnings: tuple[str, ...] = ()
    about: Mapping[str, str] = field(default_factory=dict)

    @property
    def kinds(self) -> list[str]:
        """The kinds of question, in order of first appearance."""
        return list(dict.fromkeys(outcome.kind for outcome in self.outcomes))

    def of_kind(self, kind: str) -> list[Outcome]:
        """Return the outcomes of one kind of question."""
        return [outcome for outcome in self.outcomes if outcome.kind == kind]

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object that `--json` writes and `--compare` reads."""
        points = curve(self.outcomes)
        step = max(1, len(points) // _CURVE_POINTS)
        return {
            "schema": SCHEMA,
            "gold": self.name,
            "passages": self.passages,
            "about": dict(self.about),
            "warnings": list(self.warnings),
            "overall": _rounded(figures(self.outcomes)),
            "by_kind": {kind: _rounded(figures(self.of_kind(kind))) for kind in self.kinds},
            "language_model": model_figures(self.outcomes),
            "questions": [outcome.to_json() for outcome in self.outcomes],
            "reliability": [
                {"low": b.low, "high": b.high, "count": b.count, "confidence": b.confidence, "accuracy": b.accuracy}
                for b in reliability_bins(*answered(self.outcomes))
            ],
            "risk_coverage": [
                {"threshold": round(p.threshold, 4), "coverage": round(p.coverage, 4), "risk": round(p.risk, 4)}
                for n, p in enumerate(points)
                if n % step == 0 or n == len(points) - 1
            ],
        }


def evaluate(
    assistant: Answerer,
    gold: GoldSet,
    *,
    progress: Progress | None = None,
    passages: Passages = "library",
    about: Mapping[str, str] | None = None,
) -> Evaluation:
    """Ask every question of the assistant's library.

    Evidence is searched for in the library's current versions; missing evidence gives a warning and counts as not
    retrieved. Each citation is checked against the stored version. The first question is asked once before, so that
    latencies are those of a warm assistant. Raises UsageError for questions with paragraphs of their own.
    """
    if passages == "library" and gold.paragraphs:
        raise UsageError(
            f"{gold.name} brings its own paragraphs: add --passages given to ask about each question's own one, "
            "or --passages all to find it among all of them first"
        )
    with assistant.library.snapshot() as snapshot:
        located = locate(snapshot, gold.questions)
        is_empty = snapshot.coverage(EVERYTHING).articles == 0
    warnings = ["the library is empty: every question is refused", *located.warnings] if is_empty else located.warnings

    def ask(question: GoldQuestion) -> Result:
        return assistant.ask(question.question, turns=question.turns)

    outcomes = []
    for n, (question, result, latency) in enumerate(_asked(ask, gold.questions), start=1):
        ranked = ranks(question, result.retrieved, located)
        texts = _stored_texts(assistant.library, result.citations)
        outcomes.append(judge(question, result, ranks=ranked, texts=texts, latency_ms=latency))
        if progress is not None:
            progress(n, len(gold.questions))
    return Evaluation(gold.name, passages, tuple(outcomes), tuple(warnings), about or {})


def evaluate_given(
    assistant: Answerer, gold: GoldSet, *, progress: Progress | None = None, about: Mapping[str, str] | None = None
) -> Evaluation:
    """Ask each question of its own paragraph: this measures reading without retrieval.

    Raises UsageError for questions without paragraphs.
    """
    require_paragraphs(gold, "given")

    def ask(question: GoldQuestion) -> Result:
        paragraph = _paragraph(question)
        return assistant.ask_text(question.question, paragraph.text, paragraph.title)

    outcomes = []
    for n, (question, result, latency) in enumerate(_asked(ask, gold.questions), start=1):
        given = [_paragraph(question).text] * len(result.citations)
        outcomes.append(judge(question, result, ranks=(), texts=given, latency_ms=latency))
        if progress is not None:
            progress(n, len(gold.questions))
    return Evaluation(gold.name, "given", tuple(outcomes), (), about or {})


def evaluate_all(
    make_library: MakeLibrary,
    gold: GoldSet,
    *,
    others: Sequence[Article] = (),
    progress: Progress | None = None,
    about: Mapping[str, str] | None = None,
) -> Evaluation:
    """Put all paragraphs of the file into one library, each as an article, and ask every question of it.

    others: more articles for the library. Raises UsageError for questions without paragraphs.
    """
    require_paragraphs(gold, "all")
    with make_library([*paragraph_articles(gold.paragraphs), *others]) as assistant:
        return evaluate(assistant, gold, progress=progress, passages="all", about=about)


def require_paragraphs(gold: GoldSet, passages: str) -> None:
    """Raise UsageError if `--passages` is used with questions without paragraphs."""
    if not gold.paragraphs:
        raise UsageError(
            f"{gold.name} brings no paragraphs: leave out --passages {passages}, which is for SQuAD files, "
            "and the questions are asked of the library"
        )


def _stored_texts(library: Library, citations: Sequence[Citation]) -> list[str]:
    """Return, for each citation, the stored text of its version."""
    with library.snapshot() as snapshot:
        return [snapshot.article(citation.article, citation.version).text for citation in citations]


def _paragraph(question: GoldQuestion) -> Paragraph:
    if question.paragraph is None:
        raise UsageError(f"question {question.id} brings no paragraph: leave out --passages")
    return question.paragraph


def _asked(
    ask: Callable[[GoldQuestion], Result], questions: Sequence[GoldQuestion]
) -> Iterator[tuple[GoldQuestion, Result, float]]:
    """Yield each question with its result and latency in milliseconds. Warm up with the first question."""
    for n, question in enumerate([*questions[:1], *questions]):
        began = time.perf_counter()
        try:
            result = ask(question)
        except UsageError as error:
            raise UsageError(f"question {question.id}: {error}") from error
        if n:
            yield question, result, 1000 * (time.perf_counter() - began)


def _rounded(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in values.items()}
