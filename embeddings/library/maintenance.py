"""Checking a whole library without changing it, and repairing one."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from corpus.article import Article, Passage
from corpus.errors import LibraryDamaged
from corpus.passages import SplitOptions
from corpus.store.check import check_activity
from corpus.store.connection import DATABASE, REACHED, delete_indexes, file_lock, find_database, held, noted_reached
from corpus.store.feedback import ACTIVITY
from corpus.store.repair import RebuildReport, rebuild
from corpus.store.replacing import put_in_place
from corpus.store.store import PATIENCE_S, Fault, Manifest, Store, StoreSnapshot, check
from embeddings.encoder.encoder import Encoder
from embeddings.index.sync import Indexes
from embeddings.library.adding import passage_input
from embeddings.library.library import open_library

LoadEncoder = Callable[[str | None], Encoder]
"""Gives the embedding model of this name, the default for None."""


@dataclass(frozen=True, slots=True)
class Repair:
    """What a repair found and did, a sentence each; `copy` is the damaged file as it was, where the truth was damaged.

    Nothing is `lost` where only views, vectors or passages were damaged: they are made again.
    """

    healed: tuple[str, ...]
    lost: tuple[str, ...]
    copy: Path | None


def check_library(folder: Path) -> Iterator[Fault]:
    """Yield every fault of the library in `folder`: of its database, its indexes and its activity; change nothing.

    An index that is missing or behind is no fault. Raises LibraryDamaged where the database cannot be opened.
    """
    find_database(folder)
    store = Store.open(folder)
    reached = noted_reached(folder, store.manifest.library_id)
    indexes = Indexes(store, saving=False)
    try:
        with store.snapshot() as snapshot:
            if reached > snapshot.change:
                yield Fault(REACHED, _gone(reached, snapshot))
            found = list(check(snapshot))
            yield from found
            yield from check_activity(folder)
            files = list(indexes.file_faults(snapshot))
            yield from files
            if not found and not files:  # else there is nothing to be compared
                yield from indexes.faults(snapshot)
    finally:
        indexes.close()
        store.close()


def repair_library(folder: Path, load: LoadEncoder, *, patience: float = PATIENCE_S) -> Repair:
    """Make again what can be made again, and say what is lost; a damaged database is copied before it is touched.

    Views come from the database; passages, vectors and all lists from the articles' texts, whose hashes tell the sound
    ones. Raises LibraryDamaged when nothing is left, LibraryError when the folder cannot be written or is in use.
    """
    find_database(folder)
    damaged = _is_damaged(folder)
    faults = [] if damaged else list(check_library(folder))
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    healed, lost, copy = list[str](), list[str](), None
    if any(check_activity(folder)):
        (folder / ACTIVITY).replace(folder / f"{ACTIVITY}.damaged-{stamp}")
        lost.append(f"what people said of answers: it is in {ACTIVITY}.damaged-{stamp} as far as it can be read")
    if gone := next((f.what for f in faults if f.where == REACHED), None):
        (folder / REACHED).unlink()
        lost.append(f"changes that were reported as written: {gone.split(': ')[0]}; add what is missing again")
    if damaged:
        rebuilt, copy = _rebuild(folder, load, stamp, patience)
        healed, lost = [*healed, *rebuilt.healed], [*lost, *rebuilt.lost]
    if damaged or faults:
        delete_indexes(folder)
        with open_library(folder, patience=patience) as library:
            library.save_indexes()
        healed.append("the search indexes were made again")
        if left := next(check_library(folder), None):
            raise LibraryDamaged(f"{folder} is still damaged ({left.where}: {left.what}): restore it from a backup")
    return Repair(tuple(healed), tuple(lost), copy)


def _is_damaged(folder: Path) -> bool:
    """Whether the database itself has a fault."""
    try:
        store = Store.open(folder)
        try:
            with store.snapshot() as snapshot:
                return any(True for _ in check(snapshot))
        finally:
            store.close()
    except LibraryDamaged:
        return True


def _rebuild(folder: Path, load: LoadEncoder, stamp: str, patience: float) -> tuple[RebuildReport, Path]:
    """Put a database made of what is sound in the damaged one into its place, after keeping a copy of that."""
    copy = folder / f"{DATABASE}.damaged-{stamp}"
    new = folder / f"{DATABASE}.new"
    with held(file_lock(folder), patience, folder):
        for end in ("", "-wal", "-shm", "-journal"):
            new.with_name(new.name + end).unlink(missing_ok=True)
        for left in folder.glob(".repair-*"):
            shutil.rmtree(left)
        with tempfile.TemporaryDirectory(prefix=".repair-", dir=folder) as place:
            for end in ("", "-wal"):
                if (old := folder / (DATABASE + end)).exists():
                    shutil.copy2(old, copy.with_name(copy.name + end))
                    shutil.copy2(old, Path(place) / (DATABASE + end))
            new.touch()
            encoding = _Encoding(load)
            rebuilt = rebuild(Path(place) / DATABASE, new, encode=encoding.encode, usual=encoding.usual)
        put_in_place(new, folder, patience=patience)
    return rebuilt, copy


class _Encoding:
    """The embedding model of a repair, loaded when a vector has to be made again."""

    def __init__(self, load: LoadEncoder) -> None:
        self._load = load
        self._encoder: Encoder | None = None

    def encode(self, manifest: Manifest, article: Article, passages: Sequence[Passage]) -> list[bytes]:
        self._encoder = self._encoder or self._load(manifest.model_name)
        if self._encoder.fingerprint != manifest.model_hash:
            raise LibraryDamaged(
                f"vectors have to be made again, and {manifest.model_name} is not the model that made them: "
                "install that model, or restore the library from a backup"
            )
        inputs = [passage_input(article.title, p.text, embed_title=manifest.embed_title) for p in passages]
        return [np.asarray(row).tobytes() for row in self._encoder.encode(inputs).astype("<f2")]

    def usual(self) -> Manifest:
        encoder = self._encoder = self._load(None)
        return Manifest(encoder.name, encoder.fingerprint, encoder.dimension, asdict(SplitOptions()))


def _gone(reached: int, snapshot: StoreSnapshot) -> str:
    return (
        f"it has reached change {reached:,} and the database only {snapshot.change:,}: what came after that is no "
        "longer there, unless the database was put back from a copy"
    )
