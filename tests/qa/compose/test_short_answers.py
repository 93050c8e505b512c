"""Answers from extractions: what is one answer, what are several, and what a question gets of them."""

import math

import pytest

from corpus.article import Article
from embeddings.library.search import Hit
from qa.compose.compose import compose
from qa.compose.drafts import Draft, Place, items, same_answer
from qa.reader.protocol import ReadResult
from qa.retrieval import SingleText

BOTH = "Anna Berg and Paul Reyes led the two delegations. Berg spoke first, Reyes after her."
ANSWERED = ReadResult((), "answered")


def hit(text: str) -> Hit:
    return SingleText(text, None).hits()[0]


def places(text: str, *answers: tuple[str, float]) -> list[Place]:
    """Return places of one text, in the order given."""
    found = hit(text)
    return [
        Place(found, text.index(words), text.index(words) + len(words), words, confidence, "short")
        for words, confidence in answers
    ]


def composed(question: str, found: list[Place], read: ReadResult = ANSWERED) -> list[Draft]:
    return compose(question, found, read, threshold=0.2)[0]


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
    drafts = composed("Who led them?", found, ReadResult((), "answered", several=True))
    assert [draft.best.text for draft in drafts] == ["Anna Berg", "Paul Reyes"]
    assert len({draft.group for draft in drafts}) == 2


def test_the_things_of_several_articles_stand_together_each_once() -> None:
    one = "Peru and the United States sent boats. The United States sent two, the harbour said."
    two = "Boats came from the US, Chile and Peru on Friday."
    found = [
        _of_article(one, "Peru and the United States", 0.8, "2024-04-12", "Ledger"),
        _of_article(one, "United States sent two"[:13], 0.7, "2024-04-12", "Ledger"),
        _of_article(two, "US, Chile and Peru", 0.7, "2024-04-13", "Star"),
    ]
    drafts = composed("Which countries sent boats?", found, ReadResult((), "answered", several=True))
    assert [draft.best.text for draft in drafts] == ["Peru", "the United States", "Chile"]
    assert [[place.hit.info.source for place in draft.places] for draft in drafts] == [
        ["Ledger", "Star"],
        ["Ledger"],
        ["Star"],
    ]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Anna Berg, Paul Lund and Peru", ["Anna Berg", "Paul Lund", "Peru"]),
        ("Pakistan and the United States", ["Pakistan", "the United States"]),
        ("Holm Yard\n\nMarl Glass", ["Holm Yard", "Marl Glass"]),
        ("the Trade and Investment Board", ["the Trade and Investment Board"]),
        ("bread, butter and tea", ["bread, butter and tea"]),
        ("Anna Berg", ["Anna Berg"]),
    ],
)
def test_names_joined_in_one_place_are_things_of_their_own(text: str, parts: list[str]) -> None:
    [place] = places(f"There were {text}.", (text, 0.5))
    found = items(place)
    assert [item.text for item in found] == parts
    assert [place.hit.text[item.start : item.end] for item in found] == parts


def test_parts_of_one_phrase_are_no_answers_of_their_own() -> None:
    text = "The office would revive some of the post-9/11 aid programmes to help the harbour towns, and two surveys."
    found = places(text, ("aid programmes", 0.8), ("some", 0.5), ("post-9/11", 0.5), ("two surveys", 0.5))
    drafts = composed("Who led them?", found, ReadResult((), "answered", several=True))
    assert [draft.best.text for draft in drafts] == ["aid programmes", "two surveys"]


def test_a_question_for_one_gets_the_likelier_one_alone() -> None:
    found = places(BOTH, ("Paul Reyes", 0.8), ("Anna Berg", 0.3))
    drafts = composed("Who led them?", found)
    assert [draft.best.text for draft in drafts] == ["Paul Reyes"]


def test_the_whole_name_is_shown_and_its_part_cited_beside_it() -> None:
    found = places(BOTH, ("Anna Berg", 0.7))
    start = BOTH.index("Berg spoke")
    part = Place(found[0].hit, start, start + 4, "Berg", 0.9, "short")
    [draft] = composed("Who led them?", [part, *found])
    assert [place.text for place in draft.places] == ["Anna Berg", "Berg"]


def test_beside_the_best_nothing_is_shown_below_the_threshold() -> None:
    found = places(BOTH, ("Anna Berg", 0.19), ("Paul Reyes", 0.18))
    assert [draft.best.text for draft in composed("Who led them?", found)] == ["Anna Berg"]
    assert compose("Who led them?", [], ANSWERED, threshold=0.2) == ([], "not_in_library")


def test_beside_an_unsure_answer_stands_what_else_may_be_meant() -> None:
    found = places(BOTH, ("Anna Berg", 0.19), ("Paul Reyes", 0.1), ("two delegations", 0.01))
    drafts = composed("Who led them?", found, ReadResult((), "unsure"))
    assert [draft.best.text for draft in drafts] == ["Anna Berg", "Paul Reyes"]


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
    drafts = composed("How many houses did the flood damage?", [early, late])
    assert [draft.best.text for draft in drafts] == ["612", "587"]
    assert len({draft.group for draft in drafts}) == 1
    assert [draft.newer for draft in drafts] == [False, True]


def test_answers_that_differ_stand_in_the_order_of_their_days_and_a_correction_is_named() -> None:
    late = _of_article("The flood damaged 587 houses, not 612, the county said.", "587", 0.8, "2024-04-25", "Star")
    early = _of_article("The flood damaged 612 houses in Lower Marl.", "612", 0.5, "2024-04-12", "Ledger")
    drafts = composed("How many houses did the flood damage?", [late, early])
    assert [draft.best.text for draft in drafts] == ["612", "587"]
    assert [draft.newer for draft in drafts] == [False, True]
    assert [[place.text for place in draft.corrects] for draft in drafts] == [[], ["612"]]


def test_an_article_that_says_that_an_answer_was_wrong_is_no_source_for_it() -> None:
    text = "The flood damaged 587 houses, not 612, the county said."
    right, denied = (_of_article(text, words, 0.6, "2024-04-25", "Star") for words in ("587", "612"))
    early = _of_article("The flood damaged 612 houses in Lower Marl.", "612", 0.5, "2024-04-12", "Ledger")
    drafts = composed("How many houses did the flood damage?", [right, denied, early])
    assert [[place.hit.info.source for place in draft.places] for draft in drafts] == [["Ledger"], ["Star"]]


def test_two_outlets_that_agree_are_one_answer_with_two_citations() -> None:
    one = _of_article("The flood damaged 612 houses in Lower Marl.", "612", 0.8, "2024-04-12", "Ledger")
    two = _of_article(
        "In all, 612 houses were damaged, said the mayor of Lower Marl.", "612", 0.5, "2024-04-13", "Star"
    )
    [draft] = composed("How many houses did the flood damage?", [one, two])
    assert [place.hit.info.source for place in draft.places] == ["Ledger", "Star"]


def test_a_reprint_is_no_second_source() -> None:
    text = "The flood on Tuesday damaged 612 houses in Lower Marl, the county's first count found."
    one = _of_article(text, "612", 0.8, "2024-04-12", "Ledger")
    two = _of_article(text + " ", "612", 0.7, "2024-04-12", "Star")
    [draft] = composed("How many houses did the flood damage?", [one, two])
    assert [place.hit.info.source for place in draft.places] == ["Ledger"]
    assert [place.hit.info.source for place in draft.reprints] == ["Star"]
