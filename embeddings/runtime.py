"""Networks on the processor through OpenVINO: converted once, kept, checked, compiled and run.

The only file that imports openvino. A network is anything that takes whole-number tensors (token ids, masks)
and gives float tensors: the sentence encoder, and a question-answering reader alike.
"""

import hashlib
import json
import logging
import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelError
from embeddings.eight_bits import ALLOWED, GROUP, eight_bits_are_faster, to_eight_bits
from embeddings.kept import about, damage, keep
from embeddings.models import write_beside

if TYPE_CHECKING:
    import openvino

Precision = Literal["auto", "bf16", "f32"]
IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float32]
Ticket = TypeVar("Ticket")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Conversion:
    """A loaded PyTorch module with what a later process needs to run it without PyTorch.

    `example`: torch tensors by input name, (batch, length) each. `probe` and `expected`: an input that is run through
    the converted network, and what the module itself gives for it. `files` and `about` are kept beside the network.
    `tolerance`: the largest difference that rounding explains, of the largest output where that is above 1.
    `eight_bits`: whether the large weights may be rounded to eight bits, where that is faster.
    """

    module: Any
    example: Mapping[str, Any]
    probe: Mapping[str, IntArray]
    expected: tuple[FloatArray, ...]
    files: Mapping[str, bytes]
    about: Mapping[str, Any]
    tolerance: float = 1e-3
    eight_bits: bool = False


class Unconvertible(ModelError):  # noqa: N818 - reads better at the raise
    """OpenVINO cannot take this network over, or gives other results for it; it runs in PyTorch only."""


class Network:
    """A network that is compiled in the background from the moment it is opened. Safe to call from many threads."""

    def __init__(self, folder: Path, compiled: "Future[openvino.CompiledModel]") -> None:
        self.about = about(folder)
        self._folder = folder
        self._compiled = compiled
        self._idle: SimpleQueue[Any] = SimpleQueue()
        self._queue: Any = None
        self._queue_lock = threading.Lock()

    @property
    def precision(self) -> Literal["bf16", "f32"]:
        """What it computes in, beside the products that are of eight bits."""
        kind = str(self._compiled.result().get_property("INFERENCE_PRECISION_HINT"))
        return "bf16" if "bfloat16" in kind else "f32"

    def file(self, name: str) -> bytes:
        """Return one of the conversion's `files`."""
        return (self._folder / name).read_bytes()

    def run_one(self, inputs: Mapping[str, IntArray]) -> tuple[FloatArray, ...]:
        """Run one batch now and return its outputs. It does not wait for batches of `run` that have not started."""
        try:
            request = self._idle.get_nowait()
        except Empty:
            request = self._compiled.result().create_infer_request()
        # Not sharing the inputs' memory: OpenVINO writes to it after it is freed when `run` is used too, and crashes.
        request.infer(dict(inputs), share_inputs=False)
        outputs = _outputs(request)
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
            self._queue.set_callback(lambda request, ticket: take(ticket, _outputs(request)))
            try:
                for inputs, ticket in batches:
                    self._queue.start_async(dict(inputs), userdata=ticket)
            finally:
                self._queue.wait_all()


def open_network(key: str, make: Callable[[], Conversion], *, cache: Path, precision: Precision = "auto") -> Network:
    """Open the network kept under `key` (a hash of its source), converting it first when it is missing or damaged.

    Several processes may do so at once. Raises Unconvertible when OpenVINO cannot run it, at once where that is
    known from before, and ModelError for a precision that the processor has not.
    """
    folder = cache / "networks" / key
    wrong = damage(folder, cache=cache)
    if wrong is not None:
        refusal = cache / "networks" / f"{key}.refused.json"
        _raise_known_refusal(refusal)
        if folder.exists():
            _log.warning("the converted model in %s is damaged (%s); converting it again", folder, wrong)
        else:
            _log.info("converting the model once; it is kept in %s", folder)
        try:
            _convert(make(), folder, cache=cache)
        except Unconvertible as error:
            write_beside(
                refusal, json.dumps({"openvino": openvino_quietly().get_version(), "reason": str(error)}).encode()
            )
            raise
        except OSError as error:
            raise ModelError(f"the converted model cannot be kept in {folder}: {error.strerror or error}") from error
    return Network(folder, _compile(folder, precision=precision, cache=cache))


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


