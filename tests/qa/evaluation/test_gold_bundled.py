"""The bundled collection and its gold set say what they claim to say."""

import json
import re
from collections import Counter
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from reading import read_paths
from repository import ROOT

from corpus.article import Article, parse_published
from corpus.errors import ReadError
from corpus.scan.read import Overrides

FOLDER = ROOT / "corpus" / "articles"
GOLD, UNSEEN = (
    [json.loads(line) for line in (ROOT / name).read_text("utf-8").splitlines()]
    for name in ("qa/evaluation/gold/bundled.jsonl", "benchmarks/bundled_unseen.jsonl")
)
REWRITTEN = {"talks-open.md", "talks-close.md"}
MINIMUM = {
    "who": 20,
    "what": 8,
    "when": 10,
    "where": 8,
    "how_many": 15,
    "list": 10,
    "why": 6,
    "how": 6,
    "yes_no": 8,
    "disagreement": 8,
    "date": 6,
    "follow_up": 10,
    "paraphrase": 8,
    "course_of_events": 4,
    "unanswerable": 45,
}
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
DAYS = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
NAMED_DAY = re.compile(rf"\b({DAYS}),? ({MONTHS}) (\d{{1,2}})\b")


@cache
def articles() -> dict[str, Article]:
    bad: list[ReadError] = []
    read = list(read_paths([FOLDER], overrides=Overrides(), on_bad=bad.append))
    assert bad == []
    return {Path(article.path or "").name: article for article in read}


@cache
def front_matter(name: str) -> dict[str, Any]:
    _, matter, _ = (FOLDER / name).read_text("utf-8").split("---\n", 2)
    return dict(yaml.safe_load(matter))


def file_names() -> list[str]:
    return sorted(path.name for path in FOLDER.glob("*.md"))


def answerable() -> list[dict[str, Any]]:
    return [question for question in [*GOLD, *UNSEEN] if question["answers"]]


def named_days(article: Article) -> list[tuple[str, date]]:
    year = parse_published(article.published or "").year
    return [
        (day, datetime.strptime(f"{year} {month} {number} +0000", "%Y %B %d %z").date())
        for day, month, number in NAMED_DAY.findall(article.text)
    ]


def test_every_file_is_read_as_one_article_with_its_metadata() -> None:
    assert sorted(articles()) == file_names()
    assert len(file_names()) == 20
    for name, article in articles().items():
        matter = front_matter(name)
        assert (article.title, article.source, article.author) == (matter["title"], matter["source"], matter["author"])
        assert article.url is not None
        assert ".example/" in article.url
        assert parse_published(article.published or "").isoformat() == str(matter["published"])[:10]


def test_every_text_is_labelled_in_its_metadata_and_not_in_its_words() -> None:
    for name, article in articles().items():
        label = "Rewritten sample: " if name in REWRITTEN else "Fictional sample: "
        assert front_matter(name)["note"].startswith(label)
        assert "sample" not in article.text.lower()


def test_published_times_have_a_zone() -> None:
    times = [article.published for article in articles().values() if len(article.published or "") > 10]
    assert len(times) == 6
    assert all(datetime.fromisoformat(time or "").utcoffset() is not None for time in times)


def test_every_article_has_250_to_600_words() -> None:
    lengths = {name: len(article.text.split()) for name, article in articles().items()}
    assert {name: words for name, words in lengths.items() if not 250 <= words <= 600} == {}


def test_every_weekday_that_is_named_with_a_date_fits_the_calendar() -> None:
    days = [found for article in articles().values() for found in named_days(article)]
    assert len(days) >= 6
    assert [found for found in days if found[0] != f"{found[1]:%A}"] == []


def test_the_question_of_who_led_the_delegations_has_one_sentence_with_both_names_in_each_article() -> None:
    [question] = [q for q in GOLD if q["question"] == "Who led the delegations?"]
    assert {item["article"] for item in question["evidence"]} == REWRITTEN
    for item in question["evidence"]:
        assert "Syed Haider Shah" in item["quote"]
        assert "Christopher Landberg" in item["quote"]


@pytest.mark.parametrize("question", answerable(), ids=lambda q: str(q["id"]))
def test_evidence_is_verbatim_and_holds_the_answers(question: dict[str, Any]) -> None:
    assert question["evidence"]
    for item in question["evidence"]:
        assert item["quote"] in articles()[item["article"]].text
    quotes = [item["quote"] for item in question["evidence"]]
    assert [answer for answer in question["answers"] if not any(answer in quote for quote in quotes)] == []


def test_the_records_have_the_form_of_gold_questions() -> None:
    for question in GOLD:
        assert question["need"] in ("any", "all")
        assert question["half"] == "calibration", "all of it has been looked at: none is left to report on"
        assert question["question"].strip() == question["question"] != ""
        assert question["kind"] in MINIMUM
        assert (question["kind"] == "unanswerable") == (question["answers"] == [] == question["evidence"])
        assert (question["kind"] == "follow_up") <= bool(question["turns"])
        assert len(question["answers"]) == len(set(question["answers"]))


def test_what_needs_several_answers_lists_several() -> None:
    assert [q["id"] for q in GOLD if q["need"] == "all" and len(q["answers"]) < 2] == []
    assert [q["id"] for q in GOLD if q["kind"] == "disagreement" and q["need"] != "all"] == []


def test_ids_and_questions_are_unique() -> None:
    assert len({q["id"] for q in GOLD}) == len(GOLD)
    assert len({(q["question"], *q["turns"]) for q in GOLD}) == len(GOLD)
    assert not {q["question"].casefold() for q in GOLD} & {q["question"].casefold() for q in UNSEEN}


def test_there_are_enough_questions_of_each_kind() -> None:
    counts = Counter(question["kind"] for question in GOLD)
    assert len(GOLD) >= 170
    assert {kind: counts[kind] for kind, least in MINIMUM.items() if counts[kind] < least} == {}
    assert sum(question.get("near_miss", False) for question in GOLD) >= 20
