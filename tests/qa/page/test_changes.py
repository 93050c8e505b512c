"""What the page does to the library and beside it, without a browser: rights, additions, lists, feedback."""

import json
from datetime import date
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from page_results import RIVALS
from page_steps import serving

from corpus.errors import UsageError
from corpus.store.activity import all_feedback
from corpus.store.records import Filters
from qa.evaluation.gold_questions import gold_rows, read_gold
from qa.page.collection import MAX_FILES, Bar, add_files, add_text, bars, find_articles, remove_article
from qa.page.site import NotAllowed, Site, Turn
from qa.page.user_data import give_feedback

pytest_plugins = ("page_browser",)


def test_nobody_changes_the_library_where_it_may_not_be_changed(site: Site) -> None:
    closed = Site(site.assistant, may_change=False, why_not="the page is open to other people")
    article = find_articles(closed, "").listed[0][0].id
    with pytest.raises(NotAllowed, match="cannot be added or removed here: the page is open to other people"):
        add_files(closed, [], print)
    with pytest.raises(NotAllowed):
        add_text(closed, "text", None, print)  # type: ignore[arg-type]
    with pytest.raises(NotAllowed):
        remove_article(closed, article)
    with serving(closed) as address:
        with pytest.raises(HTTPError, match="403"):
            urlopen(Request(f"{address}article/{article}", method="DELETE"))
        with pytest.raises(HTTPError, match="403"):
            urlopen(Request(f"{address}gradio_api/upload", data=b"x", method="POST"))


def test_too_many_files_and_an_empty_text_are_refused(site: Site) -> None:
    with pytest.raises(UsageError, match="201 files are more than the 200"):
        add_files(site, [Path("x")] * (MAX_FILES + 1), print)
    with pytest.raises(UsageError, match="paste the text"):
        add_text(site, "  \n", None, print)  # type: ignore[arg-type]


def test_bars_are_as_fine_as_sixty_of_them_allow_and_count_every_article() -> None:
    assert bars([]) == []
    assert bars([date(2023, 3, 6), date(2023, 3, 6), date(2023, 3, 8)]) == [
        Bar(date(2023, 3, 6), date(2023, 3, 6), 2),
        Bar(date(2023, 3, 7), date(2023, 3, 7), 0),
        Bar(date(2023, 3, 8), date(2023, 3, 8), 1),
    ]
    months = bars([date(2023, 1, 31), date(2023, 12, 1)])
    assert (len(months), months[0], months[-1]) == (
        12,
        Bar(date(2023, 1, 1), date(2023, 1, 31), 1),
        Bar(date(2023, 12, 1), date(2023, 12, 31), 1),
    )
    years = bars([date(1980, 5, 5), date(2024, 2, 29)])
    assert (len(years), sum(bar.articles for bar in years)) == (45, 2)
    long = bars([date(1, 1, 1), date(2024, 2, 29), date(9999, 12, 31)])
    assert (len(long), sum(bar.articles for bar in long)) == (60, 3)


def test_a_list_counts_what_the_filters_let_through(site: Site) -> None:
    found = find_articles(site, "", Filters(("dawn",)))
    assert (found.total, found.outlets, found.undated) == (1, [("Dawn", 1)], 0)
    assert find_articles(site, "", limit=1).total > 1
    assert len(find_articles(site, "", limit=1).listed) == 1


def test_feedback_becomes_gold_questions_that_the_evaluation_reads(site: Site, tmp_path: Path) -> None:
    result = RIVALS
    before = len(all_feedback(site.activity_folder))
    turns = [Turn(result.question, ("What sank?",), result=result)]
    for verdict, words in (("answer_wrong", ""), ("right", ""), ("evidence_wrong", ""), ("answer_wrong", "34 people")):
        give_feedback(site, turns, verdict, words)
    given = all_feedback(site.activity_folder)[before:]
    (row,) = gold_rows(given)
    assert (row["answers"], row["turns"], row["evidence"]) == (["34 people"], ["What sank?"], [])
    (right,) = gold_rows(given[:2])
    assert right["answers"] == list(dict.fromkeys(answer.text for answer in result.answers))
    assert right["need"] == "all"
    assert right["evidence"][0] == {"article": result.citations[0].article, "quote": "61 people 🎈"}
    file = tmp_path / "gold.jsonl"
    file.write_text(json.dumps(row), "utf-8")
    (question,) = read_gold(file).questions
    assert (question.question, question.answers) == (result.question, ("34 people",))
    with pytest.raises(UsageError, match="choose whether"):
        give_feedback(site, turns, "perfect", "")
    with pytest.raises(UsageError, match="no longer kept"):
        give_feedback(site, (), "right", "")
