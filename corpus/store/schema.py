"""The tables of a library."""

import sqlite3
from pathlib import Path

from corpus.errors import LibraryDamaged, LibraryError
from corpus.store.records import SCHEMA_VERSION

APPLICATION_ID = 0x43495445  # "CITE" in the file's header marks a library of Citewire

TABLES = """
CREATE TABLE manifest (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- log_floor: the change at which a restored or repaired library begins; an older index is rebuilt.
-- purged_to: the last removal that was asked for; index files older than it still hold what was removed.
CREATE TABLE state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO state (name, value) VALUES ('log_floor', 0), ('purged_to', 0);

CREATE TABLE articles (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    key TEXT NOT NULL UNIQUE,
    path TEXT,                              -- where it was last read
    added TEXT NOT NULL,
    changed TEXT NOT NULL                   -- when its current version became current
);

CREATE TABLE versions (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    article INTEGER NOT NULL REFERENCES articles (number) ON DELETE CASCADE,
    hash TEXT NOT NULL,                     -- Article.version, over all columns from title to text
    current INTEGER NOT NULL CHECK (current IN (0, 1)),
    passages_hash TEXT,                     -- over ids and offsets of its passages; only the current version has any
    added TEXT NOT NULL,
    day TEXT,                               -- the day of `published`
    heading TEXT NOT NULL,                  -- Article.heading
    characters INTEGER NOT NULL,
    title TEXT, source TEXT COLLATE NOCASE, author TEXT, published TEXT, modified TEXT,
    url TEXT, place TEXT, section TEXT, language TEXT,
    text TEXT NOT NULL,                     -- last, so that listing articles does not read it
    UNIQUE (article, hash)
);
CREATE UNIQUE INDEX current_version ON versions (article) WHERE current;
CREATE INDEX current_day ON versions (day, source) WHERE current;
CREATE INDEX current_source ON versions (source, day) WHERE current;

CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,   -- never used again
    version INTEGER NOT NULL REFERENCES versions (number) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    copy_group INTEGER NOT NULL,            -- the smallest id among the passages that are (nearly) the same
    text TEXT NOT NULL
);
CREATE INDEX version_passages ON passages (version, start);
CREATE INDEX group_passages ON passages (copy_group);

CREATE TABLE embeddings (
    passage INTEGER PRIMARY KEY REFERENCES passages (id) ON DELETE CASCADE,
    hash BLOB NOT NULL,                     -- over the passage's id and the vector
    vector BLOB NOT NULL                    -- float16, little-endian
);

CREATE TABLE bands (
    band INTEGER NOT NULL,
    passage INTEGER NOT NULL REFERENCES passages (id) ON DELETE CASCADE,
    PRIMARY KEY (band, passage)
) WITHOUT ROWID;
CREATE INDEX passage_bands ON bands (passage);

CREATE TABLE changes (
    change INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('add', 'remove')),
    passage INTEGER NOT NULL,
    mark INTEGER NOT NULL                   -- drawn for each transaction, so that two histories are told apart
);

-- Where articles were read, a file or an address, and how it looked then: what has not changed need not be read again.
CREATE TABLE origins (
    location TEXT PRIMARY KEY,
    name TEXT NOT NULL,                     -- last part of the location: a file's name
    size INTEGER, modified_ns INTEGER, etag TEXT, last_modified TEXT, checked TEXT
) WITHOUT ROWID;
CREATE INDEX origin_name ON origins (name);
CREATE TABLE origin_articles (
    location TEXT NOT NULL REFERENCES origins (location) ON DELETE CASCADE,
    article INTEGER NOT NULL REFERENCES articles (number) ON DELETE CASCADE,
    PRIMARY KEY (location, article)
) WITHOUT ROWID;
CREATE INDEX article_origins ON origin_articles (article);
"""


def create_tables(connection: sqlite3.Connection) -> None:
    """Create the tables of an empty library."""
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # must come before the first table
    connection.executescript(
        f"BEGIN; {TABLES} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
    )


def require_schema(connection: sqlite3.Connection, where: Path) -> None:
    """Raise LibraryError for another program's database or a newer library, LibraryDamaged for an empty file."""
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if application == version == 0 and not connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
        raise LibraryDamaged(f"{where} is empty", "restore it from a backup, or delete it and add the articles again")
    if application != APPLICATION_ID:
        raise LibraryError(f"{where} is the database of another program: choose another folder for the library")
    if version > SCHEMA_VERSION:
        raise LibraryError(
            f"{where} was made by a newer Citewire (schema {version}; this one reads up to {SCHEMA_VERSION}): "
            "update Citewire to open it"
        )
