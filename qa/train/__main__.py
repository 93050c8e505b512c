"""Train the reader: `python -m qa.train --data FOLDER --out FOLDER`; docs/reader.md tells more."""

import argparse
import random
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import torch
from tokenizers import Tokenizer

from corpus.errors import CitewireError
from embeddings.encoder.model_files import DEFAULT_MODEL, cache_folder, find_model
from qa.reader.large_base import BASE, opened_base
from qa.reader.network import ReaderNetwork, halve_frozen, load_weights
from qa.train.data import held_out, read_news, read_older
from qa.train.examples import Encoded, encode, news_examples, older_examples, rank_passages
from qa.train.fit import RATE, Schedule, fit


def main(arguments: Sequence[str] | None = None) -> int:
    """Train as the options say; 1 with one sentence when that fails."""
    options = _parser().parse_args(arguments)
    try:
        _train(options)
    except CitewireError as error:
        print(f"qa.train: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m qa.train", description=__doc__)
    add = parser.add_argument
    add("--data", type=Path, required=True, help="folder with news_questions/, corpora/ and train/")
    add("--more", type=Path, nargs="+", default=(), help="files of further news questions to train on")
    add("--out", type=Path, required=True, help="folder for checkpoints and weights; a run in it goes on")
    add("--base", default=DEFAULT_MODEL, help="folder or name of the model that the layers are taken from")
    add("--rank", type=int, default=0, help="train a difference of this rank beside the layers, not the layers")
    add("--start", type=Path, help="weights to go on from (default: the base model and new heads)")
    add("--pieces", type=float, default=11e6, help="word pieces to train on")
    add("--rate", type=float, default=RATE, help="learning rate of the layers")
    add("--seed", type=int, default=7)
    add("--threads", type=int, help="processor threads")
    return parser


def _train(options: argparse.Namespace) -> None:
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    cache = cache_folder()
    every = read_news(options.data / "news_questions" / "train.jsonl.gz", options.data / "corpora")
    kept = held_out(every)
    questions = [question for question in every if question.article.id not in kept]
    questions += [question for path in options.more for question in read_news(path, options.data / "corpora")]
    rank_passages(questions)
    older = read_older(options.data / "train")
    with opened_base(cache) if options.base == BASE else nullcontext(find_model(options.base, cache=cache)) as base:
        tokenizer = Tokenizer.from_file(str(base.folder / "tokenizer.json"))
        network = ReaderNetwork(base.folder, rank=options.rank)

    def examples(random_: random.Random) -> list[Encoded]:
        return list(encode([*news_examples(questions, random_), *older_examples(older, random_)], tokenizer))

    if options.rank:
        halve_frozen(network)
    if options.start:
        load_weights(network, options.start)
    schedule = Schedule(int(options.pieces), rate=options.rate)
    fit(network, examples, schedule, folder=options.out, seed=options.seed)


if __name__ == "__main__":
    sys.exit(main())
