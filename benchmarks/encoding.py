"""How fast texts become vectors: against sentence-transformers as it comes, and against the machine's matrix product.

    python -m benchmarks.encoding                       # about two minutes on two cores
    python -m benchmarks.encoding --profile             # and where the computing time goes

Passages are paragraphs of the reading sets in CITEWIRE_DATA; without it, texts of words of the model's vocabulary.
Every figure is the best of the repeats, which take turns, since other programs only ever make one slower.

The work is counted from the model's shape, for the word pieces of the texts alone (no padding): a text of n pieces
needs layers * (n * 4 * h * (2 * h + i) + 4 * n * n * h) floating-point operations, h and i being the widths of the
hidden and the intermediate layer: the four projections and the two products of the feed-forward part, and the two
products of attention. Embeddings, softmax, GELU, normalisation and pooling count as nothing.
"""

import argparse
import gzip
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.matrix_rates import MATRICES, EightBits, best_of, matrix_rates, openvino_rate
from benchmarks.measures import warm_up
from embeddings.encoder.encoder import OpenVinoEncoder, load_encoder
from embeddings.encoder.model_files import DEFAULT_MODEL, ModelFolder, cache_folder, find_model
from embeddings.encoder.openvino_network import IntArray, by_length, import_openvino, padded, usable_cores
from embeddings.encoder.precision import GROUP, width_step

SETS = ("new_wiki", "squad2_dev_articles", "tydiqa_en_dev")
QUESTION = "Who led the delegations at the talks on Monday?"

COLD = """
import json, sys, time
marks = [("python", time.perf_counter())]
def mark(name): marks.append((name, time.perf_counter()))
from embeddings.encoder.encoder import load_encoder
from embeddings.encoder.model_files import cache_folder, find_model
mark("import embeddings")
found = find_model(sys.argv[1], cache=cache_folder())
mark("find and check the model")
from embeddings.encoder.openvino_network import import_openvino, usable_cores
import_openvino()
mark("import openvino")
encoder = load_encoder(sys.argv[1])
mark("load the network and the tokenizer")
encoder.encode_question("Who led the delegations?")
mark("first question")
print(json.dumps([(name, now - before) for (_, before), (name, now) in zip(marks, marks[1:])]))
"""
COLD_THEIRS = """
import sys
from sentence_transformers import SentenceTransformer
SentenceTransformer(sys.argv[1], device="cpu", local_files_only=True).encode("Who led the delegations?")
"""


@dataclass(frozen=True, slots=True)
class Work:
    """The texts of a run, their word pieces, and the operations that these need, and of them those with weights."""

    texts: list[str]
    ids: list[list[int]]
    operations: float
    products: float


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--passages", type=int, default=240)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--profile", action="store_true", help="also print where the computing time goes")
    arguments = parser.parse_args()
    cache = cache_folder()
    found = find_model(arguments.model, cache=cache)
    encoder = load_encoder(arguments.model, gpu=False)
    if not isinstance(encoder, OpenVinoEncoder):
        raise SystemExit(f"{arguments.model} does not run through OpenVINO, so there is nothing to compare")
    work = passages(found, arguments.passages, encoder.max_length)
    print(f"{len(work.texts)} passages, {statistics.mean(map(len, work.ids)):.0f} word pieces on average")
    print_cold(found, arguments.repeats)
    print_questions(encoder)
    theirs = print_rates(found, encoder, work, arguments.repeats)
    if arguments.profile:
        networks = cache / "networks"
        print_profile(networks / found.fingerprint, work, encoder.precision)
        if encoder.in_eight_bits:
            rest = print_profile(networks / f"8-{found.fingerprint}", work, encoder.precision)
            print_bound(rest, theirs, work, encoder.precision)


