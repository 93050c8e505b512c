"""The prose of a Markdown page: its sentences, without code, tables and addresses."""

import re
from collections.abc import Iterator

from corpus.sentences import sentences

_ITEM = re.compile(r"^\s*(?:[-*]|\d+\.)\s+")


def _blocks(text: str) -> Iterator[str]:
    """Yield each paragraph, heading and list item on one line."""
    block: list[str] = []
    fenced = False
    for line in [*text.splitlines(), ""]:
        if line.lstrip().startswith("```"):
            fenced = not fenced
            line = ""
        code = fenced or (line.startswith("    ") and not block)
        starts = not line.strip() or code or line.startswith(("|", "#")) or _ITEM.match(line) is not None
        if starts and block:
            yield " ".join(block)
            block = []
        if line.strip() and not code and not line.startswith("|"):
            block.append(_ITEM.sub("", line, count=1).strip("# "))


def prose_sentences(text: str) -> list[str]:
    """Return the sentences of a Markdown page. Inline code counts as one word, a link as its text."""
    found = []
    for block in _blocks(text):
        plain = re.sub(r"`[^`]+`", "Code", block)
        plain = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", plain).replace("**", "")
        found += [plain[start:end] for start, end in sentences(plain, 0, len(plain))]
    return found


def word_count(sentence: str) -> int:
    """Return how many words stand in `sentence`; a lone sign is none."""
    return sum(any(c.isalnum() for c in word) for word in sentence.split())
