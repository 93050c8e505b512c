import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest
import torch
from repository import ROOT

from embeddings.encoder.conversion import Conversion, open_network
from embeddings.encoder.model_files import _damage, cached_folder
from embeddings.encoder.openvino_network import FloatArray, IntArray, Network, Unconvertible


class Reader(torch.nn.Module):  # type: ignore[misc]
    """Three kinds of ids to two scores a token, as a question-answering cross-encoder gives them."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.words = torch.nn.Embedding(50, 16)
        self.types = torch.nn.Embedding(2, 16)
        self.scores = torch.nn.Linear(16, 2)

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        hidden = torch.tanh(self.words(input_ids) + self.types(token_type_ids))
        scores = self.scores(hidden) - 100.0 * (1 - attention_mask)[:, :, None]
        return scores[:, :, 0], scores[:, :, 1]


class Nonsense(torch.nn.Module):  # type: ignore[misc]
    """Something that a traced network cannot repeat: what it does depends on the values in Python."""

    def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
        return input_ids.float() * float(input_ids.sum())


def _inputs(batch: int, length: int) -> dict[str, IntArray]:
    numbers = np.random.default_rng(batch * 1000 + length)
    return {
        "input_ids": numbers.integers(0, 50, (batch, length)),
        "attention_mask": np.ones((batch, length), dtype=np.int64),
        "token_type_ids": numbers.integers(0, 2, (batch, length)),
    }


def _by_torch(module: torch.nn.Module, inputs: Mapping[str, IntArray]) -> tuple[FloatArray, ...]:
    with torch.no_grad():
        outputs = module(**{name: torch.from_numpy(array) for name, array in inputs.items()})
    return tuple(output.numpy() for output in (outputs if isinstance(outputs, tuple) else (outputs,)))


def _conversion(module: torch.nn.Module, probe: Mapping[str, IntArray]) -> Conversion:
    return Conversion(
        module=module.eval(),
        example={name: torch.from_numpy(array[:2, :5]) for name, array in probe.items()},
        probe=probe,
        expected=_by_torch(module, probe),
        files={"words.txt": b"some words"},
        about={"kind": "reader"},
    )


def _reader() -> Conversion:
    return _conversion(Reader(), _inputs(3, 9))


def _never() -> Conversion:
    raise AssertionError("it is converted already")


def _open(cache: Path) -> Network:
    return open_network("reader", _never, cache=cache, floats="f32")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    network = open_network("reader", _reader, cache=tmp_path, floats="f32")
    network.run_one(_inputs(1, 1))  # it is compiled by then
    return tmp_path


@pytest.mark.processor
def test_a_network_with_any_inputs_and_outputs_gives_what_pytorch_gives(cache: Path) -> None:
    network = _open(cache)
    for batch, length in [(1, 1), (2, 7), (5, 64), (1, 3)]:
        for found, expected in zip(
            network.run_one(_inputs(batch, length)), _by_torch(Reader(), _inputs(batch, length)), strict=True
        ):
            np.testing.assert_allclose(found, expected, atol=1e-3)
    assert network.about["kind"] == "reader"
    assert network.file("words.txt") == b"some words"
    assert network.precision == "f32"


def test_every_batch_in_flight_comes_back_once_with_its_own_outputs(cache: Path) -> None:
    taken: dict[int, FloatArray] = {}
    lengths = [1 + number * 13 % 40 for number in range(200)]

    def take(ticket: int, outputs: tuple[FloatArray, ...]) -> None:
        assert ticket not in taken
        taken[ticket] = outputs[1]

    _open(cache).run(((_inputs(1, length), number) for number, length in enumerate(lengths)), take)
    assert sorted(taken) == list(range(200))
    for number, length in enumerate(lengths):
        np.testing.assert_allclose(taken[number], _by_torch(Reader(), _inputs(1, length))[1], atol=1e-3)


def test_batches_are_read_only_as_fast_as_they_are_computed(cache: Path) -> None:
    read, done, ahead = 0, 0, 0

    def batches() -> Iterator[tuple[dict[str, IntArray], None]]:
        nonlocal read, ahead
        for _ in range(200):
            ahead = max(ahead, read - done)
            read += 1
            yield _inputs(8, 64), None

    def take(_: None, outputs: tuple[FloatArray, ...]) -> None:
        nonlocal done
        done += 1

    _open(cache).run(batches(), take)
    assert done == 200
    assert ahead <= 4 * (os.cpu_count() or 1)


def test_a_failing_source_of_batches_leaves_the_network_usable(cache: Path) -> None:
    network = _open(cache)

    def batches() -> Iterator[tuple[dict[str, IntArray], int]]:
        yield _inputs(1, 4), 0
        raise ZeroDivisionError

    taken: list[int] = []
    with pytest.raises(ZeroDivisionError):
        network.run(batches(), lambda ticket, _: taken.append(ticket))
    network.run([(_inputs(1, 4), 1)], lambda ticket, _: taken.append(ticket))
    assert taken == [0, 1]


def _cut(path: Path) -> None:
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _flip(path: Path) -> None:
    path.chmod(0o600)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("harm", [_cut, _flip, Path.unlink], ids=["cut", "flip", "unlink"])
@pytest.mark.parametrize("name", ["network.bin", "network.xml", "words.txt", "manifest.json"])
def test_a_damaged_conversion_is_made_again_and_that_is_logged(
    name: str, harm: Callable[[Path], None], cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    harm(cache / "networks" / "reader" / name)
    if (name, harm) == ("manifest.json", _flip):
        (cache / "networks" / "reader" / name).write_text("[]")
    with caplog.at_level(logging.WARNING, logger="embeddings"):
        network = open_network("reader", _reader, cache=cache, floats="f32")
    assert "is damaged" in caplog.text
    assert len(caplog.records) == 1
    np.testing.assert_allclose(network.run_one(_inputs(2, 7))[0], _by_torch(Reader(), _inputs(2, 7))[0], atol=1e-3)
    _open(cache)


@pytest.mark.parametrize("harm", [_cut, _flip, Path.unlink], ids=["cut", "flip", "unlink"])
def test_a_damaged_compiled_form_is_made_again_before_openvino_sees_it(
    harm: Callable[[Path], None], cache: Path
) -> None:
    (blob,) = (cache / "compiled").glob("*/*.blob")
    whole = blob.stat().st_size
    harm(blob)
    network = _open(cache)
    np.testing.assert_allclose(network.run_one(_inputs(2, 7))[0], _by_torch(Reader(), _inputs(2, 7))[0], atol=1e-3)
    (again,) = (cache / "compiled").glob("*/*.blob")
    assert again.stat().st_size == pytest.approx(whole, rel=0.01)  # OpenVINO's own header varies by a byte
    assert _damage(again.parent, cache=cache) is None


def test_what_openvino_gives_otherwise_than_pytorch_is_refused_once_and_for_all(tmp_path: Path) -> None:
    probe = {"input_ids": np.arange(12).reshape(3, 4)}
    with pytest.raises(Unconvertible, match="other results"):
        open_network("nonsense", lambda: _conversion(Nonsense(), probe), cache=tmp_path)
    with pytest.raises(Unconvertible, match="other results"):
        open_network("nonsense", _never, cache=tmp_path)
    assert not (tmp_path / "networks" / "nonsense").exists()


def test_networks_that_are_opened_at_once_in_one_process_are_all_converted(tmp_path: Path) -> None:
    class Deep(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.words = torch.nn.Embedding(50, 8)
            self.layers = torch.nn.Sequential(*[torch.nn.Linear(8, 8) for _ in range(200)])

        def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
            return self.layers(self.words(input_ids))

    probe = {"input_ids": np.arange(12).reshape(3, 4)}
    together = Barrier(4)

    def opened(number: int) -> Network:
        together.wait()
        return open_network(f"deep-{number}", lambda: _conversion(Deep(), probe), cache=tmp_path)

    with ThreadPoolExecutor(4) as pool:
        assert [network.about["kind"] for network in pool.map(opened, range(4))] == ["reader"] * 4


@pytest.mark.long
def test_processes_that_convert_at_once_all_end_with_one_whole_network(tmp_path: Path) -> None:
    code = (
        "import sys; sys.path[:0] = ['tests/embeddings/encoder', 'tests']; from pathlib import Path\n"
        "import test_openvino_network as t\n"
        "network = t.open_network('reader', t._reader, cache=Path(sys.argv[1]), floats='f32')\n"
        "print(abs(network.run_one(t._inputs(2, 7))[0] - t._by_torch(t.Reader(), t._inputs(2, 7))[0]).max() < 1e-3)"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    started = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert [process.communicate()[0].strip() for process in started] == ["True"] * 3
    assert sorted(path.name for path in (tmp_path / "networks").iterdir()) == ["making.lock", "reader"]
    assert _damage(tmp_path / "networks" / "reader", cache=tmp_path) is None


def test_a_kept_folder_is_whole_or_not_there_and_what_a_killed_process_left_goes(tmp_path: Path) -> None:
    folder = tmp_path / "kept" / "thing"

    def fail(beside: Path) -> Mapping[str, str]:
        (beside / "half").write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        cached_folder(folder, fail, cache=tmp_path)
    assert [path.name for path in folder.parent.iterdir()] == ["making.lock"]
    (folder.parent / "other.new").mkdir()

    def fill(beside: Path) -> Mapping[str, str]:
        (beside / "file").write_text("whole")
        return {"who": "me"}

    cached_folder(folder, fill, cache=tmp_path)
    assert sorted(path.name for path in folder.parent.iterdir()) == ["making.lock", "thing"]
    cached_folder(folder, fail, cache=tmp_path)  # another process made it meanwhile
    assert _damage(folder, cache=tmp_path) is None


_MIXED = """
import random
import numpy as np
from embeddings.encoder.encoder import load_encoder

