"""Asking gold questions, and the figures of their outcomes.

Beside how often answers are right: how well confidence tells it, what is shown as sure or unsure, and refusals.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from corpus.errors import UsageError
from corpus.store.records import EVERYTHING
from qa.assistant import Assistant
from qa.evaluation.gold_questions import GoldQuestion, GoldSet
from qa.evaluation.metrics import expected_calibration_error, percentile, recall_at, reciprocal_rank, reliability_bins
from qa.evaluation.outcome import Located, Outcome, judge, locate, ranks
from qa.result import Result

SCHEMA = "citewire-evaluation/1"

Passages = Literal["library", "given", "all"]

PERCENTAGES = ("exact_match", "f1", "contains")
LATENCIES = ("latency_ms_p50", "latency_ms_p95")
LIKELY = 0.5
"""The built-in reader's confidence from which it takes words for an answer."""
Entry = Mapping[str, Any]
"""One entry of `questions` in an evaluation's JSON."""
Weigh = Callable[[Entry], tuple[float, float]]
Progress = Callable[[int, int], None]
"""Called with the numbers of questions done and of all questions."""


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
            "reliability": [asdict(group) for group in reliability_bins(*answered(self.outcomes))],
        }


def evaluate(
    assistant: Assistant,
    gold: GoldSet,
    *,
    progress: Progress | None = None,
    passages: Passages = "library",
    about: Mapping[str, str] | None = None,
) -> Evaluation:
    """Ask every question of the assistant's library, or with "given" of its own paragraph: reading without retrieval.

    passages: "all" if the library holds all paragraphs of the file, each as an article (`paragraph_articles`).
    Evidence is searched for in the library's current versions; missing evidence gives a warning and counts as not
    retrieved. Each citation is checked against the stored version. The first question is asked once before, so that
    latencies are those of a warm assistant. Raises UsageError where `passages` does not go with the questions.
    """
    if passages == "library" and gold.paragraphs:
        raise UsageError(
            f"{gold.name} brings its own paragraphs: add --passages given to ask about each question's own one, "
            "or --passages all to find it among all of them first"
        )
    if passages != "library" and not gold.paragraphs:
        raise UsageError(
            f"{gold.name} brings no paragraphs: leave out --passages {passages}, which is for SQuAD files, "
            "and the questions are asked of the library"
        )
    located = Located({})
    warnings: list[str] = []
    if passages != "given":
        with assistant.library.snapshot() as snapshot:
            located = locate(snapshot, gold.questions)
            if snapshot.coverage(EVERYTHING).articles == 0:
                warnings.append("the library is empty: every question is refused")
    outcomes = []
    ranked: tuple[int | None, ...] = ()
    for question, result, latency in _asked(assistant, gold.questions, passages, progress):
        if passages == "given" and question.paragraph:
            texts = [question.paragraph.text] * len(result.citations)
        else:
            ranked = ranks(question, result.retrieved, located)
            with assistant.library.snapshot() as snapshot:
                texts = [snapshot.article(cited.article, cited.version).text for cited in result.citations]
        outcomes.append(judge(question, result, ranks=ranked, texts=texts, latency_ms=latency))
    return Evaluation(gold.name, passages, tuple(outcomes), (*warnings, *located.warnings), about or {})


def _asked(
    assistant: Assistant, questions: Sequence[GoldQuestion], passages: Passages, progress: Progress | None
) -> Iterator[tuple[GoldQuestion, Result, float]]:
    """Yield each question with its result and latency in milliseconds. Warm up with the first question."""
    for n, question in enumerate([*questions[:1], *questions]):
        began = time.perf_counter()
        try:
            if passages == "given" and question.paragraph:
                result = assistant.ask_text(question.question, question.paragraph.text, question.paragraph.title)
            else:
                result = assistant.ask(question.question, turns=question.turns)
        except UsageError as error:
            raise UsageError(f"question {question.id}: {error}") from error
        if n:
            yield question, result, 1000 * (time.perf_counter() - began)
            if progress is not None:
                progress(n, len(questions))


def _rounded(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in values.items()}


def ratio(weighed: Sequence[tuple[float, float]]) -> float | None:
    """Return the sum of the values over the sum of the weights, None without any weight."""
    weight = sum(w for _, w in weighed)
    return sum(value for value, _ in weighed) / weight if weight else None


def _ranked(measure: Callable[[Sequence[int | None]], float]) -> Weigh:
    return lambda entry: (measure(entry["ranks"]), 1) if entry["ranks"] else (0, 0)


