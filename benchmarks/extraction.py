"""Compare what is read from web pages with trafilatura's own settings: token F1 against the articles' known texts.

    python -m benchmarks.extraction FOLDER

FOLDER has ground-truth.json ({page: {"articleBody": …}}) and pages/PAGE.html.gz, as in the article extraction benchmark
of scrapinghub (MIT). Prints precision, recall and F1 of the words of each page, averaged over pages, and the share of
pages with title, author, day and outlet. Exits with 1 when a setting of trafilatura is better.
"""

import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from itertools import product
from pathlib import Path

import trafilatura
from tqdm import tqdm

from corpus.article import Article
from corpus.read import read_stream

_WORD = re.compile(r"\w+")
_STYLES: Mapping[str, Mapping[str, bool]] = {
    "usual": {},
    "recall": {"favor_recall": True},
    "precision": {"favor_precision": True},
    "fast": {"fast": True},
}


def token_scores(found: str, wanted: str) -> tuple[float, float, float]:
    """Return precision, recall and F1 of the found words as a bag of lower-case words."""
    found_words, wanted_words = (Counter(_WORD.findall(text.lower())) for text in (found, wanted))
    common = (found_words & wanted_words).total()
    if not common:
        return 0.0, 0.0, 0.0
    precision, recall = common / found_words.total(), common / wanted_words.total()
    return precision, recall, 2 * precision * recall / (precision + recall)


def evaluate(name: str, pages: Mapping[str, bytes], truth: Mapping[str, str], extract: Callable[[bytes], str]) -> float:
    """Print the mean scores of one way to extract, and return its F1."""
    scores = [
        token_scores(extract(pages[page]), truth[page]) for page in tqdm(pages, desc=name, leave=False, disable=None)
    ]
    precision, recall, f1 = (sum(score[i] for score in scores) / len(scores) for i in range(3))
    print(f"{name:40} precision {precision:.4f}  recall {recall:.4f}  F1 {f1:.4f}")
    return f1


def trafilatura_text(settings: Mapping[str, bool], data: bytes) -> str:
    """Return what trafilatura alone extracts."""
    return trafilatura.extract(data, **settings) or ""


def main(folder: Path) -> int:
    """Run the comparison."""
    described = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    truth = {page: str(entry["articleBody"]) for page, entry in described.items()}
    pages = {page: gzip.decompress((folder / "pages" / f"{page}.html.gz").read_bytes()) for page in truth}
    articles: list[Article] = []

    def ours(data: bytes) -> str:
        found = list(read_stream(data, name="page.html", on_bad=lambda error: print(error, file=sys.stderr)))
        articles.extend(found)
        return "\n".join(article.text for article in found)

    print(f"{len(pages)} pages")
    own = evaluate("citewire", pages, truth, ours)
    best = 0.0
    for (style, options), comments, tables in product(_STYLES.items(), (True, False), (True, False)):
        name = f"trafilatura {style}{', comments' * comments}{', tables' * tables}"
        settings = {**options, "include_comments": comments, "include_tables": tables}
        best = max(best, evaluate(name, pages, truth, partial(trafilatura_text, settings)))
    for field in ("title", "author", "published", "source", "url", "language"):
        print(f"pages with {field}: {sum(getattr(a, field) is not None for a in articles)}")
    return int(own < best)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1])))
