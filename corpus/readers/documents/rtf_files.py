"""RTF files (.rtf), also those of press databases: the words, and title and writer that the file names. By striprtf."""

import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

from corpus.article import MAX_BYTES, Article, read_all
from corpus.cleaning.columns import row_of
from corpus.cleaning.fields import known_fields
from corpus.errors import ReadError
from corpus.readers.hints import Hints
from corpus.readers.text_files import document_articles

SUFFIXES = frozenset((".rtf",))
ISOLATED = True
_LARGEST = 5 * MAX_BYTES  # with its pictures, which are written as text
_PICTURES = re.compile(r"(?<![\\\w])[0-9a-fA-F\s]{400,}")
_PROPERTY = re.compile(r"\{\\(title|author)\s([^{}\\]{1,300})\}")


def recognises(head: bytes) -> bool:
    """Return whether the first bytes of a file are those of RTF."""
    return head.startswith(b"{\\rtf")


def read(file: BinaryIO, *, where: str, hints: Hints, on_bad: Callable[[ReadError], None]) -> Iterator[Article]:
    """Yield the article of the document, or those of a press database's download."""
    from striprtf.striprtf import rtf_to_text

    data = read_all(file, where=where, limit=_LARGEST, instead="save it as .docx or .txt and add that")
    raw = _PICTURES.sub(" ", data.decode("cp1252", errors="replace"))
    lines = (line.strip() for line in rtf_to_text(raw, errors="replace").split("\n"))
    rows = (row_of([cell.strip() for cell in line.removesuffix("|").split("|")]) for line in lines)
    text = "\n\n".join(filter(None, rows))
    known = known_fields(dict(_PROPERTY.findall(raw)))
    yield from document_articles(text, "", known, where=where, hints=hints, on_bad=on_bad)
