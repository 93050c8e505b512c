"""Networks on the processor through OpenVINO: converted once, kept, checked, compiled and run.

The only file that imports openvino. A network is anything that takes whole-number tensors (token ids, masks)
and gives float tensors: the sentence encoder, and a question-answering reader alike.
"""

import json
import logging
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from queue import SimpleQueue
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelError
from embeddings.models import file_sha256

if TYPE_CHECKING:
    import openvino

Precision = Literal["auto", "bf16", "f32"]
IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float32]
Ticket = TypeVar("Ticket")

_FORMAT = 1  # of the kept folder; another number is converted again
_CLOSE = 1e-3  # largest difference between a converted network's outputs and the original's

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

    def __init__(self, folder: Path, *, precision: Precision, cache: Path) -> None:
        self._folder = folder
        self.about: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["about"]
        self._compiled = _compile(folder, precision=precision, cache=cache)
        self.precision: str = (
            "bf16" if "bfloat16" in str(self._compiled.get_property("INFERENCE_PRECISION_HINT")) else "f32"
        )
        self._jobs = int(self._compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))
        self._idle: SimpleQueue[Any] = SimpleQueue()
        self._queue: Any = None
        self._queue_lock = threading.Lock()

    def file(self, name: str) -> bytes:
        """Return one of the conversion's `files`."""
        return (self._folder / name).read_bytes()

    def run_one(self, inputs: Mapping[str, IntArray]) -> tuple[FloatArray, ...]:
        """Run one batch now and return the outputs."""
        request = self._compiled.create_infer_request() if self._idle.empty() else self._idle.get()
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

        `take` is called from other threads and must not raise. `batches` is read only as fast as requests come free.
        """
        import openvino

        with self._queue_lock:
            if self._queue is None:
                self._queue = openvino.AsyncInferQueue(self._compiled, self._jobs)
            self._queue.set_callback(lambda request, ticket: take(ticket, _outputs(request)))
            try:
                for inputs, ticket in batches:
                    self._queue.start_async(dict(inputs), userdata=ticket, share_inputs=True)
            finally:
                self._queue.wait_all()


def open_network(key: str, make: Callable[[], Conversion], *, cache: Path, precision: Precision = "auto") -> Network:
    """Open the network kept under `key` (a hash of its source), converting it first when it is missing or damaged.

    Several processes may do so at once. Raises Unconvertible when OpenVINO cannot run it.
    """
    folder = cache / "networks" / key
    damage = _damage(folder, cache=cache)
    if damage is not None:
        if folder.exists():
            _log.warning("the converted model in %s is damaged (%s); converting it again", folder, damage)
        else:
            _log.info("converting the model once; it is kept in %s", folder)
        _convert(make(), folder, cache=cache)
    return Network(folder, precision=precision, cache=cache)


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


def _damage(folder: Path, *, cache: Path) -> str | None:
    """Return what is wrong with a kept network, None when it is whole."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        if manifest["format"] != _FORMAT:
            return f"format {manifest['format']}"
        for name, digest in manifest["files"].items():
            if file_sha256(folder / name, cache=cache) != digest:
                return f"{name} has another hash"
        manifest["about"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return f"{type(error).__name__}: {error}"
    return None


def _convert(conversion: Conversion, folder: Path, *, cache: Path) -> None:
    openvino = openvino_quietly(converter=True)
    from openvino.tools.ovc import convert_model

    try:
        network = convert_model(conversion.module, example_input=dict(conversion.example))
    except (RuntimeError, TypeError, ValueError, openvino.frontend.OpConversionFailure) as error:
        raise Unconvertible(f"OpenVINO cannot convert this model: {error}") from error
    network.reshape({name: [-1, -1] for name in conversion.example})
    compiled = openvino.Core().compile_model(network, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    request = compiled.create_infer_request()
    request.infer(dict(conversion.probe))
    for found, expected in zip(_outputs(request), conversion.expected, strict=True):
        if found.shape != expected.shape or not np.allclose(found, expected, atol=_CLOSE):
            raise Unconvertible("OpenVINO gives other results than PyTorch for this model")
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=folder.name[:16] + "."))
    openvino.save_model(network, beside / "network.xml", compress_to_fp16=False)
    for name, data in conversion.files.items():
        (beside / name).write_bytes(data)
    manifest = {
        "format": _FORMAT,
        "openvino": version("openvino"),
        "files": {path.name: file_sha256(path, cache=cache) for path in sorted(beside.iterdir())},
        "about": dict(conversion.about),
    }
    (beside / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    _swap(beside, folder)


def _swap(beside: Path, folder: Path) -> None:
    """Put a finished folder in its place; what was there goes. Where another process is quicker, its folder stays."""
    if folder.exists():
        old = Path(tempfile.mkdtemp(dir=folder.parent, prefix=folder.name[:16] + ".old."))
        folder.rename(old / "folder")
        shutil.rmtree(old, ignore_errors=True)
    try:
        beside.rename(folder)
    except OSError:
        shutil.rmtree(beside, ignore_errors=True)


def _compile(folder: Path, *, precision: Precision, cache: Path) -> "openvino.CompiledModel":
    openvino = openvino_quietly()
    core = openvino.Core()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    options: dict[str, Any] = {"PERFORMANCE_HINT": "THROUGHPUT", "NUM_STREAMS": cores, "INFERENCE_NUM_THREADS": cores}
    if precision != "auto":
        options["INFERENCE_PRECISION_HINT"] = precision
    if precision == "bf16" and "BF16" not in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        raise ModelError("this processor does not compute in bf16; use the precision f32 or auto")
    return core.compile_model(folder / "network.xml", "CPU", options)
