"""The files of the word view: one that names the others, and one for each shard.

A shard's file is named after what Tantivy calls it and never changes. So saving writes only shards that are new, and
removing a passage costs one shard in a library of any size.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from embeddings.index.files import Saved, Stamp, read_saved, remove_pieces, write_saved
from embeddings.index.word_index import ENGINE, Shard, WordIndex

FORMAT = 3
FILE_NAME = "words.view"
_TRIES = 3


def stamp_of(library_id: str) -> Stamp:
    """Return what the files of a library's words say of themselves."""
    return {"kind": "words", "format": FORMAT, "engine": ENGINE, "library_id": library_id}


def write_words(folder: Path, *, stamp: Stamp, shard_stamp: Stamp, index: WordIndex) -> None:
    """Write the shards that are not there yet and the file that names all, and delete the files of others.

    Raises OSError when the disk is full or the folder cannot be written; then what was there before stays.
    """
    name_shards(folder, stamp=stamp, names=write_shards(folder, stamp=shard_stamp, index=index))


def write_shards(folder: Path, *, stamp: Stamp, index: WordIndex) -> list[str]:
    """Write the shards of an index that are not there yet, and return the names of all. Raises OSError."""
    names = [_name(shard) for shard in index.shards]
    for name, shard in zip(names, index.shards, strict=True):
        if not (folder / name).exists():  # new, or deleted by a process that saved other shards
            parts = [(file.name, file.read_bytes()) for file in index.files(shard)]
            parts += [("ids", shard.ids.tobytes()), ("segments", json.dumps(shard.segments).encode())]
            write_saved(folder / name, stamp=stamp, parts=parts)
    return names


def name_shards(folder: Path, *, stamp: Stamp, names: Sequence[str]) -> None:
    """Write the file that names all shards, and delete the files of others. Raises OSError."""
    write_saved(folder / FILE_NAME, stamp=stamp, parts=[("shards", json.dumps(names).encode())])
    remove_pieces(folder, FILE_NAME, keep=set(names))


def read_words(folder: Path, *, expected: Stamp, index: WordIndex) -> Stamp | None:
    """Fill an empty index with the saved shards and return the stamp, when all are whole and agree with `expected`.

    Else return None, and the index stays empty. Where a process saves meanwhile, it is read again.
    """
    for _ in range(_TRIES):
        saved = read_saved(folder / FILE_NAME, expected=expected)
        if saved is None:
            return None
        shards = list[Shard]()
        for shard in _shards(folder, saved, expected):
            if shard is None:
                break
            shards.append(unpacked(shard, index))
        else:
            index.show(shards)
            return saved.stamp
        index.show(())
        now = read_saved(folder / FILE_NAME, expected=expected)
        if now is not None and now.parts["shards"] == saved.parts["shards"]:
            return None
    return None


def unpacked(saved: Saved, index: WordIndex) -> Shard:
    """Return a saved shard, its files put into the folder of an index that does not show it yet."""
    for name, content in saved.parts.items():
        if name not in ("ids", "segments"):
            (index.path / name).write_bytes(content)
    ids = np.frombuffer(bytes(saved.parts["ids"]), dtype=np.int64)
    return Shard(ids, tuple(json.loads(bytes(saved.parts["segments"]))))


def shards_are_whole(folder: Path) -> bool:
    """Whether the files of all shards that a saved view names are as they were written."""
    saved = read_saved(folder / FILE_NAME, expected={"format": FORMAT})
    return saved is None or all(_shards(folder, saved, {"library_id": saved.stamp["library_id"]}))


def _shards(folder: Path, saved: Saved, expected: Stamp) -> Iterator[Saved | None]:
    """Yield the shards that a view names, None for one that is missing, damaged or anothers'."""
    for name in json.loads(bytes(saved.parts["shards"])):
        yield read_saved(folder / name, expected=expected)


def _name(shard: Shard) -> str:
    return f"{FILE_NAME}.{shard.names[0]}.view"
