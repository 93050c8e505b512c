"""The training loop: a warm-up, a plateau, a linear descent, with checkpoints from which it goes on.

The plateau lets a run be lengthened or ended at will (the trapezoidal schedule of Zhai et al., Scaling Vision
Transformers, 2022): a checkpoint of it is resumed with another number of word pieces.
"""

import copy
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from torch.nn import functional
from torch.optim.swa_utils import get_ema_multi_avg_fn
from tqdm import tqdm

from embeddings.encoder.model_files import write_beside
from qa.reader.network import ReaderNetwork, autocast
from qa.train.batches import Batch, Packed, batches

_PIECES = 32_768


def scores(network: ReaderNetwork, batch: Batch) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return start and end scores where an answer can be, and the score of holding one."""
    with autocast(batch.input_ids.device):
        start, end, holds = network(batch.input_ids, batch.attention_mask, batch.token_type_ids)
    closed = batch.allowed == 0
    return start.float().masked_fill(closed, -1e4), end.float().masked_fill(closed, -1e4), holds.float()


def taught(packed: Packed, teachers: Sequence[ReaderNetwork], *, gold: float) -> Packed:
    """Return the examples with what the teachers say as targets, mixed with the label where there is one.

    gold: how much a label counts, from 0 to 1. answered becomes how likely the passage is to hold an answer.
    """
    starts, ends, answered = (torch.empty_like(t) for t in (packed.starts, packed.ends, packed.answered))
    with torch.inference_mode():
        for batch in batches(packed, pieces=_PIECES, random_=random.Random(0)):
            said = _mean([scores(teacher, batch) for teacher in teachers])
            there, known = batch.attention_mask.bool(), gold * batch.labelled
            starts[batch.places[there]] = said[0].lerp(batch.starts, known[:, None])[there]
            ends[batch.places[there]] = said[1].lerp(batch.ends, known[:, None])[there]
            answered[batch.rows] = said[2].lerp(batch.answered, known)
    return replace(packed, starts=starts, ends=ends, answered=answered)


def _mean(given: Sequence[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]) -> list[torch.Tensor]:
    """Return the probabilities of starting, ending and holding an answer, averaged over the teachers."""
    of = [(torch.softmax(start, -1), torch.softmax(end, -1), torch.sigmoid(holds)) for start, end, holds in given]
    return [torch.stack(one).mean(0) for one in zip(*of, strict=True)]


RATE = 1.5e-4
HEAD_RATE = 6e-4
CACHED_PIECES = 1664
"""Word pieces through a processor's network at once: what is between its layers then stays in the caches."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast. `pieces`: word pieces of the whole run; the shares are of that number.

    gold: how much the labels count where there is a teacher. passes: over each round, as it was cut. seconds: the run
    ends so long after it began at the latest, and descends towards that; None for no limit.
    """

    pieces: int
    batch_pieces: int = 4096
    rate: float = RATE
    head_rate: float = HEAD_RATE
    gold: float = 0.3
    passes: int = 1
    warm_up: float = 0.02
    descent: float = 0.35
    decay: float = 0.01
    holds_weight: float = 0.6
    averaged: float = 0.998
    checkpoint_seconds: float = 900
    seconds: float | None = None

    def done(self, progress: "Progress") -> float:
        """Return the share of the run that is done, from 0; at 1 it ends."""
        by_time = progress.seconds / self.seconds if self.seconds else 0.0
        return max(progress.pieces / self.pieces, by_time)

    def share(self, done: float) -> float:
        """Return the share of the full learning rate when so much of the run is done."""
        return max(0.0, min(1.0, (done + 1e-3) / self.warm_up, (1.0 - done) / self.descent))


@dataclass(slots=True)
class Progress:
    """What a checkpoint has seen."""

    pieces: int = 0
    examples: int = 0
    steps: int = 0
    round: int = 0
    seconds: float = 0.0


def fit(
    network: ReaderNetwork,
    rounds: Callable[[int], Packed],
    schedule: Schedule,
    *,
    folder: Path,
    seed: int,
    teachers: Sequence[ReaderNetwork] = (),
    at_checkpoint: Callable[[ReaderNetwork, Progress], None] = lambda network, progress: None,
) -> None:
    """Train the network in place, and keep checkpoints in the folder; go on from the one that is there.

    rounds: the examples of the n-th pass over the data. teachers: whose scores the network learns to give, beside the
    labels. at_checkpoint: told of the averaged network each time. Interrupted, it ends with a checkpoint.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network.to(device).train()
    for teacher in teachers:
        teacher.to(device).eval()

    def ready(number: int) -> Packed:
        packed = rounds(number).to(device)
        return taught(packed, teachers, gold=schedule.gold) if teachers else packed

    optimizer = torch.optim.AdamW(
        _groups(network, schedule), betas=(0.9, 0.98), weight_decay=schedule.decay, fused=True
    )
    averaged = {name: p.detach().clone() for name, p in network.named_parameters() if p.requires_grad}
    progress = _resume(folder, network, optimizer, averaged)
    bar = tqdm(total=schedule.pieces, initial=progress.pieces, unit=" pieces", unit_scale=True, smoothing=0.02)
    began = kept = time.monotonic()
    spent = progress.seconds
    losses: list[torch.Tensor] = []
    try:
        for batch in _endless(ready, schedule, progress, seed):
            share = schedule.share(schedule.done(progress))
            for group in optimizer.param_groups:
                group["lr"] = group["full"] * share
            losses.append(_gradient(network, batch, schedule))
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            _average(averaged, network, schedule.averaged, progress.steps)
            progress.pieces += batch.pieces
            progress.examples += len(batch.answered)
            progress.steps += 1
            progress.seconds = spent + time.monotonic() - began
            bar.update(batch.pieces)
            if progress.steps % 50 == 0:
                bar.set_postfix(loss=f"{float(torch.stack(losses).mean()):.3f}", refresh=False)
                losses.clear()
            if time.monotonic() - kept > schedule.checkpoint_seconds:
                _checkpoint(folder, network, optimizer, averaged, progress)
                at_checkpoint(_with(network, averaged), progress)
                kept = time.monotonic()
    finally:
        bar.close()
        _checkpoint(folder, network, optimizer, averaged, progress)
    at_checkpoint(network.eval(), progress)


