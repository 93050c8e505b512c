"""The journal of a library in Milvus: what a writer is about to write and remove."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.errors import LibraryError
from embeddings.milvus.tables import MilvusTables, Row

_PIECE = 300  # entries in a row, about 130 bytes each
_MOST_ROWS = 100


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the journal. new, old: the article's passages after and before, as (first id, count).

    version, pieces: the text to be written; None and 0 if only the sources in the head change.
    """

    article: str
    version: str | None
    pieces: int
    new: tuple[int, int]
    old: tuple[int, int]


class Journal:
    """The journal of a library. It is empty except during a write."""

    def __init__(self, tables: MilvusTables) -> None:
        self._tables = tables

    def left(self) -> list[Change]:
        """Return the changes that a killed writer left unfinished."""
        return [Change(*entry) for row in self._rows() for entry in json.loads(row["value"])]

    def write(self, changes: Sequence[Change]) -> None:
        """Write down the changes to come. Raises LibraryError for too many."""
        rows: list[Row] = []
        for start in range(0, len(changes), _PIECE):
            entries = [[c.article, c.version, c.pieces, c.new, c.old] for c in changes[start : start + _PIECE]]
            rows.append({"name": f"journal:{len(rows)}", "value": json.dumps(entries)})
        if len(rows) > _MOST_ROWS:
            raise LibraryError(f"{len(changes):,} articles are changed at once: change fewer at a time")
        self._tables.put("about", rows)

    def end(self) -> None:
        """Delete the journal: the changes are done."""
        self._tables.delete("about", [row["name"] for row in self._rows()])

    def _rows(self) -> list[Row]:
        return self._tables.get("about", [f"journal:{number}" for number in range(_MOST_ROWS)])
