"""The bundled collection as a library in the user's cache, made at its first use."""

import hashlib
import shutil
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from filelock import FileLock

from corpus import __version__
from embeddings.encoder.encoder import Encoder
from embeddings.encoder.model_files import cache_folder, find_model
from embeddings.library.library import create_library


def bundled_library(model: str, load: Callable[[], Encoder], *, cache: Path | None = None) -> Path:
    """Return the folder of the library of the bundled articles; where it is missing it is made, with what `load` gives.

    Its name holds a hash of the articles, the model and Citewire's version, so that none of them can be outdated.
    Raises ModelError.
    """
    kept = cache_folder(cache)
    with_articles = sorted(
        (file for file in files("corpus.articles").iterdir() if file.name.endswith(".md")), key=lambda file: file.name
    )
    digest = hashlib.sha256(f"{__version__} {find_model(model, cache=kept).fingerprint}".encode())
    for file in with_articles:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    folder = kept / f"bundled-{digest.hexdigest()[:16]}"
    if folder.exists():
        return folder
    with FileLock(folder.with_suffix(".lock")):
        if not folder.exists():
            _make(folder, [Path(str(file)) for file in with_articles], load())
    return folder


def _make(folder: Path, paths: list[Path], encoder: Encoder) -> None:
    """Make the library beside its place and swap it in, so that a half-made one is never opened."""
    from corpus.scan.files import Overrides, read_paths

    beside = folder.with_suffix(".new")
    shutil.rmtree(beside, ignore_errors=True)

    def refuse(error: Exception) -> None:
        raise error

    with create_library(beside, encoder=encoder) as library:
        library.add(read_paths(paths, overrides=Overrides(), on_bad=refuse))
    beside.rename(folder)
