"""The Python API: its doctests, the page about it, and what it gives."""

import doctest
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from program_library import FERRY, FirstSentence
from repository import ROOT
from small_library import WordEncoder

import qa.api
from corpus.article import Article
from corpus.errors import LibraryMissing, UsageError
from embeddings.library.library import create_library
from qa.api import News, open_bundled, open_library
from qa.result import Reason


@pytest.fixture
def news(tmp_path: Path) -> Iterator[News]:
    with News(create_library(tmp_path / "library", encoder=WordEncoder()), reader=FirstSentence()) as opened:
        yield opened


def test_the_examples_in_the_docstrings_give_what_they_say() -> None:
    with open_bundled() as bundled:
        done = doctest.testmod(qa.api, extraglobs={"news": bundled}, raise_on_error=False)
    assert done.failed == 0
    assert done.attempted >= 8


def test_the_lines_in_the_docs_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (ROOT / "docs" / "python.md").read_text("utf-8")
    code = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert code is not None
    monkeypatch.chdir(tmp_path)
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "ferry.md").write_text(f"---\nsource: Dawn\ndate: 2023-03-07\n---\n{FERRY}", "utf-8")
    exec(compile(code[1], "docs/python.md", "exec"), {})
    printed = capsys.readouterr().out
    assert "34" in printed
    assert "Dawn" in printed


def test_the_names_in_all_are_what_the_module_says_it_offers() -> None:
    documented = (ROOT / "docs" / "python.md").read_text("utf-8")
    assert all(hasattr(qa.api, name) for name in qa.api.__all__)
    assert not [name for name in qa.api.__all__ if f"`{name}" not in documented]


def test_files_are_read_once_and_bad_ones_are_named(news: News, tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "ferry.txt").write_text(FERRY, "utf-8")
    (folder / "broken.json").write_text("{", "utf-8")
    first = news.add(folder)
    assert (first.added, len(first.unread)) == (1, 1)
    assert "broken.json" in first.unread[0].where
    again = news.add(folder)
    assert (again.added, again.files_unchanged) == (0, 1)
    (folder / "ferry.txt").write_text(FERRY.replace("34", "36"), "utf-8")
    assert news.add(folder).replaced == 1
    assert "36 people" in news.ask("How many were aboard the ferry?").answers[0].text


def test_articles_are_added_filtered_shown_and_removed(news: News) -> None:
    news.add_articles(
        [
            Article(FERRY, title="Ferry", source="Dawn", published="2023-03-07"),
            Article("A heron nested on the hall.", title="Heron", source="Geo", published="2023-05-01"),
        ]
    )
    assert [info.title for info in news.articles()] == ["Heron", "Ferry"]
    assert [info.title for info in news.articles(before=date(2023, 4, 1))] == ["Ferry"]
    assert news.ask("Who was aboard the ferry?", sources=["Geo"]).status == "not_in_library"
    found = news.search("ferry aboard", limit=1)
    assert (found[0].text, found[0].article.title) == (FERRY, "Ferry")
    ferry = found[0].article.id
    assert news.show(ferry).text == FERRY
    assert news.remove(ferry) == (ferry,)
    with pytest.raises(UsageError):
        news.show(ferry)
    with pytest.raises(UsageError, match="no day"):
        news.ask("What?", after=date(2023, 2, 1), before=date(2023, 1, 1))


def test_a_library_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LibraryMissing):
        open_library(tmp_path / "nowhere")


def test_a_notebook_shows_the_sentence_with_its_quote_marked_and_no_html_of_an_article(news: News) -> None:
    hostile = 'The ferry <script>alert("1")</script> sank.'
    news.add_articles([Article(hostile, title="<b>Ferry</b>", source="Dawn", url="https://dawn.example/?a=1&b=2")])
    html = news.ask("What did the ferry do?")._repr_html_()
    assert "<mark>The ferry &lt;script&gt;" in html
    assert "<script" not in html
    assert '<a href="https://dawn.example/?a=1&amp;b=2">&lt;b&gt;Ferry&lt;/b&gt;</a>' in html
    result = news.ask("What did the ferry do?")
    inside = replace(result.citations[0], quote="sank", start=hostile.index("sank"))
    assert "<mark>sank</mark>.<br>" in replace(result, citations=(inside,))._repr_html_()
    nothing = news.ask("What colour is the moon?")
    assert "below" in replace(nothing, reason=Reason("below_threshold", "The passages are below."))._repr_html_()
