"""What counts as a change between two results of one question."""

from typing import Any

from qa.batch.saved_questions import changes_between


def citation(
    number: int, article: str, quote: str, *, version: str = "v1", copies: tuple[str, ...] = ()
) -> dict[str, Any]:
    return {
        "number": number,
        "article": article,
        "version": version,
        "quote": quote,
        "sentence": f"It was {quote}.",
        "source": f"Outlet of {article}",
        "published": f"2024-04-{10 + number}",
        "url": None,
        "start": 7,
        "end": 7 + len(quote),
        "also_in": [{"article": copy} for copy in copies],
    }


def answer(text: str, *citations: int, group: int = 1, newer: bool = False) -> dict[str, Any]:
    return {"text": text, "citations": list(citations), "group": group, "newer": newer}


def result(answers: list[dict[str, Any]], citations: list[dict[str, Any]], status: str = "answered") -> dict[str, Any]:
    return {"status": status, "answers": answers, "citations": citations}


ONE = result([answer("612 houses", 1)], [citation(1, "a", "612 houses")])
NOTHING = result([], [], "not_in_library")


def test_what_is_not_sure_says_so() -> None:
    doubted = ONE | {"status": "unsure"}
    assert lines(NOTHING, doubted) == ["new answer: 612 houses (unsure) — Outlet of a, 11 April 2024"]


def lines(before: dict[str, Any] | None, now: dict[str, Any]) -> list[str]:
    return [change.line() for change in changes_between(before, now)]


def test_the_first_answer_is_new_and_no_answer_is_no_change() -> None:
    assert lines(None, ONE) == ["new answer: 612 houses — Outlet of a, 11 April 2024"]
    assert lines(None, NOTHING) == []
    assert lines(ONE, ONE) == []


def test_the_same_words_more_fully_are_no_new_answer() -> None:
    assert lines(ONE, result([answer("612", 1)], [citation(1, "a", "612")])) == []


def test_another_article_with_the_old_answer_is_a_new_source_and_a_copy_of_a_known_one_is_none() -> None:
    two = result([answer("612 houses", 1, 2)], [citation(1, "a", "612 houses"), citation(2, "b", "612 houses")])
    assert lines(ONE, two) == ["new source: 612 houses — Outlet of b, 12 April 2024"]
    copied = result([answer("612 houses", 1)], [citation(1, "z", "612 houses", copies=("a",))])
    assert lines(ONE, copied) == []


def test_a_newer_rival_of_an_old_answer_corrects_it() -> None:
    now = result(
        [answer("612 houses", 1), answer("587 houses", 2, newer=True)],
        [citation(1, "a", "612 houses"), citation(2, "b", "587 houses")],
    )
    (change,) = changes_between(ONE, now)
    assert (change.kind, change.before, change.text) == ("corrected", "612 houses", "587 houses")
    assert change.citation is not None
    assert (change.citation["article"], change.citation["start"]) == ("b", 7)


def test_a_newer_version_of_the_article_corrects_what_it_said() -> None:
    now = result([answer("587 houses", 1)], [citation(1, "a", "587 houses", version="v2")])
    assert lines(ONE, now) == ["corrected: 612 houses is now 587 houses — Outlet of a, 11 April 2024"]


def test_an_answer_of_another_article_is_new_and_the_old_one_is_gone() -> None:
    now = result([answer("about 400", 1)], [citation(1, "b", "about 400")])
    assert [change.kind for change in changes_between(ONE, now)] == ["new answer", "gone"]
    assert lines(ONE, NOTHING) == ["gone: 612 houses — Outlet of a, 11 April 2024"]


def test_only_where_nothing_else_changed_is_sureness_told() -> None:
    assert lines({**ONE, "status": "unsure"}, ONE) == ["surer: 612 houses"]
    assert lines(ONE, {**ONE, "status": "unsure"}) == ["less sure: 612 houses"]
