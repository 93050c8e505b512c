"""Writing to a library in Milvus. A process killed between any two steps leaves the library whole.

An article exists if its head, one row, says so. The head is written after everything it points to. A journal, written
first and deleted last, names the articles that are being changed. The next writer finds the journal of a killed one and
deletes what no present head of these articles points to. So a change whose new head is written is finished, any other
is undone, and both can be repeated. It also stores the origins that such articles name.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from corpus.article import Article, Passage
from corpus.near_copies import is_copy
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
from embeddings.milvus.tables import ROWS_WRITTEN_AT_ONCE, MilvusTables, Row, listed

_JOURNAL = "journal"
_MOST_CHANGED = 3_000  # articles changed at once: the journal, one text, holds their ids
_NEAREST = 10  # older passages that a new one is compared with, and as many of the new ones
_ALIKE = 0.7  # least cosine of near copies: of 505 pairs in news, 495 have it


@dataclass(frozen=True, slots=True)
class _NewVersion:
    """What is written of a new version besides its head. before: the article's head until then."""

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
        self._stored_origins = MilvusOrigins(tables)
        self._changed: dict[str, Head] = {}
        self._new: dict[str, _NewVersion] = {}
        self._origins: dict[str, Origin] = {}

    def settle(self) -> None:
        """Finish or undo the changes of a killed writer."""
        found = self._tables.get("about", [_JOURNAL])
        if not found:
            return
        articles = json.loads(found[0]["value"])
        heads = self._heads(articles)
        theirs = f"article in {listed(articles)}"
        passages = {i for head in heads.values() for i in head.passage_ids}
        pieces = {key for head in heads.values() for key in _pieces(head)}
        for table, wanted in (("passages", passages), ("texts", pieces)):
            there = [row["id"] for row in self._tables.scan(table, theirs, ("id",))]
            self._tables.delete(table, [key for key in there if key not in wanted])
        self._stored_origins.note_missing({place for head in heads.values() for place in head.locations})
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
        before = self._heads([article.id]).get(article.id)
        if before is not None and before.info.version == article.version:
            self._link(before, article.path, location)
            return Added("unchanged", article.id, article.version, 0)
        stamp = now.astimezone(UTC).isoformat(timespec="seconds")
        pieces = document(article)
        history = before.history if before else ()
        again = before.version(article.version) if before else None
        added = again.added if again else stamp
        version = Version(article.version, len(pieces), added, article.published, article.modified)
        info = article_info(
            article,
            path=article.path or (before.info.path if before else None),
            added=before.info.added if before else stamp,
            changed=stamp,
        )
        place = (location or article.path) if article.path else None
        locations = dict.fromkeys([*(before.locations if before else ()), *filter(None, [place])])
        number = before.number if before else 0
        history = (*(earlier for earlier in history if earlier != again), version)
        head = Head(info, number, 0, len(passages), history, tuple(locations))
        head_row(head)  # refuses what is too large for Milvus before anything is written
        self._change(head)
        self._new[article.id] = _NewVersion(before, pieces, passages, vectors, article.title)
        if place:
            self._note_place(place)
        if before is None:
            return Added("added", article.id, article.version, len(passages))
        former = before.info.path if article.path and before.info.path != article.path else None
        return Added("replaced", article.id, article.version, len(passages), former)

    def moved(self, article: str, path: str, location: str | None = None) -> None:
        """Note that an unchanged article was now read at `path`, from the file or address `location`."""
        for head in self._heads([article]).values():
            self._link(head, path, location)

    def record(self, origin: Origin, articles: Iterable[str] | None, *, whole: bool) -> None:
        """Store an origin's state and the ids of its articles. See corpus.store.writer.StoreWriter.record."""
        at = origin.location
        if articles is not None:
            there = set(articles)
            if len(self._changed) + len(there) > _MOST_CHANGED:
                self.flush()  # the heads read below stay as they are
            known = whole and self._stored_origins.at(at) is not None
            left = [head.info.id for head in self._stored_origins.linked([at])] if known else []
            for head in self._heads(there).values():
                if at not in head.locations:
                    self._change(replace(head, locations=(*head.locations, at)))
            for head in self._heads(article for article in left if article not in there).values():
                locations = dict.fromkeys([*(place for place in head.locations if place != at), at + FORMERLY])
                self._change(replace(head, locations=tuple(locations)))
                self._note_place(at + FORMERLY)
        self._origins[at] = origin

    def forget(self, locations: Iterable[str]) -> None:
        """Delete origins. Their articles stay."""
        self.flush()
        gone = list(dict.fromkeys(locations))
        heads = self._stored_origins.linked(gone)
        rows = [head_row(replace(h, locations=tuple(x for x in h.locations if x not in gone))) for h in heads]
        self._tables.put("articles", rows)
        self._tables.delete("places", map(origin_key, gone))

    def remove(self, articles: Iterable[str]) -> list[str]:
        """Remove all versions of these articles. Return the ids of those that existed."""
        self.flush()
        wanted = list(dict.fromkeys(articles))
        heads = self._heads(wanted)
        gone = [heads[article] for article in wanted if article in heads]
        for start in range(0, len(gone), _MOST_CHANGED):
            self._remove(gone[start : start + _MOST_CHANGED])
        return [head.info.id for head in gone]

    def _remove(self, heads: Sequence[Head]) -> None:
        places = list(dict.fromkeys(place for head in heads for place in head.locations))
        articles = [head.info.id for head in heads]
        self._begin(articles)
        self._stored_origins.release(places, articles)
        self._tables.delete("articles", articles)
        self._bump()
        self._tables.delete("passages", [i for head in heads for i in head.passage_ids])
        self._tables.delete("texts", [key for head in heads for key in _pieces(head)])
        self._end()

    def flush(self) -> None:
        """Write the collected changes."""
        if self._changed:
            self._begin(list(self._changed))
            self._write_new()
            self._tables.put("articles", [head_row(head) for head in self._changed.values()])
            self._bump()
            replaced = [new.before for new in self._new.values() if new.before]
            self._tables.delete("passages", [i for head in replaced for i in head.passage_ids])
        self._tables.put("places", [origin_row(origin) for origin in self._origins.values()])
        if self._changed:
            self._end()
        self._changed.clear()
        self._new.clear()
        self._origins.clear()

    def _write_new(self) -> None:
        """Write texts and passages of new versions, and give their heads unused numbers and passage ids."""
        counts = {row["name"]: int(row["value"]) for row in self._tables.get("about", ["passage", "article"])}
        first, number = counts.get("passage", 1), counts.get("article", 1)
        texts: list[Row] = []
        passages: list[Row] = []
        for article, new in self._new.items():
            head = self._changed[article]
            head = self._changed[article] = replace(head, first=first, number=head.number or number)
            keys = piece_keys(article, head.history[-1])
            texts += [{"id": k, "article": article, "piece": p} for k, p in zip(keys, new.pieces, strict=True)]
            title = [as_term(token) for token in tokens(new.title or "")]
            for i, passage, vector in zip(head.passage_ids, new.passages, new.vectors, strict=True):
                passages.append(passage_row(i, head, passage, vector, [*title, *map(as_term, tokens(passage.text))]))
            first += head.passages
            number += new.before is None
        self._note({"passage": first, "article": number})
        self._tables.put("texts", texts)
        for start in range(0, len(passages), ROWS_WRITTEN_AT_ONCE):
            some = passages[start : start + ROWS_WRITTEN_AT_ONCE]
            self._join_copies(some)
            self._tables.put("passages", some)

    def _join_copies(self, rows: Sequence[Row]) -> None:
        """Give new passages the group with the smallest id that has a near copy of them, if there is one.

        Near copies have near vectors. Unlike in a folder, groups are never merged: that would rewrite passages.
        """
        vectors = np.array([row["vector"] for row in rows], dtype=np.float32)
        older = self._tables.search("vector", vectors.tolist(), _NEAREST, fields=("copy_group", "text"))
        for at, (row, near) in enumerate(zip(rows, older, strict=True)):
            cosines = vectors[:at] @ vectors[at]
            new = [{**rows[i], "score": cosines[i]} for i in np.argsort(-cosines)[:_NEAREST]]
            alike = [other for other in (*near, *new) if other["score"] >= _ALIKE]
            groups = [other["copy_group"] for other in alike if is_copy(row["text"], other["text"])]
            row["copy_group"] = min(groups, default=row["id"])

    def _begin(self, articles: Sequence[str]) -> None:
        """Write the journal."""
        self._tables.put("about", [{"name": _JOURNAL, "value": json.dumps(articles)}])

    def _end(self) -> None:
        """Delete the journal: the changes are done."""
        self._tables.delete("about", [_JOURNAL])

    def _link(self, head: Head, path: str | None, location: str | None) -> None:
        """Note where an unchanged article was last read: its path, and the file or address `location`."""
        if path is None:
            return
        place = location or path
        locations = tuple(dict.fromkeys([*head.locations, place]))
        self._change(replace(head, info=replace(head.info, path=path), locations=locations))
        self._note_place(place)

    def _note_place(self, place: str) -> None:
        """Store an origin if it is unknown, so that it is read again."""
        if place not in self._origins and self._stored_origins.at(place) is None:
            self._origins[place] = Origin(location=place)

    def _change(self, head: Head) -> None:
        """Collect a head to write."""
        if len(self._changed) >= _MOST_CHANGED and head.info.id not in self._changed:
            self.flush()
        self._changed[head.info.id] = head

    def _heads(self, articles: Iterable[str]) -> dict[str, Head]:
        """Return the heads of those of the articles that exist, as they will be once all is written."""
        wanted = list(articles)
        stored = self._tables.get("articles", [article for article in wanted if article not in self._changed], HEAD)
        changed = {article: self._changed[article] for article in wanted if article in self._changed}
        return {row["id"]: read_head(row) for row in stored} | changed

    def _bump(self) -> None:
        """Raise the change number, so that readers count again."""
        found = self._tables.get("about", ["change"])
        self._note({"change": int(found[0]["value"]) + 1 if found else 1})

    def _note(self, values: dict[str, int]) -> None:
        self._tables.put("about", [{"name": name, "value": str(value)} for name, value in values.items()])


def _pieces(head: Head) -> list[str]:
    """Return the keys of all pieces of an article's texts."""
    return [key for version in head.history for key in piece_keys(head.info.id, version)]
