"""From raw text and named fields, or a record that holds both, to the article: the last step of every format."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from corpus.article import MAX_BYTES, Article
from corpus.cleaning.byline import reported_by
from corpus.cleaning.clean import clean, clean_line, paragraphs
from corpus.cleaning.fields import known_fields, text_field
from corpus.cleaning.heading import read_heading
from corpus.errors import ReadError

# Two signs that only the bytes of UTF-8 read as Windows-1252, Latin-1 or Mac Roman put side by side in real texts.
_SUSPECT = re.compile(
    r"[ÃÂÄÅÐÑØÙÎÏËÊ][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â(?:€|‚|„|\x80|\x82|\x84)|ðŸ|‚Ä|√[©®°±∂®≥]|Ã "
)


def mended(text: str) -> str:
    """Return the text with each line that is doubly encoded, and can be nothing else, as it was meant. By ftfy."""
    if not _SUSPECT.search(text):
        return text
    from ftfy import fix_encoding

    return "\n".join(fix_encoding(line) if _SUSPECT.search(line) else line for line in text.split("\n"))


_LOST = re.compile(r"\?(?:s|t|re|ve|ll|d)\b")  # it?s: an apostrophe that became a question mark
_FEWEST_LOST, _LONGEST_WORD = 2, 30
_SIDE_BY_SIDE = re.compile(r"[^\x00-\x7f]{2,}")  # ftfy looks long at a whole text
_SAMPLE = 1_000  # characters


def is_garbled(text: str) -> bool:
    """Tell whether characters of the text were decoded wrongly, or lost, in a way that cannot be mended for certain."""
    words = (text[max(0, lost.start() - _LONGEST_WORD) : lost.start()].split() for lost in _LOST.finditer(text))
    if "\ufffd" in text or sum(bool(before) and before[-1].isalpha() for before in words) >= _FEWEST_LOST:
        return True
    odd = " ".join(_SIDE_BY_SIDE.findall(text))[:_SAMPLE]
    if not odd:
        return False
    from ftfy.badness import is_bad

    return bool(is_bad(odd))


_NAMED_BY = ("id", "guid", "_id", "uid", "uuid")
_LONGEST_NAME = 200
_CUT = re.compile(r"\s*\[\+\d+ char(?:acter)?s\]\s*$")  # where NewsAPI cuts a text


def assemble(text: str, known: Mapping[str, str], *, where: str, find_title: bool) -> Article:
    """Return the article of a raw text and the fields known of it; what they leave open is read from the text's top.

    `find_title` says that the text may open with its own title. Raises ReadError when no word of an article is left.
    """
    cleaned = clean(mended(text))
    known = {name: mended(value) for name, value in known.items()}
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
    told: dict[str, Any] = found | dict(known)
    return Article(text=body, **told)


def complete(article: Article, properties: Mapping[str, str]) -> Article:
    """Return the article with what a file's own properties say where its pages say nothing.

    They come last, since the title and writer of a Word or PDF file are often those of a template or a machine. A title
    that is taken from them leaves the text where it opens with it.
    """
    left: dict[str, Any] = {
        name: clean_line(value) for name, value in properties.items() if getattr(article, name) is None
    }
    title = left.get("title", "")
    text = article.text.removeprefix(f"{title}\n\n") if title else article.text
    return replace(article, text=text, **left) if left else article


def _without_site(title: str, source: str) -> str:
    """Return a title without the site's name after a dash or bar."""
    head, separator, tail = title.rpartition(" | ") if " | " in title else title.rpartition(" - ")
    words = re.findall(r"\w+", tail.lower())
    return head if separator and head and words and words == re.findall(r"\w+", source.lower()) else title


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
