"""The manifest: the model and options a library was made with. Written once, read at every opening."""

import hashlib
import json
import sqlite3
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime

from corpus import __version__
from corpus.errors import WHAT_HELPS, LibraryDamaged

SCHEMA_VERSION = 1

Option = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Manifest:
    """The model and options a library was made with.

    model_hash: the encoder's fingerprint. split: the options for splitting articles into passages, by name.
    embed_title: passages are encoded with their article's title before the text. Raises ValueError on a dimension
    below 1.
    """

    model_name: str
    model_hash: str
    dimension: int
    split: Mapping[str, int] = field(default_factory=dict)
    embed_title: bool = False
    vector_type: str = "float16"
    library_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    created_by: str = f"citewire {__version__}"
    created: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    schema_version: int = SCHEMA_VERSION

    def __post_init__(self) -> None:
        if self.dimension < 1:
            raise ValueError(f"vectors need at least one dimension, not {self.dimension}")

    @property
    def vector_bytes(self) -> int:
        """Bytes of one stored vector."""
        return 2 * self.dimension


def write_manifest(connection: sqlite3.Connection, manifest: Manifest) -> None:
    """Write the manifest and its hash. They replace those that are there."""
    rows = manifest_rows(manifest)
    connection.execute("DELETE FROM manifest")
    connection.executemany("INSERT INTO manifest (name, value) VALUES (?, ?)", rows.items())


def manifest_rows(manifest: Manifest) -> dict[str, str]:
    """Return the manifest as names and JSON values, with its hash."""
    rows = {name: json.dumps(value, sort_keys=True) for name, value in asdict(manifest).items()}
    return {**rows, "hash": _hash(rows)}


def read_manifest(connection: sqlite3.Connection) -> Manifest:
    """Return the library's manifest. Names that this release does not know are ignored.

    Raises LibraryDamaged for a manifest that is incomplete or does not match its hash.
    """
    return parse_manifest(dict(connection.execute("SELECT name, value FROM manifest")))


def parse_manifest(values: Mapping[str, str]) -> Manifest:
    """Return the manifest from its rows, which include `hash`. Raises LibraryDamaged as `read_manifest` does."""
    rows = {name: value for name, value in values.items() if name != "hash"}
    if values.get("hash") != _hash(rows):
        raise LibraryDamaged(f"the library's manifest is damaged: {WHAT_HELPS}")
    known = {f.name for f in fields(Manifest)}
    return Manifest(**{name: json.loads(value) for name, value in rows.items() if name in known})


def _hash(rows: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(sorted(rows.items())).encode()).hexdigest()
