import pytest

from qa.followup import content_words, standalone_question


@pytest.mark.parametrize(
    ("turns", "question", "standalone"),
    [
        ([], "What is his position?", "What is his position?"),
        (["Who led the delegations?"], "Who is Christopher Landberg?", "Who is Christopher Landberg?"),
        (["Who is Syed Haider Shah?"], "What is his position?", "What is Syed Haider Shah's position?"),
        (["Who led the US delegation?"], "What is his position?", "Who led the US delegation? What is his position?"),
        (["Who headed the US delegation?"], "And Pakistan's?", "Who headed the US delegation? And Pakistan's?"),
        (["When did the talks begin?"], "How long did they last?", "When did the talks begin? How long did they last?"),
        (["What did the US Embassy say?"], "When was that?", "What did the US Embassy say? When was that?"),
        (["Who led the delegations?"], "What did the sheriff say?", "What did the sheriff say?"),
        (["How many people died?"], "How many dead?", "How many people died? How many dead?"),
        (["Where is the bridge?"], "Why?", "Where is the bridge? Why?"),
        (["Who is Ruth Adair?"], "Did Walter Imhoff say he agreed?", "Did Walter Imhoff say he agreed?"),
        (["Who is Ruth Adair?"], "what did she  say", "what did Ruth Adair say"),
    ],
)
def test_a_question_borrows_from_earlier_ones_only_what_it_points_back_at(
    turns: list[str], question: str, standalone: str
) -> None:
    assert standalone_question(question, turns) == standalone


def test_a_chain_of_questions_keeps_its_subject() -> None:
    turns = ["Who is Syed Haider Shah?", "What is his position?"]
    assert standalone_question("And where did he speak?", turns).startswith("What is Syed Haider Shah's position?")


def test_content_words_leave_out_what_every_question_has() -> None:
    assert content_words("Who led the US delegation's talks, and why did they?") == ["led", "us", "delegation", "talks"]
