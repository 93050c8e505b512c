"""Text directives: what a browser is told in order to find a quote, with words around it where it is repeated."""

import pytest

from qa.compose.cite import text_fragment


def directive(text: str, quote: str, *, last: bool = False, heading: str = "") -> str:
    start = text.rindex(quote) if last else text.index(quote)
    return text_fragment(text, start, start + len(quote), heading=heading)


def test_a_quote_that_stands_once_is_named_alone() -> None:
    assert directive("The well-known 61 & more left.", "well-known 61 & more") == "well%2Dknown%2061%20%26%20more"
    assert directive("Nothing is quoted.", "") == ""


@pytest.mark.parametrize(
    ("text", "quote", "last", "heading", "expected"),
    [
        ("Five people died. Then five left.", "five", False, "", "Five%20people%20died.%20Then-,five"),
        ("Five people died. Then five left.", "Five", False, "", "Five,-people%20died.%20Then%20five%20left."),
        ("Five died at sea.\n\nFive died at home.", "Five", True, "", "Five,-died%20at%20home."),
        ("The five left.\n\nThe five stayed.", "five", True, "", "The-,five,-stayed."),
        ("Only five left.", "five", False, "Five left the ferry", "Only-,five"),
        ("It cost $5 (5 more).", "5", True, "", "It%20cost%20%245%20%28-,5"),
        ("A and five left. B and five left.", "five", True, "", "A%20and%20five%20left.%20B%20and-,five"),
        ("Twenty-five left, and fivefold.", "five", False, "", "five"),
    ],
)
def test_a_repeated_quote_gets_the_words_around_it(
    text: str, quote: str, last: bool, heading: str, expected: str
) -> None:
    assert directive(text, quote, last=last, heading=heading) == expected


def test_words_around_are_of_the_same_paragraph() -> None:
    text = "Some said five.\n\nfive\n\nOthers said five."
    start = text.index("\n\nfive") + 2
    assert text_fragment(text, start, start + 4) == "five"
    assert directive(text, "five", last=True) == "Others%20said-,five"


def test_a_long_quote_is_named_by_its_ends_and_one_over_paragraphs_by_a_part_of_each() -> None:
    long = " ".join(str(n) for n in range(20))
    assert directive(long, long) == "0%201%202%203%204%205,14%2015%2016%2017%2018%2019"
    twice = f"It says {long}. Again it says {' '.join(str(n) for n in range(7))}."
    assert directive(twice, long) == "It%20says-,0%201%202%203%204%205,14%2015%2016%2017%2018%2019"
    assert directive("One two.\n\nThree four.", "two.\n\nThree") == "two.,Three"
