"""Passages and questions for the comparison: of $CITEWIRE_DATA (dev/newsqa_half) when that is set, else made up."""

import gzip
import json
import os
import random
from pathlib import Path

from benchmarks.texts import paragraphs
from corpus.split import split


def passages_and_questions(passages: int, questions: int) -> tuple[list[str], list[str], list[list[int]], str]:
    """Return passages, questions, for each question the numbers of the passages that answer it, and what they are."""
    data = os.environ.get("CITEWIRE_DATA")
    if not data:
        made, kind = paragraphs(passages)
        drawn = random.Random(2).sample(range(len(made)), min(questions, len(made)))
        return made, [" ".join(made[n].split()[3:15]) for n in drawn], [[n] for n in drawn], kind
    texts, asked, right = list[str](), list[str](), list[list[int]]()
    begins: dict[str, list[tuple[int, int, int]]] = {}
    with gzip.open(next((Path(data) / "dev").glob("newsqa_half*")), "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            story = row["context"]
            if story not in begins:
                parts = split(story)
                if len(texts) + len(parts) > passages:
                    continue
                begins[story] = [(p.start, p.end, len(texts) + n) for n, p in enumerate(parts)]
                texts += [p.text for p in parts]
            places = {n for a in row["answers"] for start, end, n in begins[story] if start <= a["start"] < end}
            if places and len(asked) < questions:
                asked.append(row["question"])
                right.append(sorted(places))
    return texts, asked, right, "NewsQA's CNN stories"
