"""Compare what is read from web pages with trafilatura's own settings: token F1 against the articles' known texts.

    python -m benchmarks.extraction FOLDER

FOLDER has ground-truth.json ({page: {"articleBody": …}}) and pages/PAGE.html.gz, as in the article extraction benchmark
of scrapinghub (MIT). Prints precision, recall and F1 of the words of each page, averaged over pages; the share of pages
with each field; and how many titles, writers and days are right, ours and trafilatura's, on the pages that a person has
read: `extraction_marks.json`, in one half those read while the reading was written, in the other those held out.
Exits with 1 when a setting of trafilatura has a better F1.
"""

import argparse
import gzip
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import product
from pathlib import Path

import trafilatura
from tqdm import tqdm

from corpus.article import Article
from corpus.scan.read import read_bytes

Facts = tuple[str | None, str | None, str | None]
_MARKS = Path(__file__).with_name("extraction_marks.json")
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
    facts: dict[bytes, Facts] = {}

    def ours(data: bytes) -> str:
        found = list(read_bytes(data, name="page.html", on_bad=lambda error: print(error, file=sys.stderr)))
        articles.extend(found)
        facts.update((data, (a.title, a.author, a.published)) for a in found[:1])
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
    print_facts("citewire", {page: facts.get(data, (None, None, None)) for page, data in pages.items()})
    print_facts("trafilatura", {page: trafilatura_facts(data) for page, data in pages.items()})
    return int(own < best)


def trafilatura_facts(data: bytes) -> Facts:
    """Return title, writer and day as trafilatura alone has them."""
    found = trafilatura.extract_metadata(data)
    return (found.title, found.author, found.date) if found is not None else (None, None, None)


def print_facts(name: str, facts: Mapping[str, Facts]) -> None:
    """Print how many of the marked facts are right, in each half."""
    marks: Mapping[str, Mapping[str, str | None]] = json.loads(_MARKS.read_text(encoding="utf-8"))
    right: Counter[tuple[str, str]] = Counter()
    marked: Counter[tuple[str, str]] = Counter()
    for page, mark in marks.items():
        title, author, published = facts.get(page, (None, None, None))
        half = str(mark["half"])
        for field, is_right in (
            ("title", "title" in mark and title_mark(title) == mark["title"]),
            ("author", "author" in mark and writers(author) == writers(mark["author"])),
            ("published", "published" in mark and is_day(published, str(mark["published"]))),
        ):
            marked[half, field] += field in mark
            right[half, field] += is_right
    for half in ("seen", "held out"):
        counts = (f"{field} {right[half, field]}/{marked[half, field]}" for field in ("title", "author", "published"))
        print(f"{name:12} right on pages {half}: {', '.join(counts)}")


def title_mark(title: str | None) -> str:
    """Return the hash by which a title is marked: of its words, without case and punctuation."""
    return hashlib.sha256(" ".join(_WORD.findall((title or "").lower())).encode()).hexdigest()[:16]


def writers(author: str | None) -> set[str]:
    """Return the words of a byline that are names."""
    return {word for word in _WORD.findall((author or "").lower()) if word not in ("and", "by", "the")}


def is_day(published: str | None, day: str) -> bool:
    """Return whether a date is the day marked, as the page shows it; a time may be that day in some time zone."""
    if published is None or len(published) == 10:
        return published == day
    moment, start = datetime.fromisoformat(published), datetime.fromisoformat(day).replace(tzinfo=UTC)
    return published[:10] == day or start - timedelta(hours=14) <= moment < start + timedelta(hours=36)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the benchmark's folder: ground-truth.json and pages/")
    sys.exit(main(parser.parse_args().folder))
