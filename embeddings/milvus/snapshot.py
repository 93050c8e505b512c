"""Reading a library in Milvus: its present state, with each article as it was first seen in the block.

Milvus has no transactions over several tables. A passage exists if its article's head, one row, says so. Each head is
read once and remembered, so that all facts about an article are of the same version.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np

from corpus.errors import LibraryBusy, UsageError
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
from embeddings.milvus.origins import HEAD, MilvusOrigins
from embeddings.milvus.rows import (
    TALLIED,
    Head,
    Tally,
    as_term,
    piece_keys,
    read_document,
    read_head,
    sort_heads,
    tally,
    where,
)
from embeddings.milvus.tables import MilvusTables, Row, listed

_PASSAGE = ("id", "article", "start", "stop", "copy_group", "text")
_MOST_HITS = 16_384  # Milvus returns no more at once
_QUESTION_WORDS = 128
_ATTEMPTS = 3


class MilvusSnapshot:
    """The present state of a library. Use it only in the thread that opened it."""

    def __init__(self, tables: MilvusTables, encoder: Callable[[], Encoder], tallies: list[Tally]) -> None:
        self._tables = tables
        self._encoder = encoder
        self._tallies = tallies
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
            (found,) = self._tables.search("sparse", [words], len(unknown), where=f"id in {listed(unknown)}")
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
        order: Order = "published",
        descending: bool = True,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[ArticleInfo]:
        """Return the articles that pass the filters. Those without a date or outlet come last."""
        scanned = map(read_head, self._tables.scan("articles", where(filters, article="id"), HEAD))
        seen = (self._heads.setdefault(head.info.id, head) for head in scanned)  # unknown at first: stays unknown
        heads = sorted((head for head in seen if head is not None), key=lambda head: head.number)
        sort_heads(heads, order, descending=descending)
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
        rows = list(self._tables.scan("passages", f"copy_group in {listed(wanted)}", ("id", "article", "copy_group")))
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
        return self._tally().coverage(filters)

    def sources(self) -> list[tuple[str, int]]:
        """Return the outlets with their numbers of articles, largest first."""
        return self._tally().sources()

    def counts(self) -> Counts:
        """Return the library's size."""
        return self._tally().counts()

    def _tally(self) -> Tally:
        """Return the counts. They are made again only after a change."""
        found = self._tables.get("about", ["change"])
        change = int(found[0]["value"]) if found else 0
        if not self._tallies or self._tallies[-1].change != change:
            self._tallies[:] = [tally(change, self._tables.scan("articles", "", TALLIED))]
        return self._tallies[-1]


def _passage(row: Row, head: Head) -> StoredPassage:
    return StoredPassage(row["id"], row["start"], row["stop"], row["text"], row["copy_group"], head.info)


def _query(question: str) -> str:
    """Return the stems of the question's content words, with repetitions."""
    counts = Counter(as_term(token) for token in telling_tokens(question))
    return " ".join(word for word, count in counts.most_common(_QUESTION_WORDS) for _ in range(count))