network = load_encoder()._network
chance = random.Random(1)

def batch(rows, length):
    ids = np.full((rows, length), 2000)
    return {"input_ids": ids, "attention_mask": np.ones_like(ids)}

for n in range(60):
    if n % 3:
        network.run_one(batch(1, chance.randint(8, 250)))
    else:
        network.run([(batch(chance.randint(1, 4), chance.randint(8, 250)), k) for k in range(4)], lambda k, o: None)
    [np.zeros(chance.randint(10, 400)) for _ in range(300)]
"""


def test_single_batches_and_many_in_flight_may_alternate() -> None:
    """With OpenVINO's `share_inputs` a single batch's memory was written to after it was freed."""
    run = subprocess.run([sys.executable, "-c", _MIXED], capture_output=True, text=True, timeout=200, cwd=Path.cwd())
    assert run.returncode == 0, run.stderr


_TWO_IMPORTS = """
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from embeddings.encoder.openvino_network import import_openvino

class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == "openvino":
            time.sleep(0.3)  # both threads have looked for the module by now, and found it missing

sys.meta_path.insert(0, Slow())
together = threading.Barrier(2)
with ThreadPoolExecutor(2) as threads:
    print(*threads.map(lambda _: (together.wait(), import_openvino().__name__)[1], range(2)))
"""


def test_two_threads_may_be_the_first_to_import_openvino() -> None:
    run = subprocess.run([sys.executable, "-c", _TWO_IMPORTS], cwd=ROOT, capture_output=True, text=True, timeout=200)
    assert (run.returncode, run.stdout) == (0, "openvino openvino\n"), run.stderr
