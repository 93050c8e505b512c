"""Short answers from spans: what is one answer, what are several, and what a question gets of them."""

import math

import pytest

from corpus.article import Article
from embeddings.library.library import Hit
from qa.compose.compose import compose
from qa.compose.drafts import Place
from qa.compose.short_answers import same_answer, short_drafts
from qa.single_text import SingleText

BOTH = "Anna Berg and Paul Reyes led the two delegations. Berg spoke first, Reyes after her."


def hit(text: str) -> Hit:
    return SingleText(text, None).hits()[0]


def places(text: str, *answers: tuple[str, float]) -> list[Place]:
    """Return places of one text, in the order given."""
    found = hit(text)
    return [
        Place(found, text.index(words), text.index(words) + len(words), words, confidence, "short")
        for words, confidence in answers
    ]


def never(one: Place, other: Place) -> bool:
    return False


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Landberg", "Christopher Landberg"),
        ("the Foreign Office", "Foreign Office"),
        ("612 houses", "612"),
        ("Berg", "Anna Berg’s"),
    ],
)
def test_a_part_of_an_answer_is_the_same_answer(one: str, other: str) -> None:
    assert same_answer(one, other)
    assert same_answer(other, one)


@pytest.mark.parametrize(("one", "other"), [("12", "120"), ("Anna Berg", "Paul Reyes"), ("art", "party"), ("3", "3.5")])
def test_other_words_are_another_answer(one: str, other: str) -> None:
    assert not same_answer(one, other)


def test_a_question_for_several_gets_all_in_the_order_of_the_text() -> None:
    found = places(BOTH, ("Paul Reyes", 0.8), ("Anna Berg", 0.6))
    drafts = short_drafts(found, threshold=0.2, several=True, contradict=never)
    assert [draft.best.text for draft in drafts] == ["Anna Berg", "Paul Reyes"]
    assert len({draft.group for draft in drafts}) == 2


def test_parts_of_one_phrase_are_no_answers_of_their_own() -> None:
    text = "The office would revive some of the post-9/11 aid programmes to help the harbour towns, and two surveys."
    found = places(text, ("aid programmes", 0.8), ("some", 0.5), ("post-9/11", 0.5), ("two surveys", 0.5))
    drafts = short_drafts(found, threshold=0.2, several=True, contradict=never)
    assert [draft.best.text for draft in drafts] == ["aid programmes", "two surveys"]


SHELTERS = "Beds stand at Hill School, at the Oak Hall and at the old church. Anna Berg and Paul Reyes slept there."


@pytest.mark.parametrize("marked", ["the Oak Hall", "Hill School, at the Oak Hall and at the old church"])
def test_the_items_of_a_series_are_answers_of_their_own_in_a_question_for_several(marked: str) -> None:
    drafts = short_drafts(places(SHELTERS, (marked, 0.8)), threshold=0.2, several=True, contradict=never)
    assert [draft.best.text for draft in drafts] == ["Hill School", "the Oak Hall", "the old church"]
    assert all(SHELTERS[draft.best.start : draft.best.end] == draft.best.text for draft in drafts)
    [whole] = short_drafts(places(SHELTERS, (marked, 0.8)), threshold=0.2, several=False, contradict=never)
    assert whole.best.text == marked


def test_who_did_it_is_everyone_whom_the_text_names_in_a_row() -> None:
    text = "The hall was drawn by Anna Berg and Paul Reyes. Tom Hay paid. Berg died in 1970."
    found = places(text, ("Paul Reyes", 0.8), ("Tom Hay", 0.6), ("Anna Berg", 0.3))
    drafts = compose("Who drew the hall?", found, threshold=0.2)
    assert [(draft.best.text, draft.best.confidence) for draft in drafts] == [("Anna Berg", 0.8), ("Paul Reyes", 0.8)]
    assert len({draft.group for draft in drafts}) == 2
    assert [draft.best.text for draft in compose("Who is the owner?", found[1:], threshold=0.2)] == ["Tom Hay"]


