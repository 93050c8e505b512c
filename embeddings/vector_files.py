"""The files of the vector view: one that names the others, and one for each full block.

A block's file is named by the hash of its content and never changes. So saving writes only blocks that changed,
whoever has an older one mapped keeps it, and removing a passage costs one block in a library of any size.
"""

import hashlib
import json
import mmap
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from embeddings import blocks as rows_of
from embeddings.blocks import Block, Blocks, cut, living, release
from embeddings.indexes import Listing
from embeddings.saved import Stamp, read_saved, remove_pieces, write_saved, write_whole

FORMAT = 2
FILE_NAME = "vectors.view"
_HASH_LETTERS = 32


@dataclass(frozen=True, slots=True)
class SavedRows:
    """A view as it was saved."""

    stamp: Stamp
    blocks: Blocks
    listing: Listing | None


def write_rows(folder: Path, *, stamp: Stamp, blocks: Blocks, listing: Listing | None) -> Blocks:
    """Write a view's rows, without removed ones, and return the blocks as they were written.

    Raises OSError when the disk is full or the folder cannot be written; then what was there before stays.
    """
    last_is_full = len(blocks) > 0 and len(blocks[-1].ids) >= rows_of.BLOCK_ROWS
    sealed, rest = (blocks, ()) if last_is_full else (blocks[:-1], blocks[-1:])
    there = {path.name for path in folder.glob(f"{FILE_NAME}.*.view")}  # others may have been deleted meanwhile
    full = [block if block.file in there else _write_block(folder, block) for block in sealed]
    ids, halves = living(rest)
    parts: list[tuple[str, bytes | memoryview]] = [
        ("blocks", json.dumps([[block.file, len(block.ids)] for block in full]).encode()),
        ("ids", ids.data),
        ("vectors", np.ascontiguousarray(halves).ravel().data),
    ]
    trained_on = 0
    if listing is not None:
        here = np.concatenate([*(block.ids[block.alive] for block in full), ids])
        rows, listed = listing.rows(here)
        prefix = len(here) if listed.all() else int(np.argmin(listed))
        trained_on = listing.trained_on
        parts += [
            ("centroids", np.ascontiguousarray(listing.centroids).ravel().data),
            ("lists", np.ascontiguousarray(listing.lists[rows[:prefix]]).data),
        ]
    write_saved(folder / FILE_NAME, stamp={**stamp, "trained_on": trained_on}, parts=parts)
    remove_pieces(folder, FILE_NAME, keep={str(block.file) for block in full})
    return (*full, *rest)


def read_rows(folder: Path, *, expected: Stamp, dimension: int) -> SavedRows | None:
    """Return the saved view, full blocks mapped, when it is whole and its stamp agrees with `expected`, else None."""
    saved = read_saved(folder / FILE_NAME, expected=expected)
    if saved is None:
        return None
    named = json.loads(bytes(saved.parts["blocks"]))
    with ThreadPoolExecutor(2) as pool:  # hashing lets other threads run
        full = list(pool.map(lambda entry: _read_block(folder, entry[0], entry[1], dimension), named))
    if not all(full):
        return None
    ids = np.frombuffer(saved.parts["ids"], dtype=np.int64)
    halves = np.frombuffer(saved.parts["vectors"], dtype=np.float16).reshape(len(ids), dimension)
    blocks = (*(block for block in full if block), *cut(ids, halves))
    listing = None
    if "lists" in saved.parts:
        lists = np.frombuffer(saved.parts["lists"], dtype=np.uint16)
        centroids = np.frombuffer(saved.parts["centroids"], dtype=np.float16).reshape(-1, dimension)
        every = np.concatenate([block.ids for block in blocks]) if blocks else np.empty(0, np.int64)
        listing = Listing(centroids, int(saved.stamp["trained_on"]), every[: len(lists)], lists)
    return SavedRows(saved.stamp, blocks, listing)


def blocks_are_whole(folder: Path) -> bool:
    """Whether the files of all blocks that a saved view names are as they were written."""
    saved = read_saved(folder / FILE_NAME, expected={"format": FORMAT})
    if saved is None:
        return True
    return all(is_whole_block(folder / name) for name, _ in json.loads(bytes(saved.parts["blocks"])))


def is_whole_block(path: Path) -> bool:
    """Whether a block's file is as it was written."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:_HASH_LETTERS] == path.name.split(".")[2]
    except OSError:
        return False


def _write_block(folder: Path, block: Block) -> Block:
    """Write a block's living rows into a file of their own. One whose every row is gone has none left to name."""
    ids, halves = map(np.ascontiguousarray, block.living)
    parts = [ids.data.cast("B"), halves.ravel().data.cast("B")]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    name = f"{FILE_NAME}.{digest.hexdigest()[:_HASH_LETTERS]}.view"
    write_whole(folder / name, parts)
    block.release()
    written = _read_block(folder, name, len(ids), halves.shape[1], verify=False)
    return replace(block, file=name) if written is None else written


def _read_block(folder: Path, name: str, rows: int, dimension: int, *, verify: bool = True) -> Block | None:
    """Return a block's file mapped into memory when it is whole, else None."""
    try:
        with (folder / name).open("rb") as file:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):  # it is missing, or empty
        return None
    if len(content) != rows * (8 + 2 * dimension):
        return None
    if verify:
        whole = hashlib.sha256(content).hexdigest()[:_HASH_LETTERS] == name.split(".")[2]
        release(content)
        if not whole:
            return None
    ids: Any = np.frombuffer(content, dtype=np.int64, count=rows)
    halves: Any = np.frombuffer(content, dtype=np.float16, offset=rows * 8).reshape(rows, dimension)
    return Block(ids.copy(), halves, np.ones(rows, dtype=np.bool_), file=name, mapped=content)
