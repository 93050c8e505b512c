"""Citewire's own reader on real text, and any other question-answering model, made small here."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tiny_models import save_tiny_reader

from corpus.errors import ModelError
from corpus.passages import split
from embeddings.encoder.precision import arithmetic
from qa.reader.calibration import SpanFeatures
from qa.reader.input import passage_input, sentences_before
from qa.reader.model import DEFAULT_READER, OWN_READERS, open_reader_model
from qa.reader.protocol import NOTHING_READ, QuestionCancelled, ReadControl, ReadPassage
from qa.reader.reader import NetworkReader, open_reader
from qa.reader.spans import _closed

pytestmark = pytest.mark.processor

TALKS = (
    "The two-day talks on water opened in Geneva on Monday. Anna Berg, deputy minister, led the Norwegian delegation, "
    "and Paul Reyes headed the Chilean one.\n\nThe last round, in 2019, had ended without a paper. The hosts put up "
    "42 rooms for the guests because the old hotel was closed for repairs.\n\n“We shall not leave without a text,” "
    "Reyes told reporters."
)


@pytest.fixture(scope="module")
def reader() -> NetworkReader:
    return open_reader()


def passages(text: str) -> list[ReadPassage]:
    return [ReadPassage(part.text) for part in split(text)]


def best(reader: NetworkReader, question: str, text: str = TALKS) -> str:
    read = passages(text)
    first = reader.read(question, read).extractions[0]
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


def test_a_reason_is_the_clause_that_gives_it(reader: NetworkReader) -> None:
    assert "the old hotel was closed for repairs" in best(reader, "Why did the hosts put up rooms?")


def test_what_somebody_said_is_the_words_that_were_said(reader: NetworkReader) -> None:
    assert "We shall not leave without a text" in best(reader, "What did Reyes tell reporters?")


def test_what_the_text_tells_is_surer_than_what_it_does_not(reader: NetworkReader) -> None:
    told = reader.read("Who led the Norwegian delegation?", passages(TALKS))
    not_told = reader.read("What is the price of copper?", passages(TALKS))
    assert told.extractions[0].confidence > not_told.extractions[0].confidence
    assert told.status == "answered"
    assert not_told.status == "not_in_library"


def test_the_heading_is_read_and_never_an_answer(reader: NetworkReader) -> None:
    text = "It took two days and ended without a paper, the hosts said on the steps of the town hall."
    passage = ReadPassage(text, "Water talks between Norway and Chile end", "Geneva Star", "2023-03-08")
    result = reader.read("How long did the water talks between Norway and Chile take?", [passage])
    assert "two days" in text[result.extractions[0].start : result.extractions[0].end]
    assert all(0 <= each.start < each.end <= len(text) for each in result.extractions)


def test_what_is_put_before_a_passage_goes_back_to_its_own_characters() -> None:
    passage = ReadPassage("Anna Berg led it.", "Talks", "Star", "2023-03-08", "They met in Oslo.")
    given = passage_input(passage)
    assert given.text == "Talks | Star, 2023-03-08\nThey met in Oslo.\nAnna Berg led it."
    assert [given.original_offset(n) for n in range(given.begin, len(given.text) + 1)] == list(
        range(len(passage.text) + 1)
    )


def test_before_a_passage_stand_the_last_two_sentences() -> None:
    text = "One came. Two went. Three stayed.\n\nFour slept."
    assert sentences_before(text, text.index("Four")) == "Two went. Three stayed."
    assert sentences_before(text, 0) == ""


def test_given_words_are_scored_as_the_reader_scores_its_own(reader: NetworkReader) -> None:
    text = passages(TALKS)[0].text
    spans = [(0, text.index(words), text.index(words) + len(words)) for words in ("Anna Berg", "Paul Reyes")]
    right, wrong = reader.score_spans("Who led the Norwegian delegation?", passages(TALKS), spans)
    assert right > wrong
    assert reader.score_spans("Who led it?", passages(TALKS), [(99, 0, 4)]) == [0.0]


def test_extractions_are_slices_of_their_passages_most_confident_first(reader: NetworkReader) -> None:
    read = passages(TALKS)
    readings = reader.read("Who led the delegations?", read).extractions
    assert [r.confidence for r in readings] == sorted((r.confidence for r in readings), reverse=True)
    for r in readings:
        words = read[r.passage].text[r.start : r.end]
        assert words == words.strip()
        assert words


def test_a_passage_is_read_alike_alone_and_among_others(reader: NetworkReader) -> None:
    read = passages(TALKS)
    alone = {n: reader.spans("Who led the talks?", [passage])[0][0].features for n, passage in enumerate(read)}
    together: dict[int, SpanFeatures] = {}
    for span in reader.spans("Who led the talks?", read * 6)[0]:
        together.setdefault(span.passage % len(read), span.features)
    for n, features in alone.items():
        assert together[n].holds == pytest.approx(features.holds, abs=0.2)
        assert together[n].log_probability == pytest.approx(features.log_probability, abs=0.2)


@pytest.mark.parametrize("text", ["東京 — Łódź 😀 said.", "x" * 5000, "\u202eabc", "1"])
def test_any_text_can_be_read(reader: NetworkReader, text: str) -> None:
    for r in reader.read("Who said so?", [ReadPassage(text)]).extractions:
        assert 0 <= r.start < r.end <= len(text)


def test_a_question_as_long_as_can_be_asked_is_read(reader: NetworkReader) -> None:
    assert reader.read("who " * 500, passages(TALKS)).extractions


@pytest.mark.parametrize(
    ("text", "span", "closed"),
    [
        ("an envoy (east) spoke", "an envoy (east", "an envoy (east)"),
        ("he (an envoy) spoke", "an envoy", "an envoy"),
        ("“We go,” he said", "“We go,", "“We go,”"),
        ('she said "no" twice', '"no', '"no"'),
    ],
)
def test_a_bracket_or_quotation_that_an_answer_opens_is_closed(text: str, span: str, closed: str) -> None:
    start = text.index(span)
    assert text[start : _closed(text, start, start + len(span))] == closed


def test_no_passage_no_reading(reader: NetworkReader) -> None:
    assert reader.read("Who?", []) == NOTHING_READ


@pytest.mark.parametrize("number", [1, 40])
def test_nothing_more_is_read_once_nobody_waits(reader: NetworkReader, number: int) -> None:
    control = ReadControl()
    control.stop.set()
    with pytest.raises(QuestionCancelled):
        reader.read("Who led the delegations?", passages(TALKS)[:1] * number, control)


def test_rounding_to_eight_bits_changes_no_answer_and_little_of_how_sure_it_is() -> None:
    """One threshold holds on every processor."""
    exact, eight = open_reader(precision="f32"), open_reader(precision="int8")
    for question in ("Who led the Norwegian delegation?", "Where did the talks open?", "When was the last round?"):
        rounded, whole = (each.read(question, passages(TALKS)).extractions[0] for each in (eight, exact))
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
    assert not model.is_own
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
    for r in reader.read("Who led the talks?", [ReadPassage(text)]).extractions:
        assert 0 <= r.start < r.end <= len(text)


def test_a_model_without_an_answering_head_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="was not trained to find answers"):
        open_reader(str(save_tiny_reader(tmp_path / "model", answers=False)), cache=tmp_path / "cache")


def test_a_reader_that_is_nowhere_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        open_reader(str(tmp_path / "nowhere"), cache=tmp_path / "cache")


def test_damaged_weights_of_the_own_reader_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = replace(OWN_READERS[DEFAULT_READER], sha256="0" * 64)
    monkeypatch.setitem(OWN_READERS, DEFAULT_READER, own)
    with pytest.raises(ModelError, match="not the published ones"):
        open_reader(cache=tmp_path / "cache")
