"""Names of outlets in filters: as people type them, and what is nearest to a name that no article has."""

from datetime import date

import pytest

from corpus.store.records import Coverage, Filters
from qa.filters import meant_filters, nearest, searched_under
from qa.retrieval import SingleText


class Library(SingleText):
    """Two outlets, one of them spelt in two ways; four of its articles have no day."""

    def __init__(self) -> None:
        super().__init__("A boat lay at the quay.", None)

    def sources(self) -> list[tuple[str, int]]:
        return [("The Quay", 9), ("Echo d’Ullby", 3), ("Echo d'Ullby", 1), ("The Quay Weekly", 1)]

    def coverage(self, filters: Filters) -> Coverage:
        return Coverage(14, 3, 0 if filters.after else 4, None, None)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("the quay ", ("The Quay",)), ("The  Quay", ("The Quay",)), ("echo d'ullby", ("Echo d’Ullby", "Echo d'Ullby")),
        ("Nobody", ("Nobody",)),
    ],
)  # fmt: skip
def test_blanks_case_and_kinds_of_apostrophe_do_not_matter(given: str, meant: tuple[str, ...]) -> None:
    day = date(2021, 5, 3)
    assert meant_filters(Filters((given,), after=day), Library()) == Filters(meant, after=day)


@pytest.mark.parametrize(
    ("given", "near"),
    [("quay", ["The Quay", "The Quay Weekly"]), ("Eco d'Ulby", ["Echo d’Ullby"]), ("Zzz", [])],
)
def test_the_nearest_outlets_are_named(given: str, near: list[str]) -> None:
    assert nearest([given], Library())[: len(near) or None] == near


def test_undated_articles_are_counted_where_days_leave_them_out() -> None:
    for filters, undated in ((Filters(after=date(2021, 5, 3)), 4), (Filters(("The Quay",)), 0)):
        assert searched_under(filters, Library(), Library().coverage(filters)).undated == undated