def _outputs(request: "openvino.InferRequest") -> tuple[FloatArray, ...]:
    return tuple(np.array(tensor.data, dtype=np.float32) for tensor in request.output_tensors)


def _raise_known_refusal(refusal: Path) -> None:
    try:
        known = json.loads(refusal.read_text(encoding="utf-8"))
        if known["openvino"] != openvino_quietly().get_version():
            return
        reason = str(known["reason"])
    except (OSError, ValueError, KeyError, TypeError):
        return
    raise Unconvertible(reason)


def _convert(conversion: Conversion, folder: Path, *, cache: Path) -> None:
    openvino = openvino_quietly(converter=True)
    from openvino.tools.ovc import convert_model

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the tracer warns of what the probe then shows to be right
            network = convert_model(conversion.module, example_input=dict(conversion.example))
    except (RuntimeError, TypeError, ValueError, openvino.frontend.OpConversionFailure) as error:
        raise Unconvertible(f"OpenVINO cannot convert it: {error}") from error
    network.reshape({name: [-1, -1] for name in conversion.example})
    eight_bits = conversion.eight_bits and eight_bits_are_faster()

    def fill(beside: Path) -> Mapping[str, Any]:
        kept = beside / "network.xml"
        openvino.save_model(network, kept)  # weights in f16: half the size, and read sooner
        _check(kept, conversion, allowed=conversion.tolerance)
        if eight_bits:
            # From the file: OpenVINO leaves the rest of a network in f32 when it saves one that has whole numbers.
            halved = openvino.Core().read_model(kept.read_bytes(), kept.with_suffix(".bin").read_bytes())
            to_eight_bits(halved, openvino.opset13)
            openvino.save_model(halved, kept)
            _check(kept, conversion, allowed=ALLOWED)
        for name, data in conversion.files.items():
            (beside / name).write_bytes(data)
        return {"openvino": openvino.get_version(), "eight_bits": eight_bits, **conversion.about}

    keep(folder, fill, cache=cache)


def _check(network: Path, conversion: Conversion, *, allowed: float) -> None:
    """Raise Unconvertible where a saved network's outputs for the probe are others than PyTorch's."""
    options = {"INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": GROUP}
    request = openvino_quietly().Core().compile_model(network, "CPU", options).create_infer_request()
    request.infer(dict(conversion.probe))
    for found, expected in zip(_outputs(request), conversion.expected, strict=True):
        most = allowed * max(1.0, float(np.abs(expected).max()))
        if found.shape != expected.shape or not np.allclose(found, expected, rtol=0.0, atol=most):
            raise Unconvertible("OpenVINO gives other results than PyTorch for it")


def _compile(folder: Path, *, precision: Precision, cache: Path) -> "Future[openvino.CompiledModel]":
    """Begin to compile a kept network, or to load what an earlier process compiled.

    OpenVINO crashes on a damaged compiled form, so that is kept with its hash like the network itself.
    """
    engine = openvino_quietly()
    core = engine.Core()
    options = _options(core, precision)
    if about(folder).get("eight_bits"):
        options |= {"DYNAMIC_QUANTIZATION_GROUP_SIZE": GROUP}
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


def _options(core: "openvino.Core", precision: Precision) -> dict[str, Any]:
    """Return OpenVINO's settings: one stream a core, each a thread, which share no work and so never wait."""
    cores = usable_cores()
    options: dict[str, Any] = {
        "PERFORMANCE_HINT": "THROUGHPUT",
        "NUM_STREAMS": cores,
        "INFERENCE_NUM_THREADS": cores,
        "ENABLE_CPU_PINNING": False,  # other programs, and other libraries of this one, use the cores too
    }
    if precision == "bf16" and "BF16" not in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        raise ModelError("this processor does not compute in bf16; use the precision f32 or auto")
    return options if precision == "auto" else options | {"INFERENCE_PRECISION_HINT": precision}


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
