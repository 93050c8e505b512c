"""The words of a library in one Tantivy index: BM25 over passages, each together with its article's title.

Any Tantivy opens the folder. It holds no text and no word positions. Passages are deleted by their id; their words stay
in a segment, without order, until Tantivy merges it or the index is rebuilt. One more document, with the id -1, holds
the stamp, so that the stamp changes in the same commit as the passages.

Passages added after the last commit are scored here as Tantivy would score them. Removed ones are left out of the hits.
"""

import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tantivy
from tantivy.tantivy import __version__ as _engine

from corpus.store.connection import WORDS
from embeddings.index.files import (
    IndexMissing,
    IndexUnusable,
    LinkedFolder,
    Stamp,
    can_lock,
    committed,
    note_checksums,
    parse_stamp,
    require_sound_files,
)
from embeddings.index.tokens import WordCounts, score_added, stem, stems, telling_tokens

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]

FORMAT = f"words 5, Tantivy {_engine}"
_INSIDE_QUERY = 2_000  # this many allowed ids go into the query; more are looked for among its hits
_WRITER_BYTES = 48_000_000
_STAMP_ID = -1
_FILLER = "\x01"  # no word of any text
_NONE = np.empty(0, np.int64)
SCHEMA = (
    tantivy.SchemaBuilder()
    .add_integer_field("passage", indexed=True, fast=True)
    .add_text_field("words", stored=False, tokenizer_name="whitespace", index_option="freq")
    .add_text_field("stamp", stored=True, tokenizer_name="raw", index_option="basic")
    .build()
)


@dataclass(frozen=True, slots=True)
class WordDocument:
    """The text of one passage, and the title of its article where that has one."""

    passage_id: int
    title: str | None
    text: str


def words_of(document: WordDocument) -> list[str]:
    """Return a document's words as the index has them: those of the title, then those of the text."""
    return stems(f"{document.title or ''}\n{document.text}")


@dataclass(frozen=True)
class WordIndex:
    """The words of a library up to `change`. It never changes, so any thread may search it.

    removed: ids in Tantivy's index that were removed since. added: passages that were added since.
    linked: the folder through which an index is read that cannot be locked.
    """

    searcher: tantivy.Searcher
    stamp: Stamp
    change: int
    removed: IntArray
    added: WordCounts
    linked: LinkedFolder | None = None

    @classmethod
    def open(cls, folder: Path, expected: Stamp) -> "WordIndex":
        """Return the index saved in the folder, each file checked by Tantivy's checksum. Raises IndexUnusable."""
        while (before := committed(folder)) is not None:
            try:
                return cls._opened(folder / WORDS, expected)
            except (OSError, ValueError, KeyError, TypeError) as error:
                if committed(folder) == before:  # else another process has committed or merged meanwhile
                    raise IndexUnusable("is damaged") from error
        raise IndexMissing

    @classmethod
    def _opened(cls, path: Path, expected: Stamp) -> "WordIndex":
        require_sound_files(path)
        linked = None if can_lock(path) else LinkedFolder(path)
        index = tantivy.Index(SCHEMA, path=str(linked.path if linked else path))
        index.config_reader("manual")
        searcher = index.searcher()
        found = searcher.search(tantivy.Query.term_query(SCHEMA, "passage", _STAMP_ID), 2).hits
        stamp = parse_stamp(searcher.doc(found[0][1])["stamp"][0] if len(found) == 1 else "")
        stamp.require_made_as(expected)
        if searcher.num_docs != stamp.size + 1:
            raise IndexUnusable("is damaged")
        return cls(searcher, stamp, stamp.change, _NONE, {}, linked)

    @classmethod
    def build(cls, stamp: Stamp, documents: Iterable[WordDocument]) -> "WordIndex":
        """Return an index of these passages in memory."""
        index = tantivy.Index(SCHEMA)
        stamp = _commit(index, stamp, documents)
        index.reload()
        return cls(index.searcher(), stamp, stamp.change, _NONE, {})

    @property
    def size(self) -> int:
        """How many passages are in it."""
        return self.stamp.size - len(self.removed) + len(self.added)

    def with_changes(self, documents: Sequence[WordDocument], removed: IntArray, *, change: int) -> "WordIndex":
        """Return the index after further changes. documents: passages that are not in it."""
        gone = set(removed.tolist())
        committed = np.array(sorted(gone - self.added.keys()), dtype=np.int64)
        added = {passage: known for passage, known in self.added.items() if passage not in gone}
        for document in documents:
            words = words_of(document)
            added[document.passage_id] = Counter(words), len(words)
        return replace(self, change=change, removed=np.union1d(self.removed, committed), added=added)

    def search(self, question: str, k: int, *, allowed: IntArray | None = None) -> tuple[IntArray, FloatArray]:
        """Return the ids of the k passages that match the question best and their BM25 scores, best first; exact.

        A passage without any word of the question is no hit. allowed: the only ids that may be hits, each once. Equal
        scores are in the order of the ids.
        """
        words = Counter(stem(token) for token in telling_tokens(question))
        if k < 1 or not words or (allowed is not None and len(allowed) == 0):
            return _NONE, np.empty(0, np.float32)
        size, length, having = self.stamp.size, self.stamp.average_length, partial(self.searcher.doc_freq, "words")
        weights, scores = score_added(self.added, words, having, size=size, average_length=length)
        found = [self._committed(weights, k, allowed)]
        if scores:
            ids = np.fromiter(scores, np.int64, len(scores))
            wanted = np.ones(len(ids), np.bool_) if allowed is None else np.isin(ids, allowed)
            found.append((ids[wanted], np.array(list(scores.values()), np.float32)[wanted]))
        ids, best = (np.concatenate(parts) for parts in zip(*found, strict=True))
        order = np.lexsort((ids, -best))[:k]
        return ids[order], best[order]

    def scores(self, question: str, ids: IntArray) -> FloatArray:
        """Return the BM25 score of each passage, 0 for one that has no word of the question or is not there."""
        found = dict(zip(*self.search(question, len(ids), allowed=np.unique(ids)), strict=True))
        return np.array([found.get(passage, 0.0) for passage in ids.tolist()], dtype=np.float32)

    def _committed(self, weights: Mapping[str, float], k: int, allowed: IntArray | None) -> tuple[IntArray, FloatArray]:
        """Return ids and scores of the k best passages in Tantivy's index, which are allowed and not removed."""
        if allowed is not None:
            allowed = np.setdiff1d(allowed, self.removed, assume_unique=True)
            if len(allowed) <= _INSIDE_QUERY:
                return self._best(weights, k, among=allowed) if len(allowed) else (_NONE, np.empty(0, np.float32))
        # How many hits k of them fit in: removed ones may be among the best; allowed ones are one in size / allowed.
        limit = k + min(k, len(self.removed)) if allowed is None else k * (2 + self.stamp.size // len(allowed))
        while True:
            ids, scores = self._best(weights, limit)
            fits = ~np.isin(ids, self.removed) if allowed is None else np.isin(ids, allowed)
            if np.count_nonzero(fits) >= k or len(ids) < limit:
                return ids[fits][:k], scores[fits][:k]
            limit *= 4

    def _best(
        self, weights: Mapping[str, float], k: int, *, among: IntArray | None = None
    ) -> tuple[IntArray, FloatArray]:
        """Return ids and scores of the k best passages in Tantivy's index; `among`: only these, scored the same."""
        clauses = []
        for word, weight in weights.items():
            term = tantivy.Query.term_query(SCHEMA, "words", word, index_option="freq")
            clauses.append((tantivy.Occur.Should, tantivy.Query.boost_query(term, weight)))
        query = tantivy.Query.boolean_query(clauses)
        if among is not None:
            only = tantivy.Query.term_set_query(SCHEMA, "passage", among.tolist())
            only = tantivy.Query.const_score_query(only, 0.0)
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, only)])
        hits = self.searcher.search(query, k, count=False).hits
        ids = np.array(self.searcher.fast_field_values("passage", [address for _, address in hits]), dtype=np.int64)
        scores = np.array([score for score, _ in hits], dtype=np.float32)
        order = np.lexsort((ids, -scores))
        return ids[order], scores[order]


