"""What a library was made with: written once, read on every opening."""

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
    """What a library was made with. `split` holds the options that shaped its passages, by name.

    `embed_title`: whether a passage's vector was made from its article's title and its text, or from the text alone.
    `model_hash` is the encoder's fingerprint. Raises ValueError on a dimension below 1.
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
    """Put `manifest` and its hash into the library in place of what is there."""
    rows = manifest_rows(manifest)
    connection.execute("DELETE FROM manifest")
    connection.executemany("INSERT INTO manifest (name, value) VALUES (?, ?)", rows.items())


def manifest_rows(manifest: Manifest) -> dict[str, str]:
    """Return the manifest as names and JSON values, its hash among them."""
    rows = {name: json.dumps(value, sort_keys=True) for name, value in asdict(manifest).items()}
    return {**rows, "hash": _hash(rows)}


def read_manifest(connection: sqlite3.Connection) -> Manifest:
    """Return the library's manifest; names that this release does not know are left aside.

    Raises LibraryDamaged when it is incomplete or not what its hash says.
    """
    return parse_manifest(dict(connection.execute("SELECT name, value FROM manifest")))


def parse_manifest(values: Mapping[str, str]) -> Manifest:
    """Return the manifest of these rows, `hash` among them; raises LibraryDamaged as `read_manifest` does."""
    rows = {name: value for name, value in values.items() if name != "hash"}
    if values.get("hash") != _hash(rows):
        raise LibraryDamaged(f"the library's manifest is damaged: {WHAT_HELPS}")
    known = {f.name for f in fields(Manifest)}
    return Manifest(**{name: json.loads(value) for name, value in rows.items() if name in known})


def _hash(rows: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(sorted(rows.items())).encode()).hexdigest()
