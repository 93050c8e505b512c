"""The training loop: a warm-up and a linear descent, with checkpoints from which it goes on."""

import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch.nn import functional
from tqdm import tqdm

from qa.reader.network import ReaderNetwork, autocast, save_weights
from qa.train.examples import Batch, Encoded, batches

RATE = 6e-5
_NOWHERE = -1e4


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast. pieces: word pieces of the whole run; part, parts: word pieces of a batch, batches a step.

    rate: of the layers; heads learn twice as fast, new ones at `new_rate`. descent: share of the run in which the rate
    falls to nothing. frozen: lowest layers that are not trained. averaged: of the running mean of the weights that is
    kept at each step.
    """

    pieces: int
    part: int = 2200
    parts: int = 2
    rate: float = RATE
    new_rate: float = 1e-3
    warm_up: int = 60
    descent: float = 0.75
    frozen: int = 2
    averaged: float = 0.998
    checkpoint_seconds: float = 420

    def share(self, step: int, done: float) -> float:
        """Return the share of the full rate at a step, when so much of the run is done."""
        return min(1.0, (step + 1) / self.warm_up) * min(1.0, (1 - done) / self.descent + 0.01)


@dataclass(slots=True)
class Progress:
    """What a run has seen."""

    pieces: int = 0
    steps: int = 0


def fit(
    network: ReaderNetwork,
    examples: Callable[[random.Random], Sequence[Encoded]],
    schedule: Schedule,
    *,
    folder: Path,
    seed: int,
) -> ReaderNetwork:
    """Train the network and return it with the running mean of its weights; go on from a checkpoint in the folder.

    examples: gives those of a pass.
    """
    trained = {name: p for name, p in network.named_parameters() if p.requires_grad}
    optimizer = torch.optim.AdamW(_groups(trained, schedule), betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    mean = {name: p.detach().clone() for name, p in trained.items()}
    progress = _resume(folder, trained, optimizer, mean)
    random_ = random.Random(f"{seed}:{progress.steps}")
    lowest = tuple(f"encoder.encoder.layer.{n}." for n in range(schedule.frozen))
    for name, parameter in trained.items():
        parameter.requires_grad_(not name.startswith(lowest) if lowest else True)
    network.train()
    bar = tqdm(total=schedule.pieces, initial=progress.pieces, unit=" pieces", unit_scale=True, smoothing=0.02)
    kept = time.monotonic()
    for parts in _steps(examples, schedule, progress, random_):
        rate = schedule.share(progress.steps, progress.pieces / schedule.pieces)
        for group in optimizer.param_groups:
            group["lr"] = group["full"] * rate
        rows = sum(len(part.answered) for part in parts)
        loss = 0.0
        for part in parts:
            value = batch_loss(network, part) / rows
            value.backward()
            loss += float(value.detach())
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        keep = min(schedule.averaged, (1 + progress.steps) / (10 + progress.steps))
        with torch.no_grad():
            torch._foreach_lerp_(list(mean.values()), [p.detach() for p in trained.values()], 1 - keep)
        seen = sum(part.pieces for part in parts)
        progress.pieces += seen
        progress.steps += 1
        bar.update(seen)
        bar.set_postfix(loss=f"{loss:.3f}", refresh=False)
        if time.monotonic() - kept > schedule.checkpoint_seconds:
            _checkpoint(folder, trained, optimizer, mean, progress)
            kept = time.monotonic()
    bar.close()
    _checkpoint(folder, trained, optimizer, mean, progress)
    with torch.no_grad():
        for name, parameter in trained.items():
            parameter.requires_grad_(True)
            parameter.copy_(mean[name])
    save_weights(network, folder / "reader.safetensors", about={"schedule": asdict(schedule), "seed": seed})
    network.eval()
    return network


def batch_loss(network: ReaderNetwork, batch: Batch) -> torch.Tensor:
    """Return the sum over the rows: cross-entropy of start and end, and of holding an answer, lying inside, several."""
    start, end, inside, holds, several = scores(network, batch)
    where = -(batch.starts * torch.log_softmax(start, 1) + batch.ends * torch.log_softmax(end, 1)).sum(1) / 2
    binary = functional.binary_cross_entropy_with_logits
    labelled = batch.inside_known
    tagged = (binary(inside, batch.inside, reduction="none") * labelled).sum(1) / labelled.sum(1).clamp(min=1)
    whether = binary(holds, batch.answered, reduction="none")
    how_many = binary(several, batch.several, reduction="none")
    return (where + 0.7 * whether + tagged + 0.15 * how_many).sum()


def scores(network: ReaderNetwork, batch: Batch) -> tuple[torch.Tensor, ...]:
    """Return the network's five outputs, start and end only where an answer may stand."""
    with autocast(batch.answered.device):
        outputs = network(batch.input_ids, batch.attention_mask, batch.token_type_ids)
    start, end, *others = (output.float() for output in outputs)
    return start.masked_fill(~batch.allowed, _NOWHERE), end.masked_fill(~batch.allowed, _NOWHERE), *others


def _groups(trained: dict[str, torch.nn.Parameter], schedule: Schedule) -> list[dict[str, object]]:
    new = [p for name, p in trained.items() if name.startswith(("inside", "several"))]
    body = [p for name, p in trained.items() if name.startswith("encoder")]
    heads = [p for name, p in trained.items() if not name.startswith(("encoder", "inside", "several"))]
    rates = (body, schedule.rate), (heads, 2 * schedule.rate), (new, schedule.new_rate)
    return [{"params": parameters, "full": rate, "lr": rate} for parameters, rate in rates]


def _steps(
    examples: Callable[[random.Random], Sequence[Encoded]],
    schedule: Schedule,
    progress: Progress,
    random_: random.Random,
) -> Iterator[list[Batch]]:
    """Give the batches of each step until the schedule is done, pass after pass."""
    parts: list[Batch] = []
    while True:
        for one in batches(examples(random_), pieces=schedule.part, random_=random_):
            if progress.pieces >= schedule.pieces:
                return
            parts.append(one)
            if len(parts) == schedule.parts:
                yield parts
                parts = []


def _checkpoint(
    folder: Path,
    trained: dict[str, torch.nn.Parameter],
    optimizer: torch.optim.Optimizer,
    mean: dict[str, torch.Tensor],
    progress: Progress,
) -> None:
    weights = {name: p.detach() for name, p in trained.items()}
    state = {"weights": weights, "optimizer": optimizer.state_dict(), "mean": mean, "progress": asdict(progress)}
    folder.mkdir(parents=True, exist_ok=True)
    torch.save(state, folder / "checkpoint.new")
    os.replace(folder / "checkpoint.new", folder / "checkpoint.pt")  # noqa: PTH105 - whole or not at all


def _resume(
    folder: Path,
    trained: dict[str, torch.nn.Parameter],
    optimizer: torch.optim.Optimizer,
    mean: dict[str, torch.Tensor],
) -> Progress:
    """Take over the folder's checkpoint, if there is one, and return what it has seen."""
    path = folder / "checkpoint.pt"
    if not path.is_file():
        return Progress()
    state = torch.load(path, weights_only=True)
    optimizer.load_state_dict(state["optimizer"])
    with torch.no_grad():
        for name, parameter in trained.items():
            parameter.copy_(state["weights"][name])
            mean[name].copy_(state["mean"][name])
    return Progress(**state["progress"])
