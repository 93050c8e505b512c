"""Train the reader: `python -m qa.train --data FOLDER --out FOLDER`; docs/reader.md tells the whole of it."""

import argparse
import gzip
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import torch
from tokenizers import Tokenizer
from tqdm import tqdm

from corpus.errors import CitewireError
from embeddings.encoder.model_files import DEFAULT_MODEL, cache_folder, find_model
from qa.reader.network import ReaderNetwork
from qa.reader.weights import load_weights, save_weights
from qa.train.batches import Rounds, ahead
from qa.train.build import Mix, build, counted
from qa.train.data import Example, read_sets
from qa.train.fit import HEAD_RATE, RATE, Progress, Schedule, fit
from qa.train.measure import measure
from qa.train.news import read_articles

_ROUND = 24_000
"""Examples of a round: what a GPU has ready at once."""
CHECKED = ("new_wiki", "newsqa_half", "squad2_dev_articles")


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
    add("--data", type=Path, required=True, help="folder of the reading sets to train on (*.jsonl.gz)")
    add("--dev", type=Path, help="folder of the development sets (default: dev beside the data folder)")
    add("--news", type=Path, nargs="+", default=[], help="news articles (*.jsonl.gz with text) to ask questions of")
    add("--out", type=Path, required=True, help="folder for examples, checkpoints and weights; a run in it goes on")
    add("--base", default=DEFAULT_MODEL, help="model to start from: a name or a folder")
    add("--reads", help="model whose word pieces are read (default: the base's own): what a teacher is trained with")
    add("--teacher", type=Path, nargs="+", default=[], help="weights of networks whose scores are learned too")
    add("--teacher-base", help="model that the teachers were trained from")
    add("--passes", type=int, default=1, help="how often each passage is learned from as it was cut")
    add("--pieces", type=int, default=18_000_000, help="word pieces to train on")
    add("--minutes", type=float, help="end after so long, counted over all resumptions (default: no limit)")
    add("--descent", type=float, default=0.35, help="share of the run over which the rate falls to 0")
    add("--start", type=Path, help="weights (reader.safetensors) to go on from")
    add("--mix", type=_mix, default=Mix(), metavar="KIND=N,...", help="how many unanswered examples of each kind")
    add("--rate", type=float, default=RATE, help="learning rate of the layers")
    add("--head-rate", type=float, default=HEAD_RATE, help="learning rate of what is new")
    add("--dropout", type=float, default=0.0, help="share of what a layer gives that is left out")
    add("--batch", type=int, default=4096, help="word pieces of a batch")
    add("--ahead", type=int, default=0, help="processes that make the next rounds of examples meanwhile")
    add("--seed", type=int, default=1)
    add("--checked", type=int, default=250, help="rows of each development set read at each checkpoint")
    add("--threads", type=int, help="processor threads")
    return parser


def _mix(text: str) -> Mix:
    """Return the usual mix with what `kind=number,...` says of it."""
    pairs = [part.partition("=") for part in text.split(",")]
    try:
        return replace(Mix(), **{kind: int(number) for kind, _, number in pairs})
    except (TypeError, ValueError):
        kinds = ", ".join(Mix.__slots__)
        raise argparse.ArgumentTypeError(f"write KIND=NUMBER,... with the kinds {kinds}") from None


def _train(options: argparse.Namespace) -> None:
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    base = find_model(options.base, cache=cache_folder()).folder
    options.out.mkdir(parents=True, exist_ok=True)
    examples = _examples(options)
    reads = _tokenizer(find_model(options.reads or options.base, cache=cache_folder()).folder)
    if not options.teacher:
        examples = [example for example in examples if example.labelled]
    rounds = Rounds(examples, reads, seed=options.seed, parts=-(-len(examples) // _ROUND))
    round_ = ahead(rounds, options.ahead) if options.ahead else rounds
    schedule = Schedule(
        pieces=options.pieces,
        rate=options.rate,
        head_rate=options.head_rate,
        batch_pieces=options.batch,
        descent=options.descent,
        seconds=60 * options.minutes if options.minutes else None,
        passes=options.passes,
    )
    attention = "sdpa" if torch.cuda.is_available() else "plain"
    network = ReaderNetwork(base, reads=reads if options.reads else None, dropout=options.dropout, attention=attention)
    if options.start:
        load_weights(network, options.start)
    teachers = []
    teacher_base = find_model(options.teacher_base or options.base, cache=cache_folder()).folder
    for path in options.teacher:
        teachers.append(ReaderNetwork(teacher_base, reads=reads, attention=attention))
        load_weights(teachers[-1], path)
    curve = options.out / "curve.jsonl"

    def check(trained: ReaderNetwork, progress: Progress) -> None:
        dev = options.dev or options.data.parent / "dev"
        paths = [path for name in CHECKED if (path := dev / f"{name}.jsonl.gz").is_file()]
        measured = [measure(trained, reads, path, most=options.checked) for path in paths]
        with curve.open("a", encoding="utf-8") as file:
            file.write(json.dumps({**asdict(progress), "measured": [asdict(one) for one in measured]}) + "\n")
        tqdm.write("  ".join(f"{m.name} F1 {m.f1:.1f} AUROC {m.auroc or 0:.3f}" for m in measured))

    fit(network, round_, schedule, folder=options.out, seed=options.seed, teachers=teachers, at_checkpoint=check)
    about = {
        "base": _named(options.base),
        "start": _named(options.start),
        "teacher": _named(options.teacher_base),
        "seed": options.seed,
        "schedule": asdict(schedule),
        "examples": counted(examples),
    }
    save_weights(network.eval(), options.out / "reader.safetensors", about=about)


def _named(model: str | Path | None) -> str:
    """Return a model's name, of a folder or file its last part: weights are published, whose folder it was is not."""
    return Path(model).name if model and Path(model).exists() else str(model or "")


def _tokenizer(folder: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    return tokenizer


def _examples(options: argparse.Namespace) -> list[Example]:
    """Return the examples kept in the folder, or build them first."""
    kept = options.out / "examples.jsonl.gz"
    if kept.is_file():
        with gzip.open(kept, "rt", encoding="utf-8") as lines:
            read = map(json.loads, lines)
            return [Example(q, p, tuple((s, e) for s, e in spans), *more) for q, p, spans, *more in read]
    from embeddings.encoder.encoder import load_encoder

    random_ = random.Random(options.seed)
    rows = read_sets(options.data, random_)
    news = [text for path in options.news for text in read_articles(path)]
    random_.shuffle(news)
    examples = build(rows, load_encoder(), mix=options.mix, random_=random_, news=news)
    with gzip.open(kept, "wt", encoding="utf-8", compresslevel=1) as file:
        for e in examples:
            file.write(json.dumps([e.question, e.passage, e.spans, e.source, e.labelled]) + "\n")
    print(f"{len(examples):,} examples: {counted(examples)}", flush=True)
    return examples


if __name__ == "__main__":
    sys.exit(main())
