"""Saved questions over several batches of articles, with a correction among them: the real reader, real commands."""

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from program_library import FERRY, program_assistant

from corpus.article import Article
from corpus.store.activity import SavedQuestions, all_feedback
from corpus.store.connection import DATABASE
from corpus.store.records import EVERYTHING, Filters
from embeddings.library.library import LocalLibrary
from qa.assistant import Assistant
from qa.batch.saved_questions import ask_again, atom, known_on

Run = Callable[..., tuple[int, str, str]]
QUESTION = "How many were aboard the ferry?"


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    with program_assistant(tmp_path) as made:
        yield made


@pytest.fixture
def kept(assistant: Assistant) -> SavedQuestions:
    assert isinstance(assistant.library, LocalLibrary)
    return SavedQuestions(assistant.library.folder)


def save(kept: SavedQuestions, question: str = QUESTION, filters: Filters = EVERYTHING) -> int:
    return kept.add(question, filters, now="2026-04-01T00:00:00+00:00").number


def test_questions_are_kept_with_their_filters_and_the_same_one_once(kept: SavedQuestions) -> None:
    only = Filters(("Dawn",), date(2023, 3, 1), None)
    assert kept.all() == []
    assert (save(kept), save(kept, filters=only), save(kept)) == (1, 2, 1)
    assert [saved.filters for saved in kept.all()] == [EVERYTHING, only]
    assert all_feedback(kept.folder) == []  # in the same file, and nobody has given any
    kept.remove(1)
    assert [saved.number for saved in kept.all()] == [2]
    assert save(kept) == 3  # a number is never used again


def test_what_was_known_on_a_day_is_what_was_answered_last_until_its_end(
    assistant: Assistant, kept: SavedQuestions
) -> None:
    number = save(kept)

    def ask(day: int) -> list[str]:
        (asked,) = ask_again(assistant, kept, kept.all(), now=datetime(2026, 4, day, 12, tzinfo=UTC))
        return [change.kind for change in asked.changes]

    assert ask(2) == ["new answer"]
    assert ask(5) == []
    (ferry,) = (hit for hit in _articles(assistant) if hit.title == "Ferry sinks")
    corrected = FERRY.replace("34", "36")
    assistant.library.add(
        [Article(corrected, title=ferry.title, source=ferry.source, published=ferry.published, url=ferry.url)]
    )
    assert ask(12) == ["corrected"]
    assert known_on(kept, number, date(2026, 4, 1)) is None
    first, second = known_on(kept, number, date(2026, 4, 11)), known_on(kept, number, date(2026, 4, 12))
    assert first is not None
    assert second is not None
    assert (first.first_asked[:10], first.last_asked[:10]) == ("2026-04-02", "2026-04-05")
    for result, text in ((first, FERRY), (second, corrected)):
        (cited,) = json.loads(result.result)["citations"]
        with assistant.library.snapshot() as snapshot:  # the place can still be opened: versions stay
            version = snapshot.article(cited["article"], cited["version"]).text
        assert version[cited["start"] : cited["end"]] == cited["quote"] == text


def _articles(assistant: Assistant) -> list:  # type: ignore[type-arg]
    with assistant.library.snapshot() as snapshot:
        return snapshot.articles()


def test_an_answer_whose_article_was_removed_is_gone(assistant: Assistant, kept: SavedQuestions) -> None:
    save(kept)
    list(ask_again(assistant, kept, kept.all()))
    assistant.library.remove([info.id for info in _articles(assistant) if info.title == "Ferry sinks"])
    (asked,) = ask_again(assistant, kept, kept.all())
    assert [(change.kind, change.text) for change in asked.changes] == [("gone", FERRY)]


def test_what_is_kept_cites_the_articles_that_are_there_now(assistant: Assistant, kept: SavedQuestions) -> None:
    number = save(kept)
    copy = Article(FERRY, title="Ferry lost", source="Geo", published="2023-03-08", url="https://geo.example/f")
    assistant.library.add([copy])
    list(ask_again(assistant, kept, kept.all()))
    assistant.library.remove([info.id for info in _articles(assistant) if info.title == "Ferry sinks"])
    (asked,) = ask_again(assistant, kept, kept.all())
    assert asked.changes == ()
    last = kept.latest(number)
    assert last is not None
    assert [cited["title"] for cited in json.loads(last.result)["citations"]] == ["Ferry lost"]
    assert len(kept.changed(10)) == 1


