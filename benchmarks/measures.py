"""What several benchmarks measure."""

from pathlib import Path


def folder_bytes(folder: Path) -> int:
    """Return the bytes of all files in a folder and the folders in it."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
