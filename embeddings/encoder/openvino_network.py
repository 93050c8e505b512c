"""Networks on the processor through OpenVINO: compiled, and run. `conversion.py` makes those that are opened here.

A network is anything that takes whole-number tensors (token ids, masks) and gives float tensors: the sentence encoder,
and a question-answering reader alike.
"""

import hashlib
import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import Empty, SimpleQueue
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelError
from embeddings.encoder.cache import about, damage, keep

if TYPE_CHECKING:
    import openvino

Floats = Literal["bf16", "f16", "f32"]
IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float32]
Ticket = TypeVar("Ticket")

_log = logging.getLogger(__name__)


class Unconvertible(ModelError):  # noqa: N818 - reads better at the raise
    """OpenVINO cannot take this network over, or gives other results for it; it runs in PyTorch only."""


class Network:
    """A network that is compiled in the background from the moment it is opened. Safe to call from many threads."""

    def __init__(self, folder: Path, compiled: "Future[openvino.CompiledModel]") -> None:
        self.about = about(folder)
        self.folder = folder
        self._compiled = compiled
        self._idle: SimpleQueue[Any] = SimpleQueue()
        self._queue: Any = None
        self._queue_lock = threading.Lock()

    @property
    def precision(self) -> Floats:
        """What it computes in, beside the products that are of eight bits."""
        kind = str(self._compiled.result().get_property("INFERENCE_PRECISION_HINT"))
        return "bf16" if "bfloat16" in kind else "f16" if "float16" in kind else "f32"

    def file(self, name: str) -> bytes:
        """Return one of the conversion's `files`."""
        return (self.folder / name).read_bytes()

    def run_one(self, inputs: Mapping[str, IntArray]) -> tuple[FloatArray, ...]:
        """Run one batch now and return its outputs. It does not wait for batches of `run` that have not started."""
        try:
            request = self._idle.get_nowait()
        except Empty:
            request = self._compiled.result().create_infer_request()
        # Not sharing the inputs' memory: OpenVINO writes to it after it is freed when `run` is used too, and crashes.
        request.infer(dict(inputs), share_inputs=False)
        outputs = outputs_of(request)
        self._idle.put(request)
        return outputs

    def run(
        self,
        batches: Iterable[tuple[Mapping[str, IntArray], Ticket]],
        take: Callable[[Ticket, tuple[FloatArray, ...]], None],
    ) -> None:
        """Run batches, several in flight, and give each one's outputs to `take` with its ticket, in any order.

        `take` is called from other threads and must not raise. `batches` is read only as fast as requests come free,
        and while others compute. Calls from several threads take turns.
        """
        import openvino

        with self._queue_lock:
            if self._queue is None:
                # Twice as many as are computed at once, so that none waits while the next batch is made.
                jobs = 2 * int(self._compiled.result().get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))
                self._queue = openvino.AsyncInferQueue(self._compiled.result(), jobs)
            self._queue.set_callback(lambda request, ticket: take(ticket, outputs_of(request)))
            try:
                for inputs, ticket in batches:
                    self._queue.start_async(dict(inputs), userdata=ticket)
            finally:
                self._queue.wait_all()


def openvino_quietly(*, converter: bool = False) -> ModuleType:
    """Import OpenVINO without its usage reports, and without its converter unless wanted, which halves the time.

    OpenVINO itself provides for both being absent: it then takes a silent stand-in, or goes without.
    """
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
    """Return copies of what a request has computed."""
    return tuple(np.array(tensor.data, dtype=np.float32) for tensor in request.output_tensors)


def compile_kept(folder: Path, *, floats: Floats, rounded: int, cache: Path) -> "Future[openvino.CompiledModel]":
    """Begin to compile a kept network, or to load what an earlier process compiled.

    rounded: how many values of what comes into a product of eight bits are rounded with one factor; 0 rounds none.
    OpenVINO crashes on a damaged compiled form, so that is kept with its hash like the network itself.
    """
    engine = openvino_quietly()
    core = engine.Core()
    options = _options(floats)
    if about(folder).get("eight_bits"):
        options |= {"DYNAMIC_QUANTIZATION_GROUP_SIZE": rounded}
    machine = [core.get_property("CPU", "FULL_DEVICE_NAME"), engine.get_version(), options]
    name = f"{folder.name[:32]}-{hashlib.sha256(json.dumps(machine).encode()).hexdigest()[:16]}"
    kept = cache / "compiled" / name

    def compile_in(place: Path) -> "openvino.CompiledModel":
        return core.compile_model(folder / "network.xml", "CPU", options | {"CACHE_DIR": str(place)})

    def compile_or_load() -> "openvino.CompiledModel":
        if damage(kept, cache=cache) is None:
            return compile_in(kept)
        compiled: list[openvino.CompiledModel] = []

        def fill(beside: Path) -> Mapping[str, Any]:
            compiled.append(compile_in(beside))
            return {"network": folder.name}

        try:
            keep(kept, fill, cache=cache)
        except OSError as error:
            _log.warning("the compiled model cannot be kept in %s: %s", kept, error)
        return compiled[0] if compiled else core.compile_model(folder / "network.xml", "CPU", options)

    pool = ThreadPoolExecutor(1, thread_name_prefix="compile")
    started = pool.submit(compile_or_load)
    pool.shutdown(wait=False)
    return started


def _options(floats: Floats) -> dict[str, Any]:
    """Return OpenVINO's settings: one stream a core, each a thread, which share no work and so never wait."""
    cores = usable_cores()
    return {
        "PERFORMANCE_HINT": "THROUGHPUT",
        "NUM_STREAMS": cores,
        "INFERENCE_NUM_THREADS": cores,
        "ENABLE_CPU_PINNING": False,  # other programs, and other libraries of this one, use the cores too
        "INFERENCE_PRECISION_HINT": floats,
    }


def usable_cores() -> int:
    """Return how many physical cores this process may use: hyper-threads share what a matrix product needs."""
    if not hasattr(os, "sched_getaffinity"):
        return os.cpu_count() or 1
    allowed = os.sched_getaffinity(0)
    siblings = set()
    for number in allowed:
        try:
            place = Path(f"/sys/devices/system/cpu/cpu{number}/topology/thread_siblings_list")
            siblings.add(place.read_text(encoding="ascii"))
        except OSError:
            return len(allowed)
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        return max(1, min(len(siblings), int(quota) // int(period)))
    except (OSError, ValueError):  # no limit is written as the word max
        return len(siblings)
