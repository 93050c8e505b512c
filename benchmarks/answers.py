"""How well questions are answered: of their own text, and in libraries of thousands of passages.

`python -m benchmarks.answers [--questions N] [--passages 2000 20000]` reads the development sets of $CITEWIRE_DATA. For
the libraries only questions count that make sense without their text: they name something (a capital letter within, or
a digit) and do not point at the text with a pronoun. The figures are SQuAD's, at the one shipped threshold.
"""

import argparse
import gzip
import json
import os
import random
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from corpus.article import Article
from corpus.passages import split
from embeddings.encoder.encoder import load_encoder
from embeddings.library.library import create_library
from qa.assistant import Assistant
from qa.evaluation.evaluate import evaluate_all, evaluate_given
from qa.evaluation.figures import figures
from qa.evaluation.gold.question import GoldSet
from qa.evaluation.gold.read import read_gold
from qa.evaluation.outcome import Outcome
from qa.reader.model import DEFAULT_READER
from qa.reader.reader import open_reader

SETS = ("new_wiki", "tydiqa_en_dev", "newsqa_half", "squad2_dev_articles")
FOUND_IN = ("new_wiki", "squad2_dev_articles")
FILLER = "corpora/realtimeqa_articles.jsonl.gz"
SEED = 11
_NAMES = re.compile(r"\w\W+[A-Z]|\d")
_POINTS = re.compile(
    r"(?i)\b(?:this|these|those|that|he|she|they|it|his|her|their|its|him|them|the (?:author|article|text|passage|"
    r"paragraph|film|book|song|game|study|company|city|team|school|university|war|battle|show|series|album|man|woman))\b"
)


def main() -> None:
    """Measure and print a table."""
    options = _options()
    reader = open_reader(options.reader)
    encoder = load_encoder()

    @contextmanager
    def library_of(articles: Sequence[Article]) -> Iterator[Assistant]:
        with (
            tempfile.TemporaryDirectory(prefix="citewire-") as folder,
            create_library(Path(folder) / "library", encoder=encoder) as library,
        ):
            library.add(articles)
            yield Assistant(library, reader)

    print(f"{'set':22} {'asked of':>16} {'questions':>9} {'EM':>6} {'F1':>6} {'refusals P':>10} {'R':>6}")
    with library_of([]) as empty:
        for name in SETS:
            gold = _gold(options, name)
            _line(name, "its own text", evaluate_given(empty, gold).outcomes)
            if name in FOUND_IN:
                _line(name, "(makes sense)", evaluate_given(empty, _sensible(gold)).outcomes)
    for size in options.passages:
        for name in FOUND_IN:
            gold = _sensible(_gold(options, name))
            others = filler(options.data, size - len(gold.paragraphs))
            _line(name, f"{size:,} passages", evaluate_all(library_of, gold, others=others).outcomes)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.answers", description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("CITEWIRE_DATA"), help="folder with dev/ inside")
    parser.add_argument("--questions", type=int, default=400, help="of each set at most, drawn once for all")
    parser.add_argument("--passages", type=int, nargs="*", default=[2_000], help="sizes of the libraries")
    parser.add_argument("--reader", default=DEFAULT_READER)
    options = parser.parse_args()
    if options.data is None:
        sys.exit("answers: skipped, since neither --data nor $CITEWIRE_DATA names the data folder")
    options.data = Path(options.data)
    return options


def _gold(options: argparse.Namespace, name: str) -> GoldSet:
    gold = read_gold(options.data / "dev" / f"{name}.jsonl.gz")
    drawn = random.Random(SEED).sample(list(gold.questions), min(options.questions, len(gold.questions)))
    return replace(gold, questions=tuple(drawn))


def _sensible(gold: GoldSet) -> GoldSet:
    """Return the questions that name something and do not point at their text."""
    kept = [q for q in gold.questions if makes_sense_alone(q.question)]
    return replace(gold, questions=tuple(kept))


def makes_sense_alone(question: str) -> bool:
    """Tell whether a question names something and does not point at its text."""
    return bool(_NAMES.search(question)) and not _POINTS.search(question)


def filler(data: Path, passages: int) -> list[Article]:
    """Return news articles of so many passages together."""
    articles: list[Article] = []
    with gzip.open(data / FILLER, "rt", encoding="utf-8") as lines:
        for line in lines:
            if passages <= 0:
                break
            row = json.loads(line)
            articles.append(Article(row["text"], title=row["title"] or None, url=row["url"]))
            passages -= len(split(row["text"]))
    return articles


def _line(name: str, of: str, outcomes: Sequence[Outcome]) -> None:
    f = figures(outcomes)
    refused = [f"{value:.2f}" if (value := f[key]) is not None else "-" for key in _REFUSALS]
    print(
        f"{name:22} {of:>16} {len(outcomes):9} {f['exact_match']:6.1f} {f['f1']:6.1f} {refused[0]:>10} {refused[1]:>6}",
        flush=True,
    )


_REFUSALS = ("refusal_precision", "refusal_recall")

if __name__ == "__main__":
    main()
