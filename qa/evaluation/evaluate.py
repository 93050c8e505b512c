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
from qa.evaluation.outcome import Outcome, Spans, judge, locate, ranks
from qa.result import Result

SCHEMA = "citewire-evaluation/1"

Passages = Literal["library", "given", "all"]

PERCENTAGES = ("exact_match", "f1", "contains")
LIKELY = 0.5
"""The built-in reader's confidence from which it takes words for an answer."""
Entry = Mapping[str, Any]
"""One entry of `questions` in an evaluation's JSON."""
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
    def entries(self) -> list[dict[str, Any]]:
        """The outcomes as JSON."""
        return [outcome.to_json() for outcome in self.outcomes]

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object that `--json` writes and `--compare` reads."""
        entries = self.entries
        return {
            "schema": SCHEMA,
            "gold": self.name,
            "passages": self.passages,
            "about": dict(self.about),
            "warnings": list(self.warnings),
            "overall": figures(entries),
            "by_kind": figures_by_kind(entries),
            "language_model": model_figures(self.outcomes),
            "questions": entries,
            "reliability": [asdict(group) for group in reliability_bins(answers_given(entries))],
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
    spans: Spans = {}
    warnings: tuple[str, ...] = ()
    if passages != "given":
        with assistant.library.snapshot() as snapshot:
            spans, warnings = locate(snapshot, gold.questions)
            if snapshot.coverage(EVERYTHING).articles == 0:
                warnings = ("the library is empty: every question is refused",)
    outcomes = []
    ranked: tuple[int | None, ...] = ()
    for question, result, latency in _asked(assistant, gold.questions, passages, progress):
        if passages == "given" and question.paragraph:
            texts = [question.paragraph.text] * len(result.citations)
        else:
            ranked = ranks(question, result.retrieved, spans)
            with assistant.library.snapshot() as snapshot:
                texts = [snapshot.article(cited.article, cited.version).text for cited in result.citations]
        outcomes.append(judge(question, result, ranks=ranked, texts=texts, latency_ms=latency))
    return Evaluation(gold.name, passages, tuple(outcomes), warnings, about or {})


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


def figures(entries: Sequence[Entry]) -> dict[str, Any]:
    """Return every figure, None where it applies to no question.

    `exact_match`, `f1` and `contains` are percentages over all questions. Retrieval is over questions with evidence,
    `citations_exact` over all citations, `calibration_error` over the answers given.
    refusal_precision: share of the refused questions that are unanswerable. refusal_recall: share of the unanswerable
    ones that were refused; after van Rijsbergen, Information Retrieval, 1979, with "unanswerable" as the class looked
    for, as Rajpurkar et al., Know What You Don't Know, ACL 2018, frame abstention. right_sure, right_shown: share of
    the answerable questions with a right answer shown as sure; shown at all. sure_precision, unsure_precision: share of
    the answers shown so that are right or partly right. kept_from_sure: share of the unanswerable questions without a
    sure answer.
    """
    answerable = [entry for entry in entries if entry["expected"]]
    unanswerable = [entry for entry in entries if not entry["expected"]]
    refused = [entry for entry in entries if entry["verdict"] in ("refused", "missed")]
    ranked = [entry["ranks"] for entry in entries if entry["ranks"]]
    citations = sum(entry["citations"] for entry in entries)
    latencies = [entry["latency_ms"] for entry in entries]
    useful = {
        status: [entry["verdict"] in ("right", "partly") for entry in entries if entry["status"] == status]
        for status in ("answered", "unsure")
    }
    return {
        "questions": len(entries),
        **{name: _mean(entry[name] for entry in entries) for name in PERCENTAGES},
        **{f"recall@{k}": _mean(recall_at(each, k) for each in ranked) for k in (1, 5, 10)},
        "mrr": _mean(map(reciprocal_rank, ranked)),
        "citations_exact": sum(entry["citations_exact"] for entry in entries) / citations if citations else None,
        "refusal_precision": _mean(not entry["expected"] for entry in refused),
        "refusal_recall": _mean(entry["verdict"] == "refused" for entry in unanswerable),
        "right_sure": _mean(entry["verdict"] == "right" and entry["status"] == "answered" for entry in answerable),
        "right_shown": _mean(entry["verdict"] == "right" for entry in answerable),
        "sure_precision": _mean(useful["answered"]),
        "unsure_precision": _mean(useful["unsure"]),
        "kept_from_sure": _mean(entry["status"] != "answered" for entry in unanswerable),
        "calibration_error": expected_calibration_error(answers_given(entries)),
        "latency_ms_p50": percentile(latencies, 50),
        "latency_ms_p95": percentile(latencies, 95),
    }


def _mean(values: Iterable[float]) -> float | None:
    listed = list(values)
    return sum(listed) / len(listed) if listed else None


def figures_by_kind(entries: Sequence[Entry]) -> dict[str, dict[str, Any]]:
    """Return the figures of each kind of question, in order of first appearance."""
    kinds = dict.fromkeys(entry["kind"] for entry in entries)
    return {kind: figures([entry for entry in entries if entry["kind"] == kind]) for kind in kinds}


def answers_given(entries: Sequence[Entry]) -> list[tuple[float, bool]]:
    """Return the confidence of each answer shown, and whether it was right."""
    shown = [entry for entry in entries if entry["answers"] and entry["confidence"] is not None]
    return [(entry["confidence"], entry["verdict"] == "right") for entry in shown]


def model_figures(outcomes: Sequence[Outcome]) -> dict[str, Any] | None:
    """Return what the outcomes say of a language model, None where none was asked.

    asked: questions put to it. fell_back: of these, those that the built-in reader answered. prompt_tokens and
    completion_tokens: of all that its server counted, None where it counted none. quotes_dropped: quotes that stand
    nowhere. checked: answers it chose that the built-in reader checked. checked_likely: of these, those whose words
    that takes for an answer. Of both, how many are right.
    """
    asked = [outcome for outcome in outcomes if outcome.usage is not None]
    usages = [outcome.usage for outcome in asked if outcome.usage is not None]
    if not asked:
        return None
    prompts = [usage.prompt_tokens for usage in usages if usage.prompt_tokens is not None]
    replies = [usage.completion_tokens for usage in usages if usage.completion_tokens is not None]
    checked = [(o.checked, o.verdict == "right") for o in asked if o.answers and o.checked is not None]
    likely = [right for score, right in checked if score >= LIKELY]
    return {
        "asked": len(asked),
        "fell_back": sum(outcome.fell_back for outcome in asked),
        "requests": sum(usage.requests for usage in usages),
        "prompt_tokens": sum(prompts) if prompts else None,
        "completion_tokens": sum(replies) if replies else None,
        "quotes_dropped": sum(usage.quotes_dropped for usage in usages),
        "checked": len(checked),
        "checked_right": sum(right for _, right in checked),
        "checked_likely": len(likely),
        "checked_likely_right": sum(likely),
    }
