import pytest

from qa.question.answer_type import asked_for


@pytest.mark.parametrize(
    "question",
    [
        "Why was the strike called?",
        "Did the county lower its count?",
        "How did the fire start?",
        "What did the minister say about the dam?",
        "What about the bridge?",
        "and was anyone hurt",
        "How were the two sides brought together?",
        "Please describe the bridge.",
        "And of the two, what about the bridge?",
        "Who was hurt, and how did it happen?",
        "When the levee broke, why was nobody told?",
    ],
)
def test_reasons_manners_and_yes_or_no_want_a_sentence(question: str) -> None:
    assert asked_for(question).sentence


@pytest.mark.parametrize(
    "question",
    [
        "Who led the delegations?",
        "How many houses were damaged?",
        "When was that?",
        "How old is she?",
        "What is a levee?",
        "Who explained why the bridge was closed?",
        "Which report says how the fire was put out?",
        "When did she learn why it burned?",
        "Which word did he use to describe the bridge?",
    ],
)
def test_other_questions_want_a_short_answer(question: str) -> None:
    assert not asked_for(question).sentence


@pytest.mark.parametrize(
    "question",
    [
        "Who led the delegations?",
        "Which countries sent aid?",
        "What were the demands of the union?",
        "Who are the candidates?",
        "Name the two winners.",
        "Which two outlets printed it?",
    ],
)
def test_plurals_and_lists_want_several_answers(question: str) -> None:
    assert asked_for(question).several


@pytest.mark.parametrize("question", ["Who is the mayor?", "What was the news?", "Which bus was late?", "When was it?"])
def test_one_thing_wants_one_answer(question: str) -> None:
    assert not asked_for(question).several


@pytest.mark.parametrize(
    "question",
    [
        "What made the ice out of reach from other villages?",
        "What controls Kessing?",
        "What kind of boats came?",
        "What did both sides sign?",
    ],
)
def test_a_plural_that_is_not_asked_for_wants_one_answer(question: str) -> None:
    assert not asked_for(question).several


@pytest.mark.parametrize(
    "question", ["Who wrote it?", "who was killed", "By whom was it built?", "And who spoke?", "Whose house burned?"]
)
def test_a_question_for_whoever_it_was_leaves_open_how_many(question: str) -> None:
    asked = asked_for(question)
    assert (asked.whoever, asked.several) == (True, False)


@pytest.mark.parametrize(
    "question",
    ["Who is the mayor?", "Who was Anna Berg?", "Who's their coach?", "Who led the delegations?", "What burned?"],
)
def test_a_question_for_one_holder_or_for_several_does_not(question: str) -> None:
    assert not asked_for(question).whoever


@pytest.mark.parametrize(
    ("question", "number"),
    [
        ("Which two outlets printed it?", 2),
        ("Name the 5 boroughs.", 5),
        ("What are the three main parts of the plan?", 3),
        ("Which outlets printed both?", 2),
        ("Which countries sent two ships?", None),
        ("Who led the delegations?", None),
    ],
)
def test_how_many_things_are_asked_for(question: str, number: int | None) -> None:
    assert asked_for(question).number == number
