"""The search view of the words: BM25 over passages, each together with its article's title.

The index (`word_index.py`) lies in a private folder for as long as the view is open, since Tantivy wants locks and new
files even where only reading is allowed. It holds no word positions, and beside the postings only each passage's words
as they were analysed, from which a shard is written anew once passages of it were removed.
"""

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from embeddings.index.ids import IntArray, ascending
from embeddings.index.tokens import telling_tokens, tokens
from embeddings.index.word_files import FILE_NAME, read_words, stamp_of, write_words
from embeddings.index.word_index import Analysed, FloatArray, Searcher, WordIndex, stem

__all__ = ["FILE_NAME", "WordDocument", "WordView", "analyse", "stem", "words_of"]

QUESTION_WORDS = 128
"""So many words of a question count at most: the rarest."""
_INSIDE_QUERY = 2_000
"""Up to so many allowed passages become a part of the query; more are looked for among its hits."""


@dataclass(frozen=True, slots=True)
class WordDocument:
    """The text of one passage, and the title of its article where that has one."""

    passage_id: int
    title: str | None
    text: str


class WordView:
    """Passages and their words, as of one entry of the library's change log."""

    def __init__(self, folder: Path | None, *, library_id: str) -> None:
        self.change = 0
        self.mark = 0  # set by the library and saved: which of two histories with equal numbers `change` belongs to
        self.changed_since_save = 0
        self._folder = folder
        self._stamp = stamp_of(library_id)
        self._writing = threading.Lock()
        self._index = WordIndex()

    @classmethod
    def open(cls, folder: Path | None, *, library_id: str) -> Self:
        """Return the view last saved in the folder.

        It is an empty one at change 0 when nothing is saved there, when what is saved is damaged or belongs to
        another library, and when there is no folder.
        """
        view = cls(folder, library_id=library_id)
        stamp = read_words(folder, expected=view._stamp, index=view._index) if folder else None
        if stamp:
            view.change, view.mark = int(stamp["change"]), int(stamp["mark"])
        return view

    @property
    def size(self) -> int:
        """How many passages are there."""
        return self._index.searcher().size

    def apply(self, added: Sequence[WordDocument], removed: Sequence[int], *, change: int) -> None:
        """Take in one stretch of the change log: first what it removed, then what it added, and be at `change`.

        An id that is there already gets the new words; one to remove need not be there. Raises ValueError on a
        change before the one reached.
        """
        newest = {document.passage_id: document for document in added}
        analysed = [(d.passage_id, words_of(d)) for d in newest.values()]
        with self._writing:
            if change < self.change:
                raise ValueError(f"the view is at change {self.change} and cannot go back to {change}")
            self._index.change(analysed, np.array([*removed, *newest], dtype=np.int64))
            self.change = change
            self.changed_since_save += len(added) + len(removed)

    def search(self, question: str, k: int, *, allowed: IntArray | None = None) -> tuple[IntArray, FloatArray]:
        """Return the ids of the k passages that match the question best and their BM25 scores, best first; exact.

        A passage without any word of the question is no hit. With `allowed`, only passages with these ids are.
        """
        searcher = self._index.searcher()
        words = _asked(searcher, question)
        if k < 1 or not words or (allowed is not None and len(allowed) == 0):
            return np.empty(0, np.int64), np.empty(0, np.float32)
        if allowed is None:
            return searcher.best(words, k)
        allowed = ascending(allowed)
        if len(allowed) <= _INSIDE_QUERY:
            return searcher.best(words, k, among=allowed)
        limit = k * (2 + searcher.size // len(allowed))
        while True:
            ids, scores = searcher.best(words, limit)
            fits = np.isin(ids, allowed)
            if np.count_nonzero(fits) >= k or len(ids) < limit:
                return ids[fits][:k], scores[fits][:k]
            limit *= 4

    def scores(self, question: str, ids: IntArray) -> FloatArray:
        """Return the BM25 score of each passage, 0 for one that has no word of the question or is not there."""
        searcher = self._index.searcher()
        words = _asked(searcher, question)
        wanted = np.asarray(ids, dtype=np.int64)
        scores = np.zeros(len(wanted), dtype=np.float32)
        if words and len(wanted):
            unique = np.unique(wanted)
            found = dict(zip(*searcher.best(words, len(unique), among=unique), strict=True))
            scores[:] = [found.get(passage_id, 0.0) for passage_id in wanted]
        return scores

    def stored(self) -> Iterator[Analysed]:
        """Yield every passage's id and its words as they were analysed, in no certain order."""
        with self._writing:
            yield from self._index.stored(range(len(self._index.shards)))

    def save(self) -> None:
        """Write the view into its folder; nothing there then holds a word that only removed passages had.

        Raises ValueError when it has no folder, OSError when that cannot be written.
        """
        if self._folder is None:
            raise ValueError("a view without a folder cannot be saved")
        with self._writing:
            stamp = {**self._stamp, "change": self.change, "mark": self.mark, "size": self.size}
            write_words(self._folder, stamp=stamp, shard_stamp=self._stamp, index=self._index)
            self.changed_since_save = 0

    def close(self) -> None:
        """Remove the private folder. The view cannot be used afterwards."""
        self._index.close()


def analyse(text: str) -> str:
    """Return the stems of the text's words in order, joined by spaces."""
    return " ".join([stem(token) for token in tokens(text)])


def words_of(document: WordDocument) -> str:
    """Return a document's words as the view holds them."""
    return analyse(f"{document.title or ''}\n{document.text}")


def _asked(searcher: Searcher, question: str) -> dict[str, int]:
    """Return the question's words, of too many the rarest that the index has, and how often it has each."""
    counts = Counter(stem(token) for token in telling_tokens(question))
    if len(counts) <= QUESTION_WORDS:
        return counts
    having = {word: searcher.having(word) for word in counts}
    words = sorted((word for word in counts if having[word]), key=lambda word: (having[word], word))
    return {word: counts[word] for word in words[:QUESTION_WORDS]}
