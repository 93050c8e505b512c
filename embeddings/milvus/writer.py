"""Writing to a library in Milvus. A process killed between any two steps leaves the library whole.

An article exists if its head, one row, says so. The head is written after everything it points to. A journal, written
first and deleted last, names the articles that are being changed. The next writer finds the journal of a killed one and
deletes what no present head of these articles points to. So a change whose new head is written is finished, any other
is undone, and both can be repeated. It also stores the origins that such articles name.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from corpus.article import Article, Passage
from corpus.near_copies import is_copy
from corpus.store.origins import FORMERLY, Origin
from corpus.store.records import Added
from corpus.store.snapshot import article_info
from embeddings.index.tokens import tokens
from embeddings.milvus.rows import (
    HEAD,
    Head,
    Version,
    as_term,
    document,
    head_row,
    origin_key,
    origin_row,
    passage_row,
    piece_keys,
    read_head,
)
from embeddings.milvus.snapshot import MilvusOrigins
from embeddings.milvus.tables import ROWS_WRITTEN_AT_ONCE, MilvusTables, Row

_JOURNAL = 'name like "journal%"'
_PAGE = 3_000  # ids of articles in a row of the journal, one text
_NEAREST = 10  # older passages that a new one is compared with, and as many of the new ones
_ALIKE = 0.7  # least cosine of near copies: of 505 pairs in news, 495 have it


class MilvusWriter:
    """Collects changes and writes them with `flush`. Call `settle` first."""

    def __init__(self, tables: MilvusTables) -> None:
        self._tables = tables
        self._stored_origins = MilvusOrigins(tables)
        counts = {row["name"]: int(row["value"]) for row in tables.get("about", ["passage", "article", "change"])}
        self._counts = {"passage": 1, "article": 1, "change": 0} | counts
        """The next passage's and article's numbers, and the number of the last change. Readers count after a change."""
        self._changed: dict[str, Head] = {}
        self._new: set[str] = set()
        self._texts: list[Row] = []
        self._passages: list[Row] = []
        self._replaced: list[int] = []
        self._origins: dict[str, Origin] = {}

    def settle(self) -> None:
        """Finish or undo the changes of a killed writer."""
        journal = self._tables.scan("about", _JOURNAL, ("name", "value"))
        articles = [article for row in journal for article in json.loads(row["value"])]
        if not articles:
            return
        heads = self._heads(articles)
        passages = {i for head in heads.values() for i in head.passage_ids}
        pieces = {key for head in heads.values() for key in _pieces(head)}
        for table, wanted in (("passages", passages), ("texts", pieces)):
            there = {row["id"] for row in self._tables.scan_for(table, "article in {}", articles, ("id",))}
            self._tables.delete(table, there - wanted)
        self._note_places(place for head in heads.values() for place in head.locations)
        self.flush()
        self._count_change()
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
        if any(p.text != article.text[p.start : p.end] for p in passages):
            raise ValueError("a passage is not a slice of the article's text")
        if article.id in self._new:
            self.flush()
        before = self._heads([article.id]).get(article.id)
        if before is not None and before.info.version == article.version:
            if article.path is not None:
                self.moved(article.id, article.path, location)
            return Added("unchanged", article.id, article.version, 0)
        stamp = now.astimezone(UTC).isoformat(timespec="seconds")
        info = article_info(
            article,
            path=article.path or (before.info.path if before else None),
            added=before.info.added if before else stamp,
            changed=stamp,
        )
        pieces = document(article)
        again = before.version(article.version) if before else None
        added = again.added if again else stamp
        version = Version(article.version, len(pieces), added, article.published, article.modified)
        history = [*(earlier for earlier in (before.history if before else ()) if earlier != again), version]
        place = (location or article.path) if article.path else None
        locations = dict.fromkeys([*(before.locations if before else ()), *filter(None, [place])])
        number = before.number if before else self._counts["article"]
        head = Head(info, number, self._counts["passage"], len(passages), tuple(history), tuple(locations))
        self._counts["passage"] += len(passages)
        self._counts["article"] += before is None
        self._changed[article.id] = head
        self._new.add(article.id)
        self._replaced += before.passage_ids if before else ()
        self._note_places(filter(None, [place]))
        keys = piece_keys(article.id, version)
        self._texts += [{"id": k, "article": article.id, "piece": p} for k, p in zip(keys, pieces, strict=True)]
        title = [as_term(token) for token in tokens(article.title or "")]
        for i, passage, vector in zip(head.passage_ids, passages, vectors, strict=True):
            terms = [*title, *map(as_term, tokens(passage.text))]
            self._passages.append(passage_row(i, head, passage, vector, terms))
        if before is None:
            return Added("added", article.id, article.version, len(passages))
        former = before.info.path if article.path and before.info.path != article.path else None
        return Added("replaced", article.id, article.version, len(passages), former)

    def moved(self, article: str, path: str, location: str | None = None) -> None:
        """Note that an unchanged article was now read at `path`, from the file or address `location`."""
        place = location or path
        for head in self._heads([article]).values():
            locations = tuple(dict.fromkeys([*head.locations, place]))
            self._changed[article] = replace(head, info=replace(head.info, path=path), locations=locations)
            self._note_places([place])

    def record(self, origin: Origin, articles: Iterable[str] | None, *, whole: bool) -> None:
        """Store an origin's state and the ids of its articles. See corpus.store.writer.StoreWriter.record."""
        at = origin.location
        if articles is not None:
            there = set(articles)
            known = whole and self._stored_origins.at(at) is not None
            before = [head.info.id for head in self._stored_origins.linked([at])] if known else []
            for article, head in self._heads({*there, *before}).items():
                place = at if article in there else at + FORMERLY
                locations = dict.fromkeys([*(other for other in head.locations if other != at), place])
                if locations.keys() != set(head.locations):
                    self._changed[article] = replace(head, locations=tuple(locations))
                    self._note_places([place])
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
        articles = [head.info.id for head in gone]
        if not gone:
            return []
        self._begin(articles)
        places = list(dict.fromkeys(place for head in gone for place in head.locations))
        others = [head for head in self._stored_origins.linked(places) if head.info.id not in heads]
        rest = {place for head in others for place in head.locations}.intersection(places)
        self._tables.put("places", [origin_row(Origin(location=place)) for place in rest])  # to be read again
        self._tables.delete("places", [origin_key(place) for place in places if place not in rest])
        self._tables.delete("articles", articles)
        self._count_change()
        self._tables.delete("passages", [i for head in gone for i in head.passage_ids])
        self._tables.delete("texts", [key for head in gone for key in _pieces(head)])
        self._end()
        return articles

    def flush(self) -> None:
        """Write the collected changes."""
        if self._changed:
            self._begin(list(self._changed))
            self._write_counts()
            self._tables.put("texts", self._texts)
            for start in range(0, len(self._passages), ROWS_WRITTEN_AT_ONCE):
                some = self._passages[start : start + ROWS_WRITTEN_AT_ONCE]
                self._join_copies(some)
                self._tables.put("passages", some)
            self._tables.put("articles", [head_row(head) for head in self._changed.values()])
            self._count_change()
            self._tables.delete("passages", self._replaced)
        self._tables.put("places", [origin_row(origin) for origin in self._origins.values()])
        if self._changed:
            self._end()
        for collected in (self._changed, self._new, self._texts, self._passages, self._replaced, self._origins):
            collected.clear()

    def _join_copies(self, rows: Sequence[Row]) -> None:
        """Give new passages the group with the smallest id that has a near copy of them, if there is one.

        Near copies have near vectors. Unlike in a folder, groups are never merged: that would rewrite passages.
        """
        vectors = np.array([row["vector"] for row in rows], dtype=np.float32)
        older = self._tables.search("vector", vectors.tolist(), _NEAREST, fields=("copy_group", "text"))
        for at, (row, near) in enumerate(zip(rows, older, strict=True)):
            new = [rows[i] for i in np.flatnonzero(vectors[:at] @ vectors[at] >= _ALIKE)[:_NEAREST]]
            alike = [*(other for other in near if other["score"] >= _ALIKE), *new]
            groups = [other["copy_group"] for other in alike if is_copy(row["text"], other["text"])]
            row["copy_group"] = min(groups, default=row["id"])

    def _begin(self, articles: Sequence[str]) -> None:
        """Write the journal."""
        pages = [articles[start : start + _PAGE] for start in range(0, len(articles), _PAGE)]
        rows = [{"name": f"journal{number}", "value": json.dumps(page)} for number, page in enumerate(pages)]
        self._tables.put("about", rows)

    def _end(self) -> None:
        """Delete the journal: the changes are done."""
        self._tables.delete("about", [row["name"] for row in self._tables.scan("about", _JOURNAL, ("name",))])

    def _note_places(self, places: Iterable[str]) -> None:
        """Collect those origins that are unknown, so that they are read again."""
        wanted = {place for place in places if place not in self._origins}
        wanted.difference_update(origin.location for origin in self._stored_origins.known(wanted))
        self._origins |= {place: Origin(location=place) for place in wanted}

    def _heads(self, articles: Iterable[str]) -> dict[str, Head]:
        """Return the heads of those of the articles that exist, as they will be once all is written."""
        wanted = list(articles)
        stored = self._tables.get("articles", [article for article in wanted if article not in self._changed], HEAD)
        changed = {article: self._changed[article] for article in wanted if article in self._changed}
        return {row["id"]: read_head(row) for row in stored} | changed

    def _count_change(self) -> None:
        self._counts["change"] += 1
        self._write_counts()

    def _write_counts(self) -> None:
        self._tables.put("about", [{"name": name, "value": str(value)} for name, value in self._counts.items()])


def _pieces(head: Head) -> list[str]:
    """Return the keys of all pieces of an article's texts."""
    return [key for version in head.history for key in piece_keys(head.info.id, version)]
