"""How well near copies are told from paragraphs that only look alike, against pairs marked by hand.

    python -m benchmarks.copies

The articles are read from the folder in CITEWIRE_DATA. The pairs are paragraphs of different articles with a similarity
of .4 to under 1, low and high ones alike, those of different outlets first; equal ones are left out.
"""

import gzip
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus.near_copies import COPY_SIMILARITY, _normal, _similarity, bands, is_copy

MARKED = Path(__file__).parent.parent / "tests" / "marked" / "copies.jsonl"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two paragraphs, and whether a person holds one for a copy of the other."""

    a: str
    b: str
    copy: bool


@dataclass(frozen=True, slots=True)
class Scores:
    """precision and recall of `is_copy`, and of the copies it knows the share that have a bucket in common."""

    precision: float
    recall: float
    sharing: float


def marked_pairs(data: Path) -> Iterator[Pair]:
    """Yield the marked pairs; their texts are read from `data`."""
    with gzip.open(data / "corpora" / "realtimeqa_articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = {article["id"]: article["text"] for article in map(json.loads, lines)}
    for row in map(json.loads, MARKED.read_text(encoding="utf-8").splitlines()):
        a, b = (texts[article][start:end] for article, start, end in (row["a"], row["b"]))
        yield Pair(a, b, row["copy"])


def copy_scores(pairs: list[Pair]) -> Scores:
    """Compare what `is_copy` and `bands` say of the pairs with what a person said."""
    found = [pair for pair in pairs if is_copy(pair.a, pair.b)]
    right = [pair for pair in found if pair.copy]
    sharing = [pair for pair in right if set(bands(pair.a)) & set(bands(pair.b))]
    return Scores(len(right) / len(found), len(right) / sum(pair.copy for pair in pairs), len(sharing) / len(right))


def similarity(a: str, b: str) -> float:
    """Return the Jaccard similarity of two texts' word triples, from 0.0 to 1.0, as `is_copy` compares it."""
    return _similarity(_normal(a), _normal(b))


def main() -> None:
    """Print precision and recall, for comparison those of the similarity alone, and the time a passage takes."""
    if not (data := os.environ.get("CITEWIRE_DATA")):
        sys.exit("CITEWIRE_DATA is not set")
    pairs = list(marked_pairs(Path(data)))
    scores = copy_scores(pairs)
    print(f"{len(pairs)} pairs, {sum(pair.copy for pair in pairs)} of them copies")
    print(f"is_copy: P {scores.precision:.3f} R {scores.recall:.3f}, of which share a bucket {scores.sharing:.3f}")
    for least in (0.5, COPY_SIMILARITY, 0.7, 0.8):
        found = [pair.copy for pair in pairs if similarity(pair.a, pair.b) >= least]
        recall = sum(found) / sum(pair.copy for pair in pairs)
        print(f"similarity of {least} or more alone: P {sum(found) / len(found):.3f} R {recall:.3f}")
    began = time.process_time()
    for pair in pairs:
        bands(pair.a)
    print(f"bands: {(time.process_time() - began) / len(pairs) * 1000:.2f} ms of CPU a paragraph")


if __name__ == "__main__":
    main()