_UNANSWERABLE, _USEFUL = ("refused", "invented"), ("right", "partly")
WEIGHED: Mapping[str, Weigh] = {
    "exact_match": lambda entry: (entry["exact_match"], 1),
    "f1": lambda entry: (entry["f1"], 1),
    "contains": lambda entry: (entry["contains"], 1),
    "recall@1": _ranked(lambda ranks: recall_at(ranks, 1)),
    "recall@5": _ranked(lambda ranks: recall_at(ranks, 5)),
    "recall@10": _ranked(lambda ranks: recall_at(ranks, 10)),
    "mrr": _ranked(reciprocal_rank),
    "citations_exact": lambda entry: (entry["citations_exact"], entry["citations"]),
    "refusal_precision": lambda e: (e["verdict"] == "refused", e["verdict"] in ("refused", "missed")),
    "refusal_recall": lambda e: (e["verdict"] == "refused", e["verdict"] in _UNANSWERABLE),
    "right_sure": lambda e: (e["verdict"] == "right" and e["status"] == "answered", e["verdict"] not in _UNANSWERABLE),
    "right_shown": lambda e: (e["verdict"] == "right", e["verdict"] not in _UNANSWERABLE),
    "sure_precision": lambda e: (e["verdict"] in _USEFUL and e["status"] == "answered", e["status"] == "answered"),
    "unsure_precision": lambda e: (e["verdict"] in _USEFUL and e["status"] == "unsure", e["status"] == "unsure"),
    "kept_from_sure": lambda e: (
        e["verdict"] in _UNANSWERABLE and e["status"] != "answered",
        e["verdict"] in _UNANSWERABLE,
    ),
    "kept_from_shown": lambda e: (e["verdict"] == "refused", e["verdict"] in _UNANSWERABLE),
}
"""The value and the weight of a question in each figure that is the sum of the values over the sum of the weights.

refusal_precision: share of the refused questions that are unanswerable. refusal_recall: share of the unanswerable ones
that were refused; after van Rijsbergen, Information Retrieval, 1979, with "unanswerable" as the class looked for, as
Rajpurkar et al., Know What You Don't Know, ACL 2018, frame abstention. right_sure, right_shown: share of the answerable
questions with a right answer shown as sure; shown at all. sure_precision, unsure_precision: share of the answers shown
so that are right or partly right. kept_from_sure, kept_from_shown: share of the unanswerable questions without a sure
answer; without any answer.
"""


def figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return every figure, None where it does not apply, and `questions`, the number of outcomes.

    `exact_match`, `f1` and `contains` are percentages over all questions. Retrieval is over questions with evidence,
    `citations_exact` over all citations, `calibration_error` over the answers given.
    """
    entries = [outcome.to_json() for outcome in outcomes]
    latencies = [outcome.latency_ms for outcome in outcomes]
    return {
        "questions": len(outcomes),
        **{name: ratio([weigh(entry) for entry in entries]) for name, weigh in WEIGHED.items()},
        "calibration_error": expected_calibration_error(*answered(outcomes)),
        "latency_ms_p50": percentile(latencies, 50),
        "latency_ms_p95": percentile(latencies, 95),
    }


def model_figures(outcomes: Sequence[Outcome]) -> dict[str, Any] | None:
    """Return what the outcomes say of a language model, None where none was asked.

    asked: questions put to it. fell_back: of these, those that the built-in reader answered. prompt_tokens and
    completion_tokens: of all that its server counted, None where it counted none. quotes_dropped: quotes that stand
    nowhere. checked_likely and checked_unlikely: of the answers it chose, those whose words the built-in reader takes
    for an answer, and the others, each with how many are right.
    """
    asked = [outcome for outcome in outcomes if outcome.usage is not None]
    usages = [outcome.usage for outcome in asked if outcome.usage is not None]
    if not asked:
        return None
    prompts = [usage.prompt_tokens for usage in usages if usage.prompt_tokens is not None]
    replies = [usage.completion_tokens for usage in usages if usage.completion_tokens is not None]
    checked = [(o.checked, o.verdict == "right") for o in asked if not o.is_refused and o.checked is not None]
    return {
        "asked": len(asked),
        "fell_back": sum(outcome.fell_back for outcome in asked),
        "requests": sum(usage.requests for usage in usages),
        "prompt_tokens": sum(prompts) if prompts else None,
        "completion_tokens": sum(replies) if replies else None,
        "quotes_dropped": sum(usage.quotes_dropped for usage in usages),
        "checked_likely": _counted(right for score, right in checked if score >= LIKELY),
        "checked_unlikely": _counted(right for score, right in checked if score < LIKELY),
    }


def answered(outcomes: Sequence[Outcome]) -> tuple[list[float], list[bool]]:
    """Return the confidence of each answer given, and whether it was right."""
    shown = [(o.confidence, o.verdict == "right") for o in outcomes if not o.is_refused and o.confidence is not None]
    return [confidence for confidence, _ in shown], [right for _, right in shown]


def _counted(right: Iterable[bool]) -> dict[str, int]:
    verdicts = list(right)
    return {"count": len(verdicts), "right": sum(verdicts)}