def passages(model: ModelFolder, number: int, limit: int) -> Work:
    """Return distinct paragraphs of the reading sets, or made-up ones of about as many word pieces."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(model.folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(limit)
    texts: dict[str, None] = {}
    if data := os.environ.get("CITEWIRE_DATA"):
        for name in SETS:
            with gzip.open(Path(data) / "dev" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
                texts.update((json.loads(line)["context"], None) for line in lines)
    else:
        chance = random.Random(5)
        words = sorted(word for word in tokenizer.get_vocab() if word.isascii() and word.isalpha() and len(word) > 2)
        for _ in range(number):
            pieces = min(250, max(25, round(chance.gauss(155, 60))))
            texts[" ".join(chance.choices(words, k=pieces)).capitalize() + "."] = None
    chosen = list(texts)[:number]
    ids = [encoding.ids for encoding in tokenizer.encode_batch(chosen)]
    config = json.loads((model.folder / "config.json").read_text(encoding="utf-8"))
    layers, hidden, inner = (config[key] for key in ("num_hidden_layers", "hidden_size", "intermediate_size"))
    products = sum(layers * n * 4 * hidden * (2 * hidden + inner) for n in map(len, ids))
    attention = sum(layers * 4 * n * n * hidden for n in map(len, ids))
    return Work(texts=chosen, ids=ids, operations=float(products + attention), products=float(products))


def print_cold(model: ModelFolder, repeats: int) -> None:
    """Print how long a fresh process takes to its first question's vector, in parts, and theirs in whole."""

    def run(code: str, argument: str) -> tuple[float, str]:
        began = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", code, argument], capture_output=True, text=True, check=True)
        return time.perf_counter() - began, done.stdout

    best = min(run(COLD, model.name) for _ in range(max(5, repeats)))
    theirs = min(run(COLD_THEIRS, str(model.folder))[0] for _ in range(2))
    print(f"cold process to its first question's vector: {best[0]:.2f} s; sentence-transformers {theirs:.2f} s")
    for name, seconds in json.loads(best[1]):
        print(f"    {name:36}{seconds * 1000:6.0f} ms")


def print_questions(encoder: OpenVinoEncoder) -> None:
    """Print how long a warm question takes."""
    warm_up(encoder)
    seconds = sorted(best_of(1, lambda: encoder.encode_question(QUESTION)) for _ in range(300))
    print(f"a warm question: p50 {seconds[150] * 1000:.1f} ms, p95 {seconds[285] * 1000:.1f} ms")


def print_rates(model: ModelFolder, encoder: OpenVinoEncoder, work: Work, repeats: int) -> float:
    """Print passages a second, ours and theirs, the share of the matrix product, and that vectors agree.

    Return the seconds that theirs takes.
    """
    from sentence_transformers import SentenceTransformer

    theirs = SentenceTransformer(str(model.folder), device="cpu", local_files_only=True)
    first = best_of(1, lambda: encoder.encode(work.texts))
    ours = {"f32": load_encoder(model.name, precision="f32", gpu=False)}
    if encoder.precision == "bf16":
        ours["bf16"] = load_encoder(model.name, precision="bf16", gpu=False)
    if encoder.in_eight_bits:
        ours[f"{encoder.precision} and eight bits"] = encoder
    peaks: dict[str, float] = {}
    seconds = dict.fromkeys(ours, float("inf"))
    baseline = float("inf")
    for _ in range(repeats):
        peaks = {name: max(rate, peaks.get(name, 0.0)) for name, rate in matrix_rates(encoder.precision).items()}
        for name, each in ours.items():
            seconds[name] = min(seconds[name], best_of(2, lambda each=each: each.encode(work.texts)))  # type: ignore[misc]
        baseline = min(baseline, best_of(1, lambda: theirs.encode(work.texts, show_progress_bar=False)))
    count = len(work.texts)
    print(f"sentence-transformers as it comes {count / baseline:9.1f} passages/s")
    for name, took in seconds.items():
        print(f"citewire, {name:24}{count / took:9.1f} passages/s, {baseline / took:.2f} times as many")
    print(f"    the first time, with each length new {count / first:4.1f} passages/s")
    best = max(peaks, key=peaks.__getitem__)
    print("matrix product, GFLOP/s: " + ", ".join(f"{name} {rate / 1e9:.0f}" for name, rate in peaks.items()))
    for name in dict.fromkeys([encoder.precision, list(seconds)[-1]]):
        rate = work.operations / seconds[name]
        print(
            f"encoding in {name}, without padding: {rate / 1e9:.0f} GFLOP/s, {rate / peaks[best]:.1%} of the best "
            f"({best} in {encoder.precision})"
        )
    shared = tokenising(model, work) / min(seconds.values())
    print(f"    padding adds {padding(work, encoder.precision):.1%}, tokenising takes {shared:.1%} of the time")
    expected = theirs.encode(work.texts, show_progress_bar=False, normalize_embeddings=True)
    cosines = (encoder.encode(work.texts) * expected).sum(axis=1)
    print(f"smallest cosine with sentence-transformers' vectors: {cosines.min():.5f}")
    return baseline


