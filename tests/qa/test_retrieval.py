import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

from small_library import WordEncoder, make_article

from corpus.store.records import Filters
from embeddings.library.library import create_library
from qa.retrieval import retrieve

TEXTS = {
    "alpha": "The delegation from Kabul arrived in Doha on Monday, and talks on frozen reserves began at once.",
    "beta": "Rates rose to 1,200 points, said the U.S. central bank's governor, Anne O’Brien.",
    "gamma": "The talks went on and on, and talks about the talks were all that anyone talked about there.",
}


def test_the_passage_that_says_it_comes_first_and_filters_hold(tmp_path: Path) -> None:
    with_dates = [
        replace(make_article(name, text), published=f"2023-03-0{day}")
        for day, (name, text) in enumerate(TEXTS.items(), start=1)
    ]
    library = create_library(tmp_path / "library", encoder=WordEncoder())
    library.add(with_dates)
    with library.snapshot() as snapshot:
        found = retrieve(snapshot, "Which delegations arrived for talks?", k=3)
        assert found[0].hit.article == with_dates[0].id
        assert len({r.hit.article for r in found}) == 3
        assert [r.score for r in found] == sorted((r.score for r in found), reverse=True)
        assert len(retrieve(snapshot, "talks", k=1)) == 1
        late = retrieve(snapshot, "Which delegations arrived?", filters=Filters(after=date(2023, 3, 2)), k=9)
        assert {r.hit.article for r in late} == {with_dates[1].id, with_dates[2].id}
        assert retrieve(snapshot, "talks", filters=Filters(sources=("Nobody",))) == []
        for question in ("the of and", "?", "who led “the", "a:b"):
            assert len(retrieve(snapshot, question)) == 3
    library.close()


def test_the_same_question_gives_the_same_order_of_equal_passages(tmp_path: Path) -> None:
    library = create_library(tmp_path / "library", encoder=WordEncoder())
    same = [
        replace(make_article(name), text="The very same wire copy was printed by every outlet.") for name in "edcba"
    ]
    library.add(same)
    with library.snapshot() as snapshot:
        order = [r.hit.passage_id for r in retrieve(snapshot, "wire copy")]
    assert order == sorted(order)
    library.close()


def test_retrieving_needs_neither_engine_by_name() -> None:
    module = sys.modules["qa.retrieval"]
    assert not {"faiss", "tantivy"} & set(vars(module))
