"""Questions asked by rule of news: each answered where the text says so, none asked where it does not."""

import gzip
import json
import random
from pathlib import Path

import pytest

from corpus.errors import ReadError
from qa.train.news import ask, news_questions, posts_unlike, read_articles

SENTENCES = {
    "The lanes will stay shut, said Petra Quill, the director of Halden Ferries.": [
        ("What is Petra Quill's job?", "director of Halden Ferries"),
        ("Who runs Halden Ferries?", "Petra Quill"),
    ],
    "Marbeck Mayor Otto Lindqvist opened the hall.": [
        ("Who is the mayor of Marbeck?", "Otto Lindqvist"),
        ("What office does Otto Lindqvist hold?", "Mayor"),
    ],
    "Ida Stroud, 41, drove the first bus.": [("How old is Ida Stroud?", "41")],
    "August Veld founded the brewery in 1908 with money from an aunt.": [
        ("Who founded the brewery?", "August Veld"),
        ("When did August Veld found the brewery?", "1908"),
    ],
    "The hearing was held in Kessing on Tuesday, two days late.": [
        ("Where was the hearing held?", "Kessing"),
        ("When was the hearing held?", "Tuesday"),
    ],
    "The strike began on March 11, the company said.": [("When did the strike begin?", "March 11")],
    "At least 12 people were injured when the roof fell.": [("How many people were injured?", "At least 12")],
}


def asked_of(sentence: str) -> set[tuple[str, str]]:
    found = set()
    for seed in range(60):
        for question, span in ask(sentence, random.Random(seed)):
            found.add((question, sentence[slice(*span)]))
    return found


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_is_asked_what_it_answers(sentence: str) -> None:
    asked = asked_of(sentence)
    for question, answer in SENTENCES[sentence]:
        assert (question, answer) in asked


@pytest.mark.parametrize(
    "sentence",
    [
        "He founded it in 1908.",
        "The weather was fine and nobody complained.",
        "Yet what began as a joke became the law of the land.",
        "She said that they had won.",
    ],
)
def test_a_sentence_that_fits_no_rule_is_asked_nothing(sentence: str) -> None:
    assert asked_of(sentence) == set()


def test_the_same_post_is_not_taken_for_another() -> None:
    drawn = {posts_unlike("president", "The president met the mayor.", random.Random(n)) for n in range(80)}
    assert None not in drawn
    assert not {post for post in drawn if post and ("president" in post or "mayor" in post)}


ARTICLE = "\n\n".join(
    [
        "The ferry to Halden will not sail this week, the company said on Monday after a night of storms.",
        "“The pier is in two pieces and the sea takes more,” said Petra Quill, the director of Halden Ferries.",
        "Marbeck Mayor Otto Lindqvist asked people to stay at home. Ida Stroud, 41, drove the last bus that night.",
        *[f"In the {n}th street the lamps went out and came on again before the morning." for n in range(40, 80)],
    ]
)


def test_questions_of_articles_are_answered_in_their_passage_or_not_at_all() -> None:
    made = list(news_questions([ARTICLE] * 40, 200, random.Random(1)))
    assert {example.source for example in made} >= {"news", "news, told elsewhere"}
    said = "Who said that the pier is in two pieces and the sea takes more?"
    assert (said, ("Petra Quill",)) in {(example.question, example.answers) for example in made}
    for example in made:
        if example.source == "news":
            assert example.answers[0].casefold() not in example.question.casefold()
        else:
            assert example.spans == ()
            assert "Petra Quill" not in example.passage or "director" not in example.question


def test_no_kind_of_question_takes_more_than_its_share() -> None:
    made = list(news_questions([ARTICLE] * 60, 48, random.Random(2)))
    kinds = [" ".join(example.question.split()[:2]) for example in made]
    assert made
    assert max(kinds.count(kind) for kind in kinds) <= 4


def test_a_file_that_is_no_collection_of_news_is_one_clear_sentence(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as lines:
        lines.write(json.dumps({"text": "One."}) + "\n")
    assert read_articles(path) == ["One."]
    path.write_bytes(b"not gzip")
    with pytest.raises(ReadError, match="is no collection of news"):
        read_articles(path)