def padded_batches(work: Work, precision: str) -> list[dict[str, IntArray]]:
    """Return the batches that encoding in this precision makes of the texts."""
    step = width_step("bf16" if precision == "bf16" else "f32")
    batches = by_length([len(row) for row in work.ids])
    return [padded([work.ids[place] for place in batch], pad_id=0, step=step) for batch in batches]


def padding(work: Work, precision: str) -> float:
    """Return the share of word pieces that only fill batches up, of the texts' own."""
    computed = sum(inputs["input_ids"].size for inputs in padded_batches(work, precision))
    return computed / sum(map(len, work.ids)) - 1


def tokenising(model: ModelFolder, work: Work) -> float:
    """Return the seconds that tokenising takes alone, on all cores."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(model.folder / "tokenizer.json"))
    return best_of(5, lambda: tokenizer.encode_batch_fast(work.texts))


def print_profile(folder: Path, work: Work, precision: str) -> float:
    """Print the share of each kind of step in the computing time on one core, as OpenVINO measures itself.

    Return the seconds of the steps that are no products with weights.
    """
    openvino = import_openvino()
    options = {
        "NUM_STREAMS": 1,
        "INFERENCE_NUM_THREADS": 1,
        "PERF_COUNT": True,
        "INFERENCE_PRECISION_HINT": precision,
        "DYNAMIC_QUANTIZATION_GROUP_SIZE": GROUP,
    }
    request = openvino.Core().compile_model(folder / "network.xml", "CPU", options).create_infer_request()
    batches = padded_batches(work, precision)
    best: list[dict[tuple[str, str], float]] = []
    for repeat in range(4):
        for place, inputs in enumerate(batches):
            request.infer(inputs)
            steps = step_seconds(request.profiling_info)
            if repeat == 0:
                best.append(steps)
            elif sum(steps.values()) < sum(best[place].values()):
                best[place] = steps
    total: Counter[tuple[str, str]] = Counter()
    for steps in best:
        total.update(steps)
    whole = sum(total.values())
    kind = "eight bits" if folder.name.startswith("8-") else precision
    print(f"computing in {kind} on one core: {whole:.2f} s, {work.operations / whole / 1e9:.0f} GFLOP/s; of it")
    for (step, way), seconds in total.most_common(10):
        print(f"    {step:28}{way:24}{seconds / whole:6.1%}")
    return sum(seconds for (step, _), seconds in total.items() if not step.startswith("FullyConnected"))


def print_bound(rest: float, theirs: float, work: Work, precision: str) -> None:
    """Print how many times theirs encoding would be, were all its products with weights as fast as products can be.

    rest: the seconds of all other steps on one core.
    """
    cores = usable_cores()
    kinds: dict[str, EightBits | None] = {precision: None, "found": "found", "fixed": "fixed"}
    names = {"found": "eight bits, factors found while it runs", "fixed": "eight bits, factors fixed before"}
    for name, kind in kinds.items():
        rate = max(openvino_rate(m, k, n, precision, eight_bits=kind) for m, k, n in MATRICES[:3])
        seconds = rest / cores + work.products / rate
        print(
            f"products in {names.get(name, name)}: {rate / 1e9:.0f} GFLOP/s on all cores; with all of them at this "
            f"rate and the rest as it is, encoding would be {theirs / seconds:.1f} times sentence-transformers"
        )


def step_seconds(profile: Sequence[Any]) -> dict[tuple[str, str], float]:
    """Return the seconds of each kind of step of one batch, by its kind and the way it is computed."""
    steps: Counter[tuple[str, str]] = Counter()
    for step in profile:
        if seconds := step.real_time.total_seconds():
            steps[step.node_type, step.exec_type] += seconds
    return dict(steps)


if __name__ == "__main__":
    main()