def test_no_more_answers_are_given_than_are_asked_for() -> None:
    found = places(SHELTERS, ("Anna Berg and Paul Reyes", 0.8), ("Hill School", 0.7))
    drafts = short_drafts(found, threshold=0.2, several=True, contradict=never, number=2)
    assert [draft.best.text for draft in drafts] == ["Anna Berg", "Paul Reyes"]


def test_a_question_for_one_gets_the_likelier_one_alone() -> None:
    found = places(BOTH, ("Paul Reyes", 0.8), ("Anna Berg", 0.3))
    drafts = short_drafts(found, threshold=0.2, several=False, contradict=never)
    assert [draft.best.text for draft in drafts] == ["Paul Reyes"]


def test_a_rival_is_shown_also_where_it_is_less_likely() -> None:
    found = places(BOTH, ("Paul Reyes", 0.8), ("Anna Berg", 0.3))
    drafts = short_drafts(found, threshold=0.2, several=False, contradict=lambda one, other: True)
    assert len(drafts) == 2


def test_the_whole_name_is_shown_and_its_part_cited_beside_it() -> None:
    found = places(BOTH, ("Berg spoke"[:4], 0.9), ("Anna Berg", 0.7))
    [draft] = short_drafts(places(BOTH, ("Anna Berg", 0.7)) + found[:1], threshold=0.2, several=False, contradict=never)
    assert draft.best.text == "Anna Berg"


def test_the_best_answers_however_unsure_it_is_but_nothing_beside_it_below_the_threshold() -> None:
    unsure = places(BOTH, ("Anna Berg", 0.19), ("Paul Reyes", 0.18))
    [draft] = short_drafts(unsure, threshold=0.2, several=False, contradict=lambda one, other: True)
    assert draft.best.text == "Anna Berg"
    assert short_drafts([], threshold=0.2, several=True, contradict=never) == []


def _of_article(text: str, words: str, confidence: float, published: str, source: str) -> Place:
    article = Article(text, title=f"{source} reports", source=source, published=published)
    base = hit(text)
    info = base.info.__class__(
        **{name: getattr(base.info, name) for name in base.info.__slots__ if name not in ("id", "source", "published")},
        id=article.id,
        source=source,
        published=published,
    )
    found = Hit(
        abs(hash(source)) % 97, article.id, article.version, 0, len(text), text, math.nan, 0.0,
        abs(hash(text)) % 997, info,
    )  # fmt: skip
    return Place(found, text.index(words), text.index(words) + len(words), words, confidence, "short")


def test_two_outlets_with_different_figures_share_a_group_and_the_newer_is_marked() -> None:
    early = _of_article("The flood damaged 612 houses in Lower Marl.", "612", 0.8, "2024-04-12", "Ledger")
    late = _of_article("The flood damaged 587 houses in Lower Marl.", "587", 0.5, "2024-04-25", "Star")
    drafts = compose("How many houses did the flood damage?", [early, late], threshold=0.2)
    assert [draft.best.text for draft in drafts] == ["612", "587"]
    assert len({draft.group for draft in drafts}) == 1
    assert [draft.newer for draft in drafts] == [False, True]


def test_two_outlets_that_agree_are_one_answer_with_two_citations() -> None:
    one = _of_article("The flood damaged 612 houses in Lower Marl.", "612", 0.8, "2024-04-12", "Ledger")
    two = _of_article(
        "In all, 612 houses were damaged, said the mayor of Lower Marl.", "612", 0.5, "2024-04-13", "Star"
    )
    [draft] = compose("How many houses did the flood damage?", [one, two], threshold=0.2)
    assert [place.hit.info.source for place in draft.places] == ["Ledger", "Star"]


def test_a_reprint_is_no_second_source() -> None:
    text = "The flood on Tuesday damaged 612 houses in Lower Marl, the county's first count found."
    one = _of_article(text, "612", 0.8, "2024-04-12", "Ledger")
    two = _of_article(text + " ", "612", 0.7, "2024-04-12", "Star")
    [draft] = compose("How many houses did the flood damage?", [one, two], threshold=0.2)
    assert [place.hit.info.source for place in draft.places] == ["Ledger"]
    assert [place.hit.info.source for place in draft.reprints] == ["Star"]
