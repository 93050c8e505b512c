"""How well questions are answered: news questions in a library of news, older sets of their own text.

`python -m benchmarks.answers [--questions N] [--more N] [--library DIR]` reads the development sets of $CITEWIRE_DATA,
at the one shipped setting. Figures are those of `citewire evaluate` (docs/evaluation.md). --part held-out: the news
questions that neither training nor calibration has seen, and nothing else. --more: how many passages of other news lie
in the library beside the labelled articles. --reader llm: the language model that $CITEWIRE_LLM_URL and
$CITEWIRE_LLM_MODEL name is asked the news questions alone.
"""

import argparse
import gzip
import json
import os
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.news_library import HELD_OUT, news_articles, news_gold
from corpus.article import Article
from corpus.passages import split
from embeddings.encoder.encoder import load_encoder
from embeddings.library.library import LocalLibrary, create_library, open_library
from qa.assistant import Assistant
from qa.evaluation.evaluate import evaluate, figures
from qa.evaluation.gold_questions import GoldSet, read_gold
from qa.evaluation.outcome import Outcome
from qa.reader.llm.endpoint import NAME as LLM
from qa.reader.llm.endpoint import PASSAGES, URL_VARIABLE, named_endpoint
from qa.reader.llm.reader import LlmReader
from qa.reader.model import DEFAULT_READER
from qa.reader.protocol import Reader
from qa.reader.reader import open_reader

OLDER = ("new_wiki", "squad2_dev_articles", "newsqa_half", "tydiqa_en_dev")
FILLER = "corpora/realtimeqa_articles.jsonl.gz"
SEED = 11
COLUMNS = {
    "f1": "F1",
    "right_sure": "right as sure",
    "right_shown": "sure or unsure",
    "sure_precision": "sure: right or partly",
    "unsure_precision": "unsure: right or partly",
    "kept_from_sure": "unanswerable: not sure",
    "refusal_recall": "not even unsure",
}


def main() -> None:
    """Measure and print a table."""
    options = _options()
    reader = _reader(options)
    print(f"{'set':28} {'asked':>6}  " + "  ".join(COLUMNS.values()), flush=True)
    with _library(options) as library:
        assistant = Assistant(library, reader)
        gold = _drawn(news_gold(options.data, options.part), options.questions)
        outcomes = evaluate(assistant, gold).outcomes
        _line("news questions", outcomes)
        for kind in sorted({question.kind for question in gold.questions}):
            _line(f"  {kind}", [outcome for outcome in outcomes if outcome.kind == kind])
        for name in () if options.reader == LLM or options.part == HELD_OUT else OLDER:
            given = _drawn(read_gold(options.data / "dev" / f"{name}.jsonl.gz"), options.questions)
            outcomes = evaluate(assistant, given, passages="given").outcomes
            _line(name, outcomes)
            _print_threshold(outcomes)


def _reader(options: argparse.Namespace) -> Reader:
    if options.reader != LLM:
        return open_reader(options.reader)
    endpoint = named_endpoint(None, None, environment=os.environ, seconds=600, passages=options.llm_passages)
    if endpoint is None:
        sys.exit(f"answers: {URL_VARIABLE} names no server")
    return LlmReader(endpoint, open_reader())


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


@contextmanager
def _library(options: argparse.Namespace) -> Iterator[LocalLibrary]:
    if options.library:
        with open_library(options.library) as library:
            yield library
        return
    with (
        tempfile.TemporaryDirectory(prefix="citewire-") as folder,
        create_library(Path(folder) / "library", encoder=load_encoder()) as library,
    ):
        library.add([*news_articles(options.data), *filler(options.data, options.more)])
        yield library


def _drawn(gold: GoldSet, most: int) -> GoldSet:
    drawn = random.Random(SEED).sample(list(gold.questions), min(most, len(gold.questions)))
    return replace(gold, questions=tuple(drawn))


def _line(name: str, outcomes: Sequence[Outcome]) -> None:
    values = figures([outcome.to_json() for outcome in outcomes])
    cells = []
    for figure, heading in COLUMNS.items():
        value = values[figure]
        shown = "-" if value is None else f"{value:.1f}" if figure == "f1" else f"{100 * value:.1f} %"
        cells.append(f"{shown:>{len(heading)}}")
    print(f"{name:28} {len(outcomes):6}  " + "  ".join(cells), flush=True)


def _print_threshold(outcomes: Sequence[Outcome]) -> None:
    """Print how well one threshold on the confidence would tell answerable from unanswerable questions.

    As SQuAD 2.0 is judged: AUROC, and the best F1 of all questions with the precision and recall of refusals there.
    What the product itself does not show scores nothing.
    """
    sure = np.array([outcome.confidence or 0.0 for outcome in outcomes])
    f1 = np.array([outcome.f1 for outcome in outcomes])
    empty = np.array([not outcome.expected for outcome in outcomes])
    if empty.all() or not empty.any():
        return
    given, others = sure[~empty][:, None], sure[empty]
    apart = (given > others).mean() + (given == others).mean() / 2
    best, threshold = max((np.where(sure >= t, ~empty * f1, 100 * empty).mean(), t) for t in np.unique(sure))
    refused = sure < threshold
    right = (refused & empty).sum()
    print(
        f"  AUROC {apart:.3f}; at the best one threshold F1 {best:.1f}, "
        f"refusals P {right / max(1, refused.sum()):.2f} R {right / empty.sum():.2f}",
        flush=True,
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.answers", description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("CITEWIRE_DATA"), help="folder with dev/ inside")
    parser.add_argument("--questions", type=int, default=1_300, help="of each set at most, drawn once for all")
    parser.add_argument("--part", choices=("dev", HELD_OUT), default="dev", help="of the news questions")
    parser.add_argument("--more", type=int, default=0, help="passages of other news in the library")
    parser.add_argument("--library", type=Path, help="an existing library of the labelled articles")
    parser.add_argument("--reader", default=DEFAULT_READER)
    parser.add_argument("--llm-passages", type=int, default=PASSAGES, help="that a question sends to a language model")
    options = parser.parse_args()
    if options.data is None:
        sys.exit("answers: skipped, since neither --data nor $CITEWIRE_DATA names the data folder")
    options.data = Path(options.data)
    return options


if __name__ == "__main__":
    main()
