"""Copying a library to another of any kind, and comparing both article by article."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from corpus.article import Article, Passage
from corpus.errors import CitewireError, ModelError, UsageError
from corpus.scan.changes import all_under
from corpus.store.records import EVERYTHING, ArticleInfo, Manifest
from corpus.store.snapshot import METADATA
from embeddings.encoder.openvino_network import FloatArray
from embeddings.library.library import Library
from embeddings.library.protocol import LibraryWriter, Snapshot

BATCH_ARTICLES = 64
"""Articles that are written and then compared together."""

_ORIGINS_AT_ONCE = 1_000
_ROOTS = ("/", "https:/", "http:/")  # all locations begin with one of these


@dataclass(frozen=True, slots=True)
class Copied:
    """Result of a copy. before: articles that were there already; other: articles that only the target has."""

    copied: int
    before: int
    origins: int
    other: int
    digest: str


class UnloadedEncoder:
    """The name, hash and dimension of a model that is not loaded. Enough to take over vectors made before."""

    def __init__(self, manifest: Manifest) -> None:
        self.name = manifest.model_name
        self.fingerprint = manifest.model_hash
        self.dimension = manifest.dimension

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Raise ModelError."""
        raise ModelError(f"{self.name} is not loaded here: nothing can be encoded")

    def encode_question(self, question: str) -> FloatArray:
        """Raise ModelError."""
        raise ModelError(f"{self.name} is not loaded here: nothing can be encoded")


def copy_library(source: Library, target: Library) -> Copied:
    """Copy versions, passages, vectors and origins that the target lacks, and compare all with the source library.

    What is copied stays, however the run ends; the same call continues it. Raises CitewireError if something differs
    in the copy.
    """
    total = hashlib.sha256()
    copied = 0
    with source.snapshot() as snapshot:
        infos = snapshot.articles(EVERYTHING, order="added", descending=False, limit=None, offset=0)
        for start in range(0, len(infos), BATCH_ARTICLES):
            batch = infos[start : start + BATCH_ARTICLES]
            wanted = {info.id: digest(snapshot, info.id) for info in batch}
            missing = _different(target, wanted)
            if missing:
                with target.writing() as writer:
                    for info in batch:
                        if info.id in missing:
                            _copy_article(snapshot, info, writer)
                if wrong := _different(target, wanted):
                    raise CitewireError(
                        f"article {wrong[0]} is not in {target.address} as it is in {source.address}: "
                        "run the command again, or copy to a new library"
                    )
            copied += len(missing)
            for value in wanted.values():
                total.update(value)
        origins = _copy_origins(snapshot, target)
    with target.snapshot() as there:
        other = there.counts().articles - len(infos)
    return Copied(copied, len(infos) - copied, origins, max(other, 0), total.hexdigest())


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


def _different(target: Library, wanted: dict[str, bytes]) -> list[str]:
    """Return the ids of the articles that are missing or different in the target."""
    with target.snapshot() as snapshot:
        return [article for article, value in wanted.items() if digest(snapshot, article) != value]


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
