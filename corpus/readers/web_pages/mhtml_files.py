"""Web pages that a browser saved as one file (MHTML): the page is in it as part of a mail that nobody sent."""

import email.policy
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from email.message import Message
from email.parser import BytesParser
from itertools import islice

from corpus.article import MAX_BYTES, Article, from_address
from corpus.errors import ReadError
from corpus.readers.emails import MAIL_HEAD
from corpus.readers.open_file import Format, OpenFile
from corpus.readers.web_pages.html_pages import read_page

_LARGEST_SAVED = 10 * MAX_BYTES  # of a page with its pictures
_MOST_PARTS = 1_000
_SAVED = re.compile(rb"^(?:Snapshot-Content-Location:|From: *\"?<? ?Saved by|X-MAF)", re.MULTILINE | re.IGNORECASE)
_RELATED = re.compile(rb"^Content-Type:\s*multipart/related", re.MULTILINE | re.IGNORECASE)
_SENT = re.compile(rb"^(?:To|Received|Message-ID|Return-Path):", re.MULTILINE | re.IGNORECASE)


def _is_saved(head: bytes) -> bool:
    """Return whether a file opens as a saved page does: its head says so, or that of a mail which nobody sent."""
    match = MAIL_HEAD.match(head)
    if match is None:
        return False
    return bool(_SAVED.search(match[0]) or (_RELATED.search(match[0]) and not _SENT.search(match[0])))


def _read_saved(file: OpenFile) -> Iterator[Article]:
    """Yield the one article of the page, as if fetched from its own address.

    The head of the mail says by which program and when the page was saved, and nothing of the article.
    """
    data = file.content(limit=_LARGEST_SAVED, instead="save the page as .html and add that")
    message = BytesParser(policy=email.policy.compat32).parsebytes(data)
    page = _saved_page(message)
    content = page.get_payload(decode=True) if page is not None else None
    if page is None or not isinstance(content, bytes) or not content.strip():
        raise ReadError(file.where, "no page was found in it: save the page again, or as .html, and add that")
    url = _address(message, "Snapshot-Content-Location") or _address(page, "Content-Location") or file.url
    charset = page.get_content_charset() or file.charset
    for article in read_page(replace(file, stream=io.BytesIO(content), url=url, charset=charset)):
        yield from_address(article, url) if url else article


def _saved_page(message: Message) -> Message | None:
    """Return the part that is the page: the one the head names as the start, else the first that is HTML."""
    start = str(message.get_param("start") or "").strip("<> ")
    parts = islice(message.walk(), _MOST_PARTS)
    pages = [part for part in parts if part.get_content_type() in ("text/html", "application/xhtml+xml")]
    named = (page for page in pages if start and str(page.get("Content-ID") or "").strip("<> ") == start)
    return next(named, pages[0] if pages else None)


def _address(part: Message, name: str) -> str | None:
    value = "".join(str(part.get(name) or "").split())
    return value if value.lower().startswith(("http://", "https://")) else None


MHTML = Format("saved page", frozenset((".mht", ".mhtml")), _read_saved, _is_saved, isolated=True)
