import pytest

from qa.question.followup import (
    description_asked_for,
    is_courtesy,
    standalone,
    stands_alone,
)
from qa.question.phrases import names, phrases, salient_phrases
from qa.question.words import content_words


@pytest.mark.parametrize(
    ("turns", "question", "expected"),
    [
        ([], "What is his position?", "What is his position?"),
        (["Who led the delegations?"], "Who is Christopher Landberg?", "Who is Christopher Landberg?"),
        (["Who is Syed Haider Shah?"], "What is his position?", "What is Syed Haider Shah's position?"),
        (["Who led the US delegation?"], "What is his position?", "What is his position? (Who led the US delegation)"),
        (["Who is the mayor of Pellow?"], "How old is she?", "How old is the mayor of Pellow?"),
        (["Who headed the US delegation?"], "And Pakistan's?", "Who headed Pakistan's delegation?"),
        (["Who led the talks in Rome?"], "And Ada's?", "Who led the talks in Rome? And Ada's?"),
        (["When did the talks begin?"], "How long did they last?", "How long did the talks last?"),
        (["Tell me about lung cancer."], "What are its symptoms?", "What are lung cancer's symptoms?"),
        (["Tell me about the Bronze Age collapse."], "Why did it matter?", "Why did the Bronze Age collapse matter?"),
        (["Why do cats eat plastic?"], "Is it bad?", "Is it bad? (Why do cats eat plastic)"),
        (["When did the ban start in Oslo?"], "Is it legal?", "Is it legal? (When did the ban start in Oslo)"),
        (["What did the US Embassy say?"], "When was that?", "When was that? (What did the US Embassy say)"),
        (["Who led the delegations?"], "What did the sheriff say?", "What did the sheriff say?"),
        (["How many people died?"], "How many dead?", "How many people died? How many dead?"),
        (["Where is the bridge?"], "Why?", "Where is the bridge? Why?"),
        (["How much can you drink?"], "What is taurine?", "What is taurine?"),
        (["What is a vegan?"], "If you eat no meat, is it bad for you?", "If you eat no meat, is it bad for you?"),
        (["Who is Ruth Adair?"], "Are there any levees left?", "Are there any levees left?"),
        (["Who is Ruth Adair?"], "Did Walter Imhoff say he agreed?", "Did Walter Imhoff say he agreed?"),
        (["Who is Ruth Adair?"], "what did she  say", "what did Ruth Adair say"),
        (["Who is Vernon Sykes?"], "How did his wife vote?", "How did Vernon Sykes' wife vote?"),
    ],
)
def test_a_question_borrows_from_earlier_ones_only_what_it_points_back_at(
    turns: list[str], question: str, expected: str
) -> None:
    assert standalone(question, turns).text == expected


@pytest.mark.parametrize(
    ("earlier", "question", "expected"),
    [
        ("What post does Syed Haider Shah hold?", "And Landberg?", "What post does Landberg hold?"),
        ("What is Shah's post?", "And Landberg?", "What is Landberg's post?"),
        ("What is Shah's post?", "and what about Ruth Adair?", "What is Ruth Adair's post?"),
        ("Who did Shah meet in Rome?", "And Landberg?", "Who did Landberg meet in Rome?"),
        ("Who did Shah meet in Rome?", "And in Oslo?", "Who did Shah meet in Oslo?"),
        ("Do we pay the First Lady?", "What about Ruth Adair?", "Do we pay Ruth Adair?"),
        ("How many came in 2019?", "What about in 2020?", "How many came in 2020?"),
        ("How many people live in Oslo?", "How about Bergen?", "How many people live in Bergen?"),
        ("Does it rain on the coast?", "And on the islands?", "Does it rain on the islands?"),
        ("What post does Shah hold?", "What about Landberg's?", "What post does Landberg hold?"),
        ("What post does Shah hold?", "Landberg?", "What post does Landberg hold?"),
        ("What post does Shah hold?", "Same for Ruth Adair", "What post does Ruth Adair hold?"),
        ("How many houses were damaged?", "And in 2019?", "How many houses were damaged in 2019?"),
        ("How many houses were damaged?", "And in Oslo?", "How many houses were damaged in Oslo?"),
        ("How many died in Oslo?", "And in March 2019?", "How many died in Oslo in March 2019?"),
        ("Who was arrested?", "in London?", "Who was arrested in London?"),
        ("How many died in Oslo?", "in Rome?", "How many died in Rome?"),
        ("What did Adair say about the audit?", "And about the bridge?", "What did Adair say about the bridge?"),
        # Nothing of its kind is there, or more than one.
        ("Who led the US delegation?", "And Shah?", "Who led the US delegation? And Shah?"),
        ("Did Moe tell Shah?", "And Landberg?", "Did Moe tell Shah? And Landberg?"),
        ("When did the talks begin?", "And Landberg?", "When did the talks begin? And Landberg?"),
        ("When did the talks begin?", "And the cost?", "When did the talks begin? And the cost?"),
        ("How many died in Oslo?", "And at sea?", "How many died in Oslo? And at sea?"),
        ("Are angora goats good?", "What about boer goats?", "Are angora goats good? What about boer goats?"),
    ],
)
def test_a_name_or_thing_takes_the_place_of_its_like(earlier: str, question: str, expected: str) -> None:
    assert standalone(question, [earlier]).text == expected


