"""Live blogs: each post that the page's data tells apart is an article with its own time and address."""

import json

import pytest

from corpus.article import Article
from corpus.errors import ReadError
from corpus.scan.read import read_bytes

FIRST = "The lock keepers opened the second gate at noon. The water below the weir fell by a hand within the hour."
SECOND = "A barge has broken loose above the weir, the harbour office says. Nobody is on board."
LEAD = (
    "The river Marn has risen for three days and stands higher than in any autumn since records began at the old mill. "
    "We report from the weir, the harbour office and the three villages on the eastern bank until the crest has passed."
)
POSTS: list[dict[str, object]] = [
    {
        "@type": "BlogPosting",
        "@id": "#post-2",
        "headline": "Second gate opened",
        "datePublished": "2021-05-03T12:05:00+01:00",
        "articleBody": FIRST,
        "author": {"@type": "Person", "name": "Ines Falk"},
    },
    {
        "@type": "BlogPosting",
        "url": "https://quay.example/live/flood?post=1",
        "datePublished": "2021-05-03T10:15:00+01:00",
        "articleBody": f"<p>{SECOND}</p>",
    },
]


def page(head: str, body: str) -> bytes:
    return (
        "<html lang=en><head><title>Flood on the Marn: live | The Quay</title>"
        '<link rel=canonical href="https://quay.example/live/flood"><meta property="og:site_name" content="The Quay">'
        f"{head}</head><body><article><h1>Flood on the Marn: live</h1><p>{LEAD}</p>{body}</article></body></html>"
    ).encode()


def data(posts: object) -> str:
    blog = {"@type": "LiveBlogPosting", "headline": "Flood on the Marn: live", "liveBlogUpdate": posts}
    return f'<script type="application/ld+json">{json.dumps({"@graph": [blog]})}</script>'


def read(raw: bytes) -> list[Article]:
    errors: list[ReadError] = []
    articles = list(read_bytes(raw, name="live.html", on_bad=errors.append))
    assert errors == []
    return articles


def test_each_post_of_a_live_blog_has_its_own_time_writer_and_address() -> None:
    second, first, rest = read(page(data(POSTS), f"<p>{FIRST}</p><p>{SECOND}</p>"))
    assert (second.title, second.published, second.author, second.url) == (
        "Second gate opened", "2021-05-03T12:05:00+01:00", "Ines Falk", "https://quay.example/live/flood#post-2",
    )  # fmt: skip
    assert (first.title, first.published, first.url) == (
        "Flood on the Marn: live", "2021-05-03T10:15:00+01:00", "https://quay.example/live/flood?post=1",
    )  # fmt: skip
    assert [article.text for article in (second, first, rest)] == [FIRST, SECOND, LEAD]
    assert {article.source for article in (second, first, rest)} == {"The Quay"}


@pytest.mark.parametrize("posts", [POSTS[0], [POSTS[0], {"@type": "BlogPosting", "headline": "Only a picture"}]])
def test_one_post_alone_and_a_post_without_words_do_no_harm(posts: object) -> None:
    articles = read(page(data(posts), f"<p>{FIRST}</p>"))
    assert [article.text for article in articles] == [FIRST, LEAD]


def test_a_post_keeps_its_key_when_its_text_is_corrected() -> None:
    before = read(page(data(POSTS), ""))
    after = read(page(data([{**POSTS[0], "articleBody": FIRST.replace("noon", "one")}, POSTS[1]]), ""))
    assert before[0].keys[:2] == after[0].keys[:2]
    assert before[0].text != after[0].text