def update(
    folder: Path,
    stamp: Stamp,
    documents: Iterable[WordDocument],
    removed: Sequence[int] = (),
    *,
    before: Stamp | None = None,
) -> None:
    """Delete passages, add others, and write the stamp, all in one commit. Raises OSError.

    stamp: its size and average length are set here. removed: ids that are in the index. before: the stamp of the saved
    index; without it the index is rebuilt, and nothing of an older one stays in the files.
    """
    kept, new = folder / WORDS, folder / f"{WORDS}.new"
    shutil.rmtree(new, ignore_errors=True)  # of a killed process
    path = kept if before else new  # readers open the old index until the new one is whole
    if not before:
        new.mkdir(parents=True)
        new.chmod(folder.stat().st_mode & 0o777)
    try:
        index = tantivy.Index(SCHEMA, path=str(path))
        _commit(index, stamp, documents, removed, before=before)
    except ValueError as error:  # so Tantivy says that the disk is full, or too many files are open
        raise OSError(str(error)) from error
    note_checksums(path)
    if path == new:
        if kept.exists():
            shutil.rmtree(kept)
        new.rename(kept)


def _commit(
    index: tantivy.Index,
    stamp: Stamp,
    documents: Iterable[WordDocument],
    removed: Sequence[int] = (),
    *,
    before: Stamp | None = None,
) -> Stamp:
    """Commit the changes that `update` describes, and return the stamp with its size and average length."""
    size = before.size - len(removed) if before else 0
    length = size * before.average_length if before else 0.0
    writer = index.writer(_WRITER_BYTES, 1)
    try:
        writer.garbage_collect_files()  # a process killed in a commit leaves files that the next one would write
        for passage in (_STAMP_ID, *removed):
            writer.delete_documents_by_term("passage", passage)
        for document in documents:
            words = words_of(document)
            size, length = size + 1, length + len(words)
            writer.add_document(tantivy.Document(passage=document.passage_id, words=" ".join(words)))
        stamp = replace(stamp, size=size, average_length=length / max(1, size))
        filler = " ".join([_FILLER] * round(stamp.average_length))  # as long as a passage: so Tantivy's average stays
        writer.add_document(tantivy.Document(passage=_STAMP_ID, words=filler, stamp=stamp.to_json()))
        writer.commit()
    finally:
        writer.wait_merging_threads()  # this also releases the lock
    return stamp
