"""Reading a library in Milvus: its present state, with each article as it was first seen in the block.

Milvus has no transactions over several tables. A passage exists if its article's head, one row, says so. Each head is
read once and remembered, so that all facts about an article are of the same version.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import PurePath

import numpy as np

from corpus.errors import LibraryBusy, UsageError
from corpus.store.origins import Origin
from corpus.store.records import (
    EVERYTHING,
    ArticleInfo,
    Counts,
    Coverage,
    Filters,
    Order,
    StoredArticle,
    StoredPassage,
)
from corpus.store.snapshot import METADATA
from embeddings.encoder.encoder import Encoder
from embeddings.encoder.openvino_network import FloatArray
from embeddings.index.tokens import telling_tokens
from embeddings.library.search import Hit, hit
from embeddings.milvus.rows import (
    HEAD,
    Head,
    Tally,
    as_term,
    origin_key,
    piece_keys,
    read_document,
    read_head,
    read_origin,
    sort_heads,
    where,
)
from embeddings.milvus.tables import MilvusTables, Row, literal

_PASSAGE = ("id", "article", "start", "stop", "copy_group", "text")
_MOST_HITS = 16_384  # Milvus returns no more at once
_QUESTION_WORDS = 128
_ATTEMPTS = 3


class MilvusSnapshot:
    """The present state of a library. Use it only in the thread that opened it.

    tally: counts the articles that pass filters, given the number of the library's last change.
    """

    def __init__(
        self, tables: MilvusTables, encoder: Callable[[], Encoder], tally: Callable[[int, Filters], Tally]
    ) -> None:
        self._tables = tables
        self._encoder = encoder
        self._tally = tally
        self._heads: dict[str, Head | None] = {}
        self.origins = MilvusOrigins(tables)
        self.articles_named = self.origins.articles_named

    def search(self, question: str, *, filters: Filters = EVERYTHING, dense: int = 50, lexical: int = 50) -> list[Hit]:
        """Return the `dense` passages nearest in meaning and the `lexical` best by words.

        Each hit has both scores; the highest cosine comes first. Milvus' own fusion is not used: our ranking needs both
        scores (docs/retrieval.md).
        """
        query = np.asarray(self._encoder().encode_question(question), dtype=np.float32)
        words = _query(question)
        allowed = where(filters, article="article")
        near = self._best("vector", query.tolist(), dense, allowed)
        alike = self._best("sparse", words, lexical, allowed) if words else {}
        passages = {i: passage for i, (_, passage) in (near | alike).items()}
        cosines = {i: score for i, (score, _) in near.items()}
        cosines |= {i: float(vector @ query) for i, vector in self._vectors(alike.keys() - near.keys()).items()}
        scores = {i: score for i, (score, _) in alike.items()}
        unknown = near.keys() - alike.keys()
        if words and unknown:
            (found,) = self._tables.search("sparse", [words], len(unknown), where=f"id in {literal([*unknown])}")
            scores |= {row["id"]: row["score"] for row in found}
        hits = [hit(passages[i], cosine, scores.get(i, 0.0)) for i, cosine in cosines.items()]
        return sorted(hits, key=lambda found: (-found.dense, found.passage_id))

    def _best(
        self, field: str, query: str | list[float], wanted: int, allowed: str
    ) -> dict[int, tuple[float, StoredPassage]]:
        """Return the `wanted` best passages with their scores, best first.

        Twice as many are asked for: passages of articles that are being replaced do not count.
        """
        if not wanted:
            return {}
        k = min(2 * wanted, _MOST_HITS)
        (found,) = self._tables.search(field, [query], k, where=allowed, fields=_PASSAGE)
        there = self._confirmed(found)[:wanted]
        return {row["id"]: (row["score"], _passage(row, head)) for row, head in there}

    def _confirmed(self, rows: Sequence[Row]) -> list[tuple[Row, Head]]:
        """Return those passages, with their articles' heads, that the heads confirm."""
        heads = self.heads(row["article"] for row in rows)
        found = ((row, heads.get(row["article"])) for row in rows)
        return [(row, head) for row, head in found if head is not None and row["id"] in head.passage_ids]

    def heads(self, articles: Iterable[str]) -> dict[str, Head]:
        """Return the heads of the articles that exist, as first seen in this block."""
        wanted = list(dict.fromkeys(articles))
        if unseen := [article for article in wanted if article not in self._heads]:
            rows = {row["id"]: read_head(row) for row in self._tables.get("articles", unseen)}
            self._heads.update((article, rows.get(article)) for article in unseen)
        return {article: head for article in wanted if (head := self._heads[article]) is not None}

    def article(self, article: str, version: str | None = None) -> StoredArticle:
        """Return an article's current version, or the one named. The text is checked against its hash.

        Raises UsageError for an unknown article or version, LibraryBusy if it is removed while it is read,
        LibraryDamaged where the text does not match its hash.
        """
        head = self.heads([article]).get(article)
        found = head.version(version or head.info.version) if head else None
        if head is None or found is None:
            what = f"article {article} has no version {version}" if head else f"there is no article {article}"
            raise UsageError(f'{what} here: "citewire list" and "citewire show ID --json" name them')
        keys = piece_keys(article, found)
        pieces = {row["id"]: row["piece"] for row in self._tables.get("texts", keys)}
        if len(pieces) < len(keys) and not self._tables.get("articles", [article], ["id"]):
            raise LibraryBusy(f"article {article} was removed while it was read: ask again")
        read = read_document([pieces.get(key, "") for key in keys], head, found.version)
        info = replace(
            head.info,
            version=found.version,
            current=found.version == head.info.version,
            heading=read.heading,
            characters=len(read.text),
            **{name: getattr(read, name) for name in METADATA},
        )
        return StoredArticle(info, read.text, head.versions())

    def articles(
        self,
        filters: Filters = EVERYTHING,
        *,
        order: Order = "newest",
        limit: int | None = None,
        offset: int = 0,
    ) -> list[ArticleInfo]:
        """Return the articles that pass the filters. Those without a date come last."""
        scanned = map(read_head, self._tables.scan("articles", where(filters, article="id"), HEAD))
        seen = (self._heads.setdefault(head.info.id, head) for head in scanned)  # unknown at first: stays unknown
        heads = [head for head in seen if head is not None]
        sort_heads(heads, order)
        return [head.info for head in heads[offset : None if limit is None else offset + limit]]

    def current_versions(self, articles: Iterable[str]) -> dict[str, tuple[str, str | None]]:
        """Return the current version and last path of each of these articles that is in the library."""
        return {article: (head.info.version, head.info.path) for article, head in self.heads(articles).items()}

    def passages_of(self, article: str) -> list[StoredPassage]:
        """Return the passages of an article's current version, in text order."""
        for _ in range(_ATTEMPTS):
            head = self.heads([article]).get(article)
            if head is None:
                return []
            rows = self._tables.get("passages", head.passage_ids, _PASSAGE)
            if len(rows) == head.passages:
                return sorted((_passage(row, head) for row in rows), key=lambda passage: passage.id)
            del self._heads[article]  # replaced meanwhile: its old passages are being deleted
        raise LibraryBusy(f"article {article} was changed again and again while it was read: ask again")

    def copies(self, groups: Iterable[int]) -> dict[int, list[ArticleInfo]]:
        """Return, for each copy group, the articles with one of its passages, in the order they were added."""
        wanted = list(dict.fromkeys(groups))
        if not wanted:
            return {}
        rows = list(self._tables.scan("passages", f"copy_group in {literal(wanted)}", ("id", "article", "copy_group")))
        found: dict[int, dict[int, ArticleInfo]] = {}
        for row, head in self._confirmed(rows):
            found.setdefault(row["copy_group"], {})[head.number] = head.info
        return {group: [info for _, info in sorted(held.items())] for group, held in found.items()}

    def vectors(self, ids: Iterable[int]) -> dict[int, bytes]:
        """Return the vectors of these passages, float16, little-endian."""
        return {i: vector.astype("<f2").tobytes() for i, vector in self._vectors(ids).items()}

    def _vectors(self, ids: Iterable[int]) -> dict[int, FloatArray]:
        rows = self._tables.get("passages", ids, ("id", "vector"))
        return {row["id"]: np.array(row["vector"], dtype=np.float32) for row in rows}

    def coverage(self, filters: Filters = EVERYTHING) -> Coverage:
        """Return what the filters cover."""
        return self._tally(self._change(), filters).coverage

    def sources(self) -> list[tuple[str, int]]:
        """Return the outlets with their numbers of articles, largest first."""
        return list(self._tally(self._change(), EVERYTHING).sources)

    def counts(self) -> Counts:
        """Return the library's size."""
        return self._tally(self._change(), EVERYTHING).counts

    def _change(self) -> int:
        found = self._tables.get("about", ["change"])
        return int(found[0]["value"]) if found else 0


