"""Web pages that a browser saved as one file (MHTML): the page is in it as part of a mail that nobody sent.

The mail's own head says by which program and when the page was saved, and nothing of the article.
"""

import email.policy
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.message import Message
from email.parser import BytesParser
from typing import BinaryIO

from corpus.article import MAX_BYTES, Article, from_address, read_all
from corpus.errors import ReadError
from corpus.readers.hints import Hints
from corpus.readers.web_pages import html_pages

SUFFIXES = frozenset((".mht", ".mhtml"))
ISOLATED = True
_LARGEST = 10 * MAX_BYTES  # of a page with its pictures
_MOST_PARTS = 1_000
_HEAD = re.compile(rb"(?:\xef\xbb\xbf)?(?:[A-Za-z][\w-]{1,60}:[^\n]{0,2000}\r?\n(?:[ \t][^\n]{0,2000}\r?\n)*){2,60}")
_SAVED = re.compile(rb"^(?:Snapshot-Content-Location:|From: *\"?<? ?Saved by|X-MAF)", re.MULTILINE | re.IGNORECASE)
_RELATED = re.compile(rb"^Content-Type:\s*multipart/related", re.MULTILINE | re.IGNORECASE)
_SENT = re.compile(rb"^(?:To|Received|Message-ID|Return-Path):", re.MULTILINE | re.IGNORECASE)


def recognises(head: bytes) -> bool:
    """Return whether a file opens as a saved page does: its head says so, or that of a mail which nobody sent."""
    match = _HEAD.match(head)
    if match is None:
        return False
    return bool(_SAVED.search(match[0]) or (_RELATED.search(match[0]) and not _SENT.search(match[0])))


def read(file: BinaryIO, *, where: str, hints: Hints, on_bad: Callable[[ReadError], None]) -> Iterator[Article]:
    """Yield the one article of the page, read as if it had been fetched from its own address."""
    data = read_all(file, where=where, limit=_LARGEST, instead="save the page as .html and add that")
    message = BytesParser(policy=email.policy.compat32).parsebytes(data)
    page = _page(message)
    content = page.get_payload(decode=True) if page is not None else None
    if page is None or not isinstance(content, bytes) or not content.strip():
        raise ReadError(where, "no page was found in it: save the page again, or as .html, and add that")
    url = _address(message, "Snapshot-Content-Location") or _address(page, "Content-Location") or hints.url
    told = replace(hints, url=url, charset=page.get_content_charset() or hints.charset)
    for article in html_pages.read(io.BytesIO(content), where=where, hints=told, on_bad=on_bad):
        yield from_address(article, url) if url else article


def _page(message: Message) -> Message | None:
    """Return the part that is the page: the one the head names as the start, else the first that is HTML."""
    start = str(message.get_param("start") or "").strip("<> ")
    first = None
    for number, part in enumerate(message.walk()):
        if number == _MOST_PARTS:
            break
        if part.get_content_type() not in ("text/html", "application/xhtml+xml"):
            continue
        first = first or part
        if start and str(part.get("Content-ID") or "").strip("<> ") == start:
            return part
    return first


def _address(part: Message, name: str) -> str | None:
    value = "".join(str(part.get(name) or "").split())
    return value if value.lower().startswith(("http://", "https://")) else None
