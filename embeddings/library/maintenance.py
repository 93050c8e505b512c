"""Checking a library without changing it, repairing one, and copying one to another of any kind."""

import hashlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from corpus.article import Article, Passage
from corpus.errors import CitewireError, LibraryDamaged, UsageError
from corpus.scan.changes import all_under
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
from corpus.store.records import ArticleInfo, Manifest
from corpus.store.snapshot import METADATA
from corpus.store.store import PATIENCE_S, Store
from embeddings.encoder.encoder import Encoder
from embeddings.index.files import IndexMissing, IndexUnusable
from embeddings.index.sync import Indexes
from embeddings.index.vector_index import VectorIndex
from embeddings.index.word_index import WordIndex
from embeddings.library.adding import encode_texts
from embeddings.library.library import Library, open_library
from embeddings.library.protocol import LibraryWriter, Snapshot

LoadEncoder = Callable[[str | None], Encoder]
"""Loads the embedding model of this name, the default one for None."""
BATCH_ARTICLES = 64
"""Articles that are copied and then compared together."""

_ORIGINS_AT_ONCE = 1_000
_ROOTS = ("/", "https:/", "http:/")  # all locations begin with one of these


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
    with closing(Store.open(folder)) as store, store.snapshot() as snapshot:
        reached = read_reached(folder, store.manifest.library_id)
        if reached > snapshot.change:
            yield Fault(
                REACHED,
                f"it has reached change {reached:,} and the database only {snapshot.change:,}: what came after "
                "that is no longer there, unless the database was put back from a copy",
            )
        yield from check(snapshot)
        yield from check_activity(folder)
        indexes = Indexes(store)
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
    try:
        damaged = {fault.where for fault in check_library(folder)}
    except LibraryDamaged:
        damaged = {DATABASE, *(fault.where for fault in check_activity(folder))}
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    healed, lost, copy = list[str](), list[str](), None
    if ACTIVITY in damaged:
        (folder / ACTIVITY).replace(folder / f"{ACTIVITY}.damaged-{stamp}")
        what = "what people left (feedback, saved questions, conversations)"
        lost.append(f"{what}: it is in {ACTIVITY}.damaged-{stamp} as far as it can be read")
    if damaged - {REACHED, ACTIVITY, *INDEXES}:
        copy = folder / f"{DATABASE}.damaged-{stamp}"
        healed, gone_for_good = _rebuild(folder, load, copy)
        lost += gone_for_good
    elif REACHED in damaged:
        (folder / REACHED).unlink()
        lost.append("changes that were reported as written: the database no longer has them; add what is missing again")
    if damaged:
        delete_indexes(folder)
        with open_library(folder) as library:
            library.save_indexes()
        healed.append("the search indexes were made again")
        if left := next(check_library(folder), None):
            raise LibraryDamaged(f"{folder} is still damaged ({left.where}: {left.what})", "restore it from a backup")
    return Repair(tuple(healed), tuple(lost), copy)


def _rebuild(folder: Path, load: LoadEncoder, copy: Path) -> tuple[list[str], list[str]]:
    """Copy the damaged database, and replace it by one made of its sound rows. Return what was healed and lost."""
    load = cache(load)  # an article at a time asks for it

    def encode(manifest: Manifest, texts: Sequence[str]) -> dict[str, bytes]:
        encoder = load(manifest.model_name)
        if encoder.fingerprint != manifest.model_hash:
            raise LibraryDamaged(
                f"vectors have to be made again, and {manifest.model_name} is not the model that made them",
                "install that model, or restore the library from a backup",
            )
        return encode_texts(lambda: encoder, texts)

    def default_manifest() -> Manifest:
        encoder = load(None)
        return Manifest(encoder.name, encoder.fingerprint, encoder.dimension)

    with writer_lock(folder, PATIENCE_S):
        for left in folder.glob(".repair-*"):
            shutil.rmtree(left)
        with TemporaryDirectory(prefix=".repair-", dir=folder) as working:
            damaged, new = Path(working) / DATABASE, Path(working) / "new"
            for end in ("", "-wal"):
                if (old := folder / (DATABASE + end)).exists():
                    shutil.copy2(old, copy.with_name(copy.name + end))
                    shutil.copy2(old, damaged.with_name(damaged.name + end))
            new.touch()
            healed, lost = rebuild(damaged, new, encode=encode, default_manifest=default_manifest)
            put_in_place(new, folder)
    return healed, lost


