"""The article of a page that a program in the browser would have shown, from the data that the page brings for it."""

import io
from collections.abc import Collection, Iterator
from dataclasses import asdict

from lxml.html import HtmlElement

from corpus.article import Article
from corpus.errors import ReadError
from corpus.readers import json_files
from corpus.readers.hints import Hints

_LARGEST = 5_000_000  # characters of such data that are looked through
_ARTICLE = 400  # characters of a text that is taken though its title is not the page's


def shown_by_program(tree: HtmlElement, titles: Collection[str]) -> tuple[str, dict[str, str]]:
    """Return the text and the other fields of the article in the page's data; empty where it has none.

    titles: of the page. An article of one of them is looked for, else there has to be a single long one.
    """
    found = list(_articles(tree))
    named = [article for article in found if article.title and any(article.title in title for title in titles)]
    chosen = named or [article for article in found if len(found) == 1 and len(article.text) >= _ARTICLE]
    if not chosen:
        return "", {}
    article = max(chosen, key=lambda each: len(each.text))
    fields = {name: value for name, value in asdict(article).items() if value and name not in ("text", "path")}
    return article.text, fields


def _articles(tree: HtmlElement) -> Iterator[Article]:
    """Yield the articles in the JSON that the page's programs find beside them."""
    for script in tree.iterfind('.//script[@type="application/json"]'):
        data = (script.text or "").strip()
        if not data.startswith(("{", "[")) or len(data) > _LARGEST:
            continue
        try:
            yield from json_files.read(io.BytesIO(data.encode()), where="", hints=Hints(), on_bad=lambda _: None)
        except ReadError:
            continue
