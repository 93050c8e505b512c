import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.reader.llm.matching import find_words


def found(sentence: str, words: str) -> str | None:
    place = find_words(sentence, words)
    return None if place is None else sentence[place[0] : place[1]]


@pytest.mark.parametrize(
    ("sentence", "words", "expected"),
    [
        ("Engineer Ida Holm spoke first.", "Ida Holm", "Ida Holm"),
        ("The ferry\n  sank at dawn.", "ferry sank", "ferry\n  sank"),
        ("The Ferry sank at dawn.", "THE FERRY", "The Ferry"),
        ("She said “no one came” twice.", 'said "no one came"', "said “no one came”"),
        ("It was a 'fine “day”' there.", '"day"', "“day”"),
        ("Oster’s mayor resigned.", "Oster's mayor", "Oster’s mayor"),
        ("The soft\u00adware failed.", "software", "soft\u00adware"),
        ("The govern-\nment fell.", "government fell", "govern-\nment fell"),
        ("The government fell.", "govern- ment", "government"),
        ("A well-known singer.", "well‑known", "well-known"),
        ("Prices rose — and fell.", "rose - and fell", "rose — and fell"),
        ("Аnnа Berg resigned.", "Anna Berg", "Аnnа Berg"),  # two Cyrillic letters
        ("The ﬁrst ofﬁce closed.", "first office", "ﬁrst ofﬁce"),
        ("Café Noir opened.", "Cafe Noir", "Café Noir"),
        ("Cafe\u0301 opened.", "café", "Cafe\u0301"),
        ("Ida Holm, the mayor, spoke.", "Ida Holm.", "Ida Holm"),
        ("He left the U.S. in May.", "the U.S.", "the U.S."),
        ("It cost $1.5 million.", "$1.5 million", "$1.5 million"),
        ("Seven (7) died…", "Seven (7) died...", "Seven (7) died…"),
    ],
)
def test_an_honest_copy_is_found_where_it_stands(sentence: str, words: str, expected: str) -> None:
    assert found(sentence, words) == expected


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("The party won.", "art"),
        ("It cost 1.5 million.", "5 million"),
        ("It cost 1,500 euros.", "500 euros"),
        ("They won 3-4.", "34"),
        ("Ida Holm spoke.", "Ida Holme"),
        ("Ida Holm spoke.", "Holm Ida"),
        ("Forty people died.", "40 people died"),
        ("He did not resign.", "He did resign"),
        ("Profits rose 5%.", "5 percent"),
        ("Anything.", ""),
        ("Anything.", " … "),
        ("Anything.", "“”"),
        ("", "words"),
    ],
)
def test_other_words_are_not_found(sentence: str, words: str) -> None:
    assert find_words(sentence, words) is None


def test_of_several_places_it_is_the_first_whole_word() -> None:
    assert find_words("Artful art, more art.", "art") == (7, 10)


@given(st.text(max_size=60), st.text(max_size=20))
def test_what_is_found_has_the_letters_and_figures_of_what_was_sought(sentence: str, words: str) -> None:
    place = find_words(sentence, words)
    if place is not None:
        start, end = place
        assert 0 <= start < end <= len(sentence)
        assert any(character.isalnum() for character in sentence[start:end])


@given(st.text(alphabet="abc 12.-'“\n\u00ad", min_size=1, max_size=40), st.data())
def test_every_slice_of_whole_words_is_found(sentence: str, data: st.DataObject) -> None:
    words = sentence.split()
    if not words:
        return
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))
    copy = " ".join(words[first : last + 1])
    place = find_words(sentence, copy)
    if not any(c.isalnum() for c in copy):
        assert place is None
        return
    assert place is not None
    shown = sentence[place[0] : place[1]]
    assert [c for c in unicodedata.normalize("NFKD", copy) if c.isalnum()] == [
        c for c in unicodedata.normalize("NFKD", shown) if c.isalnum()
    ]