def _passage(row: Row, head: Head) -> StoredPassage:
    return StoredPassage(row["id"], row["start"], row["stop"], row["text"], row["copy_group"], head.info)


def _query(question: str) -> str:
    """Return the stems of the question's content words, with repetitions."""
    counts = Counter(as_term(token) for token in telling_tokens(question))
    return " ".join(word for word, count in counts.most_common(_QUESTION_WORDS) for _ in range(count))


class MilvusOrigins:
    """The origins that the library has read: files and addresses."""

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
        here = [*self.known([folder]), *self.under(folder, after="", limit=sys.maxsize)]
        contents = {(PurePath(origin.location).name, origin.etag) for origin in here if origin.etag}
        own = {origin.location for origin in here}
        rows = self._tables.scan_for("places", "name in {}", {name for name, _ in contents}, ("location", "look"))
        alike = {o.location for o in map(read_origin, rows) if (PurePath(o.location).name, o.etag) in contents}
        return sorted(alike - own)

    def renamed(self, articles: Iterable[str], *, since: str) -> list[str]:
        """Return those of the articles that are known by path only and whose content was added under another path.

        since: count only articles added at this time (UTC, ISO 8601) or later.
        """
        wanted = set(articles)
        lost = [read_head(row) for row in self._tables.get("articles", wanted, HEAD)]
        known = {head.info.version: head.info.id for head in lost if head.info.key.startswith("path:")}
        rows = self._tables.scan_for("articles", "version in {}", known, HEAD)
        fresh = [head.info for head in map(read_head, rows) if head.info.added >= since]
        return sorted({known[info.version] for info in fresh if info.id not in wanted})

    def articles_named(self, name: str) -> list[str]:
        """Return the ids of the articles read from a file of this name, or from this path or address."""
        places = [row["location"] for row in self._tables.scan("places", f"name == {literal(name)}", ("location",))]
        heads = self.linked(places or [name])
        if not heads and "#" in name:  # one of the articles of a file
            heads = [head for head in self.linked([name.rpartition("#")[0]]) if head.info.path == name]
        return [head.info.id for head in sorted(heads, key=lambda head: head.number)]

    def linked(self, locations: Sequence[str]) -> list[Head]:
        """Return the heads of the articles that were read from one of these origins."""
        rows = self._tables.scan_for("articles", "array_contains_any(locations, {})", locations, HEAD)
        return list({row["id"]: read_head(row) for row in rows}.values())
