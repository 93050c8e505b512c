"""Converting networks for OpenVINO: checked against PyTorch, rounded to eight bits if wanted, and cached.

In eight bits, each row of a weight matrix, or each `GROUP` of its values, is stored as 8-bit integers and one factor.
At run time, OpenVINO rounds the inputs to 8-bit integers too, with a factor for each `GROUP` values of a token, and
multiplies integers.
"""

import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from corpus.errors import ModelError
from embeddings.encoder.model_files import cached_folder, write_beside
from embeddings.encoder.openvino_network import (
    FloatArray,
    Floats,
    IntArray,
    Network,
    Unconvertible,
    compile_cached,
    import_openvino,
    outputs_of,
)
from embeddings.encoder.precision import GROUP, values_rounded_together

ALLOWED = 0.25
"""Largest change of a network's outputs by rounding, relative to the largest output if that is above 1."""

_SMALLEST = 256  # rows and columns; smaller matrices gain no time
_VALUES = re.compile(r"\b(?:value|v|v_lin|v_proj)\b")
"""Name of the attention product that stays in 16 bits: it caused half of the rounding error."""
_ROUNDED_BY = 8e-4  # largest loss of a probe's cosine; the limit for any passage is 1e-3


@dataclass(frozen=True, slots=True)
class Conversion:
    """A PyTorch module and what a later process needs to run it without PyTorch.

    example: torch tensors by input name, (batch, length) each. probe, expected: an input to check the converted network
    with, and the module's own output. files, about: stored beside the network. tolerance: largest difference that
    rounding explains, relative to the largest output if that is above 1. eight_bits: round the large weights.
    """

    module: Any
    example: Mapping[str, Any]
    probe: Mapping[str, IntArray]
    expected: tuple[FloatArray, ...]
    files: Mapping[str, bytes]
    about: Mapping[str, Any]
    tolerance: float = 1e-3
    eight_bits: bool = False


def open_network(key: str, make: Callable[[], Conversion], *, cache: Path, floats: Floats = "f32") -> Network:
    """Open the network cached under `key`, a hash of its source. Convert it first if it is missing or damaged.

    floats: what it computes in; the processor has to have it. Several processes may do so at once. Raises
    Unconvertible if OpenVINO cannot run it; a known failure is not tried again.
    """
    return _open(key, lambda beside: _convert(make, beside), cache=cache, floats=floats)


def open_in_eight_bits(network: Network, probe: Mapping[str, IntArray], *, cache: Path) -> Network:
    """Open a copy of an encoder's network with its large matrix products in eight bits. Make it if it is missing.

    Raises Unconvertible if the probe's vectors differ too much from the network's own, or if no product is large
    enough; a known failure is not tried again.
    """
    source = network.folder

    def fill(beside: Path) -> Mapping[str, Any]:
        openvino = import_openvino()
        kept = beside / "network.xml"
        rounded = openvino.Core().read_model(source / "network.xml")
        if not to_eight_bits(rounded, leave=_VALUES, grouped=True):
            raise Unconvertible("eight bits would not make it faster: it has no large products")
        openvino.save_model(rounded, kept)
        found, expected = _run_once(kept, probe)[0], _run_once(source / "network.xml", probe)[0]
        if not ((1 - (found * expected).sum(axis=1)) <= _ROUNDED_BY).all():
            raise Unconvertible("eight bits change too much of what it gives")
        return {"openvino": openvino.get_version(), "eight_bits": True}

    return _open(f"8-{source.name}", fill, cache=cache, floats=network.precision)


def _open(key: str, fill: Callable[[Path], Mapping[str, Any]], *, cache: Path, floats: Floats) -> Network:
    """Open a cached network. Make its folder if it is missing or damaged, one folder at a time.

    Remembers a failure in a file that holds for this release of OpenVINO.
    """
    folder = cache / "networks" / key
    refusal = folder.with_name(f"{key}.refused-{version('openvino')}.txt")
    if refusal.is_file():
        raise Unconvertible(refusal.read_text("utf-8"))
    try:
        about = cached_folder(folder, fill, cache=cache)
    except Unconvertible as error:
        write_beside(refusal, str(error).encode())
        raise
    except OSError as error:
        raise ModelError(f"the converted model cannot be kept in {folder}: {error.strerror or error}") from error
    options: dict[str, Any] = {"INFERENCE_PRECISION_HINT": floats}
    if about.get("eight_bits"):
        options |= {"DYNAMIC_QUANTIZATION_GROUP_SIZE": values_rounded_together()}
    return Network(folder, about, floats, compile_cached(folder, options, cache=cache))


