"""From raw text and named fields, or a record that holds both, to the article: the last step of every format."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from corpus.article import Article
from corpus.cleaning.byline import reported_by
from corpus.cleaning.clean import clean, clean_line, paragraphs
from corpus.cleaning.fields import known_fields, text_field
from corpus.cleaning.heading import read_heading
from corpus.errors import ReadError
from corpus.limits import MAX_BYTES

_NAMED_BY = ("id", "guid", "_id", "uid", "uuid")
_LONGEST_NAME = 200
_CUT = re.compile(r"\s*\[\+\d+ char(?:acter)?s\]\s*$")  # where NewsAPI cuts a text


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


def articles_of(
    records: Iterable[Mapping[str, object]], *, where: str, on_bad: Callable[[ReadError], None]
) -> Iterator[Article]:
    """Yield the article of each record of a file; one that has none is reported with its number."""
    for number, record in enumerate(records, start=1):
        try:
            yield article_of(record, where=f"{where} article {number}", mapped={})
        except ReadError as error:
            on_bad(error)


def article_of(record: Mapping[str, object], *, where: str, mapped: Mapping[str, str]) -> Article:
    """Return the article of a record, its `path` being # and what tells the record from the others of its file.

    mapped: fields with the names that they have in the record. Raises ReadError for a record without a text.
    """
    body = text_field(record, mapped)
    body = _CUT.sub("", body)
    if not body:
        named = f"{mapped['text']} (as --map says)" if "text" in mapped else "text (or body, content, articleBody)"
        raise ReadError(where, f"no field {named} with words in it: add one, or name yours with --map text=NAME")
    if len(body) > MAX_BYTES:
        raise ReadError(
            where, f"its text is larger than {MAX_BYTES // 1_000_000} MB, too large for one article: split it"
        )
    article = assemble(body, known_fields(record, mapped), where=where, find_title=False)
    return replace(article, path=f"#{_name(record, body)}")


def _name(record: Mapping[str, object], body: str) -> str:
    """Return what names the record: its id, else a hash of its text."""
    for key in _NAMED_BY:
        given = record.get(key)
        if isinstance(given, str | int) and str(given).strip():
            return str(given).strip()[:_LONGEST_NAME]
    return hashlib.sha256(body.encode("utf-8", errors="replace")).hexdigest()[:16]
