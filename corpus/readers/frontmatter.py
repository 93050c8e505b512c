"""The fields between two lines of dashes at the top of a Markdown file."""

import re

import yaml

from corpus.errors import ReadError

LONGEST = 64_000
_OPENING = re.compile(r"\s{0,200}?---[ \t]*\r?\n")
_FIELD = re.compile(r"(?:[ \t]*(?:#[^\n]{0,200})?\r?\n){0,20}[\w -]{1,60}[ \t]*:")
_CLOSING = re.compile(r"^(?:---|\.\.\.)[ \t]*\r?$", re.MULTILINE)


def has_front_matter(text: str) -> bool:
    """Return whether a text opens with a line of dashes and one that names a field."""
    opening = _OPENING.match(text)
    return opening is not None and _FIELD.match(text, opening.end()) is not None


def split_front_matter(text: str, *, where: str) -> tuple[dict[str, object], str]:
    """Return the fields and the text below them; no fields where the file has no front matter.

    All values are strings, or lists or mappings of strings, as written. Raises ReadError, with the line, for front
    matter that is not closed or cannot be understood.
    """
    opening = _OPENING.match(text)
    if opening is None or not has_front_matter(text):
        return {}, text
    start = opening.end()
    first_line = text.count("\n", 0, start) + 1
    closing = _CLOSING.search(text, start, start + LONGEST)
    if closing is None:
        why = "the front matter that opens here is never closed: add a line --- below its last field"
        raise ReadError(f"{where} line {first_line - 1}", why)
    try:
        # BaseLoader makes strings, lists and mappings of strings only: no dates, no objects, and `no` stays Norwegian.
        fields = yaml.load(text[start : closing.start()], Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        raise _broken(error, where, first_line) from error
    except RecursionError as error:
        raise ReadError(f"{where} line {first_line}", "its front matter is nested too deeply: simplify it") from error
    if not isinstance(fields, dict):
        raise ReadError(f"{where} line {first_line}", "its front matter has no fields such as title: or date:")
    return fields, text[closing.end() :]


def _broken(error: yaml.YAMLError, where: str, first_line: int) -> ReadError:
    """Return the error with the line of the file at which YAML stumbled."""
    mark = getattr(error, "problem_mark", None)
    line = first_line + (mark.line if mark is not None else 0)
    problem = getattr(error, "problem", None) or "it is not YAML"
    why = f"its front matter is broken ({problem}): correct that line, or put the value in quotation marks"
    return ReadError(f"{where} line {line}", why)
