"""What the indexes hold, passage by passage: for tests and `benchmarks/faults`, which compare it with the store."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import tantivy

from corpus.store.connection import VECTORS, WORDS
from corpus.store.damage import Fault
from corpus.store.snapshot import StoreSnapshot
from embeddings.index.sync import Indexes, all_ids, documents
from embeddings.index.vector_index import HalfArray, IntArray, VectorIndex, batches, load_faiss
from embeddings.index.word_index import SCHEMA, WordDocument, WordIndex, words_of


def index_faults(indexes: Indexes, snapshot: StoreSnapshot) -> Iterator[Fault]:
    """Yield every passage that differs between the store and the indexes that a question would search."""
    pair, here = indexes.follow(snapshot), all_ids(snapshot)
    for name, size in ((VECTORS, pair.vectors.size), (WORDS, pair.words.size)):
        if size != len(here):
            yield Fault(name, f"it holds {size:,} passages, not {len(here):,}")
    for ids in batches(here):
        for passage in ids[~holds_vectors(pair.vectors, ids, indexes.read_vectors(snapshot, ids))].tolist():
            yield Fault(f"passage {passage}", "its vector in the index is not that of the library")
        for document in documents(snapshot, ids):
            if not holds_words(pair.words, document):
                yield Fault(f"passage {document.passage_id}", "its words in the index are not those of the library")


def holds_vectors(index: VectorIndex, ids: IntArray, rows: HalfArray) -> npt.NDArray[np.bool_]:
    """Return for each passage whether the index holds this vector, as far as its precision can tell."""
    here = np.full(len(ids), np.nan, np.float32)
    for known, vectors in ((_ids_in_file(index), None), (index.added, index.rows)):
        there = np.flatnonzero(np.isin(ids, known))
        if len(there):
            if vectors is not None:
                own = vectors[np.searchsorted(known, ids[there])].astype(np.float32)
            else:
                if index.lists:
                    index.index.set_direct_map_type(load_faiss().DirectMap.Hashtable)
                own = index.index.reconstruct_batch(ids[there])
            singles = rows[there].astype(np.float32)
            here[there] = np.linalg.norm(singles - own, axis=1) / np.maximum(np.linalg.norm(singles, axis=1), 1e-12)
    within: npt.NDArray[np.bool_] = here < (0.1 if index.lists else 1e-3)
    return within


def _ids_in_file(index: VectorIndex) -> IntArray:
    """Return the ids in FAISS's index that are not removed, ascending."""
    faiss = load_faiss()
    if index.lists:
        inverted = index.index.invlists
        sizes = [inverted.list_size(n) for n in range(index.lists)]
        parts = [faiss.rev_swig_ptr(inverted.get_ids(n), size).copy() for n, size in enumerate(sizes) if size]
        ids = np.concatenate([np.empty(0, np.int64), *parts])
    else:
        ids = faiss.vector_to_array(index.index.id_map)
    return np.setdiff1d(ids, index.removed)


def holds_words(index: WordIndex, document: WordDocument) -> bool:
    """Tell whether each word of the passage finds it."""
    words, passage = set(words_of(document)), document.passage_id
    if passage in index.added:
        return index.added[passage][0].keys() == words
    queries = [tantivy.Query.term_query(SCHEMA, "words", word, index_option="freq") for word in words]
    queries.append(tantivy.Query.term_query(SCHEMA, "passage", passage))
    query = tantivy.Query.boolean_query([(tantivy.Occur.Must, one) for one in queries])
    return passage not in index.removed and len(index.searcher.search(query, 2).hits) == 1
