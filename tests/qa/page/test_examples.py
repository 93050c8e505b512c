"""The questions that the page offers before anything is asked."""

from pathlib import Path

from corpus.article import Article
from embeddings.library.library import create_library
from qa.assistant import Assistant
from qa.page.site import Site
from qa.page.views.answer import SAMPLE_QUESTIONS, examples, start_html, welcome_html

pytest_plugins = ("page_browser",)


def test_the_examples_of_the_bundled_collection_show_what_they_announce(bundled: Assistant) -> None:
    tried = {shows: bundled.ask(question) for question, shows in SAMPLE_QUESTIONS}
    assert tried["Articles differ"].disagreement
    assert {a.kind for a in tried["A course of events"].answers} == {"timeline"}
    assert len(tried["Several answers"].answers) > 1
    assert tried["Not in the articles"].status == "not_in_library"
    assert len(tried) == 4


def test_the_bundled_collection_is_called_a_sample_and_no_other_is(bundled: Assistant) -> None:
    assert Site(bundled).is_sample
    with bundled.library.snapshot() as snapshot:
        assert "Sample, invented" in welcome_html(snapshot, is_sample=True)
        assert "Sample" not in welcome_html(snapshot)
        assert "citewire add FOLDER" in start_html(snapshot, is_sample=True)
        assert 'href="#add"' in start_html(snapshot, may_add=True)
        assert "#add" not in start_html(snapshot)


def test_the_examples_of_an_own_library_are_made_from_its_newest_articles(bundled: Assistant, tmp_path: Path) -> None:
    with create_library(tmp_path / "library", encoder=bundled.library.encoder) as library:
        library.add([Article('"We waited," Ada Lund said. "It rained."', source="Dawn", published="2023-03-07")])
        with library.snapshot() as snapshot:
            tried = examples(snapshot)
            assert tried == [("What did Ada Lund say?", "Dawn"), ("What happened on 7 March 2023?", "A day")]
            assert 'data-question="What did Ada Lund say?"' in start_html(snapshot)
        assert not Site(Assistant(library, bundled.reader)).is_sample
