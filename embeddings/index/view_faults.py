"""The search views compared with the truth, passage by passage."""

from collections.abc import Iterator

import numpy as np

from corpus.store.store import Fault, StoreSnapshot
from embeddings.index.vector_index import VectorView
from embeddings.index.words import WordDocument, WordView, words_of

_AT_ONCE = 4096
_SAME = 1e-5


def view_faults(snapshot: StoreSnapshot, vectors: VectorView, words: WordView) -> Iterator[Fault]:
    """Yield every passage that the views, brought to this state, do not hold as the truth does."""
    here = snapshot.passage_ids()
    for name, view in (("vector", vectors), ("word", words)):
        if view.change == snapshot.change and view.size != len(here):
            yield Fault(f"{name} view", f"it holds {view.size} passages, not {len(here)}")
    held = dict(words.stored())
    for start in range(0, len(here), _AT_ONCE):
        ids = here[start : start + _AT_ONCE]
        for passage, vector in snapshot.vectors(ids).items():
            row = np.frombuffer(vector, dtype="<f2").astype(np.float32)
            cosine = vectors.scores(row, np.array([passage]))[0]
            if not abs(cosine - row @ row) < _SAME:  # of vectors of one length, only a vector and itself
                yield Fault(f"passage {passage}", "its vector in the vector view is not that of the library")
        for p in snapshot.passages(ids):
            if held.get(p.id) != words_of(WordDocument(p.id, p.info.title, p.text)):
                yield Fault(f"passage {p.id}", "its words in the word view are not those of the library")
