import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from embeddings.encoder.conversion import Conversion, open_network, to_eight_bits
from embeddings.encoder.openvino_network import FloatArray, IntArray, Network, Unconvertible, import_openvino
from embeddings.encoder.precision import GROUP

pytestmark = pytest.mark.processor


class Wide(torch.nn.Module):  # type: ignore[misc]
    """Two products large enough for eight bits and one that is not."""

    def __init__(self, *, outlier: float = 1.0) -> None:
        super().__init__()
        torch.manual_seed(5)
        self.words = torch.nn.Embedding(300, 256)
        self.inner = torch.nn.Linear(256, 512)
        self.outer = torch.nn.Linear(512, 256)
        self.scores = torch.nn.Linear(256, 2)
        with torch.no_grad():
            self.inner.weight[3] = 0.0  # a row of noughts has no scale
            self.inner.bias[3] = 0.0
            self.outer.weight[:, 3] *= outlier  # it is multiplied by nought: only its size does harm

    def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
        hidden = torch.nn.functional.gelu(self.inner(self.words(input_ids)))
        return self.scores(torch.tanh(self.outer(hidden)))


def _ids(rows: int, length: int) -> IntArray:
    return np.random.default_rng(rows).integers(0, 300, (rows, length))


def _by_torch(module: torch.nn.Module, ids: IntArray) -> FloatArray:
    with torch.no_grad():
        outputs: FloatArray = module(torch.from_numpy(ids)).numpy()
    return outputs


def _conversion(module: torch.nn.Module, *, eight_bits: bool) -> Conversion:
    ids = _ids(3, 9)
    return Conversion(
        module=module.eval(),
        example={"input_ids": torch.from_numpy(ids[:2, :5])},
        probe={"input_ids": ids},
        expected=(_by_torch(module, ids),),
        files={},
        about={},
        eight_bits=eight_bits,
    )


def _open(cache: Path, *, eight_bits: bool) -> Network:
    return open_network("wide", lambda: _conversion(Wide(), eight_bits=eight_bits), cache=cache)


def test_a_network_of_eight_bits_gives_nearly_what_pytorch_gives_and_is_smaller(tmp_path: Path) -> None:
    plain, eight = _open(tmp_path / "plain", eight_bits=False), _open(tmp_path / "eight", eight_bits=True)
    for rows, length in [(1, 1), (2, 7), (5, 64)]:
        expected = _by_torch(Wide(), _ids(rows, length))
        difference = np.abs(eight.run_one({"input_ids": _ids(rows, length)})[0] - expected)
        assert difference.max() < 0.05 * np.abs(expected).max()
        assert difference.mean() > 0  # it is not the other network
    assert len(plain.file("network.bin")) - len(eight.file("network.bin")) > 2 * 256 * 512 * 0.9
    assert plain.about["eight_bits"] is False
    assert eight.about["eight_bits"] is True


def test_only_large_products_are_rounded_and_each_weight_by_half_a_step_at_most(tmp_path: Path) -> None:
    _open(tmp_path, eight_bits=False)
    kept = tmp_path / "networks" / "wide" / "network.xml"
    core = import_openvino().Core()
    before, after = core.read_model(kept), core.read_model(kept)
    to_eight_bits(after)
    old, new = _weights(before), _weights(after)
    assert len(old) == 3
    rounded = {name for name in old if old[name].shape[0] > 2}
    for name in rounded:
        steps = np.abs(old[name]).max(axis=1, keepdims=True) / 127
        assert (np.abs(new[name] - old[name]) <= steps / 2 + 1e-6).all()
        assert (new[name] != old[name]).any()
    (small,) = set(old) - rounded
    np.testing.assert_array_equal(new[small], old[small])


def test_groups_have_factors_of_their_own_and_what_is_left_stays_as_it_is(tmp_path: Path) -> None:
    module = Wide(outlier=50.0)
    open_network("wide", lambda: _conversion(module, eight_bits=False), cache=tmp_path)
    kept = tmp_path / "networks" / "wide" / "network.xml"
    core = import_openvino().Core()
    before, rows, grouped = (core.read_model(kept) for _ in range(3))
    assert to_eight_bits(rows) == 2
    assert to_eight_bits(grouped, leave=re.compile(r"\.inner/"), grouped=True) == 1
    old, by_row, by_group = _weights(before), _weights(rows), _weights(grouped)
    (inner,), (outer,) = ([n for n in old if part in n] for part in (".inner/", ".outer/"))
    np.testing.assert_array_equal(by_group[inner], old[inner])
    parts = old[outer].reshape(256, 4, GROUP)
    steps = np.abs(parts).max(axis=2, keepdims=True) / 127
    assert (np.abs(by_group[outer].reshape(parts.shape) - parts) <= steps / 2 + 1e-6).all()
    far = [np.abs(found[outer] - old[outer])[:, GROUP:].mean() for found in (by_row, by_group)]
    assert far[1] < far[0] / 10, "the large column, 3, spoils its own group alone"


def _weights(network: Any) -> Mapping[str, FloatArray]:  # noqa: ANN401 - an openvino.Model
    """Return each product's weights as the network itself works them out."""
    openvino = import_openvino()
    products = [step for step in network.get_ordered_ops() if step.get_type_name() == "MatMul"]
    sources = [step.input_value(1) for step in products]
    bare = openvino.Model([openvino.opset13.result(source) for source in sources], [], "weights")
    outputs = openvino.Core().compile_model(bare, "CPU", {"INFERENCE_PRECISION_HINT": "f32"}).create_infer_request()
    outputs.infer({})
    tensors = [np.array(tensor.data) for tensor in outputs.output_tensors]
    return {product.get_friendly_name(): tensor for product, tensor in zip(products, tensors, strict=True)}


def test_a_network_that_eight_bits_change_too_much_is_refused(tmp_path: Path) -> None:
    module = Wide(outlier=1e5)
    with torch.no_grad():
        module.scores.weight *= 20
    open_network("plain", lambda: _conversion(module, eight_bits=False), cache=tmp_path)
    with pytest.raises(Unconvertible, match="other results"):
        open_network("eight", lambda: _conversion(module, eight_bits=True), cache=tmp_path)
