"""Plain text, Markdown and RTF files: title, byline, day and place where they stand in the text or in fields above it.

Fields are lines such as "Title: …", or YAML (front matter). RTF files are read with striprtf, Markdown with
markdown-it-py.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import yaml

from corpus.article import MAX_BYTES, Article
from corpus.cleaning.assemble import assemble, complete
from corpus.cleaning.clean import clean_line
from corpus.cleaning.field_names import field_of
from corpus.cleaning.fields import known_fields
from corpus.cleaning.text_tables import row_of, with_rows
from corpus.errors import ReadError
from corpus.readers.open_file import Format, OpenFile
from corpus.readers.press_databases import press_records

if TYPE_CHECKING:
    from markdown_it.token import Token

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

_MOST_BRACKETS = 5_000  # of which each could open a link; looking for the ends of more would take minutes
_DEEPEST = 100  # quotations and lists within each other; what is deeper is no text for people
_LONGEST_FRONT_MATTER = 64_000  # characters
_OPENING = re.compile(r"\s{0,200}?---[ \t]*\r?\n(?=(?:[ \t]*(?:#[^\n]{0,200})?\r?\n){0,20}[\w -]{1,60}[ \t]*:)")
_CLOSING = re.compile(r"^(?:---|\.\.\.)[ \t]*\r?$", re.MULTILINE)


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


def _read_rtf(file: OpenFile) -> Iterator[Article]:
    """Yield the article, with the title and writer that the file names, or those of a press database's download."""
    from striprtf.striprtf import rtf_to_text

    data = file.content(limit=_LARGEST_RTF, instead="save it as .docx or .txt and add that")
    raw = _PICTURES.sub(" ", data.decode("cp1252", errors="replace"))
    lines = (line.strip() for line in rtf_to_text(raw, errors="replace").split("\n"))
    rows = (row_of([cell.strip() for cell in line.removesuffix("|").split("|")]) for line in lines)
    text = "\n\n".join(filter(None, rows))
    yield from document_articles(file, text, "", known_fields(dict(_PROPERTY.findall(raw))))


def _read_markdown(file: OpenFile) -> Iterator[Article]:
    fields, body = _split_front_matter(file.text(), file.where)
    known = known_fields(fields)
    title, words = _plain_words(with_rows(body))
    if title:
        known.setdefault("title", title)
    yield assemble(words if words.strip() else body, known, where=file.where, find_title=True)


def _split_front_matter(text: str, where: str) -> tuple[dict[str, object], str]:
    """Return the fields and the text below them; no fields where the file has no front matter.

    All values are strings, or lists or mappings of strings, as written. Raises ReadError, with the line, for front
    matter that is not closed or cannot be understood.
    """
    opening = _OPENING.match(text)
    if opening is None:
        return {}, text
    start = opening.end()
    line = text.count("\n", 0, start)
    closing = _CLOSING.search(text, start, start + _LONGEST_FRONT_MATTER)
    if closing is None:
        why = "the front matter that opens here is never closed: add a line --- below its last field"
        raise ReadError(f"{where} line {line}", why)
    try:
        # BaseLoader makes strings, lists and mappings of strings only: no dates, no objects, and `no` stays Norwegian.
        fields = yaml.load(text[start : closing.start()], Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError) as error:
        line += 1 + getattr(getattr(error, "problem_mark", None), "line", 0)
        problem = getattr(error, "problem", None) or "it is not YAML"
        why = f"its front matter is broken ({problem}): correct that line, or put the value in quotation marks"
        raise ReadError(f"{where} line {line}", why) from error
    if not isinstance(fields, dict):
        raise ReadError(f"{where} line {line + 1}", "its front matter has no fields such as title: or date:")
    return fields, text[closing.end() :]


def _plain_words(markdown: str) -> tuple[str | None, str]:
    """Return the title, where the text opens with a heading, and its words without mark-up, blocks apart.

    Links keep their words, pictures go; a list has one line for each item, a table one for each row.
    """
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"maxNesting": _DEEPEST}).enable(["table", "strikethrough"])
    if markdown.count("[") > _MOST_BRACKETS:
        parser.disable(["link", "image"])
    tokens = parser.parse(markdown)
    title = None
    if len(tokens) > 3 and tokens[0].type == "heading_open":
        title = clean_line(_inline(tokens[1])) or None
        tokens = tokens[3:] if title else tokens
    return title, "\n\n".join(_blocks(tokens))


def _blocks(tokens: Sequence["Token"]) -> Iterator[str]:
    """Yield the words of each block: paragraph, heading, list item, table row, line of code, piece of HTML."""
    cells: list[str] | None = None  # of the row of a table
    for token in tokens:
        if token.type == "tr_open":
            cells = []
        elif token.type == "tr_close":
            yield row_of(cells or [])
            cells = None
        elif token.type == "inline" and cells is not None:
            cells.append(_inline(token))
        elif token.type == "inline":
            yield _inline(token)
        elif token.type in ("code_block", "fence"):
            yield token.content.replace("\n", "\n\n")
        elif token.type == "html_block":
            yield token.content


def _inline(token: "Token") -> str:
    parts: list[str] = []
    for child in token.children or ():
        if child.type in ("text", "code_inline", "html_inline"):
            parts.append(" " if child.content.lower().startswith("<br") else child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
    return "".join(parts)


def _has_front_matter(head: bytes) -> object:
    """Tell whether the first bytes of a file open with a line of dashes and one that names a field."""
    return _OPENING.match(head.decode("utf-8", errors="ignore").removeprefix("\ufeff"))


TEXT = Format("text", frozenset((".txt", ".text")), lambda file: document_articles(file, file.text(), "", {}))
RTF = Format("RTF", frozenset((".rtf",)), _read_rtf, re.compile(rb"\{\\rtf").match, isolated=True)
MARKDOWN = Format("Markdown", frozenset((".md", ".markdown")), _read_markdown, _has_front_matter)
