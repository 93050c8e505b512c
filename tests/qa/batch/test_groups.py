"""One question by outlet and month: each asked by itself, and who said it first."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from program_library import FirstSentence
from small_library import WordEncoder

from corpus.article import Article
from corpus.errors import UsageError
from corpus.store.records import EVERYTHING, Filters
from embeddings.library.library import create_library
from qa.assistant import Assistant
from qa.batch.table import first_told
from qa.batch.tasks import groups

Run = Callable[..., tuple[int, str, str]]
QUESTION = "How many houses were damaged?"
TOLD = (
    ("Dawn", "2023-03-07", "The storm damaged 400 houses."),
    ("DAWN", "2023-05-02", "The storm damaged 387 houses."),
    ("Geo", "2023-04-01", "The storm damaged 400 houses."),
    (None, None, "The storm damaged some houses."),
)


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    with create_library(tmp_path / "library", encoder=WordEncoder()) as library:
        library.add([Article(t, title=f"Storm {n}", source=s, published=d) for n, (s, d, t) in enumerate(TOLD)])
        yield Assistant(library, FirstSentence())


def names(assistant: Assistant, by: str, filters: Filters = EVERYTHING) -> list[str]:
    with assistant.library.snapshot() as snapshot:
        return [name for name, _ in groups(snapshot, by, filters)]  # type: ignore[arg-type]


def test_outlets_are_one_whatever_their_letter_case(assistant: Assistant) -> None:
    assert [name.casefold() for name in names(assistant, "outlet")] == ["dawn", "geo"]
    assert names(assistant, "outlet", Filters((" geo", "nobody"))) == ["Geo"]
    assert [name.casefold() for name in names(assistant, "outlet", Filters(after=date(2023, 4, 15)))] == ["dawn"]


def test_months_are_those_with_articles_and_stay_within_the_filters(assistant: Assistant) -> None:
    assert names(assistant, "month") == ["2023-03", "2023-04", "2023-05"]
    with assistant.library.snapshot() as snapshot:
        within = groups(snapshot, "month", Filters(after=date(2023, 3, 5), before=date(2023, 4, 10)))
    assert [(own.after, own.before) for _, own in within] == [
        (date(2023, 3, 5), date(2023, 3, 31)),
        (date(2023, 4, 1), date(2023, 4, 10)),
    ]


def test_where_no_group_has_articles_the_reason_is_said(assistant: Assistant) -> None:
    with assistant.library.snapshot() as snapshot:
        with pytest.raises(UsageError, match=r"^No article is from Daun\. The nearest outlets: Dawn\.$"):
            groups(snapshot, "outlet", Filters(("Daun",)))
        assistant.library.remove([info.id for info in snapshot.articles() if info.source])
    with assistant.library.snapshot() as snapshot, pytest.raises(UsageError, match="None of these articles has a day"):
        groups(snapshot, "month", EVERYTHING)


def test_each_group_answers_from_its_own_articles_and_the_first_to_say_it_is_named(assistant: Assistant) -> None:
    with assistant.library.snapshot() as snapshot:
        months = groups(snapshot, "month", EVERYTHING)
    results = [assistant.ask(QUESTION, filters=own).to_json() for _, own in months]
    assert [result["answers"][0]["text"] for result in results] == [TOLD[0][2], TOLD[2][2], TOLD[1][2]]
    assert first_told(results) == [("2023-03-07", TOLD[0][2], "Dawn", False), ("2023-05-02", TOLD[1][2], "DAWN", False)]
    [doubted, *_] = first_told([{**results[0], "status": "unsure"}, *results[1:]])
    assert doubted == ("2023-03-07", TOLD[0][2], "Dawn", True)


def test_the_command_asks_the_bundled_articles_by_outlet_and_by_month(run: Run) -> None:
    code, out, _ = run("ask", QUESTION, "--by", "month", "--json")
    told = json.loads(out)
    assert (code, told["by"]) == (0, "month")
    assert all(group["name"][:4].isdigit() for group in told["groups"])
    assert {first["text"] for first in told["first_told"]} >= {"400", "612", "587"}
    days = [first["day"] for first in told["first_told"] if first["text"] in ("400", "612", "587")]
    assert days == sorted(days)
    code, out, _ = run("ask", QUESTION, "--by", "outlet", "--source", "The Kessing Ledger")
    assert code == 0
    assert out.startswith("The Kessing Ledger\n  ")
    assert "First told:" in out
