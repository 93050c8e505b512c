"""The outcome of a gold question: its evidence among the passages found, and how the answers agree with those expected.

The first half finds the evidence of all questions in a library, the second judges one result.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from corpus.article import canonical_url
from corpus.errors import UsageError
from corpus.store.records import StoredArticle
from embeddings.library.protocol import Snapshot
from qa.evaluation.gold_questions import Evidence, GoldQuestion, Need
from qa.evaluation.metrics import contains, contains_all, exact_match, set_exact_match, set_f1, token_f1
from qa.result import Citation, ClosePassage, Result, Status, Usage

Verdict = Literal["right", "partly", "wrong", "missed", "refused", "invented"]
"""right, partly, wrong: an answer to an answerable question. missed: an answerable question was refused. refused: an
unanswerable one was refused. invented: an unanswerable one was answered."""

RIGHT_FROM_F1 = 60.0
MOST_TIMES_AS_LONG = 3
"""An answer that contains the expected words is right if it is at most this many times longer."""
RIGHT_SHARE_OF_A_LIST = 0.75
PARTLY_FROM_F1 = 30.0
_NAMED_IN_WARNINGS = 5


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


Spans = Mapping[Evidence, Sequence[EvidenceSpan]]
"""The places of all evidence, none for what the library does not hold."""


def locate(snapshot: Snapshot, questions: Sequence[GoldQuestion]) -> tuple[Spans, tuple[str, ...]]:
    """Return all places of each evidence quote in its articles' current versions, and a warning of what has none.

    An article is named by id, path, file name or address. White space in a quote matches any white space.
    """
    wanted = [(question.id, evidence) for question in questions for evidence in question.evidence]
    named = dict.fromkeys(evidence.article for _, evidence in wanted)
    addresses = _addresses(snapshot) if any("://" in name for name in named) else {}
    articles = {name: _articles_named(snapshot, name, addresses) for name in named}
    spans = {e: [span for article in articles[e.article] for span in _spans(article, e.quote)] for _, e in wanted}
    missing = [f"{evidence.article} (of {identity})" for identity, evidence in wanted if not spans[evidence]]
    if not missing:
        return spans, ()
    first = ", ".join(missing[:_NAMED_IN_WARNINGS]) + (", …" if len(missing) > _NAMED_IN_WARNINGS else "")
    return spans, (f"evidence that the library does not hold counts as not retrieved ({len(missing):,}): {first}",)


def ranks(question: GoldQuestion, retrieved: Sequence[ClosePassage], spans: Spans) -> tuple[int | None, ...]:
    """Return, for each thing the question needs, the rank (from 1) of the best passage with evidence for it, or None.

    retrieved: best first. With `need` "any" one thing is needed, at any span of evidence. With "all" each expected
    answer that an evidence quote contains is needed. Evidence that the library does not hold counts as None.
    """
    if not question.evidence:
        return ()
    wanted = [tuple(question.evidence)]
    if question.need == "all":
        quoted = [evidence for evidence in question.evidence if evidence.quote is not None]
        holding = [tuple(e for e in quoted if contains(e.quote or "", [answer])) for answer in question.answers]
        wanted = [group for group in holding if group] or wanted
    return tuple(_rank([place for evidence in group for place in spans[evidence]], retrieved) for group in wanted)


def _rank(spans: Sequence[EvidenceSpan], retrieved: Sequence[ClosePassage]) -> int | None:
    ranked = enumerate(retrieved, start=1)
    return next((rank for rank, passage in ranked if any(span.is_in(passage) for span in spans)), None)


def _addresses(snapshot: Snapshot) -> dict[str, list[str]]:
    """Return the ids of the articles at each address."""
    found: dict[str, list[str]] = {}
    for info in snapshot.articles(order="added"):
        if info.url:
            found.setdefault(canonical_url(info.url), []).append(info.id)
    return found


def _articles_named(snapshot: Snapshot, name: str, addresses: Mapping[str, list[str]]) -> list[StoredArticle]:
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one question. exact_match, f1 and contains are percentages.

    ranks: for each thing needed, the rank of the best passage with it, None if none was retrieved; empty without
    evidence. citations_exact: number of citations that quote exactly the stored version at their offsets. confidence:
    of the first answer, or of the best extraction withheld; None if nothing was read. latency_ms: from the question to
    the whole result.
    checked: the built-in reader's confidence in the first answer, if another reader chose it. usage: what a language
    model was asked. fell_back: the built-in reader answered in its place.
    """

    id: str
    question: str
    standalone_question: str
    kind: str
    need: Need
    expected: tuple[str, ...]
    status: Status
    verdict: Verdict
    answers: tuple[str, ...]
    exact_match: float
    f1: float
    contains: float
    ranks: tuple[int | None, ...]
    citations: tuple[Citation, ...]
    citations_exact: int
    confidence: float | None
    latency_ms: float
    checked: float | None = None
    usage: Usage | None = None
    fell_back: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the outcome as an entry of `questions` in the JSON. `answer` is the first one shown."""
        told = {each.name: getattr(self, each.name) for each in fields(self)}
        return told | {
            "answer": self.answers[0] if self.answers else None,
            "answers": list(self.answers),
            "expected": list(self.expected),
            "ranks": list(self.ranks),
            "citations": len(self.citations),
            "cited": [
                {"article": c.article, "version": c.version, "start": c.start, "end": c.end, "quote": c.quote}
                for c in self.citations
            ],
            "usage": None if self.usage is None else asdict(self.usage),
        }


def judge(
    gold: GoldQuestion, result: Result, *, ranks: Sequence[int | None], texts: Sequence[str], latency_ms: float
) -> Outcome:
    """Compare a result with the expected answers.

    With `need` "any" the first answer is scored, with "all" the set of answers. SQuAD's questions expect one span: for
    them the surest answer is scored, and where the articles differ, since the answers then stand in order of days. An
    unanswerable question scores 100 if it is refused, else 0. texts: for each citation, the text of its version.
    """
    shown = tuple(answer.text for answer in result.answers)
    surest = max(result.answers, key=lambda answer: answer.confidence, default=None)
    one = gold.paragraph or (gold.need == "any" and result.disagreement)
    taken = (surest.text,) if surest and one else shown
    exact, f1, contained = _scores(gold, taken)
    return Outcome(
        id=gold.id,
        question=gold.question,
        standalone_question=result.standalone_question,
        kind=gold.kind,
        need=gold.need,
        expected=gold.answers,
        status=result.status,
        verdict=_verdict(gold, taken, f1, contained),
        answers=shown,
        exact_match=exact,
        f1=f1,
        contains=contained,
        ranks=tuple(ranks),
        citations=result.citations,
        citations_exact=sum(t[c.start : c.end] == c.quote for c, t in zip(result.citations, texts, strict=True)),
        confidence=surest.confidence if surest else result.best_confidence,
        latency_ms=latency_ms,
        checked=surest.checked if surest else None,
        usage=result.usage,
        fell_back=result.why is not None,
    )


def _scores(gold: GoldQuestion, texts: Sequence[str]) -> tuple[float, float, float]:
    """Return exact match, F1 and contains of the answers shown, in percent."""
    if not gold.answers or not texts:
        shares = (float(not gold.answers and not texts),) * 3
    elif gold.need == "all":
        shares = set_exact_match(texts, gold.answers), set_f1(texts, gold.answers), contains_all(texts, gold.answers)
    else:
        first = texts[0]
        shares = exact_match(first, gold.answers), token_f1(first, gold.answers), contains(first, gold.answers)
    return 100 * shares[0], 100 * shares[1], 100 * shares[2]


def _verdict(gold: GoldQuestion, shown: Sequence[str], f1: float, contained: float) -> Verdict:
    if not shown:
        return "missed" if gold.answers else "refused"
    if not gold.answers:
        return "invented"
    if _is_right(gold, shown):
        return "right"
    return "partly" if f1 >= PARTLY_FROM_F1 or contained > 0 else "wrong"


def _is_right(gold: GoldQuestion, shown: Sequence[str]) -> bool:
    """Tell whether the first answer is right, or of a list three quarters of the expected things."""
    if gold.need == "any":
        return any(meets(shown[0], expected) for expected in gold.answers)
    met = sum(any(meets(answer, expected) for answer in shown) for expected in gold.answers)
    return met >= RIGHT_SHARE_OF_A_LIST * len(gold.answers)


def meets(answer: str, expected: str) -> bool:
    """Tell whether an answer has an F1 of .6 or more, or contains the expected words and is not much longer."""
    if 100 * token_f1(answer, [expected]) >= RIGHT_FROM_F1:
        return True
    fits = len(answer.split()) <= MOST_TIMES_AS_LONG * len(expected.split())
    return fits and contains(answer, [expected]) > 0
