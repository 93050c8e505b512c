import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from small_library import WordEncoder, make_article

from corpus.store.records import Filters
from embeddings.library.library import create_library
from qa.retrieval import MOST_WORDS, WEIGHTS, Candidate, coverage, evidence, pairs, retrieve, standardised

TEXTS = {
    "alpha": "The delegation from Kabul arrived in Doha on Monday, and talks on frozen reserves began at once.",
    "beta": "Rates rose to 1,200 points, said the U.S. central bank's governor, Anne O’Brien.",
    "gamma": "The talks went on and on, and talks about the talks were all that anyone talked about there.",
}


def candidates(*texts: str, title: str | None = None) -> list[Candidate]:
    return [Candidate(title, text, 0.5, 1.0) for text in texts]


def covered(question: str, *texts: str, title: str | None = None) -> list[float]:
    return coverage(question, candidates(*texts, title=title)).round(6).tolist()  # type: ignore[no-any-return]


def test_scores_are_standardised_over_the_candidates() -> None:
    assert standardised(np.array([1.0, 2.0, 3.0])) == pytest.approx([-(1.5**0.5), 0, 1.5**0.5])
    assert standardised(np.array([4.0, 4.0])).tolist() == [0, 0]
    assert standardised(np.array([])).tolist() == []


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Which delegations arrived?", "A delegation arrives"),
        ("1200", "of 1,200 people"),
        ("1,200", "of 1200 people"),
        ("the US", "in the U.S. Senate"),
        ("the U.S.", "the USA"),
        ("Anne O'Brien's", "anne o’brien said"),
        ("the of and", "the end of it and more"),
        ("rate", "RATES"),
    ],
)
def test_all_words_are_covered_in_any_form(question: str, text: str) -> None:
    assert covered(question, text) == [1.0]


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("war", "a wardrobe"),
        ("120", "1200 people"),
        ("art", "start"),
        ("US", "bus stops"),
        ("", "a"),
        ("?!", "a"),
        ("🦓", "a"),
    ],
)
def test_other_words_are_not_covered(question: str, text: str) -> None:
    assert covered(question, text) == [0.0]


def test_a_word_that_few_candidates_have_weighs_more() -> None:
    rare, common = np.log(1 + 2.5 / 1.5), np.log(1 + 0.5 / 3.5)
    assert covered("Kabul talks", "talks in Kabul", "talks", "talks") == pytest.approx(
        [1, common / (rare + common), common / (rare + common)], abs=1e-6
    )


def test_neighbouring_words_of_the_question_count_where_they_are_neighbours() -> None:
    texts = ["The central banks’ rates", "rates of banks in central Kabul", "a central bank rate", "no"]
    assert pairs("central bank rates of the", candidates(*texts)).tolist() == [2, 1, 2, 0]
    assert pairs("bank", candidates(*texts)).tolist() == [0, 0, 0, 0]


def test_the_title_counts_as_the_passages_words() -> None:
    assert covered("Kabul talks", "they met again", title="Talks in Kabul") == [1.0]


def test_any_question_has_evidence_of_the_same_shape() -> None:
    odd = [
        "",
        "the",
        "(a|b) [c \\",
        '"quoted: "',
        "x" * 100_000,
        " ".join(f"w{n}" for n in range(20_000)),
        "\x00 東京 ﬁ",
    ]
    for question in odd:
        rows = evidence(question, candidates("one text", "東京 w19999"))
        assert rows.shape == (2, len(WEIGHTS))
        assert np.isfinite(rows).all()
        assert evidence(question, []).shape == (0, len(WEIGHTS))
    assert MOST_WORDS == 32


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
