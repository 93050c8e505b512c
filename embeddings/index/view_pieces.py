"""The saved views, opened to take a little out of their files: only what that touches is read."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from corpus.store.manifest import Manifest
from corpus.store.store import StoreSnapshot
from embeddings.index.vector_index import VectorView
from embeddings.index.view_age import belongs
from embeddings.index.word_pieces import WordPieces

MOST_CHANGES = 1_024
"""For more, whoever removes opens the views, as for a question."""


def open_pieces(
    folder: Path, manifest: Manifest, snapshot: StoreSnapshot
) -> tuple[VectorView, WordPieces, Sequence[int], Sequence[int]] | None:
    """Return both saved views, and the passages added and removed since, None where the views have to be opened whole.

    That is where one of them is missing, damaged as far as it is looked at, or not of this library's history, and where
    much has changed since they were saved. What came and went since is in neither list.
    """
    words = WordPieces.open(folder, library_id=manifest.library_id)
    if words is None or not belongs(words.change, words.mark, snapshot):
        return None
    entries = snapshot.tail(words.change, MOST_CHANGES + 1)
    if len(entries) > MOST_CHANGES:
        return None
    came, went = ({entry.passage for entry in entries if entry.kind == kind} for kind in ("add", "remove"))
    added, removed = sorted(came - went), sorted(went - came)
    vectors = VectorView.open(
        folder,
        library_id=manifest.library_id,
        model_hash=manifest.model_hash,
        dimension=manifest.dimension,
        searched=False,
        touched=np.array(removed, dtype=np.int64),
    )
    there = ~np.isnan(vectors.scores(np.zeros(manifest.dimension, np.float32), np.array(removed, dtype=np.int64)))
    if (vectors.change, vectors.mark) != (words.change, words.mark) or not there.all():
        return None
    return vectors, words, added, removed
