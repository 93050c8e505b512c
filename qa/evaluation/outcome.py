"""The outcome of one gold question: expected and given answers, and their agreement."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from qa.evaluation.gold.question import GoldQuestion, Need
from qa.evaluation.metrics import contains, contains_all, exact_match, set_exact_match, set_f1, token_f1
from qa.result import Citation, Result, Status, Usage

Verdict = Literal["right", "partly", "wrong", "missed", "refused", "invented"]
"""right, partly, wrong: an answer to an answerable question. missed: an answerable question was refused. refused: an
unanswerable one was refused. invented: an unanswerable one was answered."""

RIGHT_FROM_F1 = 60.0
MOST_TIMES_AS_LONG = 3
"""An answer that contains the expected words is right if it is at most this many times longer."""
RIGHT_SHARE_OF_A_LIST = 0.75
PARTLY_FROM_F1 = 30.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one question. exact_match, f1 and contains are percentages.

    ranks: for each thing needed, the rank of the best passage with it, None if none was retrieved; empty without
    evidence. citations_exact: number of citations that quote exactly the stored version at their offsets. confidence:
    of the first answer, or of the best extraction withheld; None if nothing was read. would_be_right: the most
    confident extraction, shown or withheld, is right. latency_ms: from the question to the whole result.
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
    would_be_right: bool
    latency_ms: float
    checked: float | None = None
    usage: Usage | None = None
    fell_back: bool = False

    @property
    def is_refused(self) -> bool:
        """Tell whether no answer was shown, not even as unsure."""
        return self.status not in ("answered", "unsure")

    @property
    def is_sure(self) -> bool:
        """Tell whether the answer was shown as sure."""
        return self.status == "answered"

    @property
    def is_unanswerable(self) -> bool:
        """Tell whether the articles hold no answer."""
        return not self.expected

    def to_json(self) -> dict[str, Any]:
        """Return the outcome as an entry of `questions` in the JSON. `answer` is the first one shown."""
        return {
            "id": self.id,
            "question": self.question,
            "standalone_question": self.standalone_question,
            "kind": self.kind,
            "need": self.need,
            "status": self.status,
            "verdict": self.verdict,
            "answer": self.answers[0] if self.answers else None,
            "answers": list(self.answers),
            "expected": list(self.expected),
            "exact_match": round(self.exact_match, 4),
            "f1": round(self.f1, 4),
            "contains": round(self.contains, 4),
            "confidence": None if self.confidence is None else round(self.confidence, 4),
            "would_be_right": self.would_be_right,
            "ranks": list(self.ranks),
            "citations": len(self.citations),
            "citations_exact": self.citations_exact,
            "cited": [
                {"article": c.article, "version": c.version, "start": c.start, "end": c.end, "quote": c.quote}
                for c in self.citations
            ],
            "latency_ms": round(self.latency_ms, 2),
            "checked": None if self.checked is None else round(self.checked, 4),
            "usage": None if self.usage is None else asdict(self.usage),
            "fell_back": self.fell_back,
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
    one = gold.need == "any" and result.disagreement
    taken = (surest.text,) if surest and (gold.paragraph or one) else shown
    matched, f1, held = _scores(gold, taken) if shown or gold.answers else (100.0, 100.0, 100.0)
    verdict = _verdict(gold, taken)
    withheld_is_right = bool(result.best_text and gold.answers) and _is_right(gold, [result.best_text or ""])
    return Outcome(
        id=gold.id,
        question=gold.question,
        standalone_question=result.standalone_question,
        kind=gold.kind,
        need=gold.need,
        expected=gold.answers,
        status=result.status,
        verdict=verdict,
        answers=shown,
        exact_match=matched,
        f1=f1,
        contains=held,
        ranks=tuple(ranks),
        citations=result.citations,
        citations_exact=sum(t[c.start : c.end] == c.quote for c, t in zip(result.citations, texts, strict=True)),
        confidence=surest.confidence if surest else result.best_confidence,
        would_be_right=verdict == "right" if shown else withheld_is_right,
        latency_ms=latency_ms,
        checked=surest.checked if surest else None,
        usage=result.usage,
        fell_back=result.why is not None,
    )


def _scores(gold: GoldQuestion, texts: Sequence[str]) -> tuple[float, float, float]:
    """Return exact match, F1 and contains of the answers shown, in percent."""
    if not gold.answers or not texts:
        return 0.0, 0.0, 0.0
    if gold.need == "all":
        shares = set_exact_match(texts, gold.answers), set_f1(texts, gold.answers), contains_all(texts, gold.answers)
    else:
        first = texts[0]
        shares = exact_match(first, gold.answers), token_f1(first, gold.answers), contains(first, gold.answers)
    return 100 * shares[0], 100 * shares[1], 100 * shares[2]


def _verdict(gold: GoldQuestion, shown: Sequence[str]) -> Verdict:
    if not shown:
        return "missed" if gold.answers else "refused"
    if not gold.answers:
        return "invented"
    if _is_right(gold, shown):
        return "right"
    _, f1, held = _scores(gold, shown)
    return "partly" if f1 >= PARTLY_FROM_F1 or held > 0 else "wrong"


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
