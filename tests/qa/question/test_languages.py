"""Questions in another language are told from English ones, also short ones with foreign names in them."""

import pytest

from corpus.language import has_other_script, is_foreign


@pytest.mark.parametrize(
    "question",
    [
        "Warum ist der Bürgermeister zurückgetreten?", "Wer trat zurück?", "Pourquoi le maire a-t-il démissionné ?",
        "¿Cuándo renunció el alcalde?", "Quando è stato chiuso il ponte?", "Waarom trad de burgemeester af?",
        "市長はなぜ辞任したのか", "من استقال؟", "Почему мэр ушёл в отставку?", "Hvorfor gikk ordføreren av?",
    ],
)  # fmt: skip
def test_a_question_in_another_language_is_told(question: str) -> None:
    assert is_foreign(question)


@pytest.mark.parametrize(
    "question",
    [
        "Who is Kim Dae-jung?", "Why did the mayor of Los Angeles resign?", "die hard sequel budget", "mayor resigns",
        "What did Le Monde say about the Van der Berg case?", "Was ist the name of the song?", "Zürich airport strike",
        "How did 市長 Tanaka explain it?", "MIT", "2021?",
    ],
)  # fmt: skip
def test_an_english_question_stays_one(question: str) -> None:
    assert not is_foreign(question)


def test_scripts_are_told_by_most_letters() -> None:
    assert has_other_script("市長の田中一郎氏は月曜日 (Tanaka)")
    assert not has_other_script("The mayor, 田中一郎, resigned on Monday.")
    assert not has_other_script("48 %")
