"""The marked pairs of answers, read from tests/marked."""

import re
from dataclasses import dataclass
from datetime import date

from repository import MARKED

from qa.disagreement.same_event import Claim, claim_in


@dataclass(frozen=True, slots=True)
class Pair:
    """Two claims to a question, and whether a person finds that they contradict each other. sort: kind of pair."""

    question: str
    one: Claim
    other: Claim
    contradictory: bool
    sort: str


def marked_pairs(name: str) -> list[Pair]:
    """Return the pairs of one file: blocks of four lines (verdict and sort, question, and two claims)."""
    text = re.sub(r"(?m)^#.*\n", "", (MARKED / name).read_text(encoding="utf-8"))
    pairs = []
    for block in text.strip().split("\n\n"):
        head, question, first, second = block.splitlines()
        verdict, sort = head.split(" ", 1)
        pairs.append(Pair(question, claim_of_line(first, "one"), claim_of_line(second, "other"), verdict == "r", sort))
    return pairs


def claim_of_line(line: str, article: str) -> Claim:
    """Return the claim of a line such as `2024-04-09 The toll rose to [five], she said.`."""
    day, marked = line.split(" ", 1)
    if "[" in marked:
        start, end = marked.index("["), marked.index("]") - 1
    else:
        start, end = 0, len(marked)
    text = marked.replace("[", "").replace("]", "")
    return claim_in(text, start, end, article=article, published=date.fromisoformat(day))
