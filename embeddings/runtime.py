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
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from queue import Empty, SimpleQueue
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelError
from embeddings.kept import about, damage, keep
from embeddings.models import write_beside

if TYPE_CHECKING:
    import openvino

Precision = Literal["auto", "bf16", "f32"]
IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float32]
Ticket = TypeVar("Ticket")

_CLOSE = 1e-3  # largest difference from the original's outputs, of their largest value where that is above 1

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Conversion:
    """A loaded PyTorch module with what a later process needs to run it without PyTorch.

    `example`: torch tensors by input name, (batch, length) each. `probe` and `expected`: an input that is run through
    the converted network, and what the module itself gives for it. `files` and `about` are kept beside the network.
    """

    module: Any
    example: Mapping[str, Any]
    probe: Mapping[str, IntArray]
    expected: tuple[FloatArray, ...]
    files: Mapping[str, bytes]
    about: Mapping[str, Any]


class Unconvertible(ModelError):  # noqa: N818 - reads better at the raise
    """OpenVINO cannot take this network over, or gives other results for it; it runs in PyTorch only."""


class Network:
    """A compiled network. Safe to call from many threads."""

    def __init__(self, folder: Path, compiled: "openvino.CompiledModel") -> None:
        self._folder = folder
        self._compiled = compiled
        self.about = about(folder)
        self.precision = "bf16" if "bfloat16" in str(compiled.get_property("INFERENCE_PRECISION_HINT")) else "f32"
        # Twice as many as are computed at once, so that none waits while the next batch is made.
        self._jobs = 2 * int(compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))
        self._idle: SimpleQueue[Any] = SimpleQueue()
        self._queue: Any = None
        self._queue_lock = threading.Lock()

    def file(self, name: str) -> bytes:
        """Return one of the conversion's `files`."""
        return (self._folder / name).read_bytes()

    def run_one(self, inputs: Mapping[str, IntArray]) -> tuple[FloatArray, ...]:
        """Run one batch now and return its outputs. It does not wait for batches of `run` that have not started."""
        try:
            request = self._idle.get_nowait()
        except Empty:
            request = self._compiled.create_infer_request()
        request.infer(dict(inputs), share_inputs=True)
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
                self._queue = openvino.AsyncInferQueue(self._compiled, self._jobs)
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
            write_beside(refusal, json.dumps({"openvino": version("openvino"), "reason": str(error)}).encode())
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
        if known["openvino"] != version("openvino"):
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

    def fill(beside: Path) -> Mapping[str, Any]:
        openvino.save_model(network, beside / "network.xml")  # weights in f16: half the size, and read sooner
        options = {"INFERENCE_PRECISION_HINT": "f32"}
        request = openvino.Core().compile_model(beside / "network.xml", "CPU", options).create_infer_request()
        request.infer(dict(conversion.probe))
        for found, expected in zip(_outputs(request), conversion.expected, strict=True):
            allowed = _CLOSE * max(1.0, float(np.abs(expected).max()))
            if found.shape != expected.shape or not np.allclose(found, expected, rtol=0.0, atol=allowed):
                raise Unconvertible("OpenVINO gives other results than PyTorch for it")
        for name, data in conversion.files.items():
            (beside / name).write_bytes(data)
        return {"openvino": version("openvino"), **conversion.about}

    keep(folder, fill, cache=cache)


def _compile(folder: Path, *, precision: Precision, cache: Path) -> "openvino.CompiledModel":
    """Compile a kept network, one stream a core, from the compiled form kept by an earlier process where there is one.

    OpenVINO takes that form unchecked and crashes on a damaged one, so it is kept with its hash like the network.
    """
    core = openvino_quietly().Core()
    abilities = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    if precision == "bf16" and "BF16" not in abilities:
        raise ModelError("this processor does not compute in bf16; use the precision f32 or auto")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    options: dict[str, Any] = {
        "PERFORMANCE_HINT": "THROUGHPUT",
        "NUM_STREAMS": cores,
        "INFERENCE_NUM_THREADS": cores,
        "ENABLE_CPU_PINNING": False,  # other programs, and other libraries of this one, use the cores too
    }
    if precision != "auto":
        options["INFERENCE_PRECISION_HINT"] = precision
    machine = [core.get_property("CPU", "FULL_DEVICE_NAME"), sorted(abilities), version("openvino"), options]
    name = f"{folder.name[:32]}-{hashlib.sha256(json.dumps(machine).encode()).hexdigest()[:16]}"
    compiled_folder = cache / "compiled" / name

    def compile_in(place: Path) -> "openvino.CompiledModel":
        return core.compile_model(folder / "network.xml", "CPU", options | {"CACHE_DIR": str(place)})

    if damage(compiled_folder, cache=cache) is None:
        return compile_in(compiled_folder)
    compiled: list[openvino.CompiledModel] = []

    def fill(beside: Path) -> Mapping[str, Any]:
        compiled.append(compile_in(beside))
        return {"network": folder.name}

    try:
        keep(compiled_folder, fill, cache=cache)
    except OSError as error:
        _log.warning("the compiled model cannot be kept in %s: %s", compiled_folder, error)
    return compiled[0] if compiled else core.compile_model(folder / "network.xml", "CPU", options)
