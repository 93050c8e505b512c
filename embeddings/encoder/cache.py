"""Folders kept in the user's cache: written whole or not at all, and checked against their own hashes when opened."""

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from embeddings.encoder.model_files import file_sha256

_MANIFEST = "manifest.json"
_FORMAT = 2  # a folder with another number is made again
_ABANDONED_SECONDS = 3600.0  # an unfinished folder this old is a killed process's


def damage(folder: Path, *, cache: Path) -> str | None:
    """Return what is wrong with a kept folder (missing, cut short, changed), None when it is whole."""
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
    """Return what was said about a kept folder when it was made."""
    return dict(json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))["about"])


def keep(folder: Path, fill: Callable[[Path], Mapping[str, Any]], *, cache: Path) -> None:
    """Make a kept folder: `fill` writes the files into the folder it is given, and returns what is said about them.

    They are written beside and swapped in with a manifest of their hashes. Where two processes do so at once, one
    of the two whole folders stays. Raises OSError when the files cannot be written, and whatever `fill` raises.
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
    """Put a finished folder in its place. A damaged one there goes; another process's whole one stays."""
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
    """Remove what killed processes left unfinished."""
    for path in parent.glob("*.new"):
        try:
            if time.time() - path.stat().st_mtime > _ABANDONED_SECONDS:
                shutil.rmtree(path, ignore_errors=True)
        except FileNotFoundError:
            continue