def _groups(network: ReaderNetwork, schedule: Schedule) -> list[dict[str, object]]:
    body = [p for name, p in network.named_parameters() if p.requires_grad and name.startswith("encoder.")]
    head = [p for name, p in network.named_parameters() if p.requires_grad and not name.startswith("encoder.")]
    return [{"params": body, "full": schedule.rate}, {"params": head, "full": schedule.head_rate}]


def _endless(rounds: Callable[[int], Packed], schedule: Schedule, progress: Progress, seed: int) -> Iterator[Batch]:
    """Give batches until the schedule is done, round after round."""
    while True:
        random_ = random.Random(f"{seed}:{progress.round}:{progress.pieces}")
        packed = rounds(progress.round)
        for _ in range(schedule.passes):
            for batch in batches(packed, pieces=schedule.batch_pieces, random_=random_):
                if schedule.done(progress) >= 1:
                    return
                yield batch
        progress.round += 1


def _gradient(network: ReaderNetwork, batch: Batch, schedule: Schedule) -> torch.Tensor:
    """Add the gradient of the batch's loss to the parameters, and return the loss."""
    whole = torch.zeros((), device=batch.answered.device)
    for part in batch.parts(CACHED_PIECES) if whole.device.type == "cpu" else [batch]:
        loss = _loss(network, part, schedule) * (len(part.answered) / len(batch.answered))
        loss.backward()
        whole += loss.detach()
    return whole


def _loss(network: ReaderNetwork, batch: Batch, schedule: Schedule) -> torch.Tensor:
    """Return the mean over the examples: cross-entropy of start and end, and of holding an answer at all."""
    start, end, holds = scores(network, batch)
    where = functional.cross_entropy(start, batch.starts) + functional.cross_entropy(end, batch.ends)
    whether = functional.binary_cross_entropy_with_logits(holds, batch.answered)
    return where / 2 + schedule.holds_weight * whether


def _average(averaged: dict[str, torch.Tensor], network: ReaderNetwork, decay: float, step: int) -> None:
    """Move the running mean of the weights on; young, it forgets faster."""
    keep = min(decay, (1 + step) / (10 + step))
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    get_ema_multi_avg_fn(keep)(list(averaged.values()), trained, step)


def _with(network: ReaderNetwork, averaged: dict[str, torch.Tensor]) -> ReaderNetwork:
    """Return a copy of the network with the averaged weights."""
    other: ReaderNetwork = copy.deepcopy(network)
    other.load_state_dict(averaged, strict=False)
    other.eval()
    return other


def _checkpoint(
    folder: Path,
    network: ReaderNetwork,
    optimizer: torch.optim.Optimizer,
    averaged: dict[str, torch.Tensor],
    progress: Progress,
) -> None:
    from safetensors.torch import save

    folder.mkdir(parents=True, exist_ok=True)
    names = [name for name, p in network.named_parameters() if p.requires_grad]
    by_parameter = dict(optimizer.state.items())
    tensors = {}
    for name, parameter in network.named_parameters():
        if name in names:
            tensors[f"weights.{name}"] = parameter.detach().cpu().contiguous()
            tensors[f"averaged.{name}"] = averaged[name].cpu().contiguous()
            for key, value in by_parameter.get(parameter, {}).items():
                tensors[f"optimizer.{key}.{name}"] = torch.as_tensor(value).cpu().contiguous()
    about = {"progress": json.dumps(asdict(progress))}
    write_beside(folder / "checkpoint.safetensors", save(tensors, metadata=about))


def _resume(
    folder: Path, network: ReaderNetwork, optimizer: torch.optim.Optimizer, averaged: dict[str, torch.Tensor]
) -> Progress:
    """Take over the folder's checkpoint, if there is one, and return what it has seen."""
    from safetensors import safe_open

    path = folder / "checkpoint.safetensors"
    if not path.is_file():
        return Progress()
    with safe_open(path, framework="pt") as file, torch.no_grad():
        keys = set(file.keys())
        for name, parameter in network.named_parameters():
            if not parameter.requires_grad:
                continue
            parameter.copy_(file.get_tensor(f"weights.{name}"))
            averaged[name].copy_(file.get_tensor(f"averaged.{name}"))
            state = {key: f"optimizer.{key}.{name}" for key in ("step", "exp_avg", "exp_avg_sq")}
            if all(key in keys for key in state.values()):
                optimizer.state[parameter] = {
                    key: file.get_tensor(full).to("cpu" if key == "step" else parameter.device)
                    for key, full in state.items()
                }
        return Progress(**json.loads(file.metadata()["progress"]))
