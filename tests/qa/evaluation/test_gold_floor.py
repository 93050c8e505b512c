"""A floor under the figures on the report half of the bundled gold set: a change that lowers them fails here."""

from collections.abc import Iterator

import pytest
from repository import ROOT

from embeddings.encoder.encoder import load_encoder
from embeddings.encoder.model_files import DEFAULT_MODEL
from embeddings.library.library import open_library
from qa.assistant import Assistant
from qa.cli.opening import bundled_library
from qa.evaluation.evaluate import Evaluation, evaluate
from qa.evaluation.figures import figures
from qa.evaluation.gold.read import read_gold
from qa.reader.reader import open_reader

pytestmark = pytest.mark.long
GOLD = ROOT / "qa" / "evaluation" / "gold" / "bundled.jsonl"
FLOORS = {
    "recall@1": 0.55,
    "recall@5": 0.82,
    "recall@10": 0.90,
    "citations_exact": 1.0,
    "refusal_recall": 0.55,
    "f1": 47.0,
    "contains": 46.0,
}


@pytest.fixture(scope="module")
def evaluation() -> Iterator[Evaluation]:
    with open_library(bundled_library(DEFAULT_MODEL, load_encoder)) as library:
        yield evaluate(Assistant(library, open_reader()), read_gold(GOLD).of_half("report"))


@pytest.mark.parametrize("figure", FLOORS)
def test_the_report_half_stays_above_its_floor(evaluation: Evaluation, figure: str) -> None:
    value = figures(evaluation.outcomes)[figure]
    assert value is not None
    assert value >= FLOORS[figure]


def test_all_evidence_of_the_gold_set_is_in_the_collection(evaluation: Evaluation) -> None:
    assert evaluation.warnings == ()
