"""Asking gold questions, and comparing answers and passages with what was expected."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from corpus.errors import UsageError
from corpus.store.records import EVERYTHING
from qa.assistant import Assistant
from qa.evaluation.figures import answered, figures, model_figures, reliability_bins
from qa.evaluation.gold_questions import GoldQuestion, GoldSet
from qa.evaluation.outcome import Located, Outcome, judge, locate, ranks
from qa.result import Result

SCHEMA = "citewire-evaluation/1"

Passages = Literal["library", "given", "all"]

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
    if passages != "given":
        with assistant.library.snapshot() as snapshot:
            located = locate(snapshot, gold.questions)
            is_empty = snapshot.coverage(EVERYTHING).articles == 0
        if is_empty:
            located = Located(located.spans, ("the library is empty: every question is refused", *located.warnings))
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
    return Evaluation(gold.name, passages, tuple(outcomes), located.warnings, about or {})


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
