"""Markdown files: front matter, and the words without the mark-up."""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import yaml

from corpus.article import Article
from corpus.cleaning.assemble import assemble
from corpus.cleaning.clean import clean_line
from corpus.cleaning.fields import known_fields
from corpus.cleaning.text_tables import row_of, with_rows
from corpus.errors import ReadError
from corpus.readers.open_file import Format, OpenFile

if TYPE_CHECKING:
    from markdown_it.token import Token

_MOST_BRACKETS = 5_000  # of which each could open a link; looking for the ends of more would take minutes
_DEEPEST = 100  # quotations and lists within each other; what is deeper is no text for people
_LONGEST_FRONT_MATTER = 64_000  # characters
_OPENING = re.compile(r"\s{0,200}?---[ \t]*\r?\n")
_FIELD = re.compile(r"(?:[ \t]*(?:#[^\n]{0,200})?\r?\n){0,20}[\w -]{1,60}[ \t]*:")
_CLOSING = re.compile(r"^(?:---|\.\.\.)[ \t]*\r?$", re.MULTILINE)


def _read(file: OpenFile) -> Iterator[Article]:
    text = file.text()
    fields, body = split_front_matter(text, where=file.where)
    known = known_fields(fields)
    title, words = plain_words(with_rows(body))
    if title and "title" not in known:
        known["title"] = title
    yield assemble(words if words.strip() else body, known, where=file.where, find_title=True)


def plain_words(markdown: str) -> tuple[str | None, str]:
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
        title = clean_line(_inline(tokens[1].children or ())) or None
        tokens = tokens[3:] if title else tokens
    return title, "\n\n".join(_blocks(tokens))


def _blocks(tokens: Sequence["Token"]) -> Iterator[str]:
    """Yield the words of each block: paragraph, heading, list item, table row, line of code, piece of HTML."""
    cells: list[str] = []
    in_row = False
    for token in tokens:
        if token.type in ("tr_open", "tr_close"):
            in_row = token.type == "tr_open"
            if cells:
                yield row_of(cells)
            cells = []
        elif token.type == "inline":
            words = _inline(token.children or ())
            if in_row:
                cells.append(words)
            else:
                yield words
        elif token.type in ("code_block", "fence"):
            yield token.content.replace("\n", "\n\n")
        elif token.type == "html_block":
            yield token.content


def _inline(children: Sequence["Token"]) -> str:
    parts: list[str] = []
    for child in children:
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif child.type == "html_inline":
            parts.append(" " if child.content.lower().startswith("<br") else child.content)
    return "".join(parts)


def split_front_matter(text: str, *, where: str) -> tuple[dict[str, object], str]:
    """Return the fields and the text below them; no fields where the file has no front matter.

    All values are strings, or lists or mappings of strings, as written. Raises ReadError, with the line, for front
    matter that is not closed or cannot be understood.
    """
    opening = _OPENING.match(text)
    if opening is None or not _FIELD.match(text, opening.end()):
        return {}, text
    start = opening.end()
    first_line = text.count("\n", 0, start) + 1
    closing = _CLOSING.search(text, start, start + _LONGEST_FRONT_MATTER)
    if closing is None:
        why = "the front matter that opens here is never closed: add a line --- below its last field"
        raise ReadError(f"{where} line {first_line - 1}", why)
    try:
        # BaseLoader makes strings, lists and mappings of strings only: no dates, no objects, and `no` stays Norwegian.
        fields = yaml.load(text[start : closing.start()], Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = first_line + (mark.line if mark is not None else 0)
        problem = getattr(error, "problem", None) or "it is not YAML"
        why = f"its front matter is broken ({problem}): correct that line, or put the value in quotation marks"
        raise ReadError(f"{where} line {line}", why) from error
    except RecursionError as error:
        raise ReadError(f"{where} line {first_line}", "its front matter is nested too deeply: simplify it") from error
    if not isinstance(fields, dict):
        raise ReadError(f"{where} line {first_line}", "its front matter has no fields such as title: or date:")
    return fields, text[closing.end() :]


def _has_front_matter(head: bytes) -> bool:
    """Return whether the first bytes of a file open with a line of dashes and one that names a field."""
    text = head.decode("utf-8", errors="ignore").removeprefix("\ufeff")
    return (opening := _OPENING.match(text)) is not None and _FIELD.match(text, opening.end()) is not None


MARKDOWN = Format("Markdown", frozenset((".md", ".markdown")), _read, _has_front_matter)
