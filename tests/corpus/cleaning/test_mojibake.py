"""Doubly encoded text is mended where it can mean one thing only, and nothing else is touched."""

import pytest

from corpus.article import Article
from corpus.cleaning.clean import is_garbled, mended
from corpus.scan.read import read_bytes

MEANT = "“It wasn’t the café’s fault,” Zoë Müller said – twice."


def broken(text: str, encoding: str) -> str:
    return text.encode().decode(encoding, errors="strict")


@pytest.mark.parametrize("encoding", ["latin-1", "mac_roman"])
def test_a_line_that_was_decoded_wrongly_once_is_mended(encoding: str) -> None:
    assert mended(broken(MEANT, encoding)).replace("’", "'") == MEANT.replace("’", "'")


def test_windows_quotation_marks_are_mended() -> None:
    assert mended("It wasnâ€™t the cafÃ©.") == "It wasn’t the café."


@pytest.mark.parametrize("text", [MEANT, "SÃO PAULO", "Ñandú", "Â", "naïve coöperation", "Größe – ÄÖÜ", "ÅÄÖ Åland"])
def test_what_is_right_stays(text: str) -> None:
    assert mended(text) == text


def test_text_and_title_of_an_article_are_mended() -> None:
    raw = f"---\ntitle: {broken('Café owner fined', 'latin-1')}\n---\n\n{MEANT.encode().decode('latin-1')}\n"
    found: list[Article] = list(read_bytes(raw.encode(), name="a.md", on_bad=lambda error: None))
    assert (found[0].title, found[0].text.replace("’", "'")) == ("Café owner fined", MEANT.replace("’", "'"))


@pytest.mark.parametrize(
    ("text", "garbled"),
    [
        ("The caf\ufffd was shut.", True), ("It?s over, and she?s gone.", True), ("Ìýð ãîðîäà óø¸ë â îòñòàâêó.", True),
        (MEANT, False), ("Is it? so they say. Who? They asked.", False), ("Größe – ÄÖÜ, SÃO PAULO", False),
        ("Мэр города ушёл в отставку.", False), ("See https://quay.example/a?s=1 and what?s new.", False),
    ],
)  # fmt: skip
def test_what_cannot_be_mended_is_told_from_what_is_right(text: str, garbled: bool) -> None:
    assert is_garbled(mended(text)) == garbled
