"""Writing to a library in Milvus. A process killed between any two steps leaves the library whole.

An article exists if its head, one row, says so. The head is written after everything it points to. A journal, written
first and deleted last, names the articles that are being changed. The next writer finds the journal of a killed one and
deletes what no present head of these articles points to. So a change whose new head is written is finished, any other
is undone, and both can be repeated. It also stores the sources that such articles name.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from corpus.article import Article, Passage
from corpus.errors import LibraryError
from corpus.store.origins import FORMERLY, Origin
from corpus.store.records import Added, Manifest
from corpus.store.snapshot import article_info
from embeddings.index.tokens import tokens
from embeddings.milvus.origins import HEAD, MilvusOrigins, origin_key, origin_row
from embeddings.milvus.rows import (
    Head,
    Version,
    as_term,
    document,
    head_row,
    passage_row,
    piece_keys,
    read_head,
)
from embeddings.milvus.tables import ROWS_AT_ONCE, MilvusTables, Row, copy_groups, drop_from_bands, listed

_JOURNAL_ROWS = 100
_ENTRIES_A_ROW = 3_000  # ids of articles in a row, 20 bytes each


@dataclass(slots=True)
class _New:
    head: Head
    before: Head | None
    pieces: list[str]
    passages: Sequence[Passage]
    vectors: Sequence[bytes]
    title: str | None


class MilvusWriter:
    """Collects changes and writes them with `flush`. Call `settle` first."""

    def __init__(self, tables: MilvusTables, manifest: Manifest) -> None:
        self._tables = tables
        self._manifest = manifest
        self._heads: dict[str, Head | None] = {}
        self._new: dict[str, _New] = {}
        self._linked: dict[str, Head] = {}
        self._origins: dict[str, Origin] = {}

    def settle(self) -> None:
        """Finish or undo the changes of a killed writer."""
        entries = [entry for row in self._journal() for entry in json.loads(row["value"])]
        left = [entry if isinstance(entry, str) else entry[0] for entry in entries]  # release 0.1.0 noted more
        for start in range(0, len(left), ROWS_AT_ONCE):
            some = left[start : start + ROWS_AT_ONCE]
            heads = {row["id"]: read_head(row) for row in self._tables.get("articles", some, HEAD)}
            theirs = f"article in {listed(some)}"
            ids = {i for head in heads.values() for i in head.passage_ids}
            texts = {key for head in heads.values() for v in head.history for key in piece_keys(head.info.id, v)}
            self._clear_away(
                [row["id"] for row in self._tables.scan("passages", theirs, ("id",)) if row["id"] not in ids],
                [row["id"] for row in self._tables.scan("texts", theirs, ("id",)) if row["id"] not in texts],
            )
            MilvusOrigins(self._tables).note_missing({at for head in heads.values() for at in head.locations})
        if left:
            self._bump()
            self._end()

    def add(
        self,
        article: Article,
        passages: Sequence[Passage],
        vectors: Sequence[bytes],
        *,
        now: datetime,
        location: str | None = None,
    ) -> Added:
        """Add an article with its passages and vectors, as StoreWriter.add does."""
        if len(passages) != len(vectors) or any(len(v) != self._manifest.vector_bytes for v in vectors):
            raise ValueError(f"{len(passages)} passages cannot have {len(vectors)} vectors")
        if any(p.text != article.text[p.start : p.end] for p in passages):
            raise ValueError("a passage is not a slice of the article's text")
        if article.id in self._new:
            self.flush()
        stamp = now.astimezone(UTC).isoformat(timespec="seconds")
        before = self._head(article.id)
        if before is not None and before.info.version == article.version:
            self._link(before, article.path, location)
            return Added("unchanged", article.id, article.version, 0)
        pieces = document(article)
        history = tuple(version for version in before.history if version.version != article.version) if before else ()
        again = before.version(article.version) if before else None
        first_added = again.added if again else stamp
        info = article_info(
            article,
            path=article.path or (before.info.path if before else None),
            added=before.info.added if before else stamp,
            changed=stamp,
        )
        origin_location = (location or article.path) if article.path else None
        locations = dict.fromkeys(
            [*(before.locations if before else ()), *([origin_location] if origin_location else [])]
        )
        entry = Version(article.version, len(pieces), first_added, article.published, article.modified)
        number = before.number if before else 0
        head = Head(info, number, 0, len(passages), (*history, entry), tuple(locations))
        head_row(head)  # refuses what is too large for Milvus before anything is written
        self._new[article.id] = _New(head, before, pieces, passages, vectors, article.title)
        self._heads[article.id] = head
        if origin_location:
            self._origins.setdefault(origin_location, self._origin(origin_location) or Origin(location=origin_location))
        if before is None:
            return Added("added", article.id, article.version, len(passages))
        former = before.info.path if article.path and before.info.path != article.path else None
        return Added("replaced", article.id, article.version, len(passages), former)

    def moved(self, article: str, path: str, location: str | None = None) -> None:
        """Note that an unchanged article was now read at `path`, from the file or address `location`."""
        head = self._head(article)
        if head is not None:
            self._link(head, path, location)

    def record(self, origin: Origin, articles: Iterable[str] | None, *, whole: bool) -> None:
        """Store a source's state and the ids of its articles. See corpus.store.writer.StoreWriter.record."""
        known = self._origin(origin.location) is not None
        self._origins[origin.location] = origin
        if articles is None:
            return
        there = set(articles)
        for article in sorted(there):
            head = self._head(article)
            if head is not None and origin.location not in head.locations:
                self._change(replace(head, locations=(*head.locations, origin.location)))
        if whole and known:
            for head in MilvusOrigins(self._tables).linked([origin.location]):
                if head.info.id not in there:
                    self._leave_behind(self._head(head.info.id) or head, origin.location)

    def forget(self, locations: Iterable[str]) -> None:
        """Delete sources. Their articles stay."""
        self.flush()
        gone = list(dict.fromkeys(locations))
        heads = MilvusOrigins(self._tables).linked(gone)
        rows = [head_row(replace(h, locations=tuple(x for x in h.locations if x not in gone))) for h in heads]
        self._tables.put("articles", rows)
        self._tables.delete("places", map(origin_key, gone))

    def remove(self, articles: Iterable[str]) -> list[str]:
        """Remove all versions of these articles. Return the ids of those that existed."""
        self.flush()
        wanted = list(dict.fromkeys(articles))
        heads = {row["id"]: read_head(row) for row in self._tables.get("articles", wanted, HEAD)}
        removed = [article for article in wanted if article in heads]
        if removed:
            gone = [heads[article] for article in removed]
            self._begin(removed)
            places = list(dict.fromkeys(location for head in gone for location in head.locations))
            MilvusOrigins(self._tables).forget_looks(places)
            self._tables.delete("articles", removed)
            self._bump()
            self._clear_away(
                [i for head in gone for i in head.passage_ids],
                [key for head in gone for version in head.history for key in piece_keys(head.info.id, version)],
            )
            MilvusOrigins(self._tables).drop_empty(places)
            self._end()
        self._heads.clear()
        return removed

    def flush(self) -> None:
        """Write the collected changes."""
        new = list(self._new.values())
        changed = [*self._new, *self._linked]
        if new:
            self._number(new)
        if changed:
            self._begin(changed)
        if new:
            keyed = ((n.head.info.id, piece_keys(n.head.info.id, n.head.history[-1]), n.pieces) for n in new)
            rows = (
                {"id": key, "article": article, "piece": piece}
                for article, keys, pieces in keyed
                for key, piece in zip(keys, pieces, strict=True)
            )
            self._tables.put("texts", list(rows))
            self._write_passages(new)
        if changed:
            self._tables.put("articles", [head_row(head) for head in (*(n.head for n in new), *self._linked.values())])
            self._bump()
        self._clear_away([i for n in new if n.before for i in n.before.passage_ids], [])
        if self._origins:
            self._tables.put("places", [origin_row(origin) for origin in self._origins.values()])
        if changed:
            self._end()
        self._heads.clear()
        self._new.clear()
        self._linked.clear()
        self._origins.clear()

    def _number(self, new: list[_New]) -> None:
        """Give the new heads unused numbers and passage ids."""
        counts = {row["name"]: int(row["value"]) for row in self._tables.get("about", ["passage", "article"])}
        passage, number = counts.get("passage", 1), counts.get("article", 1)
        for one in new:
            one.head = replace(one.head, first=passage, number=one.head.number or number)
            passage += len(one.passages)
            number += one.before is None
        self._note({"passage": passage, "article": number})

    def _write_passages(self, new: list[_New]) -> None:
        texts = {n.head.first + i: p.text for n in new for i, p in enumerate(n.passages)}
        groups, members = copy_groups(self._tables, texts)
        rows: list[Row] = []
        for one in new:
            title = [as_term(token) for token in tokens(one.title or "")]
            for i, (passage, vector) in enumerate(zip(one.passages, one.vectors, strict=True)):
                number = one.head.first + i
                terms = [*title, *map(as_term, tokens(passage.text))]
                rows.append(passage_row(number, one.head, passage, vector, groups[number], terms))
        self._tables.insert("passages", rows)
        self._tables.put("bands", [{"band": band, "members": held} for band, held in members.items()])

    def _clear_away(self, passages: Sequence[int], texts: Sequence[str]) -> None:
        """Delete these passages and pieces of texts."""
        drop_from_bands(self._tables, passages)
        self._tables.delete("passages", passages)
        self._tables.delete("texts", texts)

    def _begin(self, articles: Sequence[str]) -> None:
        """Write the journal. Raises LibraryError for too many articles."""
        parts = [articles[start : start + _ENTRIES_A_ROW] for start in range(0, len(articles), _ENTRIES_A_ROW)]
        if len(parts) > _JOURNAL_ROWS:
            raise LibraryError(f"{len(articles):,} articles are changed at once: change fewer at a time")
        rows = [{"name": f"journal:{number}", "value": json.dumps(part)} for number, part in enumerate(parts)]
        self._tables.put("about", rows)

    def _journal(self) -> list[Row]:
        return self._tables.get("about", [f"journal:{number}" for number in range(_JOURNAL_ROWS)])

    def _end(self) -> None:
        """Delete the journal: the changes are done."""
        self._tables.delete("about", [row["name"] for row in self._journal()])

    def _link(self, head: Head, path: str | None, location: str | None) -> None:
        """Note where an unchanged article was last read: its path, and the file or address `location`."""
        if path is None:
            return
        origin_location = location or path
        if origin_location in head.locations and head.info.path == path:
            return
        locations = tuple(dict.fromkeys([*head.locations, origin_location]))
        self._change(replace(head, info=replace(head.info, path=path), locations=locations))
        self._origins.setdefault(origin_location, self._origin(origin_location) or Origin(location=origin_location))

    def _leave_behind(self, head: Head, location: str) -> None:
        """Move an article that its source no longer holds to the location marked FORMERLY."""
        formerly = location + FORMERLY
        locations = dict.fromkeys([*(x for x in head.locations if x != location), formerly])
        self._change(replace(head, locations=tuple(locations)))
        self._origins.setdefault(formerly, self._origin(formerly) or Origin(location=formerly))

    def _change(self, head: Head) -> None:
        self._heads[head.info.id] = head
        if head.info.id in self._new:
            self._new[head.info.id].head = head
        else:
            self._linked[head.info.id] = head

    def _head(self, article: str) -> Head | None:
        if article not in self._heads:
            rows = self._tables.get("articles", [article], HEAD)
            self._heads[article] = read_head(rows[0]) if rows else None
        return self._heads[article]

    def _origin(self, location: str) -> Origin | None:
        return self._origins.get(location) or MilvusOrigins(self._tables).at(location)

    def _bump(self) -> None:
        """Raise the change number, so that readers count again."""
        found = self._tables.get("about", ["change"])
        self._note({"change": int(found[0]["value"]) + 1 if found else 1})

    def _note(self, values: dict[str, int]) -> None:
        self._tables.put("about", [{"name": name, "value": str(value)} for name, value in values.items()])