def test_the_feed_is_atom_with_an_entry_for_each_change(assistant: Assistant, kept: SavedQuestions) -> None:
    save(kept, "How many <were> aboard the ferry?")
    save(kept, "What colour is cheese?")
    list(ask_again(assistant, kept, kept.all(), now=datetime(2026, 4, 2, 12, tzinfo=UTC)))
    feed = ElementTree.fromstring(atom("abc", kept.changed(10), link=lambda citation: citation["url"]))
    name = "{http://www.w3.org/2005/Atom}"
    (entry,) = feed.findall(f"{name}entry")
    assert entry.findtext(f"{name}title") == "How many <were> aboard the ferry?"
    assert entry.findtext(f"{name}updated") == feed.findtext(f"{name}updated") == "2026-04-02T12:00:00+00:00"
    assert f"“{FERRY}”" in (entry.findtext(f"{name}content") or "")
    link = entry.find(f"{name}link")
    assert link is not None
    assert link.get("href") == "https://dawn.example/f"
    assert feed.findtext(f"{name}id") == "urn:citewire:abc"
    assert ElementTree.fromstring(atom("abc", [], link=lambda citation: None)).findall(f"{name}entry") == []


MAYOR = "Mayor Ann Tolland leads the town."
BATCHES = (
    {"flood": f"2024-04-22\n---\nThe flood at Ardle damaged 612 houses, the county said.\n\n{MAYOR}"},
    {"count": "2024-04-23\n---\nThe flood at Ardle damaged 612 houses, an insurer said after its own count."},
    {"flood": f"2024-04-22\n---\nThe flood at Ardle damaged 587 houses, the county said.\n\n{MAYOR}"},
)


def test_three_batches_with_a_correction_through_the_commands(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "news"
    folder.mkdir()

    def batch(number: int) -> None:
        for name, text in BATCHES[number].items():
            head = f"---\ntitle: {name} in Ardle\nsource: The {name} Paper\ndate: "
            (folder / f"{name}.md").write_text(head + text, "utf-8")
        assert run("add", "news")[0] == 0

    assert run("questions", "list")[0] == 1
    batch(0)
    assert (tmp_path / ".citewire" / DATABASE).exists()
    assert run("questions", "run")[0] == 2
    for _ in range(2):
        asked = run("questions", "add", "How many houses were damaged at Ardle?")
        assert asked == (0, "Saved as question 1.\n", "")
    assert run("questions", "show")[2].startswith("citewire: nothing was asked yet: ")
    assert run("questions", "add", "Who is the mayor?", "--source", "The flood Paper")[0] == 0
    assert run("questions", "add", " ")[0] == 2
    code, out, _ = run("questions", "run", "--exit-code", "--json")
    assert code == 3
    first = json.loads(out)
    assert [[change["kind"] for change in each["changes"]] for each in first] == [["new answer"], ["new answer"]]
    assert "612" in first[0]["changes"][0]["text"]
    assert run("questions", "run", "--exit-code")[:2] == (0, "")
    batch(1)
    (second,) = json.loads(run("questions", "run", "--json")[1])
    assert [change["kind"] for change in second["changes"]] == ["new source"]
    assert second["changes"][0]["citation"]["source"] == "The count Paper"
    batch(2)
    code, out, _ = run("questions", "run")
    assert code == 0
    assert "587" in out
    assert "1  How many houses were damaged at Ardle?" in out
    assert "Who is the mayor?" not in out
    shown = run("questions", "show", "1")[1]
    assert "587" in shown
    assert "mayor" not in shown
    known = json.loads(run("questions", "show", "--on", "2099-01-01", "--json")[1])
    assert [each["number"] for each in known] == [1, 2]
    assert all(each["result"]["schema"] == "citewire/1" for each in known)
    code, _, error = run("questions", "show", "1", "--on", "2020-01-01")
    assert (code, "on 2020-01-01 or before" in error) == (2, True)
    assert len(json.loads(run("questions", "list", "--json")[1])) == 2
    assert run("questions", "remove", "1", "9")[0] == 2
    assert len(json.loads(run("questions", "list", "--json")[1])) == 2
    assert run("questions", "remove", "1")[0] == 0
    assert run("questions", "show", "1")[0] == 2
    assert run("questions", "add", "Who won?", "--source", "The flod Paper")[0] == 0
    assert "not asked yet" in run("questions", "show")[1]
    _, _, error = run("questions", "run", "3", "3")
    assert "1 question asked, 0 with changes" in error
    assert "question 3: No article is from The flod Paper. The nearest outlets: The flood Paper" in error
