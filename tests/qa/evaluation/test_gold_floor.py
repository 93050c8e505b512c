"""The bundled gold set: a floor under its figures, and how many answers depend on what the processor computes in.

All of it has been used to choose and calibrate with: these figures compare a change with what was, and report nothing.
"""

import sys
from collections.abc import Iterator, Mapping

import pytest
from repository import ROOT

from embeddings.encoder.precision import Precision, this_processor
from embeddings.library.library import open_library
from qa.assistant import Assistant
from qa.cli.opening import bundled_library
from qa.evaluation.evaluate import Evaluation, evaluate, figures
from qa.evaluation.gold_questions import read_gold
from qa.reader.reader import open_reader

pytestmark = [pytest.mark.long, pytest.mark.timeout(3600)]
GOLD = ROOT / "qa" / "evaluation" / "gold" / "bundled.jsonl"
FLOORS = {
    "recall@1": 0.55,
    "recall@5": 0.82,
    "recall@10": 0.90,
    "citations_exact": 1.0,
    "f1": 47.0,
    "contains": 46.0,
}
DIFFERING = 0.06
"""The most questions that may be answered otherwise in bf16 or eight bits than in f32, of all."""


@pytest.fixture(scope="module")
def evaluations() -> Iterator[Mapping[Precision, Evaluation]]:
    """All questions, asked in each precision that this processor has."""
    kinds: tuple[Precision, ...] = ("f32", "bf16", "int8") if this_processor().bf16 else ("f32", "int8")
    with open_library(bundled_library()) as library:
        gold = read_gold(GOLD)
        yield {kind: evaluate(Assistant(library, open_reader(precision=kind)), gold) for kind in kinds}


@pytest.mark.parametrize("figure", FLOORS)
def test_every_precision_stays_above_the_floor(evaluations: Mapping[Precision, Evaluation], figure: str) -> None:
    for evaluation in evaluations.values():
        value = figures(evaluation.entries)[figure]
        assert value is not None
        assert value >= FLOORS[figure]


def test_all_evidence_of_the_gold_set_is_in_the_collection(evaluations: Mapping[Precision, Evaluation]) -> None:
    assert evaluations["f32"].warnings == ()


def test_few_answers_depend_on_what_the_processor_computes_in(
    evaluations: Mapping[Precision, Evaluation], capsys: pytest.CaptureFixture[str]
) -> None:
    exact = {outcome.id: (outcome.status, outcome.answers[:1]) for outcome in evaluations["f32"].outcomes}
    for kind, evaluation in evaluations.items():
        differing = [o.id for o in evaluation.outcomes if (o.status, o.answers[:1]) != exact[o.id]]
        with capsys.disabled():
            sys.stdout.write(f"\n{kind}: {len(differing)} of {len(exact)} questions answered otherwise than in f32\n")
        assert len(differing) <= DIFFERING * len(exact), (kind, differing)
