from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.article import Article
from embeddings.encoder.encoder import load_encoder
from embeddings.library.library import create_library
from qa.assistant import Assistant
from qa.question.words import misspelt, without_slips
from qa.reader.reader import open_reader


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    text = "Tomas Lind, the architect of Oakhurst Park, opened its new glass house on Friday. 300 people came."
    with create_library(tmp_path_factory.mktemp("park") / "library", encoder=load_encoder()) as library:
        library.add([Article(text, title="Glass house opens")])
        yield Assistant(library, open_reader())


TEXT = (
    "The architect said on Monday that the bridge over the Lonn would close in June. The Friends of Oakhurst Park in "
    "Lonn County met late, and Anna Smith, who chairs them, spoke of hedges and of a quiet trial."
)
KNOWN = frozenset("county country board broad trial trail bridge architect where close which quiet quite speak".split())


def _is_word(word: str) -> bool:
    return word in KNOWN


@pytest.mark.parametrize(
    ("question", "understood"),
    [
        ("Who is the park's archiect?", "Who is the park's architect?"),
        ("Who is the park's archittect?", "Who is the park's architect?"),
        ("When will the brigde close?", "When will the bridge close?"),
        ("when will the bradge close", "when will the bridge close"),
        ("Which country has a trail?", "Which country has a trail?"),  # words that everybody knows
        ("Who is smyth?", "Who is smyth?"),  # the text has it as a name
        ("Who is Archiect?", "Who is Archiect?"),
        ("Who spoke of hedged?", "Who spoke of hedged?"),  # another ending is no slip
        ("Who saw the lonnn?", "Who saw the lonnn?"),
        ("Who is the arkhiect?", "Who is the arkhiect?"),  # two slips
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


def test_a_question_with_a_slip_is_answered_and_says_how_it_was_understood(assistant: Assistant) -> None:
    slipped = assistant.ask("Who is the archiect of Oakhurst Park?")
    assert slipped.question == "Who is the archiect of Oakhurst Park?"
    assert slipped.standalone_question == "Who is the architect of Oakhurst Park?"
    assert [answer.text for answer in slipped.answers] == ["Tomas Lind"]


def test_the_reader_knows_common_words_alone() -> None:
    reader = open_reader()
    assert all(map(reader.is_word, ("bridge", "architect", "country")))
    assert not any(map(reader.is_word, ("archiect", "brigde", "")))
