"""Folders of the user's cache with what is made from a model: converted and compiled networks.

Each is written whole or not at all, and checked by the hashes of its files when it is opened.
"""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from embeddings.encoder.model_files import file_sha256

_MANIFEST = "manifest.json"
_FORMAT = 2  # folders with another number are made again


def damage(folder: Path, *, cache: Path) -> str | None:
    """Return what is wrong with a cached folder (missing, cut short, changed), None if it is whole."""
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        if manifest["format"] != _FORMAT:
            return f"it has format {manifest['format']}, not {_FORMAT}"
        for name, digest in manifest["files"].items():
            if file_sha256(folder / name, cache=cache) != digest:
                return f"{name} has changed"
    except FileNotFoundError as error:
        return f"{Path(error.filename).name} is missing"
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return f"{type(error).__name__}: {error}"
    return None


def about(folder: Path) -> dict[str, Any]:
    """Return the facts stored with a cached folder when it was made."""
    return dict(json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))["about"])


def make_cached_folder(folder: Path, fill: Callable[[Path], Mapping[str, Any]], *, cache: Path) -> None:
    """Make a cached folder. `fill` writes files into the folder it is given, and returns facts about them.

    The files are written into a folder beside it, which then takes its name. One process at a time does so; the others
    wait, and find the folder made. Raises OSError if the files cannot be written, and whatever `fill` raises.
    """
    from filelock import FileLock  # a cache that is whole does without

    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.parent / "making.lock"):
        if damage(folder, cache=cache) is None:
            return
        beside = folder.with_name(f"{folder.name}.new")
        for left in (folder, *folder.parent.glob("*.new")):  # what is damaged, and what killed processes left
            shutil.rmtree(left, ignore_errors=True)
        beside.mkdir()
        try:
            said = fill(beside)
            files = {path.name: file_sha256(path, cache=cache) for path in sorted(beside.iterdir())}
            manifest = {"format": _FORMAT, "files": files, "about": dict(said)}
            (beside / _MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
            beside.rename(folder)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
