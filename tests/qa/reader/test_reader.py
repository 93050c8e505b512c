"""Citewire's own reader on real text, and any other question-answering model, made small here."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from tiny_models import save_tiny_reader

from corpus.errors import ModelError
from corpus.passages import split
from embeddings.encoder.encoder import load_encoder
from embeddings.encoder.precision import arithmetic
from qa.reader.calibration import Evidence
from qa.reader.model import open_reader_model
from qa.reader.protocol import NOTHING_READ, ReadPassage
from qa.reader.reader import NetworkReader, open_reader
from qa.reader.relevance import Relevance, cosines_with

TALKS = (
    "The two-day talks on water opened in Geneva on Monday. Anna Berg, deputy minister, led the Norwegian delegation, "
    "and Paul Reyes headed the Chilean one.\n\nThe last round, in 2019, had ended without a paper. The hosts put up "
    "42 rooms for the guests because the old hotel was closed for repairs.\n\n“We shall not leave without a text,” "
    "Reyes told reporters."
)


@pytest.fixture(scope="module")
def reader() -> NetworkReader:
    return open_reader()


def even(texts: Sequence[str]) -> list[float]:
    """Say nothing of any sentence."""
    return [0.0] * len(texts)


def passages(text: str) -> list[ReadPassage]:
    return [ReadPassage(part.text, "", math.nan) for part in split(text)]


def best(reader: NetworkReader, question: str, text: str = TALKS, *, relevance: Relevance = even) -> str:
    read = passages(text)
    first = reader.read(question, read, relevance).readings[0]
    return read[first.passage].text[first.start : first.end]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Who led the Norwegian delegation?", "Anna Berg"),
        ("who headed the chilean delegation", "Paul Reyes"),
        ("Where did the talks open?", "Geneva"),
        ("How many rooms were put up for the guests?", "42"),
        ("When was the last round?", "2019"),
    ],
)
def test_a_short_answer_is_found_at_its_place(reader: NetworkReader, question: str, answer: str) -> None:
    assert best(reader, question) == answer


def test_a_reason_is_a_whole_sentence(reader: NetworkReader) -> None:
    question = "Why did the hosts put up rooms?"
    sentence = best(reader, question, relevance=cosines_with(question, load_encoder()))
    assert sentence.startswith("The hosts put up")
    assert sentence.endswith("closed for repairs.")


def test_an_age_that_is_not_told_is_not_taken_from_what_else_is_said(reader: NetworkReader) -> None:
    text = "Walter Imhoff, a retired history teacher who heads the group, drew the loudest applause."
    assert reader.read("How old is Walter Imhoff?", passages(text), even) == NOTHING_READ
    assert best(reader, "How old is Walter Imhoff?", text.replace("a retired", "71, a retired")) == "71"


def test_what_the_text_tells_is_surer_than_what_it_does_not(reader: NetworkReader) -> None:
    told = reader.read("Who led the Norwegian delegation?", passages(TALKS), even)
    not_told = reader.read("What is the price of copper?", passages(TALKS), even)
    assert told.readings[0].confidence > reader.threshold > not_told.readings[0].confidence
    assert told.answered
    assert not not_told.answered


@pytest.mark.parametrize(("question", "answered"), [("Why did the hosts put up rooms?", True), ("Why is it?", False)])
def test_whole_sentences_are_given_where_the_passages_answer(
    reader: NetworkReader, question: str, *, answered: bool
) -> None:
    assert reader.read(question, passages(TALKS), cosines_with(question, load_encoder())).answered is answered


def test_the_words_of_a_sentence_that_answer_most_are_its_key(reader: NetworkReader) -> None:
    question = "Why did the hosts put up rooms?"
    read = passages(TALKS)
    first = reader.read(question, read, cosines_with(question, load_encoder())).readings[0]
    assert first.key is not None
    assert read[first.passage].text[slice(*first.key)] == "the old hotel was closed for repairs"


def test_of_like_passages_the_one_that_begins_an_article_is_surer(reader: NetworkReader) -> None:
    text = "Anna Berg, deputy minister, led the Norwegian delegation."
    at = [ReadPassage(text, "", math.nan, start=start) for start in (6000, 0, 800)]
    readings = reader.read("Who led the Norwegian delegation?", at, even).readings
    surest = [max(r.confidence for r in readings if r.passage == n) for n in (1, 2, 0)]
    assert surest == sorted(surest, reverse=True)
    assert len(set(surest)) == 3


def test_readings_are_slices_of_their_passages_most_confident_first(reader: NetworkReader) -> None:
    read = passages(TALKS)
    readings = reader.read("Who led the delegations?", read, even).readings
    assert [r.confidence for r in readings] == sorted((r.confidence for r in readings), reverse=True)
    for r in readings:
        words = read[r.passage].text[r.start : r.end]
        assert words == words.strip()
        assert words


def test_a_passage_is_read_alike_alone_and_among_others(reader: NetworkReader) -> None:
    read = passages(TALKS)
    alone = {n: reader.spans("Who led the talks?", [passage])[0].evidence for n, passage in enumerate(read)}
    together: dict[int, Evidence] = {}
    for span in reader.spans("Who led the talks?", read * 6):
        together.setdefault(span.passage % len(read), span.evidence)
    for n, evidence in alone.items():
        assert together[n].holds == pytest.approx(evidence.holds, abs=0.2)
        assert together[n].log_probability == pytest.approx(evidence.log_probability, abs=0.2)


@pytest.mark.parametrize("text", ["東京 — Łódź 😀 said.", "x" * 5000, "\u202eabc", "1"])
def test_any_text_can_be_read(reader: NetworkReader, text: str) -> None:
    for r in reader.read("Who said so?", [ReadPassage(text, "", math.nan)], even).readings:
        assert 0 <= r.start < r.end <= len(text)


def test_a_question_as_long_as_can_be_asked_is_read(reader: NetworkReader) -> None:
    assert reader.read("who " * 500, passages(TALKS), even).readings


def test_no_passage_no_reading(reader: NetworkReader) -> None:
    assert reader.read("Who?", [], even) == NOTHING_READ


def test_rounding_to_eight_bits_changes_no_answer_and_little_of_how_sure_it_is() -> None:
    """One threshold holds on every processor."""
    exact, eight = open_reader(precision="f32"), open_reader(precision="int8")
    for question in ("Who led the Norwegian delegation?", "Where did the talks open?", "When was the last round?"):
        rounded, whole = (each.read(question, passages(TALKS), even).readings[0] for each in (eight, exact))
        assert (rounded.passage, rounded.start, rounded.end) == (whole.passage, whole.start, whole.end)
        assert rounded.confidence == pytest.approx(whole.confidence, abs=0.1)


def test_eight_bits_are_taken_where_they_are_faster_or_asked_for() -> None:
    assert open_reader_model().network.about["eight_bits"] == arithmetic().eight_bits
    assert open_reader_model(precision="int8").network.about["eight_bits"] is True
    assert open_reader_model(precision="f32").network.about["eight_bits"] is False


def test_a_question_answering_model_in_a_folder_reads_as_pytorch_does(tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    folder = save_tiny_reader(tmp_path / "model")
    model = open_reader_model(str(folder), cache=tmp_path / "cache")
    assert not model.has_holds
    tokenizer = AutoTokenizer.from_pretrained(folder)
    network = AutoModelForQuestionAnswering.from_pretrained(folder).eval()
    inputs = tokenizer("Who led the talks?", "the minister led the talks in Paris", return_tensors="np")
    found = model.network.run_one({name: inputs[name].astype(np.int64) for name in model.inputs})
    with torch.no_grad():
        expected = network(**{name: torch.from_numpy(array) for name, array in inputs.items()})
    np.testing.assert_allclose(found[0], expected.start_logits.numpy(), atol=0.05)
    np.testing.assert_allclose(found[1], expected.end_logits.numpy(), atol=0.05)


def test_a_named_readers_spans_are_slices_too(tmp_path: Path) -> None:
    reader = open_reader(str(save_tiny_reader(tmp_path / "model")), cache=tmp_path / "cache")
    text = "The minister led the talks in Paris on Monday."
    for r in reader.read("Who led the talks?", [ReadPassage(text, "", math.nan)], even).readings:
        assert 0 <= r.start < r.end <= len(text)


def test_a_model_without_an_answering_head_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="was not trained to find answers"):
        open_reader(str(save_tiny_reader(tmp_path / "model", answers=False)), cache=tmp_path / "cache")


def test_a_reader_that_is_nowhere_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        open_reader(str(tmp_path / "nowhere"), cache=tmp_path / "cache")


def test_damaged_weights_of_the_own_reader_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.reader.model.WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(ModelError, match="not the published ones"):
        open_reader(cache=tmp_path / "cache")