def test_it_stands_for_the_whole_thing_and_not_for_the_name_in_it() -> None:
    assert standalone("When did it arrive?", ["Who led the US delegation?"]).text == (
        "When did the US delegation arrive?"
    )


def test_thanks_before_a_question_are_left_out() -> None:
    assert standalone("Thanks! Who is Ruth Adair?", []).text == "Who is Ruth Adair?"
    assert standalone("ok, how old is she?", ["Who is Ruth Adair?"]).text == "how old is Ruth Adair?"


def test_names_are_swapped_one_after_the_other() -> None:
    turns = ["What post does Syed Haider Shah hold?", "And Landberg?"]
    assert standalone("And Ruth Adair?", turns).text == "What post does Ruth Adair hold?"


def test_what_was_swapped_out_is_not_searched_for() -> None:
    asked = standalone("And Landberg?", ["What post does Syed Haider Shah hold?"], ["Additional Secretary"])
    assert "Shah" not in asked.search


@pytest.mark.parametrize(
    "text", ["thanks!", "Thank you very much for your help.", "ok, great", "hello", "Good morning", "wow", "No, thanks"]
)
def test_a_courtesy_asks_nothing(text: str) -> None:
    assert is_courtesy(text)


@pytest.mark.parametrize(
    "text",
    [
        "thanks, who led it",
        "ok?",
        "why",
        "more",
        "Oslo",
        "thanks, tell me more",
        "good news from Oslo",
        "hi 5",
        "go on",
    ],
)
def test_what_may_be_asked_is_no_courtesy(text: str) -> None:
    assert not is_courtesy(text)


def test_a_chain_of_questions_keeps_its_subject() -> None:
    turns = ["Who is Syed Haider Shah?", "What is his position?"]
    assert standalone("And where did he speak?", turns).text == "And where did Syed Haider Shah speak?"


def test_a_pronoun_stands_for_the_one_person_whom_the_answer_names() -> None:
    turns = ["Who led the US delegation?"]
    asked = standalone("What is his position?", turns, ["Christopher Landberg"])
    assert asked.text == "What is Christopher Landberg's position?"
    assert standalone("How old is he?", turns, ["Landberg"]).text == "How old is Landberg?"
    two = standalone("What is his position?", turns, ["Christopher Landberg; Syed Haider Shah"])
    assert two.text == "What is his position? (Who led the US delegation)"


def test_an_answer_names_nobody_for_a_question_that_asked_for_no_person() -> None:
    asked = standalone("What is his position?", ["Where did Christopher Landberg speak?"], ["Islamabad"])
    assert asked.text == "What is Christopher Landberg's position?"


def test_more_is_searched_for_than_is_read() -> None:
    turns = ["How was the strike at Tolliver Glass called?", "What did the union ask for?"]
    asked = standalone("What did the company offer?", turns, ["by Local 88", "a raise of 6 percent"])
    assert asked.text == "What did the company offer?"
    words = asked.search.split()
    assert {"union", "strike", "Tolliver", "raise"} <= set(words)
    assert words.count("company") == 2


def test_a_whole_question_is_searched_for_as_it_is() -> None:
    question = "Who chairs the Stoke Hanna fire district board and the Marl Levee District?"
    asked = standalone(question, ["What did Yvonne Tallis find?"], ["a crack in the wall"])
    assert asked.text == asked.search == question
    assert stands_alone(question)
    assert not stands_alone("Who chairs its board?")


def test_what_is_borrowed_does_not_grow_with_the_conversation() -> None:
    turns = ["What did the US Embassy say?", *["When was that?", "And why?", "So what?"] * 20]
    assert len(standalone("And then?", turns).search) < 300


def test_phrases_are_parted_by_words_that_any_question_has_and_by_punctuation() -> None:
    found = phrases("What are the main effects of binge drinking, sleep and U.S. policy?")
    assert [phrase.text for phrase in found] == ["binge drinking", "sleep", "U.S. policy"]
    assert phrases("What are its main effects?") == []


def test_the_most_telling_phrases_of_an_answer_come_first() -> None:
    text = "Melatonin is a hormone. Doctors give melatonin to people who fly. Planes are loud."
    assert salient_phrases(text, 2)[0] == "Melatonin"
    assert salient_phrases(text, 2, known=["Do planes matter?"])[1] == "Planes"


def test_names_leave_out_what_is_capital_only_at_the_beginning() -> None:
    assert names("What? No. Will Ruth Adair stay?") == ["Ruth Adair"]
    assert names("Landberg") == []
    assert names("Landberg", whole=True) == ["Landberg"]


def test_a_question_for_a_person_describes_whom_it_wants() -> None:
    assert description_asked_for("Who is the mayor of Pellow?") == "the mayor of Pellow"
    assert description_asked_for("Who led the US delegation?") == ""
    assert description_asked_for("Who is Ruth Adair?") is None
    assert description_asked_for("When did the talks begin?") is None


def test_content_words_leave_out_what_every_question_has() -> None:
    question = "Who led the US delegation's talks, and why did they?"
    assert content_words(question) == ["led", "usa", "delegation", "talks"]
