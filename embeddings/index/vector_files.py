"""The files of the vector view: one that names the others, one for each block, and one for the lists' centroids.

The others are named by the hash of their content and never change. So saving writes only blocks that changed, whoever
has an older one mapped keeps it, and removing a passage costs one block in a library of any size.
"""

import hashlib
import json
import mmap
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from embeddings.index import blocks as rows_of
from embeddings.index.blocks import Block, Blocks, release
from embeddings.index.files import Stamp, read_saved, remove_pieces, write_saved, write_whole
from embeddings.index.ids import IntArray
from embeddings.index.indexes import HalfArray, Listing

FORMAT = 3
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
    there = {path.name for path in folder.glob(f"{FILE_NAME}.*.view")}  # others may have been deleted meanwhile
    blocks = tuple(
        block if block.file in there else _write_block(folder, block, stays=n < len(blocks) or _is_full(len(block.ids)))
        for n, block in enumerate(blocks, 1)
    )
    parts: list[tuple[str, bytes | memoryview]] = [
        ("blocks", json.dumps([[block.file, len(block.ids)] for block in blocks]).encode())
    ]
    keep = {str(block.file) for block in blocks}
    trained_on = 0
    if listing is not None:
        here = np.concatenate([np.empty(0, np.int64), *(block.ids for block in blocks)])
        rows, listed = listing.rows(here)
        prefix = len(here) if listed.all() else int(np.argmin(listed))
        trained_on = listing.trained_on
        centroids = _name(listing.digest)
        if centroids not in there:
            write_whole(folder / centroids, [np.ascontiguousarray(listing.centroids).ravel().data.cast("B")])
        keep.add(centroids)
        parts += [
            ("centroids", centroids.encode()),
            ("lists", np.ascontiguousarray(listing.lists[rows[:prefix]]).tobytes()),
        ]
    write_saved(folder / FILE_NAME, stamp={**stamp, "trained_on": trained_on}, parts=parts)
    remove_pieces(folder, FILE_NAME, keep=keep)
    return blocks


def read_rows(folder: Path, *, expected: Stamp, dimension: int, touched: IntArray | None = None) -> SavedRows | None:
    """Return the saved view, its blocks mapped, when it is whole and its stamp agrees with `expected`, else None.

    With `touched`, ids, only the blocks that hold any of them and the last one have to be whole: for who changes those,
    and leaves the others as they are.
    """
    saved = read_saved(folder / FILE_NAME, expected=expected)
    if saved is None:
        return None
    named = json.loads(bytes(saved.parts["blocks"]))

    def read(number: int) -> Block | None:
        name, rows = named[number]
        if number == len(named) - 1:
            return _read_block(folder, name, rows, dimension, stays=_is_full(rows))
        return _read_block(folder, name, rows, dimension, stays=True, touched=touched)

    with ThreadPoolExecutor(2) as pool:  # hashing lets other threads run
        blocks = tuple(block for block in pool.map(read, range(len(named))) if block is not None)
    if len(blocks) < len(named):
        return None
    listing = None
    if "lists" in saved.parts:
        path = folder / bytes(saved.parts["centroids"]).decode()
        if not is_whole_piece(path):
            return None
        centroids = np.frombuffer(path.read_bytes(), dtype=np.float16).reshape(-1, dimension)
        lists = np.frombuffer(saved.parts["lists"], dtype=np.uint16)
        every = np.concatenate([np.empty(0, np.int64), *(block.ids for block in blocks)])
        listing = Listing(centroids, int(saved.stamp["trained_on"]), every[: len(lists)], lists)
    return SavedRows(saved.stamp, blocks, listing)


def pieces_are_whole(folder: Path) -> bool:
    """Whether the files that a saved view names are as they were written."""
    saved = read_saved(folder / FILE_NAME, expected={"format": FORMAT})
    if saved is None:
        return True
    names = [name for name, _ in json.loads(bytes(saved.parts["blocks"]))]
    if "centroids" in saved.parts:
        names.append(bytes(saved.parts["centroids"]).decode())
    return all(is_whole_piece(folder / name) for name in names)


def is_whole_piece(path: Path) -> bool:
    """Whether a file that is named by its hash is as it was written."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:_HASH_LETTERS] == path.name.split(".")[2]
    except OSError:
        return False


def _is_full(rows: int) -> bool:
    """Whether nothing is added to a block of so many rows, even if it is the last one."""
    return rows >= rows_of.BLOCK_ROWS


def _write_block(folder: Path, block: Block, *, stays: bool) -> Block:
    """Write a block's living rows into a file of their own, and return it mapped, or in memory if it is to grow."""
    ids, halves = map(np.ascontiguousarray, block.living)
    parts = [ids.data.cast("B"), halves.ravel().data.cast("B")]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    name = _name(digest.hexdigest())
    write_whole(folder / name, parts)
    if not stays:
        return replace(block, file=name) if block.size == len(block.ids) else _whole_block(ids, halves, name)
    block.release()
    written = _read_block(folder, name, len(ids), halves.shape[1], stays=True, touched=np.empty(0, np.int64))
    return replace(block, file=name) if written is None else written


def _name(digest: str) -> str:
    return f"{FILE_NAME}.{digest[:_HASH_LETTERS]}.view"


def _read_block(
    folder: Path, name: str, rows: int, dimension: int, *, stays: bool, touched: IntArray | None = None
) -> Block | None:
    """Return a block of its file when that is whole, else None. One that stays as it is is mapped into memory.

    With `touched`, one that holds none of these ids need not be whole.
    """
    try:
        with (folder / name).open("rb") as file:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):  # it is missing, or empty
        return None
    if len(content) != rows * (8 + 2 * dimension):
        return None
    ids: Any = np.frombuffer(content, dtype=np.int64, count=rows).copy()
    if touched is None or np.isin(touched, ids).any():
        whole = hashlib.sha256(content).hexdigest()[:_HASH_LETTERS] == name.split(".")[2]
        release(content)
        if not whole:
            return None
    rest = content if stays else content[:]
    halves: Any = np.frombuffer(rest, dtype=np.float16, offset=rows * 8).reshape(rows, dimension)
    return replace(_whole_block(ids, halves, name), mapped=content if stays else None)


def _whole_block(ids: IntArray, halves: HalfArray, name: str) -> Block:
    return Block(ids, halves, np.ones(len(ids), dtype=np.bool_), file=name)
