"""The origins of a library in Milvus: files and addresses that its articles were read from."""

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from pathlib import PurePath

from corpus.store.origins import Origin
from embeddings.milvus.rows import Head, read_head
from embeddings.milvus.tables import MilvusTables, Row, listed, literal

_MOST_COMPARED = 1_000_000  # origins of one folder
HEAD = ("id", "number", "info", "first", "passages", "history", "locations")


class MilvusOrigins:
    """The origins that the library has read."""

    def __init__(self, tables: MilvusTables) -> None:
        self._tables = tables

    def at(self, location: str) -> Origin | None:
        """Return what is stored of an origin, None where nothing was read there."""
        return next(iter(self.known([location])), None)

    def known(self, locations: Iterable[str]) -> list[Origin]:
        """Return what is stored of these origins, without those that are unknown."""
        return [read_origin(row) for row in self._tables.get("places", map(origin_key, locations))]

    def under(self, folder: str, *, after: str, limit: int) -> list[Origin]:
        """Return the first `limit` origins below a folder with a location greater than `after`, by location."""
        start = folder.rstrip("/") + "/"
        end = start[:-1] + chr(ord("/") + 1)
        # Milvus compares texts by bytes. For characters of the basic plane this is the same order as in Python.
        within = f"location > {literal(max(start, after))} and location < {literal(end)}"
        rows = self._tables.scan("places", within, ("location", "look"))
        return sorted((read_origin(row) for row in rows), key=lambda origin: origin.location)[:limit]

    def only_there(self, locations: Sequence[str]) -> dict[str, list[str]]:
        """Return, by location, the ids of the articles that were read from these origins and from no other."""
        gone = set(locations)
        found: dict[str, list[str]] = {}
        for head in sorted(self.linked(locations), key=lambda head: head.number):
            if gone.issuperset(head.locations):
                for location in head.locations:
                    found.setdefault(location, []).append(head.info.id)
        return dict(sorted(found.items()))

    def copies_elsewhere(self, path: str) -> list[str]:
        """Return the origins elsewhere with name and content of one in this folder, or of the file at this path."""
        folder = path.rstrip("/")
        here = [*self.known([folder]), *self.under(folder, after="", limit=_MOST_COMPARED)]
        contents = {(PurePath(origin.location).name, origin.etag) for origin in here if origin.etag}
        names, own = sorted({name for name, _ in contents}), {origin.location for origin in here}
        found: set[str] = set()
        for start in range(0, len(names), 100):
            some = f"name in {listed(names[start : start + 100])}"
            for origin in map(read_origin, self._tables.scan("places", some, ("location", "look"))):
                if (PurePath(origin.location).name, origin.etag) in contents and origin.location not in own:
                    found.add(origin.location)
        return sorted(found)

    def renamed(self, articles: Iterable[str], *, since: str) -> list[str]:
        """Return those of the articles that are known by path only and whose content was added under another path.

        since: count only articles added at this time (UTC, ISO 8601) or later.
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
        """Return the ids of the articles read from a file of this name, or from this path or address."""
        places = [row["location"] for row in self._tables.scan("places", f"name == {literal(name)}", ("location",))]
        heads = self.linked(places or [name])
        if not heads and "#" in name:  # one of the articles of a file
            heads = [head for head in self.linked([name.rpartition("#")[0]]) if head.info.path == name]
        return [head.info.id for head in sorted(heads, key=lambda head: head.number)]

    def note_missing(self, locations: Collection[str]) -> None:
        """Store those origins that are unknown, so that they are read again."""
        known = {origin.location for origin in self.known(locations)}
        missing = sorted(location for location in locations if location not in known)
        self._tables.put("places", [origin_row(Origin(location=location)) for location in missing])

    def release(self, locations: Sequence[str], articles: Collection[str]) -> None:
        """Mark these origins to be read again, as these articles are removed. Delete those with no other article."""
        rest = {place for head in self.linked(locations) if head.info.id not in articles for place in head.locations}
        self._tables.put("places", [origin_row(Origin(location=place)) for place in locations if place in rest])
        self._tables.delete("places", [origin_key(place) for place in locations if place not in rest])

    def linked(self, locations: Sequence[str]) -> list[Head]:
        """Return the heads of the articles that were read from one of these origins."""
        heads: dict[str, Head] = {}
        for start in range(0, len(locations), 100):
            some = listed(locations[start : start + 100])
            for row in self._tables.scan("articles", f"array_contains_any(locations, {some})", HEAD):
                heads[row["id"]] = read_head(row)
        return list(heads.values())


def origin_key(location: str) -> int:
    """Return the key of an origin's row: 64 bits of its hash."""
    return int.from_bytes(hashlib.blake2b(location.encode(), digest_size=8).digest(), "little", signed=True)


def origin_row(origin: Origin) -> Row:
    """Return the row of an origin."""
    return {
        "key": origin_key(origin.location),
        "location": origin.location,
        "name": PurePath(origin.location.rstrip("/")).name or origin.location,
        "look": json.dumps(asdict(origin)),
    }


def read_origin(row: Row) -> Origin:
    """Return the origin of a row."""
    return Origin(**json.loads(row["look"]))
