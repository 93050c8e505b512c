"""PDF files: the words of their pages as paragraphs, without headers, footers, page numbers and divided words."""

import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

from corpus.article import Article
from corpus.cleaning.assemble import assemble, complete
from corpus.cleaning.fields import known_fields
from corpus.errors import ReadError
from corpus.readers.hints import Hints
from corpus.readers.pdf_lines import read_document
from corpus.readers.pdf_text import pdf_text
from corpus.readers.text_files import labelled_lines

SUFFIXES = frozenset((".pdf",))
ISOLATED = True
_FEWEST_LETTERS = 20  # of all pages; what has fewer is a picture of a page
# Titles that programs give: names of files, and of the program that printed.
_NO_TITLE = re.compile(
    r"(?:microsoft word|powerpoint|untitled|document\d*|print|layout|slide)\b.*|.*\.\w{2,5}|\S+", re.IGNORECASE
)


def recognises(head: bytes) -> bool:
    """Return whether the first bytes of a file are those of a PDF; some have other bytes before them."""
    return b"%PDF-" in head[:1024]


def read(file: BinaryIO, *, where: str, hints: Hints, on_bad: Callable[[ReadError], None]) -> Iterator[Article]:
    """Yield the one article of the file. Raises ReadError for a locked or damaged file and for pictures of pages."""
    document = read_document(file, where=where)
    letters = sum(c.isalnum() for page in document.pages for line in page.lines for c in line.text)
    if letters < _FEWEST_LETTERS:
        why = "its pages are pictures, or empty: run text recognition (OCR) over it and add the result"
        raise ReadError(where, f"the PDF file has no text; {why}")
    found = pdf_text(document.pages)
    labelled, text = labelled_lines("\n\n".join(found.paragraphs))
    on_page = ({"title": found.title} if found.title else {}) | labelled
    properties = {name: document.properties.get(name, "") for name in ("title", "author")}
    if _NO_TITLE.fullmatch(properties["title"].strip()):
        del properties["title"]
    known = known_fields(properties) | ({"url": hints.url} if hints.url else {})
    yield complete(assemble(text, on_page, where=where, find_title="title" not in on_page), known)
