"""The files and addresses where the articles of a library in Milvus were read."""

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from pathlib import PurePath

from corpus.store.origins import Origin
from embeddings.milvus.rows import Head, read_head
from embeddings.milvus.tables import MilvusTables, Row, listed

HEAD = ("id", "number", "info", "first", "passages", "history", "locations")


class MilvusOrigins:
    """The places that the library knows now."""

    def __init__(self, tables: MilvusTables) -> None:
        self._tables = tables

    def at(self, location: str) -> Origin | None:
        """Return what is kept of a place, None where nothing was read there."""
        return next(iter(self.known([location])), None)

    def known(self, locations: Iterable[str]) -> list[Origin]:
        """Return what is kept of those of the places that are known."""
        return [read_origin(row) for row in self._tables.get("places", map(origin_key, locations))]

    def under(self, folder: str, *, after: str, limit: int) -> list[Origin]:
        """Return the first `limit` places below a folder whose location is greater than `after`, by location."""
        start = folder.rstrip("/") + "/"
        end = start[:-1] + chr(ord("/") + 1)
        # Milvus orders and compares texts by their bytes, as Python does with what is not beyond the basic plane.
        within = f"location > {json.dumps(max(start, after), ensure_ascii=False)} and location < {json.dumps(end)}"
        rows = self._tables.scan("places", within, ("location", "look"))
        return sorted((read_origin(row) for row in rows), key=lambda origin: origin.location)[:limit]

    def only_there(self, locations: Sequence[str]) -> dict[str, list[str]]:
        """Return by location the ids of the articles that were read at these places and nowhere else."""
        gone = set(locations)
        found: dict[str, list[str]] = {}
        for head in sorted(self.linked(locations), key=lambda head: head.number):
            if gone.issuperset(head.locations):
                for location in head.locations:
                    found.setdefault(location, []).append(head.info.id)
        return dict(sorted(found.items()))

    def renamed(self, articles: Iterable[str], *, since: str) -> list[str]:
        """Return those of the articles known only by their path whose very content was added under another one.

        since: only where the other was added at this time (UTC, ISO 8601) or later.
        """
        wanted = set(articles)
        lost = [read_head(row) for row in self._tables.get("articles", wanted, HEAD)]
        known = {head.info.version: head.info.id for head in lost if head.info.key.startswith("path:")}
        if not known:
            return []
        rows = self._tables.scan("articles", f"version in {listed(known)}", HEAD)
        fresh = [head.info for head in map(read_head, rows) if head.info.added >= since]
        return sorted({known[info.version] for info in fresh if info.id not in wanted})

    def articles_named(self, name: str) -> list[str]:
        """Return the ids of the articles read from a file of this name or at this path or address."""
        rows = self._tables.scan("places", f"name == {json.dumps(name, ensure_ascii=False)}", ("location",))
        places = [row["location"] for row in rows] or ([name] if self.at(name) else [])
        heads = sorted(self.linked(places), key=lambda head: head.number) if places else []
        if not heads and "#" in name:  # one of the articles of a file
            base = self.linked([name.rpartition("#")[0]])
            heads = [head for head in base if head.info.path == name]
        return [head.info.id for head in heads]

    def note_missing(self, locations: Collection[str]) -> None:
        """Note those of the places that are not known, to be read again."""
        known = {origin.location for origin in self.known(locations)}
        missing = sorted(location for location in locations if location not in known)
        self._tables.put("places", [origin_row(Origin(location=location)) for location in missing])

    def forget_looks(self, locations: Iterable[str]) -> None:
        """Let places be read again from which an article is removed."""
        self._tables.put("places", [origin_row(Origin(location=o.location)) for o in self.known(locations)])

    def drop_empty(self, locations: Sequence[str]) -> None:
        """Drop those of the places where no article was read that is there."""
        still = {location for head in self.linked(locations) for location in head.locations}
        self._tables.delete("places", [origin_key(location) for location in locations if location not in still])

    def linked(self, locations: Sequence[str]) -> list[Head]:
        """Return the heads of the articles that were read at one of these places."""
        heads: dict[str, Head] = {}
        for start in range(0, len(locations), 100):
            some = listed(locations[start : start + 100])
            for row in self._tables.scan("articles", f"array_contains_any(locations, {some})", HEAD):
                heads[row["id"]] = read_head(row)
        return list(heads.values())


def origin_key(location: str) -> int:
    """Return the key of a place's row, 64 bits of its hash."""
    return int.from_bytes(hashlib.blake2b(location.encode(), digest_size=8).digest(), "little", signed=True)


def origin_row(origin: Origin) -> Row:
    """Return the row of a place."""
    return {
        "key": origin_key(origin.location),
        "location": origin.location,
        "name": PurePath(origin.location.rstrip("/")).name or origin.location,
        "look": json.dumps(asdict(origin)),
    }


def read_origin(row: Row) -> Origin:
    """Return the place of a row."""
    return Origin(**json.loads(row["look"]))
