"""Compiling and running networks on the processor with OpenVINO. `conversion.py` makes them.

A network takes integer tensors (token ids, masks) and returns float tensors: the sentence encoder and the reader.
What goes in is cut into batches of similar length.
"""

import hashlib
import itertools
import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelError
from embeddings.encoder.model_files import cached_folder

if TYPE_CHECKING:
    import openvino

Floats = Literal["bf16", "f16", "f32"]
IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float32]
Ticket = TypeVar("Ticket")

_log = logging.getLogger(__name__)
_importing = threading.Lock()
BATCH_TOKENS = 768  # word pieces per batch: with fewer a core idles between steps, more do not fit its cache


class Unconvertible(ModelError):  # noqa: N818 - reads better at the raise
    """OpenVINO cannot run this network, or gives other results. It runs in PyTorch only."""


class Network:
    """A network. It is compiled in the background once it is opened. Safe to call from many threads."""

    def __init__(
        self, folder: Path, about: Mapping[str, Any], precision: Floats, compiled: "Future[openvino.CompiledModel]"
    ) -> None:
        self.folder = folder
        self.about = about
        self.precision: Floats = precision
        self._compiled = compiled
        self._idle: SimpleQueue[Any] = SimpleQueue()
        self._queue: Any = None
        self._queue_lock = threading.Lock()

    def file(self, name: str) -> bytes:
        """Return one of the files stored with the network."""
        return (self.folder / name).read_bytes()

    def run_one(self, inputs: Mapping[str, IntArray]) -> tuple[FloatArray, ...]:
        """Run one batch and return its outputs. It does not wait for batches of `run` that have not started."""
        try:
            request = self._idle.get_nowait()
        except Empty:
            request = self._compiled.result().create_infer_request()
        # Copies the inputs: with shared memory OpenVINO crashes if `run` is used too, writing to freed memory.
        request.infer(dict(inputs), share_inputs=False)
        outputs = outputs_of(request)
        self._idle.put(request)
        return outputs

    def run(
        self,
        batches: Iterable[tuple[Mapping[str, IntArray], Ticket]],
        take: Callable[[Ticket, tuple[FloatArray, ...]], None],
    ) -> None:
        """Run batches, several at once. Call `take` with each one's ticket and outputs, in any order.

        `take` is called from other threads and must not raise. `batches` is read as fast as requests get free. Calls
        from several threads take turns.
        """
        import openvino

        with self._queue_lock:
            if self._queue is None:
                # Twice as many requests as run at once, so that no core waits for the next batch.
                jobs = 2 * int(self._compiled.result().get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))
                self._queue = openvino.AsyncInferQueue(self._compiled.result(), jobs)
            self._queue.set_callback(lambda request, ticket: take(ticket, outputs_of(request)))
            try:
                for inputs, ticket in batches:
                    self._queue.start_async(dict(inputs), userdata=ticket)
            finally:
                self._queue.wait_all()


def import_openvino(*, converter: bool = False) -> ModuleType:
    """Import OpenVINO without usage reports, and without its converter unless wanted: this halves the time.

    OpenVINO supports both being absent. Encoder and reader may open in two threads, so one import waits for the other.
    """
    with _importing:
        sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
        if "openvino" not in sys.modules and not converter:
            sys.modules["openvino.tools.ovc"] = None  # type: ignore[assignment]
            try:
                import openvino
            finally:
                del sys.modules["openvino.tools.ovc"]
        import openvino

    quiet: ModuleType = openvino
    return quiet


def outputs_of(request: "openvino.InferRequest") -> tuple[FloatArray, ...]:
    """Return copies of a request's outputs."""
    return tuple(np.array(tensor.data, dtype=np.float32) for tensor in request.output_tensors)


def compile_cached(folder: Path, options: Mapping[str, Any], *, cache: Path) -> "Future[openvino.CompiledModel]":
    """Start to compile a cached network, or to load its compiled form. options: OpenVINO's, besides those of all.

    OpenVINO crashes on a damaged compiled form, so this is cached with its hash, too.
    """
    engine = import_openvino()
    core = engine.Core()
    cores = usable_cores()
    options = {
        "PERFORMANCE_HINT": "THROUGHPUT",
        "NUM_STREAMS": cores,  # each with one thread, so that none waits for another
        "INFERENCE_NUM_THREADS": cores,
        "ENABLE_CPU_PINNING": False,  # other programs and libraries use the cores, too
        **options,
    }
    machine = [core.get_property("CPU", "FULL_DEVICE_NAME"), engine.get_version(), options]
    name = f"{folder.name[:32]}-{hashlib.sha256(json.dumps(machine).encode()).hexdigest()[:16]}"
    kept = cache / "compiled" / name

    def compile_in(place: Path) -> "openvino.CompiledModel":
        return core.compile_model(folder / "network.xml", "CPU", {**options, "CACHE_DIR": str(place)})

    def fill(place: Path) -> Mapping[str, Any]:
        compile_in(place)
        return {"network": folder.name}

    def compile_or_load() -> "openvino.CompiledModel":
        try:
            cached_folder(kept, fill, cache=cache)
            return compile_in(kept)
        except OSError as error:
            _log.warning("the compiled model cannot be kept in %s: %s", kept, error)
            return core.compile_model(folder / "network.xml", "CPU", dict(options))

    pool = ThreadPoolExecutor(1, thread_name_prefix="compile")
    started = pool.submit(compile_or_load)
    pool.shutdown(wait=False)
    return started


def usable_cores() -> int:
    """Return the number of physical cores that this process may use. Hyper-threads do not speed up matrix products."""
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    cores = len(allowed)
    siblings = [Path(f"/sys/devices/system/cpu/cpu{number}/topology/thread_siblings_list") for number in allowed]
    with suppress(OSError):
        cores = len({path.read_text(encoding="ascii") for path in siblings})
    with suppress(OSError, ValueError):  # "max" stands for no limit
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        cores = max(1, min(cores, int(quota) // int(period)))
    return cores


def clean(text: str) -> str:
    """Return a text without lone surrogates, which tokenizers refuse."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def by_length(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield batches of positions in `lengths`, longest first. A batch has about `BATCH_TOKENS` tokens, or one text."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True)
    start = 0
    while start < len(order):
        size = max(1, round(BATCH_TOKENS / max(1, lengths[order[start]])))
        yield order[start : start + size]
        start += size


def padded(
    ids: Sequence[Sequence[int]], *, pad_id: int, step: int = 1, limit: int | None = None
) -> dict[str, IntArray]:
    """Return `input_ids` and `attention_mask`, both (batch, length), with rows padded by `pad_id`.

    The length is that of the longest row, rounded up to a multiple of `step` if `limit` allows.
    """
    lengths = np.array([len(row) for row in ids])
    longest = int(lengths.max())
    width = -(-longest // step) * step
    if limit is not None and width > limit:
        width = max(longest, limit)
    mask = np.arange(width) < lengths[:, None]
    filled = np.full(mask.shape, pad_id, dtype=np.int64)
    filled[mask] = list(itertools.chain.from_iterable(ids))
    return {"input_ids": filled, "attention_mask": mask.astype(np.int64)}


def unit_rows(vectors: FloatArray) -> FloatArray:
    """Scale the rows to unit length: bf16 leaves it a little off. Rows of zeros stay."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: FloatArray = (vectors / np.maximum(lengths, np.finfo(np.float32).tiny)).astype(np.float32)
    return unit
