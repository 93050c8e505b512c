"""Plain text and RTF files: title, byline, day and place where they stand in the text, or in labelled lines above it.

RTF files, also those of press databases, are read with striprtf.
"""

import re
from collections.abc import Iterator, Mapping

from corpus.article import MAX_BYTES, Article
from corpus.cleaning.assemble import assemble, complete
from corpus.cleaning.field_names import field_of
from corpus.cleaning.fields import known_fields
from corpus.cleaning.text_tables import row_of
from corpus.readers.open_file import Format, OpenFile
from corpus.readers.press_databases import press_records

_LABELLED = re.compile(r"[ \t]*([A-Za-z][A-Za-z -]{1,20}):[ \t]+(\S[^\n]{0,1000})")
_TITLE_ABOVE = re.compile(  # and no sentence behind the label: "Reporter: How long?" is what was said
    r"([^\n]{3,200}[^\s.:])[ \t]*\r?\n[ \t]*([A-Za-z][A-Za-z -]{1,20}):[ \t][^\n]{0,1000}?[^\s.?!…][ \t]*(?:\r?\n|\Z)"
)
_TEXT_LABEL = re.compile(r"\s*(?:text|body|content|article):[ \t]*(?=\n)", re.IGNORECASE)
_MOST_LABELS = 12
_SURE = frozenset(("title", "url"))
_LARGEST_RTF = 5 * MAX_BYTES  # with its pictures, which are written as text
_PICTURES = re.compile(r"(?<![\\\w])[0-9a-fA-F\s]{400,}")
_PROPERTY = re.compile(r"\{\\(title|author)\s([^{}\\]{1,300})\}")


def _read_rtf(file: OpenFile) -> Iterator[Article]:
    """Yield the article, with the title and writer that the file names, or those of a press database's download."""
    from striprtf.striprtf import rtf_to_text

    data = file.content(limit=_LARGEST_RTF, instead="save it as .docx or .txt and add that")
    raw = _PICTURES.sub(" ", data.decode("cp1252", errors="replace"))
    lines = (line.strip() for line in rtf_to_text(raw, errors="replace").split("\n"))
    rows = (row_of([cell.strip() for cell in line.removesuffix("|").split("|")]) for line in lines)
    text = "\n\n".join(filter(None, rows))
    yield from document_articles(file, text, "", known_fields(dict(_PROPERTY.findall(raw))))


def document_articles(file: OpenFile, text: str, title: str, properties: Mapping[str, str]) -> Iterator[Article]:
    """Yield the article of a document, or those of a press database's download. For the rest see `document_article`."""
    if records := press_records(text):
        yield from file.articles_of(records)
    else:
        yield document_article(file, text, title, properties)


def document_article(file: OpenFile, text: str, title: str, properties: Mapping[str, str]) -> Article:
    """Return the article of a document.

    title: as the document shows it, "" for none. properties: what the file says of itself where its text does not.
    """
    labelled, body = _labelled_lines(text)
    fields = ({"title": title} if title else {}) | labelled
    defaults = dict(properties) | ({"url": file.url} if file.url else {})
    return complete(assemble(body, fields, where=file.where, find_title="title" not in fields), defaults)


def _labelled_lines(text: str) -> tuple[dict[str, str], str]:
    """Return the fields of lines such as "Title: …" and "Date: …" at the top or below a title, and the text below them.

    One such line alone may be a sentence's start; only a title or an address is taken at its word.
    """
    record: dict[str, object] = {}
    at = len(text) - len(text.lstrip("\ufeff\r\n \t"))
    above = _TITLE_ABOVE.match(text, at)
    is_title = above is not None and not field_of(above[1].split(":")[0]) and field_of(above[2]) not in (None, "title")
    if above and is_title:
        record["title"], at = above[1], above.start(2)
    while len(record) < _MOST_LABELS and (match := _LABELLED.match(text, at)) and field_of(match[1]):
        record[match[1]] = match[2]
        at = match.end()
        while text[at : at + 1] in ("\r", "\n"):
            at += 1
    known = known_fields(record)
    if len(known) < 2 and (is_title or not _SURE & known.keys()):
        return {}, text
    label = _TEXT_LABEL.match(text, at)
    return known, text[label.end() if label else at :]


TEXT = Format("text", frozenset((".txt", ".text")), lambda file: document_articles(file, file.text(), "", {}))
RTF = Format("RTF", frozenset((".rtf",)), _read_rtf, re.compile(rb"\{\\rtf").match, isolated=True)
