"""Weights as 8-bit integers, for processors that multiply these faster than floats.

Each row of a weight matrix, or each `GROUP` of its values, is stored as 8-bit integers and one factor. At run time,
OpenVINO rounds the inputs to 8-bit integers too, with a factor for each `GROUP` values of a token, and multiplies
integers.
"""

import re
from typing import Any

import numpy as np

GROUP = 128
ALLOWED = 0.25
"""Largest change of a network's outputs by rounding, relative to the largest output if that is above 1."""

_SMALLEST = 256  # rows and columns; smaller matrices gain no time


def to_eight_bits(
    network: Any,  # noqa: ANN401 - openvino is imported in one place
    ops: Any,  # noqa: ANN401
    *,
    leave: re.Pattern[str] | None = None,
    grouped: bool = False,
) -> int:
    """Replace a network's large weight matrices by 8-bit ones, in place. Return their number.

    network, ops: an openvino.Model, and one of OpenVINO's operation sets. leave: a pattern for names of products that
    stay as they are. grouped: give each `GROUP` values of a row a factor, if the row divides into groups. Rounds to the
    nearest of 255 steps, symmetric about zero. Embedding tables stay as they are.
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
        product.input(1).replace_source_output(_in_eight_bits(weights.reshape(rows, groups, -1), ops).output(0))
        rounded += 1
    return rounded


def _in_eight_bits(weights: Any, ops: Any) -> Any:  # noqa: ANN401
    """Return the operations that compute a matrix from (rows, groups, values), with one factor per group."""
    rows, groups, values = weights.shape
    if groups == 1:
        weights = weights[:, 0]
    steps = np.maximum(np.abs(weights).max(axis=-1, keepdims=True) / 127, np.finfo(np.float32).tiny)
    # Unsigned, with 128 for zero: the form that OpenVINO computes in eight bits.
    whole = ops.constant((np.rint(weights / steps) + 128).astype(np.uint8))
    zero = ops.convert(ops.constant(np.full((1,) * weights.ndim, 128, dtype=np.uint8)), "f32")
    scaled = ops.multiply(ops.subtract(ops.convert(whole, "f32"), zero), ops.constant(steps))
    return scaled if groups == 1 else ops.reshape(scaled, ops.constant(np.array([rows, groups * values])), False)
