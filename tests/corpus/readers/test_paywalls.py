"""Pages that show the beginning alone: the offer is no text, and the article is marked as a stub."""

import json
from pathlib import Path

import pytest
from sample_files import BODY, SECOND

from corpus.article import Article
from corpus.errors import ReadError
from corpus.scan.read import read_bytes
from corpus.store.records import Added
from qa.cli.add import AddNotes

OFFER = (
    '<div class="wall"><h2>Subscribe to keep reading</h2><p>Get full access for £1 a week. Cancel anytime.</p>'
    "<p>Already a subscriber? Log in</p></div>"
)


def page(words: str, *, free: object, **more: object) -> bytes:
    data = {"@type": "NewsArticle", "headline": "Barge adrift", "isAccessibleForFree": free, **more}
    return (
        f'<html lang=en><head><title>Barge adrift</title><script type="application/ld+json">{json.dumps(data)}</script>'
        f"</head><body><article><h1>Barge adrift</h1><p>{words}</p>{OFFER}</article></body></html>"
    ).encode()


def read(raw: bytes) -> Article:
    errors: list[ReadError] = []
    (article,) = read_bytes(raw, name="page.html", on_bad=errors.append)
    assert errors == []
    return article


@pytest.mark.parametrize("free", [False, "False"])
def test_the_offer_goes_and_the_article_is_a_stub(free: object) -> None:
    article = read(page(f"{BODY} {SECOND[:-1]} in …", free=free))
    assert article.text == f"{BODY} {SECOND[:-1]} in …"
    assert article.is_stub


@pytest.mark.parametrize("words", ["Register to see a doctor.", "From £10 per person.", "Sign up to access a nurse."])
def test_a_line_of_an_article_is_no_offer(words: str) -> None:
    assert words in read(page(f"{BODY}</p><p>{words}</p><p>{SECOND}", free=True)).text


def test_a_text_that_is_whole_is_no_stub() -> None:
    assert not read(page(BODY, free=True)).is_stub
    assert not read(page(" ".join([BODY, SECOND] * 5), free=False)).is_stub
    assert not read(page(f"{BODY} …", free=False, articleBody=" ".join([BODY, SECOND] * 5))).is_stub


def test_being_a_stub_makes_no_other_version_and_is_told_after_adding(tmp_path: Path) -> None:
    stub = read(page(f"{BODY} …", free=False))
    free = read(page(f"{BODY} …", free=True))
    assert (stub.version, stub.is_stub, free.is_stub) == (free.version, True, False)
    notes = AddNotes()
    notes.note(stub, Added("added", stub.id, stub.version, 1))
    assert any("1 article with only the beginning of a text that must be paid for" in line for line in notes.lines())
