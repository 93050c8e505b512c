import json
import os
import re
from itertools import pairwise
from pathlib import Path

import pytest
from growth import growth
from hypothesis import given
from hypothesis import strategies as st
from repository import MARKED

from benchmarks.sentences import boundary_scores, invented_cases, marked_cases
from corpus.sentences import paragraphs, sentences

# News-like pieces in any order: what a full stop, a quote or a line break stands beside decides a boundary.
_PIECES = st.sampled_from(
    "He said~the U.S~Gen~Mr~J~p.m~Jan~5~1~said~Smith asked~The~A~iPhone~no~.~?~!~…~...~,~。~ ~  ~\"~'~“~”~‘~’~(~)~[3]"
    "~—~-~|~𝒜~é~e\u0301~\u200b~中文~•~\t~\u00a0~\u2029~\f~\n~\n\n~\n- ~\n1. ".split("~")
)
_TEXTS = st.one_of(st.lists(_PIECES, max_size=40).map("".join), st.text(max_size=80))


def split_text(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@given(_TEXTS)
def test_sentences_hold_every_character_but_white_space_once_and_in_order(text: str) -> None:
    found = sentences(text)
    assert all(a < b for a, b in found)
    assert all(end <= start for (_, end), (start, _) in pairwise(found))
    assert re.sub(r"\s", "", "".join(text[a:b] for a, b in found)) == re.sub(r"\s", "", text)


@given(_TEXTS)
def test_a_sentence_has_no_space_around_it_and_crosses_no_blank_line(text: str) -> None:
    for sentence in split_text(text):
        assert sentence == sentence.strip()
        assert not re.search(r"\n\s*\n|[\u2029\f\v]", sentence)


@given(_TEXTS)
def test_a_sentence_split_again_is_itself(text: str) -> None:
    for sentence in split_text(text):
        assert split_text(sentence) == [sentence]


@given(_TEXTS, _TEXTS, _TEXTS)
def test_offsets_count_from_the_start_of_the_whole_text(before: str, text: str, after: str) -> None:
    start, end = len(before), len(before) + len(text)
    expected = [(a + start, b + start) for a, b in sentences(text)]
    assert sentences(before + text + after, start, end) == expected


@given(_TEXTS)
def test_a_paragraph_alone_gives_the_sentences_it_has_in_the_text(text: str) -> None:
    assert [s for a, b in paragraphs(text) for s in sentences(text, a, b)] == sentences(text)


def test_tricky_sentences_of_our_own_are_found_but_for_three_known_ones() -> None:
    scores = boundary_scores(invented_cases(MARKED / "sentences_invented.txt"), sentences)
    assert (scores.found_wrongly, scores.missed) == (0, 3)
    assert scores.right >= 65


@pytest.mark.parametrize("half", ["dev", "test"])
def test_boundaries_marked_by_hand_in_real_articles_are_found(half: str) -> None:
    data = os.environ.get("CITEWIRE_DATA")
    if not data:
        pytest.skip("CITEWIRE_DATA is not set")
    scores = boundary_scores(marked_cases(MARKED / f"sentences_{half}.jsonl", Path(data)), sentences)
    assert scores.precision >= 0.98
    assert scores.recall >= 0.98


def test_marks_hold_offsets_and_no_text() -> None:
    rows = [json.loads(line) for half in ("dev", "test") for line in (MARKED / f"sentences_{half}.jsonl").open()]
    assert sum(len(row["ends"]) for row in rows) >= 300
    assert {key for row in rows for key in row} == {"corpus", "article", "start", "end", "ends"}


def test_nothing_gives_no_sentence() -> None:
    assert sentences("") == []
    assert sentences(" \n\n\t ") == []


@pytest.mark.parametrize("piece", ["a", "A. ", ". ", ".", '"Why?" ', "Mr. ", "\n ", "• ", "a.", "“", "\n", " \n x"])
@pytest.mark.long
def test_time_grows_with_the_length_of_the_text_alone(piece: str) -> None:
    assert growth(lambda size: sentences(piece * (size // len(piece))), small=20_000, times=8) < 8**1.5