def _convert(make: Callable[[], Conversion], beside: Path) -> Mapping[str, Any]:
    """Convert a module, check it, and save it in the folder `beside`. Return facts about it."""
    try:
        conversion = make()
    except ModuleNotFoundError as error:
        raise ModelError(
            f"this model has not been converted here, and {error.name} is not installed to convert it: "
            "take the default model, or install all that Citewire needs"
        ) from error
    openvino = import_openvino(converter=True)
    from openvino.tools.ovc import convert_model

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the tracer warns; the probe checks the result
            network = convert_model(conversion.module, example_input=dict(conversion.example))
    except (RuntimeError, TypeError, ValueError, openvino.frontend.OpConversionFailure) as error:
        reason = " ".join(str(error).split())[:200]
        raise Unconvertible(f"OpenVINO cannot convert it: {reason}") from error
    network.reshape({name: [-1, -1] for name in conversion.example})
    kept = beside / "network.xml"
    openvino.save_model(network, kept)  # f16 weights: half the size, and faster to read
    _check(kept, conversion, allowed=conversion.tolerance)
    if conversion.eight_bits:
        # Read from the file: OpenVINO saves the other weights in f32 when a network has integers.
        halved = openvino.Core().read_model(kept.read_bytes(), kept.with_suffix(".bin").read_bytes())
        to_eight_bits(halved)
        openvino.save_model(halved, kept)
        _check(kept, conversion, allowed=ALLOWED)
    for name, data in conversion.files.items():
        (beside / name).write_bytes(data)
    return {"openvino": openvino.get_version(), "eight_bits": conversion.eight_bits, **conversion.about}


def _check(network: Path, conversion: Conversion, *, allowed: float) -> None:
    """Compare a saved network's outputs for the probe with PyTorch's. Raises Unconvertible if they differ."""
    for found, expected in zip(_run_once(network, conversion.probe), conversion.expected, strict=True):
        most = allowed * max(1.0, float(np.abs(expected).max()))
        if found.shape != expected.shape or not np.allclose(found, expected, rtol=0.0, atol=most):
            raise Unconvertible("OpenVINO gives other results than PyTorch for it")


def _run_once(network: Path, inputs: Mapping[str, IntArray]) -> tuple[FloatArray, ...]:
    """Return the outputs of a saved network, computed in f32 except for products of eight bits."""
    options = {"INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": values_rounded_together()}
    request = import_openvino().Core().compile_model(network, "CPU", options).create_infer_request()
    request.infer(dict(inputs))
    return outputs_of(request)


def to_eight_bits(
    network: Any,  # noqa: ANN401 - openvino is imported in one place
    *,
    leave: re.Pattern[str] | None = None,
    grouped: bool = False,
) -> int:
    """Replace a network's large weight matrices by 8-bit ones, in place. Return their number.

    network: an openvino.Model. leave: a pattern for names of products that stay as they are. grouped: give each `GROUP`
    values of a row a factor, if the row divides into groups. Rounds to the nearest of 255 steps, symmetric about zero.
    Embedding tables stay as they are.
    """
    rounded = 0
    for product in network.get_ordered_ops():
        if product.get_type_name() != "MatMul" or not product.get_attributes()["transpose_b"]:
            continue
        source = product.input_value(1).get_node()
        while source.get_type_name() == "Convert":
            source = source.input_value(0).get_node()
        if source.get_type_name() != "Constant" or len(source.shape) != 2 or min(source.shape) < _SMALLEST:
            continue
        if leave is not None and leave.search(product.get_friendly_name()):
            continue
        weights = np.array(source.get_data(), dtype=np.float32)
        rows, columns = weights.shape
        groups = columns // GROUP if grouped and columns % GROUP == 0 else 1
        product.input(1).replace_source_output(_in_eight_bits(weights.reshape(rows, groups, -1)).output(0))
        rounded += 1
    return rounded


def _in_eight_bits(weights: FloatArray) -> Any:  # noqa: ANN401
    """Return the operations that compute a matrix from (rows, groups, values), with one factor per group."""
    ops = import_openvino().opset13
    rows, groups, values = weights.shape
    if groups == 1:
        weights = weights[:, 0]
    steps = np.maximum(np.abs(weights).max(axis=-1, keepdims=True) / 127, np.finfo(np.float32).tiny)
    # Unsigned, with 128 for zero: the form that OpenVINO computes in eight bits.
    whole = ops.constant((np.rint(weights / steps) + 128).astype(np.uint8))
    zero = ops.convert(ops.constant(np.full((1,) * weights.ndim, 128, dtype=np.uint8)), "f32")
    scaled = ops.multiply(ops.subtract(ops.convert(whole, "f32"), zero), ops.constant(steps))
    return scaled if groups == 1 else ops.reshape(scaled, ops.constant(np.array([rows, groups * values])), False)
