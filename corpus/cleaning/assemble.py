"""From cleaned text and named fields to the article: the last step of every format."""

import re
from collections.abc import Mapping
from dataclasses import replace

from corpus.article import Article
from corpus.cleaning.byline import reported_by
from corpus.cleaning.clean import clean, clean_line, paragraphs
from corpus.cleaning.heading import read_heading
from corpus.errors import ReadError


def assemble(text: str, known: Mapping[str, str], *, where: str, find_title: bool) -> Article:
    """Return the article of a raw text and the fields known of it; what they leave open is read from the text's top.

    `find_title` says that the text may open with its own title. Raises ReadError when no word of an article is left.
    """
    cleaned = clean(text)
    title, source = known.get("title"), known.get("source")
    if title and source:
        title = _without_site(title, source)
        known = {**known, "title": title}
    heading = read_heading(paragraphs(cleaned), title=title if title or find_title else "", author=known.get("author"))
    body = "\n\n".join(heading.paragraphs)
    if not any(c.isalnum() for c in body):
        why = "the file is empty" if not text.strip() else "it has no words of an article in it"
        raise ReadError(where, f"{why}: check that it is the right file")
    found = {name: clean_line(value) for name, value in heading.known.items()}
    if found.get("author", "").isupper() and " " in found["author"]:
        found["author"] = found["author"].title()
    if "author" not in found and "author" not in known and (reported := reported_by(heading.paragraphs[-1])):
        found["author"] = reported
    return Article(text=body, **(found | dict(known)))


def complete(article: Article, properties: Mapping[str, str]) -> Article:
    """Return the article with what a file's own properties say where its pages say nothing.

    They come last, since the title and writer of a Word or PDF file are often those of a template or a machine. A title
    that is taken from them leaves the text where it opens with it.
    """
    left = {name: clean_line(value) for name, value in properties.items() if getattr(article, name) is None}
    title = left.get("title", "")
    text = article.text.removeprefix(f"{title}\n\n") if title else article.text
    return replace(article, text=text, **left) if left else article


def _without_site(title: str, source: str) -> str:
    """Return a title without the site's name after a dash or bar."""
    head, separator, tail = title.rpartition(" | ") if " | " in title else title.rpartition(" - ")
    words = re.findall(r"\w+", tail.lower())
    return head if separator and head and words and words == re.findall(r"\w+", source.lower()) else title
