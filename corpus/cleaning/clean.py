"""From the raw text of an article to clean paragraphs, before any offset is taken.

A clean text is a row of one-line paragraphs with one blank line between them, in NFC, without mark-up, furniture,
control or zero-width characters. Cleaning it again changes nothing.
"""

import re
import unicodedata
from functools import cache
from itertools import pairwise

from corpus.cleaning.boilerplate import is_furniture
from corpus.cleaning.markup import without_markup

_LINE_ENDS = re.compile(r"\r\n?|[\u2028\x85\x0b\x0c\x1c-\x1e]")
# Controls, soft hyphen, zero-width and direction marks, byte order mark, lone surrogates and non-characters.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffc"
    "\ufffe\uffff\ud800-\udfff]+"
)
# A joiner is part of a word in Persian or Hindi and of many emoji; beside ASCII it is a leftover.
_STRAY_JOINERS = re.compile(
    "(?<=[\x00-\x7f])[\u200c\u200d]+|[\u200c\u200d]+(?=[\x00-\x7f]|$)|^[\u200c\u200d]+", re.MULTILINE
)
_SPACES = re.compile(r"[^\S\n]+")
_MOST_MARKS = 30  # combining marks on one letter, as in the Unicode stream-safe format (UAX 15)
_PASSES = 8
_WRAP_WIDTHS = range(40, 121)
_WRAP_SHARE = 0.7
_WRAP_PAIRS = 3


def clean(text: str) -> str:
    """Return the article's text as clean paragraphs; empty when nothing of it is the article's."""
    words: set[str] = set()  # lines that a pass before has looked at
    for _ in range(_PASSES):  # one pass does nearly always; escaped mark-up may need another
        lines = [line for line in _lines(_plain(text)) if line in words or not is_furniture(line)]
        cleaned = "\n\n".join(lines)
        if cleaned == text:
            break
        text = cleaned
        words = set(lines)
    return text


def clean_line(value: str) -> str:
    """Return a title or a name on one line, without mark-up and invisible characters; its words all stay."""
    for _ in range(_PASSES):
        cleaned = " ".join(_plain(value).split())
        if cleaned == value:
            break
        value = cleaned
    return value


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a clean text."""
    return text.split("\n\n") if text else []


def _plain(text: str) -> str:
    """Return the text without mark-up and invisible characters, those that the mark-up hid included."""
    return _characters(without_markup(_characters(text)))


def _characters(text: str) -> str:
    """Return the text in NFC with one kind of line end and nothing invisible."""
    if not _is_visible(text):
        text = _LINE_ENDS.sub("\n", text).replace("\u2029", "\n\n")
        text = _STRAY_JOINERS.sub("", _INVISIBLE.sub("", text))
    if text.isascii():
        return text
    if any(map(unicodedata.combining, set(text))):
        text = _mark_runs().sub(lambda m: m[0][:_MOST_MARKS], text)
    return unicodedata.normalize("NFC", text)


def _is_visible(text: str) -> bool:
    """Whether there is no character that the patterns look for; most texts are so, and this takes far less time."""
    # The object replacement character counts as printable; all others that are looked for do not.
    return text.replace("\n", "").replace("\t", "").isprintable() and "\ufffc" not in text


@cache
def _mark_runs() -> re.Pattern[str]:
    """Return the pattern of endless combining marks, on which normalisation would take quadratic time."""
    marks = "".join(chr(c) for c in range(0x300, 0x1F000) if unicodedata.combining(chr(c)))
    return re.compile(f"[{marks}]{{{_MOST_MARKS + 1},}}")


def _lines(text: str) -> list[str]:
    """Return the paragraphs' lines: one each, with hard-wrapped lines joined again."""
    raw = [line.expandtabs().rstrip() for line in text.split("\n")]
    lines = [_SPACES.sub(" ", line).strip() for line in raw]
    width = _wrap_width(raw)
    joined: list[str] = []
    for index, line in enumerate(lines):
        if not line:
            continue
        previous = raw[index - 1] if index else ""
        if width and previous and not raw[index][0].isspace() and _is_full(previous, line, width):
            joined[-1] += line if previous.endswith("-") and not previous.endswith(" -") else f" {line}"
        else:
            joined.append(line)
    return joined


def _wrap_width(raw: list[str]) -> int:
    """Return the width at which a text was hard-wrapped, or 0 for one whose lines are paragraphs.

    A line that is set in begins a paragraph.
    """
    pairs = [(a, b) for a, b in pairwise(raw) if a and b and not b[0].isspace()]
    width = max((max(len(a), len(b)) for a, b in pairs), default=0)
    if len(pairs) < _WRAP_PAIRS or width not in _WRAP_WIDTHS:
        return 0
    full = sum(_is_full(a, b, width) for a, b in pairs)
    return width if full >= _WRAP_SHARE * len(pairs) else 0


def _is_full(line: str, following: str, width: int) -> bool:
    """Return whether the next line's first word had no room any more, as at a hard wrap."""
    return len(line) + 1 + len(following.split(" ", 1)[0]) > width
