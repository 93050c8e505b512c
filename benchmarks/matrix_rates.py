"""How fast this machine multiplies matrices, by OpenVINO as the encoder is run, and by PyTorch."""

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np

from embeddings.encoder.conversion import to_eight_bits
from embeddings.encoder.openvino_network import import_openvino, usable_cores
from embeddings.encoder.precision import GROUP

if TYPE_CHECKING:
    import torch

MATRICES = [(256, 384, 1536), (512, 384, 1536), (1024, 384, 1536), (512, 1024, 1024), (1024, 1024, 1024), (2048,) * 3]
SQUARES = [512, 1024, 2048]
EightBits = Literal["fixed", "found"]


def best_of(repeats: int, run: Callable[[], object]) -> float:
    """Return the seconds of the quickest of some runs."""
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def matrix_rates(precision: str) -> dict[str, float]:
    """Return operations a second of matrix products on all cores, by library and size (rows x inner x columns)."""
    rates = {f"openvino {m}x{k}x{n}": openvino_rate(m, k, n, precision) for m, k, n in MATRICES}
    import torch

    kind = torch.bfloat16 if precision == "bf16" else torch.float32
    for size in SQUARES:
        left, right = torch.randn(size, size).to(kind), torch.randn(size, size).to(kind)
        times = max(1, int(2e10 / (2 * size**3)))
        with torch.inference_mode():
            seconds = best_of(3, partial(_multiply, left, right, times))
        rates[f"torch {size}x{size}x{size}"] = 2 * size**3 * times / seconds
    return rates


def _multiply(left: "torch.Tensor", right: "torch.Tensor", times: int) -> None:
    for _ in range(times):
        left @ right


def openvino_rate(rows: int, inner: int, columns: int, precision: str, *, eight_bits: EightBits | None = None) -> float:
    """Return operations a second of a chain of products with fixed matrices, run as the encoder is run.

    eight_bits: how what comes in is rounded to eight bits: by factors that are found while it runs, as the encoder
    does, or by ones fixed before, which would be faster and less exact.
    """
    openvino = import_openvino()
    from openvino import opset13

    numbers = np.random.default_rng(0)
    node = start = opset13.parameter([-1, inner], np.float32)
    for _ in range(4):
        for shape in ((inner, columns), (columns, inner)):
            matrix = opset13.constant(numbers.standard_normal(shape[::-1], dtype=np.float32) * 0.03)
            if eight_bits == "fixed":
                node = opset13.fake_quantize(node, *map(np.float32, (-4, 4, -4, 4)), 255)
                matrix = opset13.fake_quantize(matrix, *map(np.float32, (-0.2, 0.2, -0.2, 0.2)), 255)
            node = opset13.matmul(node, matrix, False, True)
    network = openvino.Model([node], [start])
    cores = usable_cores()
    options = {"NUM_STREAMS": cores, "INFERENCE_NUM_THREADS": cores, "INFERENCE_PRECISION_HINT": precision}
    if eight_bits == "found":
        to_eight_bits(network, grouped=True)
        options["DYNAMIC_QUANTIZATION_GROUP_SIZE"] = GROUP
    compiled = openvino.Core().compile_model(network, "CPU", options)
    queue = openvino.AsyncInferQueue(compiled, 2 * cores)
    operations = 16 * rows * inner * columns
    times = max(2, int(3e10 / operations / cores)) * cores
    data = numbers.standard_normal((rows, inner), dtype=np.float32)

    def run() -> None:
        for _ in range(times):
            queue.start_async({0: data})
        queue.wait_all()

    return operations * times / best_of(4, run)
