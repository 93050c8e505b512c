"""Checking a library without changing it, and repairing one."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path

from corpus.article import Passage
from corpus.errors import LibraryDamaged
from corpus.store.activity import ACTIVITY
from corpus.store.backup import put_in_place
from corpus.store.connection import (
    DATABASE,
    INDEXES,
    REACHED,
    VECTORS,
    WORDS,
    delete_indexes,
    find_database,
    read_reached,
    writer_lock,
)
from corpus.store.damage import Fault, check, check_activity, rebuild
from corpus.store.records import Manifest
from corpus.store.snapshot import StoreSnapshot
from corpus.store.store import PATIENCE_S, Store
from embeddings.encoder.encoder import Encoder
from embeddings.index.stamp import IndexMissing, IndexUnusable
from embeddings.index.sync import Indexes
from embeddings.index.vector_index import VectorIndex
from embeddings.index.word_index import WordIndex
from embeddings.library.adding import encode_texts
from embeddings.library.library import open_library

LoadEncoder = Callable[[str | None], Encoder]
"""Loads the embedding model of this name, the default one for None."""


@dataclass(frozen=True, slots=True)
class Repair:
    """Result of a repair: what was healed and what is lost, one sentence each.

    copy: the damaged database as it was, None if the database was sound. Damaged indexes, vectors and passages are made
    again, so they never count as lost.
    """

    healed: tuple[str, ...]
    lost: tuple[str, ...]
    copy: Path | None


def check_library(folder: Path) -> Iterator[Fault]:
    """Yield the faults of the library in `folder`: of its database, indexes and feedback. Nothing is changed.

    A missing or outdated index is no fault. Raises LibraryDamaged if the database cannot be opened.
    """
    with closing(Store.open(folder)) as store:
        reached = read_reached(folder, store.manifest.library_id)
        with store.snapshot() as snapshot:
            if reached > snapshot.change:
                yield Fault(
                    REACHED,
                    f"it has reached change {reached:,} and the database only {snapshot.change:,}: what came after "
                    "that is no longer there, unless the database was put back from a copy",
                )
            yield from check(snapshot)
            yield from check_activity(folder)
            yield from _file_faults(Indexes(store), folder, snapshot)


def _file_faults(indexes: Indexes, folder: Path, snapshot: StoreSnapshot) -> Iterator[Fault]:
    """Yield the faults of the saved indexes. A missing or outdated index is no fault."""
    for name, open_, stamp in (
        (VECTORS, VectorIndex.open, indexes.vector_stamp(snapshot)),
        (WORDS, WordIndex.open, indexes.word_stamp(snapshot)),
    ):
        try:
            open_(folder, stamp).stamp.require_history(snapshot)
        except IndexMissing:
            continue
        except IndexUnusable as reason:
            yield Fault(name, f"it {reason}; it is made again when somebody asks")


def repair_library(folder: Path, load: LoadEncoder) -> Repair:
    """Repair the library in `folder`. A damaged database is copied before it is changed.

    Indexes are made again from the database. Passages and vectors are made again from the texts of the articles; hashes
    tell which texts are sound. Raises LibraryDamaged if nothing is left, LibraryError if the folder cannot be written
    or is in use.
    """
    find_database(folder)
    faults = _faults(folder)
    damaged = any(fault.where not in (REACHED, ACTIVITY, *INDEXES) for fault in faults)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    healed, lost, copy = list[str](), list[str](), None
    if any(check_activity(folder)):
        (folder / ACTIVITY).replace(folder / f"{ACTIVITY}.damaged-{stamp}")
        what = "what people left (feedback, saved questions, conversations)"
        lost.append(f"{what}: it is in {ACTIVITY}.damaged-{stamp} as far as it can be read")
    if not damaged and any(fault.where == REACHED for fault in faults):
        (folder / REACHED).unlink()
        lost.append("changes that were reported as written: the database no longer has them; add what is missing again")
    if damaged:
        healed, gone_for_good, copy = _rebuild(folder, load, stamp)
        lost += gone_for_good
    if faults:
        delete_indexes(folder)
        with open_library(folder) as library:
            library.save_indexes()
        healed.append("the search indexes were made again")
        if left := next(check_library(folder), None):
            raise LibraryDamaged(f"{folder} is still damaged ({left.where}: {left.what})", "restore it from a backup")
    return Repair(tuple(healed), tuple(lost), copy)


def _faults(folder: Path) -> list[Fault]:
    """Return the faults of a library, also of one that is too damaged to be checked."""
    try:
        return list(check_library(folder))
    except LibraryDamaged as error:
        return [Fault(DATABASE, str(error))]


def _rebuild(folder: Path, load: LoadEncoder, stamp: str) -> tuple[list[str], list[str], Path]:
    """Replace the damaged database by one made of its sound rows. Return what was healed and lost, and a copy of it."""
    copy = folder / f"{DATABASE}.damaged-{stamp}"
    load = cache(load)  # an article at a time asks for it
    with writer_lock(folder, PATIENCE_S):
        for left in folder.glob(".repair-*"):
            shutil.rmtree(left)
        with tempfile.TemporaryDirectory(prefix=".repair-", dir=folder) as working:
            for end in ("", "-wal"):
                if (old := folder / (DATABASE + end)).exists():
                    shutil.copy2(old, copy.with_name(copy.name + end))
                    shutil.copy2(old, Path(working) / (DATABASE + end))
            damaged, new = Path(working) / DATABASE, Path(working) / "new"
            new.touch()
            healed, lost = rebuild(
                damaged, new, encode=partial(_encode, load), default_manifest=partial(_default_manifest, load)
            )
            put_in_place(new, folder)
    return healed, lost, copy


def _encode(load: LoadEncoder, manifest: Manifest, passages: Sequence[Passage]) -> list[bytes]:
    """Return the vectors of passages, made by the library's own model. Raises LibraryDamaged for another one."""
    encoder = load(manifest.model_name)
    if encoder.fingerprint != manifest.model_hash:
        raise LibraryDamaged(
            f"vectors have to be made again, and {manifest.model_name} is not the model that made them",
            "install that model, or restore the library from a backup",
        )
    return encode_texts(lambda: encoder, [p.text for p in passages])


def _default_manifest(load: LoadEncoder) -> Manifest:
    """Return the manifest of a new library of the default model."""
    encoder = load(None)
    return Manifest(encoder.name, encoder.fingerprint, encoder.dimension)
