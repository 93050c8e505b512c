"""What a network reaches on development sets: the best span of each passage, and telling whether it answers."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from qa.evaluation.metrics.spans import exact_match, token_f1
from qa.reader.network import ReaderNetwork, autocast
from qa.reader.spans import PassageScores, passage_scores
from qa.train.batches import MAX_PIECES
from qa.train.build import WINDOW
from qa.train.data import Row, read_rows


@dataclass(frozen=True, slots=True)
class Measured:
    """On one set: of the answerable rows exact match and F1 in percent; how well `holds` tells the others (AUROC)."""

    name: str
    rows: int
    exact_match: float
    f1: float
    auroc: float | None


def measure(network: ReaderNetwork, tokenizer: Tokenizer, path: Path, *, most: int) -> Measured:
    """Read at most `most` rows of a set, drawn once for all, each of its own passage."""
    rows = read_rows(path)
    rows = random.Random(1).sample(rows, most) if most < len(rows) else rows
    return measure_rows(network, tokenizer, rows, name=path.name.removesuffix(".jsonl.gz"))


def measure_rows(network: ReaderNetwork, tokenizer: Tokenizer, rows: Sequence[Row], *, name: str) -> Measured:
    """Read rows, long contexts in windows that overlap; the window with the highest score gives the span."""
    best: list[tuple[float, str]] = []
    pairs, owner = [], []
    for number, row in enumerate(rows):
        for at in range(0, max(1, len(row.context) - 200), WINDOW - 200):
            pairs.append((row.question, row.context[at : at + WINDOW]))
            owner.append(number)
    found = read_pairs(network, tokenizer, pairs)
    by_row: list[list[tuple[float, str]]] = [[] for _ in rows]
    for number, (score, text) in zip(owner, found, strict=True):
        by_row[number].append((score, text))
    best = [max(scored) for scored in by_row]
    answered = [(row, text) for row, (_, text) in zip(rows, best, strict=True) if row.answers]
    exact = [exact_match(text, [row.context[s:e] for s, e in row.answers]) for row, text in answered]
    overlap = [token_f1(text, [row.context[s:e] for s, e in row.answers]) for row, text in answered]
    return Measured(
        name,
        len(rows),
        100 * float(np.mean(exact)) if exact else 0.0,
        100 * float(np.mean(overlap)) if overlap else 0.0,
        _auroc([score for score, _ in best], [bool(row.answers) for row in rows]),
    )


def read_pairs(
    network: ReaderNetwork, tokenizer: Tokenizer, pairs: Sequence[tuple[str, str]]
) -> list[tuple[float, str]]:
    """Return for each (question, passage) the score of holding an answer, in logits, and the best span's words."""
    tokenizer.enable_truncation(MAX_PIECES, strategy="only_second")
    encodings = tokenizer.encode_batch(list(pairs))
    order = sorted(range(len(pairs)), key=lambda n: len(encodings[n].ids))
    results: list[tuple[float, str]] = [(0.0, "")] * len(pairs)
    device = next(network.parameters()).device
    for at in range(0, len(order), 32):
        some = order[at : at + 32]
        longest = max(len(encodings[n].ids) for n in some)
        ids, mask, types = (np.zeros((len(some), longest), dtype=np.int64) for _ in range(3))
        for row, n in enumerate(some):
            length = len(encodings[n].ids)
            ids[row, :length], mask[row, :length], types[row, :length] = encodings[n].ids, 1, encodings[n].type_ids
        inputs = [torch.from_numpy(array).to(device) for array in (ids, mask, types)]
        with torch.inference_mode(), autocast(device):
            outputs = [tensor.float().cpu().numpy() for tensor in network(*inputs)]
        for row, n in enumerate(some):
            first, last = encodings[n].type_ids.index(1), len(encodings[n].ids) - 2
            scores = passage_scores(
                outputs[0][row], outputs[1][row], first=first, last=last, holds=float(outputs[2][row])
            )
            results[n] = _text(scores, encodings[n].offsets, pairs[n][1])
    return results


def _text(scores: PassageScores, offsets: Sequence[tuple[int, int]], passage: str) -> tuple[float, str]:
    span = scores.spans[0]
    return float(scores.holds or 0.0), passage[offsets[span.first][0] : offsets[span.last][1]]


def _auroc(scores: Sequence[float], positive: Sequence[bool]) -> float | None:
    """Return the chance that an answerable row scores above one that is not (Mann-Whitney); None for one kind only."""
    yes = np.array([s for s, p in zip(scores, positive, strict=True) if p])
    no = np.array([s for s, p in zip(scores, positive, strict=True) if not p])
    if not len(yes) or not len(no):
        return None
    return float(np.mean((yes[:, None] > no[None, :]) + 0.5 * (yes[:, None] == no[None, :])))