@dataclass(frozen=True, slots=True)
class Copied:
    """Result of a copy: numbers of articles copied, of articles that were there before, and of origins."""

    copied: int
    before: int
    origins: int


def copy_library(source: Library, target: Library) -> Copied:
    """Copy versions, passages, vectors and origins that the target lacks, and compare all with the source library.

    What is copied stays, however the run ends; the same call continues it. Raises CitewireError if something differs
    in the copy.
    """
    copied = 0
    with source.snapshot() as snapshot:
        infos = snapshot.articles(order="added")
        for start in range(0, len(infos), BATCH_ARTICLES):
            missing = _different(snapshot, target, infos[start : start + BATCH_ARTICLES])
            if not missing:
                continue
            with target.writing() as writer:
                for info in missing:
                    _copy_article(snapshot, info, writer)
            if wrong := _different(snapshot, target, missing):
                raise CitewireError(
                    f"article {wrong[0].id} is not in {target.address} as it is in {source.address}: "
                    "run the command again, or copy to a new library"
                )
            copied += len(missing)
        return Copied(copied, len(infos) - copied, _copy_origins(snapshot, target))


def digest(snapshot: Snapshot, article: str) -> bytes:
    """Return the hash of an article: its versions with their texts, its passages and their vectors.

    Nothing if the article is unknown. Raises LibraryDamaged if its stored hashes are wrong.
    """
    try:
        current = snapshot.article(article)
    except UsageError:
        return b""
    found = hashlib.sha256(f"{article} {current.info.version}\n".encode())
    for version in sorted(version.version for version in current.versions):
        found.update(f"{version} {len(snapshot.article(article, version).text)}\n".encode())
    passages = snapshot.passages_of(article)
    vectors = snapshot.vectors(passage.id for passage in passages)
    for passage in passages:
        found.update(f"{passage.start} {passage.end} ".encode() + passage.text.encode() + vectors[passage.id])
    return found.digest()


def _different(snapshot: Snapshot, target: Library, infos: Sequence[ArticleInfo]) -> list[ArticleInfo]:
    """Return the articles that are missing or different in the target."""
    with target.snapshot() as there:
        return [info for info in infos if digest(there, info.id) != digest(snapshot, info.id)]


def _copy_article(snapshot: Snapshot, info: ArticleInfo, writer: LibraryWriter) -> None:
    """Write all versions of an article. The current one comes last, and only it has passages."""
    for version in sorted(snapshot.article(info.id).versions, key=lambda version: version.current):
        stored = snapshot.article(info.id, version.version)
        metadata = {name: getattr(stored.info, name) for name in METADATA}
        passages = snapshot.passages_of(info.id) if version.current else []
        vectors = snapshot.vectors(passage.id for passage in passages)
        writer.add(
            Article(stored.text, path=stored.info.path, known_by=stored.info.key, **metadata),
            [Passage(passage.start, passage.end, passage.text) for passage in passages],
            [vectors[passage.id] for passage in passages],
            now=datetime.fromisoformat(version.added),
        )


def _copy_origins(snapshot: Snapshot, target: Library) -> int:
    """Copy the origins, so that unchanged ones are not read again. Return their number."""
    origins = (origin for root in _ROOTS for origin in all_under(snapshot.origins, root))
    count = 0
    while found := list(islice(origins, _ORIGINS_AT_ONCE)):
        with target.writing() as writer:
            for origin in found:
                writer.record(origin, snapshot.articles_named(origin.location), whole=False)
        count += len(found)
    return count
