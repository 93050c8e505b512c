from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.encoder.encoder import load_encoder
from embeddings.encoder.model_files import DEFAULT_MODEL
from embeddings.library.library import open_library
from qa.assistant import Assistant
from qa.cli.opening import bundled_library
from qa.question.typos import misspelt, without_slips
from qa.reader.reader import open_reader


@pytest.fixture(scope="module")
def bundled() -> Iterator[Assistant]:
    with open_library(bundled_library(DEFAULT_MODEL, load_encoder), encoder=load_encoder()) as library:
        yield Assistant(library, open_reader())


TEXT = (
    "The engineer said on Monday that the bridge over the Orra would close in June. The Board of Commissioners of "
    "Tamsett County met late, and Anna Smith, who chairs it, spoke of levees and of a quiet trial."
)
KNOWN = frozenset("county country board broad trial trail bridge engineer where close which quiet quite speak".split())


def _is_word(word: str) -> bool:
    return word in KNOWN


@pytest.mark.parametrize(
    ("question", "understood"),
    [
        ("Who is the county enginer?", "Who is the county engineer?"),
        ("Who is the county enginneer?", "Who is the county engineer?"),
        ("When will the brigde close?", "When will the bridge close?"),
        ("when will the bradge close", "when will the bridge close"),
        ("Which country has a trail?", "Which country has a trail?"),  # words that everybody knows
        ("Who is smyth?", "Who is smyth?"),  # the text has it as a name
        ("Who is Enginer?", "Who is Enginer?"),
        ("Who spoke of leveed?", "Who spoke of leveed?"),  # another ending is no slip
        ("Who saw the ornra?", "Who saw the ornra?"),
        ("Who is the enginnear?", "Who is the enginnear?"),  # two slips
        ("Who chiars?", "Who chairs?"),
    ],
)
def test_a_slip_is_mended_by_a_word_of_the_texts_and_nothing_else_is(question: str, understood: str) -> None:
    assert without_slips(question, misspelt(question, [TEXT], _is_word)) == understood


def test_the_word_that_stands_there_more_often_is_taken() -> None:
    texts = ["the stream the stream", "the steeam"]
    assert misspelt("the streeam?", texts, _is_word) == {"streeam": "stream"}


@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=3))
def test_any_question_and_texts_can_be_compared(question: str, texts: list[str]) -> None:
    meant = misspelt(question, texts, _is_word)
    assert all(slip in question and word in "\n".join(texts) for slip, word in meant.items())
    if not meant:
        assert without_slips(question, meant) == question


def test_a_question_with_a_slip_is_answered_and_says_how_it_was_understood(bundled: Assistant) -> None:
    slipped, right = bundled.ask("Who is the county enginer?"), bundled.ask("Who is the county engineer?")
    assert slipped.question == "Who is the county enginer?"
    assert slipped.standalone_question == "Who is the county engineer?"
    assert [answer.text for answer in slipped.answers] == [answer.text for answer in right.answers] == ["Dana Pruett"]


def test_the_reader_knows_common_words_alone() -> None:
    reader = open_reader()
    assert all(map(reader.is_word, ("bridge", "engineer", "country")))
    assert not any(map(reader.is_word, ("enginer", "brigde", "")))
