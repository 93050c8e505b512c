"""Folders in the user's cache: written whole or not at all, and checked against their hashes when opened."""

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from embeddings.encoder.model_files import file_sha256

_MANIFEST = "manifest.json"
_FORMAT = 2  # folders with another number are made again
_ABANDONED_SECONDS = 3600.0  # an unfinished folder of this age was left by a killed process


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


def keep(folder: Path, fill: Callable[[Path], Mapping[str, Any]], *, cache: Path) -> None:
    """Make a cached folder. `fill` writes files into the folder it is given, and returns facts about them.

    The files are written into a folder beside it, which is then swapped in. If two processes do so at once, one of the
    two whole folders stays. Raises OSError if the files cannot be written, and whatever `fill` raises.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    _sweep(folder.parent)
    beside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f"{folder.name[:16]}.", suffix=".new"))
    try:
        said = fill(beside)
        files = {path.name: file_sha256(path, cache=cache) for path in sorted(beside.iterdir())}
        manifest = {"format": _FORMAT, "files": files, "about": dict(said)}
        (beside / _MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        _swap(beside, folder, cache=cache)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _swap(beside: Path, folder: Path, *, cache: Path) -> None:
    """Move a finished folder into place. It replaces a damaged one, but not a whole one of another process."""
    for _ in range(10):
        try:
            beside.rename(folder)
        except OSError:
            if damage(folder, cache=cache) is None:
                return
        else:
            return
        old = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f"{folder.name[:16]}.", suffix=".new"))
        try:
            folder.rename(old / "old")
        except FileNotFoundError:  # another process has just moved it away
            pass
        finally:
            shutil.rmtree(old, ignore_errors=True)
    beside.rename(folder)


def _sweep(parent: Path) -> None:
    """Remove unfinished folders of killed processes."""
    for path in parent.glob("*.new"):
        try:
            if time.time() - path.stat().st_mtime > _ABANDONED_SECONDS:
                shutil.rmtree(path, ignore_errors=True)
        except FileNotFoundError:
            continue
