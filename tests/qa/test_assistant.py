"""Whole answers on the bundled collection: rivals, newer figures, reprints, speakers, days, and checked citations."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from repository import ROOT

from corpus.errors import UsageError
from corpus.store.records import EVERYTHING, Filters
from embeddings.library.library import LocalLibrary, open_library
from qa.assistant import Assistant
from qa.cli.opening import bundled_library
from qa.output.plain_text import terminal_text
from qa.reader.reader import open_reader
from qa.result import ClosePassage

pytestmark = pytest.mark.processor

ARTICLES = ROOT / "corpus" / "articles"


@pytest.fixture(scope="module")
def library() -> Iterator[LocalLibrary]:
    with open_library(bundled_library()) as opened:
        yield opened


@pytest.fixture(scope="module")
def assistant(library: LocalLibrary) -> Assistant:
    return Assistant(library, open_reader())


def test_figures_that_changed_stand_side_by_side_and_the_newest_is_marked(assistant: Assistant) -> None:
    result = assistant.ask("How many houses were damaged?")
    assert result.disagreement
    assert result.status in ("answered", "unsure")  # how sure it is lies near the border, on some processors below it
    assert len({answer.group for answer in result.answers}) == 1
    newest = [answer for answer in result.answers if answer.newer]
    assert len(newest) == 1
    assert "587" in newest[0].text
    assert [answer.text for answer in result.answers if not answer.newer][-1] == "612"
    days = [result.cited(answer)[0].published or "" for answer in result.answers]
    assert days == sorted(days)
    assert [result.citations[number - 1].quote for number in newest[0].corrects] == ["612"]
    assert "(newer, corrects [2])" in terminal_text(result, colour=False)
    assert [answer["corrects"] for answer in result.to_json()["answers"]] == [[], [], [2]]
    assert max(c.published or "" for c in result.citations) == result.cited(newest[0])[0].published


def test_a_wire_story_counts_once_and_names_the_outlets_that_print_it(assistant: Assistant) -> None:
    result = assistant.ask("How many people have left their homes in Lower Marl?")
    wire = next(c for c in result.citations if "1,340" in c.quote)
    assert wire.also_in
    assert {wire.source} | {copy.source for copy in wire.also_in} >= {"The Brackett Star", "The Kessing Ledger"}
    assert sum("1,340" in citation.quote for citation in result.citations) == 1


def test_under_a_filter_nothing_names_what_does_not_pass_it(assistant: Assistant, library: LocalLibrary) -> None:
    question = "How many people have left their homes in Lower Marl?"
    outlet, day = Filters(("the brackett star",)), date(2023, 3, 6)
    with library.snapshot() as snapshot:
        first = snapshot.articles(order="added", limit=1)[0]
    alone = Filters(article=first.id)
    result = assistant.ask(question, filters=outlet)
    assert "1,340" in " ".join(c.quote for c in result.citations)
    assert {c.source for c in result.citations} == {"The Brackett Star"}
    assert [c.also_in for c in result.citations if c.also_in] == []
    with library.snapshot() as snapshot:
        for filters in (outlet, Filters(after=day), Filters(before=day), Filters(("Nobody",)), EVERYTHING, alone):
            every, passing = (snapshot.articles(f, order="added") for f in (EVERYTHING, filters))
            assert [info for info in every if filters.passes(info)] == list(passing)


def test_every_citation_is_verified_and_the_text_of_an_answer_is_its_first_quote(
    assistant: Assistant, library: LocalLibrary
) -> None:
    for question in (
        "Who led the delegations?",
        "Why was the strike called?",
        "What did Castile say?",
        "When did it rain?",
    ):
        result = assistant.ask(question)
        for answer in result.answers:
            assert result.cited(answer)[0].quote == answer.text
        with library.snapshot() as snapshot:
            for c in result.citations:
                text = snapshot.article(c.article, c.version).text
                assert c.verified
                assert text[c.start : c.end] == c.quote
                assert text[c.sentence_start : c.sentence_start + len(c.sentence)] == c.sentence
                for part in c.context:
                    assert text[part.start : part.end] == part.text
                for day in c.dates:
                    assert text[day.start : day.end] == day.text


def test_a_reason_is_given_in_the_words_of_the_article(assistant: Assistant) -> None:
    result = assistant.ask("Why was the strike called?")
    assert result.status in ("answered", "unsure")
    assert result.answers[0].text in result.cited(result.answers[0])[0].sentence


def test_an_unsure_answer_says_so_and_shows_the_closest_passages_with_the_words_that_came_nearest(
    library: LocalLibrary,
) -> None:
    reader = open_reader()
    reader.calibration = replace(reader.calibration, answered_from=1.0, unsure_from=0.0)
    result = Assistant(library, reader).ask("Who led the delegations?")
    assert (result.status, result.reason and result.reason.code) == ("unsure", "unsure")
    assert 1 <= len(result.answers) <= 3
    assert result.closest
    assert all(p.mark is not None and 0 <= p.mark[0] < p.mark[1] <= len(p.text) for p in result.closest)
    assert result.to_json()["status"] == "unsure"
    text = terminal_text(result, colour=False)
    assert text.startswith("The articles may not answer this.")


def test_who_said_a_quotation_is_its_own_speaker_or_nobody(assistant: Assistant) -> None:
    text = "“The gate was never tested,” said Ann Berg, an engineer. Paul Reyes, the mayor, said that it was closed."
    result = assistant.ask_text("Who said “The gate was never tested”?", text)
    assert [answer.text for answer in result.answers] == ["Ann Berg"]
    assert assistant.ask_text("Who said “The gate will be painted green”?", text).status == "not_in_library"


def test_a_passage_about_another_flight_is_not_read(assistant: Assistant) -> None:
    text = "Flight QX214 left Oslo at 9:40 with 66 people aboard, the airport said."
    assert assistant.ask_text("How many people were aboard flight QX214?", text).status == "answered"
    assert assistant.ask_text("How many people were aboard flight QX215?", text).status == "not_in_library"


def test_the_speaker_of_a_quotation_is_named(assistant: Assistant) -> None:
    result = assistant.ask("What did Castile say about the audit?")
    speakers = {(c.speaker.name, c.speaker.voice) for c in result.citations if c.speaker}
    assert any("Castile" in name and voice == "direct" for name, voice in speakers)


def test_a_course_of_events_is_one_line_a_date_oldest_first(assistant: Assistant) -> None:
    result = assistant.ask("How did the strike at Tolliver Glass unfold?")
    assert {answer.kind for answer in result.answers} == {"timeline"}
    assert len({answer.group for answer in result.answers}) == len(result.answers) >= 3
    assert not result.disagreement
    assert all(result.cited(answer)[0].quote == answer.text for answer in result.answers)


def test_a_course_that_the_articles_do_not_tell_of_is_refused(assistant: Assistant) -> None:
    assert assistant.ask("How did the negotiations on fishing rights develop?").status == "not_in_library"


def test_passages_are_told_before_the_answer(assistant: Assistant) -> None:
    told: list[tuple[ClosePassage, ...]] = []
    result = assistant.ask("Who led the delegations?", found=told.append)
    assert [p.start for p in told[0]] == [p.start for p in result.retrieved]


def test_a_courtesy_is_answered_with_a_word_and_nothing_is_searched(assistant: Assistant) -> None:
    result = assistant.ask("thanks!", turns=["Who led the delegations?"], answers=["Christopher Landberg"])
    assert (result.status, result.reason and result.reason.code) == ("not_in_library", "nothing_asked")
    assert (result.closest, result.retrieved, result.searched.articles) == ((), (), 0)


def test_filters_without_articles_say_so(assistant: Assistant) -> None:
    result = assistant.ask("Who led the delegations?", filters=Filters(sources=("Nobody's Gazette",)))
    assert result.reason is not None
    assert (result.status, result.reason.code) == ("not_in_library", "nothing_under_filters")


def test_one_text_is_asked_without_a_library(assistant: Assistant) -> None:
    text = "The harbour opened in May.\n\nAnna Berg, its director, welcomed the first ship, a tanker from Oslo."
    result = assistant.ask_text("Who welcomed the first ship?", text)
    assert [c.quote for c in result.citations] == ["Anna Berg"]
    assert result.citations[0].sentence == text.split("\n\n")[1]
    assert text[result.citations[0].start : result.citations[0].end] == result.citations[0].quote


def test_a_text_in_which_nothing_can_answer_is_refused(assistant: Assistant) -> None:
    result = assistant.ask_text("What is the price of copper?", "Anna Berg, a teacher, welcomed the first ship.")
    assert (result.status, result.answers) == ("not_in_library", ())
    assert result.reason is not None


@pytest.mark.parametrize("question", ["", "  ", "?!", "x" * 2001])
def test_a_question_that_is_none_is_refused(assistant: Assistant, question: str) -> None:
    with pytest.raises(UsageError):
        assistant.ask(question)


def test_plain_text_shows_the_quote_its_place_and_what_was_searched(assistant: Assistant) -> None:
    result = assistant.ask("How many houses were damaged?")
    text = terminal_text(result, colour=False)
    assert "[1]" in text
    assert f"characters {result.citations[0].start} to {result.citations[0].end}" in text
    assert text.endswith("Searched 20 articles of 8 outlets, 6 March 2023 to 29 April 2024.")


def test_outlets_are_found_as_people_type_them_and_the_nearest_are_named(assistant: Assistant) -> None:
    question = "How many people have left their homes in Lower Marl?"
    typed = assistant.ask(question, filters=Filters((" the  BRACKETT star",)))
    assert {citation.source for citation in typed.citations} == {"The Brackett Star"}
    wrong = assistant.ask(question, filters=Filters(("Bracket Star",)))
    assert wrong.reason is not None
    assert wrong.reason.code == "nothing_under_filters"
    assert "The nearest outlets: The Brackett Star" in wrong.reason.message


@pytest.mark.parametrize("question", ["Wie viele Häuser wurden beschädigt?", "何軒の家が壊れましたか"])
def test_a_question_in_another_language_gets_search_results_and_a_sentence(assistant: Assistant, question: str) -> None:
    result = assistant.ask(question)
    assert (result.answers, result.status) == ((), "not_in_library")
    assert result.reason is not None
    assert result.reason.code == "other_language"
    assert "knows English alone" in result.reason.message
    assert result.closest


def test_a_text_in_another_language_is_not_read(assistant: Assistant) -> None:
    text = "市長の田中一郎氏は月曜日、橋の建設をめぐる争いを理由に辞任した。新しい市長は六月に選ばれる。"
    result = assistant.ask_text("Who resigned on Monday?", text)
    assert result.answers == ()
    assert result.reason is not None
    assert result.reason.code == "other_language"
