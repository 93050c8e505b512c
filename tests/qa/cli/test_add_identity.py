"""Adding different texts under one name: none takes another's place, and the command says what it did."""

import io
import json
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from small_library import WordEncoder

import app
import embeddings.library.library
import qa.cli.opening
from corpus.article import Article
from corpus.store.records import ArticleInfo
from embeddings.library.library import open_library

Run = Callable[..., tuple[int, str, str]]

FIRE = "A shed burned down in Ostby on Sunday night, and the fire brigade of two towns worked until the morning."
POOL = "The open-air pool will not be heated this summer, the town said, since gas costs three times what it did."
CHESS = "Nine-year-old Ida Ruud won the school chess cup for the second time, after five games without a loss."
LONGER = (
    "The ferry to Skaer will run every twenty minutes from June, the company said on Friday.\n\n"
    "Its two new boats carry ninety cars each and were built in Gdansk for 31 million crowns.\n\n"
    "Fares stay as they are, but bicycles will cost ten crowns, which the cyclists' union called a bad joke."
)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `citewire add` in an empty folder; gives the exit code and what it printed."""
    encoder = WordEncoder()
    monkeypatch.setattr(qa.cli.opening, "load_encoder", lambda *_, **__: encoder)
    monkeypatch.setattr(embeddings.library.library, "load_encoder", lambda *_, **__: encoder)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CITEWIRE_LIBRARY", raising=False)

    def add(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = app.main(["add", *arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return add


def texts(folder: Path = Path(".citewire")) -> list[str]:
    """Return the opening of each text that is searched, sorted."""
    with open_library(folder, encoder=WordEncoder()) as library, library.snapshot() as snapshot:
        return sorted(snapshot.article(info.id).text[:12] for info in snapshot.articles())


def infos(folder: Path = Path(".citewire")) -> list[ArticleInfo]:
    with open_library(folder, encoder=WordEncoder()) as library, library.snapshot() as snapshot:
        return snapshot.articles()


def brief(path: str, text: str, *, title: str = "In short", url: str = "", at: int = 1) -> None:
    """Write an article of the outlet and day of all here, some days ago."""
    front = f"title: {title}\nsource: Ostby Courier\ndate: 2022-09-12\n" + (f"url: {url}\n" if url else "")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(f"---\n{front}---\n\n{text}\n", "utf-8")
    then = time.time_ns() - 10**15 + at * 10**12
    os.utime(path, ns=(then, then))


def rows(name: str, *records: dict[str, object]) -> None:
    Path(name).write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")


def test_two_texts_of_one_outlet_title_and_day_are_two_articles(run: Run) -> None:
    brief("in/a.md", FIRE)
    brief("in/b.md", POOL)
    code, out, err = run("in")
    assert (code, out.split("(")[0]) == (0, ".citewire: 2 added ")
    assert texts() == [FIRE[:12], POOL[:12]]
    assert 'of another with quite another text, kept beside it: "In short" in' in err


def test_touching_and_changing_files_of_one_title_swaps_nothing(run: Run) -> None:
    brief("in/a.md", FIRE)
    brief("in/b.md", POOL)
    run("in")
    before = {info.path: info.id for info in infos()}
    brief("in/b.md", f"{POOL} Swimmers protested.", at=2)
    brief("in/a.md", FIRE, at=2)
    assert run("in", "--again")[1].startswith(".citewire: 0 added, 1 replaced, 1 unchanged")
    assert {info.path: info.id for info in infos()} == before
    brief("in/a.md", CHESS, at=3)  # the file says that it is the same article
    assert run("in")[1].startswith(".citewire: 0 added, 1 replaced")
    assert {info.path: info.id for info in infos()} == before


def test_a_file_that_gets_a_title_holds_the_same_article_only_where_the_text_is(run: Run) -> None:
    Path("in").mkdir()
    for name, text in (("a", FIRE), ("b", POOL)):
        Path(f"in/{name}.md").write_text(text, "utf-8")  # without title, outlet and day: known by its path
    run("in")
    fire = next(info.id for info in infos() if (info.path or "").endswith("a.md"))
    brief("in/a.md", f"{FIRE} Nobody was hurt.", title="Fire", at=2)
    brief("in/b.md", CHESS, title="Chess", at=2)
    assert run("in")[1].startswith(".citewire: 1 added, 1 replaced (")
    assert fire in {info.id for info in infos()}
    assert texts() == sorted(text[:12] for text in (FIRE, POOL, CHESS))


def test_rows_of_one_title_and_day_are_told_apart_with_and_without_ids(run: Run) -> None:
    fields = {"title": "Letters", "source": "Ostby Courier", "published": "2022-09-12"}
    pattern = "The harbour office counted {} boats in the guest harbour, {} more than in the week before."
    rows(
        "in.jsonl",
        {**fields, "text": FIRE},
        {**fields, "text": POOL},
        {**fields, "text": pattern.format(41, 7)},
        {**fields, "text": pattern.format(63, 22)},  # the same but for what it says
        {**fields, "text": CHESS, "id": "x1"},
        {**fields, "text": LONGER, "id": "x2"},
    )
    assert run("in.jsonl")[1].startswith(".citewire: 6 added ")
    assert run("in.jsonl", "--again")[1].startswith(".citewire: 0 added, 6 unchanged")


def test_a_text_that_grew_or_was_corrected_stays_one_article(run: Run) -> None:
    brief("in/a.md", LONGER)
    run("in")
    brief("in/c.md", LONGER.replace("ninety", "eighty") + "\n\nThe first boat arrives on Tuesday.")
    _, out, err = run("in")
    assert out.startswith(".citewire: 0 added, 1 replaced")
    assert '"In short" in' in err
    assert re.search(r'1 article instead of what .*"In short" in .*/c\.md \(before: .*/a\.md\)', err)


@pytest.mark.parametrize("address", ["https://courier.example/", "https://courier.example/en/?utm_source=x"])
def test_the_first_page_of_a_site_is_nobodys_address(run: Run, address: str) -> None:
    for number, text in enumerate((FIRE, POOL, CHESS)):
        page = f'<html><head><title>Story</title><link rel="canonical" href="{address}"></head><body><article>'
        Path(f"p{number}.html").write_text(f"{page}<h1>Story</h1><p>{text}</p></article></body></html>", "utf-8")
    assert run("p0.html", "p1.html", "p2.html")[1].startswith(".citewire: 3 added ")
    assert len(texts()) == 3


def test_an_address_that_different_texts_share_is_nobodys(run: Run) -> None:
    for name, text in (("a", FIRE), ("b", POOL)):
        brief(f"in/{name}.md", text, title=f"About {name}", url="https://courier.example/local")
    _, out, err = run("in")
    assert out.startswith(".citewire: 2 added ")
    assert "1 article with the address" in err
    brief("in/c.md", CHESS, title="About c", url="https://courier.example/local")
    assert run("in")[1].startswith(".citewire: 1 added; 2 sources as before")
    assert run("in", "--again")[1].startswith(".citewire: 0 added, 3 unchanged")


def test_an_address_of_its_own_stands_for_the_article_whatever_it_says(run: Run) -> None:
    brief("in/a.md", FIRE, url="https://courier.example/fire?utm_source=feed")
    run("in")
    Path("in/a.md").unlink()
    brief("in/new.md", CHESS, url="https://courier.example/fire")
    assert ", 1 replaced" in run("in")[1]
    assert texts() == [CHESS[:12]]


def test_addresses_that_differ_after_the_hash_alone_are_told_apart_where_the_texts_do(run: Run) -> None:
    live = "https://courier.example/live/7"
    rows(
        "live.jsonl",
        {"text": FIRE, "url": f"{live}#post-1"},
        {"text": POOL, "url": f"{live}#post-2"},
        {"text": CHESS, "url": "https://courier.example/#!/story/9"},
        {"text": f"In Ostby, {CHESS}", "url": "https://courier.example/#!/story/10"},
        {"text": LONGER, "url": "https://courier.example/ferry"},
        {"text": f"{LONGER}\n\nThe first boat arrives on Tuesday.", "url": "https://courier.example/ferry#comments"},
    )
    assert run("live.jsonl")[1].startswith(".citewire: 5 added, 1 replaced ")
    assert texts() == sorted(text[:12] for text in (FIRE, POOL, CHESS, f"In Ostby, {CHESS}", LONGER))


def test_items_of_a_feed_that_share_a_link_stay_apart_day_after_day(run: Run) -> None:
    def feed(*items: tuple[str, str]) -> None:
        entries = "".join(
            f"<item><title>Traffic</title><link>https://radio.example/live</link><guid>{guid}</guid>"
            f"<description>{text}</description></item>"
            for guid, text in items
        )
        Path("live.rss").write_text(f'<rss version="2.0"><channel><title>Radio</title>{entries}</channel></rss>')

    feed(("1", FIRE), ("2", POOL))
    assert run("live.rss")[1].startswith(".citewire: 2 added ")
    feed(("2", POOL), ("3", CHESS))  # the first has left the feed
    assert run("live.rss")[1].startswith(".citewire: 1 added, 1 unchanged")
    assert texts() == sorted(text[:12] for text in (FIRE, POOL, CHESS))


def test_standard_input_keeps_texts_of_one_title_apart(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    fields = {"title": "Letters", "source": "Ostby Courier", "published": "2022-09-12"}
    given = "".join(json.dumps({**fields, "text": text}) + "\n" for text in (FIRE, POOL, CHESS))
    for expected in (".citewire: 3 added ", ".citewire: 0 added, 3 unchanged"):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
        assert run("-")[1].startswith(expected)


def test_one_line_names_what_was_decoded_wrongly_before_and_cannot_be_mended(run: Run) -> None:
    brief("in/a.md", "The owner?s dog, it?s said, bit a postman on Monday, and the owner was fined by a court.")
    brief("in/b.md", "The ownerâ€™s dog bit a postman on Tuesday, and the owner was fined again by the same court.")
    _, _, err = run("in")
    assert (
        "1 article with characters decoded wrongly or lost before (export them again as UTF-8, and add that): " in err
    )
    assert "in/a.md\n" in err
    told = json.loads(run("in", "--library", "other", "--json")[1])
    assert [Path(each["path"]).name for each in told["garbled"]] == ["a.md"]


def test_a_new_version_is_named(run: Run) -> None:
    brief("a.md", FIRE)
    run("a.md")
    brief("a.md", POOL, at=2)
    _, out, err = run("a.md")
    assert out.startswith(".citewire: 0 added, 1 replaced")
    assert err.startswith('citewire: 1 article in a new version: "')
    assert str(Path("a.md").resolve()) in err


def test_parameters_that_track_readers_are_no_part_of_an_address() -> None:
    keys = {
        Article("Rain.", url=f"https://quay.example/fees?id=3{more}").key for more in ("", "&smid=tw", "&msclkid=9")
    }
    assert keys == {"url:https://quay.example/fees?id=3"}


def test_a_line_says_what_has_no_day_and_one_what_has_no_outlet_and_json_names_it(run: Run) -> None:
    brief("in/a.md", FIRE)
    Path("in/b.txt").write_text(f"The pool stays cold\n\n{POOL}\n", "utf-8")
    Path("in/c.txt").write_text(f"Chess cup again\n\n{CHESS}\n", "utf-8")
    code, _, err = run("in")
    assert code == 0
    assert 'citewire: 2 articles without a day (left out by --after and --before): "The pool stays cold" in ' in err
    assert 'citewire: 2 articles without an outlet (left out by --source): "The pool stays cold" in ' in err
    code, out, err = run("in", "--again", "--json")
    told = json.loads(out)
    assert (told["added"], told["unchanged"], told["without_day"]) == (0, 3, [])
    code, out, err = run("in", "--library", "other", "--json")
    told = json.loads(out)
    assert [Path(each["path"]).name for each in told["without_day"]] == ["b.txt", "c.txt"]
    assert [each["title"] for each in told["without_outlet"]] == ["The pool stays cold", "Chess cup again"]
    assert told["not_read"] == []
    assert err == ""
