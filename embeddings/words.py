"""The search view of the words: BM25 over passages, each together with its article's title, in Tantivy.

A saved view is one file. Tantivy's own files lie in a private folder for as long as the view is open, since Tantivy
wants locks and new files even where only reading is allowed. The index holds no word positions, and beside the
postings only each passage's words as they were analysed, from which it is written anew once passages were removed:
Tantivy itself would keep the words of removed passages on disk.
"""

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import tantivy
from tantivy.tantivy import __version__

from embeddings.private import LOCK_NAME, PrivateFolder
from embeddings.saved import Stamp, read_saved, write_saved
from embeddings.tokens import telling_tokens, tokens

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]
Analysed = tuple[int, str]
"""Passage id, and the words of title and text joined by spaces."""

FORMAT = 2
FILE_NAME = "words.view"
QUESTION_WORDS = 128
"""So many words of a question count at most: the rarest."""
_INSIDE_QUERY = 2_000
"""Up to so many allowed passages become a part of the query; more are looked for among its hits."""
_WRITER_BYTES = 48_000_000
_STEMS_KEPT = 200_000


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
        self._stamp: Stamp = {
            "kind": "words",
            "format": FORMAT,
            "engine": __version__,
            "library_id": library_id,
        }
        self._writing = threading.Lock()
        self._holds_removed = False
        self._place = PrivateFolder()
        self._index = _create(self._place.path)

    @classmethod
    def open(cls, folder: Path | None, *, library_id: str) -> Self:
        """Return the view last saved in the folder.

        It is an empty one at change 0 when nothing is saved there, when what is saved is damaged or belongs to
        another library, and when there is no folder.
        """
        view = cls(folder, library_id=library_id)
        saved = read_saved(folder / FILE_NAME, expected=view._stamp) if folder else None
        if saved:
            view._fill(saved.parts)
            view.change, view.mark = int(saved.stamp["change"]), int(saved.stamp["mark"])
        return view

    @property
    def size(self) -> int:
        """How many passages are there."""
        return int(self._index.searcher().num_docs)

    def apply(self, added: Sequence[WordDocument], removed: Sequence[int], *, change: int) -> None:
        """Take in one stretch of the change log: first what it removed, then what it added, and be at `change`.

        An id that is there already gets the new words; one to remove need not be there. Raises ValueError on a
        change before the one reached.
        """
        newest = {document.passage_id: document for document in added}
        analysed = ((d.passage_id, words_of(d)) for d in newest.values())
        with self._writing:
            if change < self.change:
                raise ValueError(f"the view is at change {self.change} and cannot go back to {change}")
            before = self.size
            gone = [int(passage_id) for passage_id in (*removed, *newest)] if before else []
            if newest or gone:
                _write(self._index, analysed, gone)
            self._holds_removed |= self.size < before + len(newest)
            self.change = change
            self.changed_since_save += len(added) + len(removed)

    def search(self, question: str, k: int, *, allowed: IntArray | None = None) -> tuple[IntArray, FloatArray]:
        """Return the ids of the k passages that match the question best and their BM25 scores, best first; exact.

        A passage without any word of the question is no hit. With `allowed`, only passages with these ids are.
        """
        searcher = self._index.searcher()
        query = _query(self._index, searcher, question)
        if k < 1 or query is None or (allowed is not None and len(allowed) == 0):
            return np.empty(0, np.int64), np.empty(0, np.float32)
        if allowed is None:
            return _best(searcher, query, k)
        allowed = np.unique(np.asarray(allowed, dtype=np.int64))
        if len(allowed) <= _INSIDE_QUERY:
            return _best(searcher, _within(self._index, query, allowed), k)
        limit = k * (2 + searcher.num_docs // len(allowed))
        while True:
            ids, scores = _best(searcher, query, limit)
            fits = np.isin(ids, allowed)
            if np.count_nonzero(fits) >= k or len(ids) < limit:
                return ids[fits][:k], scores[fits][:k]
            limit *= 4

    def scores(self, question: str, ids: IntArray) -> FloatArray:
        """Return the BM25 score of each passage, 0 for one that has no word of the question or is not there."""
        searcher = self._index.searcher()
        query = _query(self._index, searcher, question)
        wanted = np.asarray(ids, dtype=np.int64)
        scores = np.zeros(len(wanted), dtype=np.float32)
        if query is not None and len(wanted):
            unique = np.unique(wanted)
            found = dict(zip(*_best(searcher, _within(self._index, query, unique), len(unique)), strict=True))
            scores[:] = [found.get(passage_id, 0.0) for passage_id in wanted]
        return scores

    def stored(self) -> Iterator[Analysed]:
        """Yield every passage's id and its words as they were analysed, in no certain order."""
        yield from _stored(self._index.searcher())

    def save(self) -> None:
        """Write the view into its folder; nothing there then holds a word that only removed passages had.

        Raises ValueError when it has no folder, OSError when that cannot be written.
        """
        if self._folder is None:
            raise ValueError("a view without a folder cannot be saved")
        with self._writing:
            if self._holds_removed:
                self._rewrite()
            files = [file for file in sorted(self._place.path.iterdir()) if _is_index(file.name)]
            parts = [(file.name, file.read_bytes()) for file in files]
            stamp = {**self._stamp, "change": self.change, "mark": self.mark}
            write_saved(self._folder / FILE_NAME, stamp=stamp, parts=parts)
            self.changed_since_save = 0

    def close(self) -> None:
        """Remove the private folder. The view cannot be used afterwards."""
        self._place.close()

    def _fill(self, files: Mapping[str, memoryview]) -> None:
        """Open an index from its files."""
        place = PrivateFolder()
        for name, content in files.items():
            (place.path / name).write_bytes(content)
        with _system_errors():
            self._index = tantivy.Index.open(str(place.path))
        self._place = place

    def _rewrite(self) -> None:
        """Write the index anew, without what was removed."""
        place = PrivateFolder()
        index = _create(place.path)
        _write(index, _stored(self._index.searcher()), [])
        self._index, self._place, self._holds_removed = index, place, False


class _Stems(dict[str, str]):
    """The stem of each word met, filled as words are met."""

    def __init__(self) -> None:
        super().__init__()
        builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw())
        self._analyzer = builder.filter(tantivy.Filter.ascii_fold()).filter(tantivy.Filter.stemmer("english")).build()

    def __missing__(self, word: str) -> str:
        if len(self) >= _STEMS_KEPT:
            self.clear()
        stem = self[word] = "".join(self._analyzer.analyze(word)) or word
        return stem


_STEMS = _Stems()


def stem(token: str) -> str:
    """Return the stem of a word, without accents."""
    return _STEMS[token]


def analyse(text: str) -> str:
    """Return the stems of the text's words in order, joined by spaces."""
    return " ".join([_STEMS[token] for token in tokens(text)])


def words_of(document: WordDocument) -> str:
    """Return a document's words as the view holds them."""
    return analyse(f"{document.title or ''}\n{document.text}")


def _is_index(name: str) -> bool:
    """Say whether a file of the private folder is part of the index and no lock."""
    return not name.endswith(".lock") and name != LOCK_NAME


@contextmanager
def _system_errors() -> Iterator[None]:
    """Tantivy reports a full disk or too many open files as a ValueError."""
    try:
        yield
    except ValueError as error:
        raise OSError(str(error)) from error


def _create(folder: Path) -> tantivy.Index:
    """Make an empty index. It takes words that are already analysed.

    The id is a signed field because deleting by an unsigned one deletes nothing.
    """
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("passage", indexed=True, fast=True)
    builder.add_text_field("words", stored=True, tokenizer_name="whitespace", index_option="freq")
    with _system_errors():
        return tantivy.Index(builder.build(), path=str(folder))


def _write(index: tantivy.Index, added: Iterable[Analysed], removed: Iterable[int]) -> None:
    """Remove passages, then add others, in one commit that searches see from now on."""
    with _system_errors():
        writer = index.writer(_WRITER_BYTES, 1)
        for passage_id in removed:
            writer.delete_documents_by_term("passage", passage_id)
        for passage_id, words in added:
            writer.add_document(tantivy.Document(passage=passage_id, words=words))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()


def _stored(searcher: tantivy.Searcher) -> Iterator[Analysed]:
    """Yield every passage of the index."""
    if searcher.num_docs == 0:
        return
    places = [place for _, place in searcher.search(tantivy.Query.all_query(), searcher.num_docs, count=False).hits]
    for passage_id, place in zip(searcher.fast_field_values("passage", places), places, strict=True):
        yield int(passage_id or 0), searcher.doc(place)["words"][0]


def _query(index: tantivy.Index, searcher: tantivy.Searcher, question: str) -> tantivy.Query | None:
    """Return the query for any of the question's words, or None when none of them is in the index."""
    counts = Counter(stem(token) for token in telling_tokens(question))
    known = {word: searcher.doc_freq("words", word) for word in counts}
    words = sorted((word for word in counts if known[word]), key=lambda word: (known[word], word))[:QUESTION_WORDS]
    clauses = []
    for word in words:
        term = tantivy.Query.term_query(index.schema, "words", word, index_option="freq")
        clauses.append((tantivy.Occur.Should, tantivy.Query.boost_query(term, counts[word])))
    return tantivy.Query.boolean_query(clauses) if clauses else None


def _within(index: tantivy.Index, query: tantivy.Query, ids: IntArray) -> tantivy.Query:
    """Return the query for the same passages among these alone, with the same scores."""
    among = tantivy.Query.term_set_query(index.schema, "passage", ids.tolist())
    only = tantivy.Query.const_score_query(among, 0.0)
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, only)])


def _best(searcher: tantivy.Searcher, query: tantivy.Query, k: int) -> tuple[IntArray, FloatArray]:
    """Return ids and scores of the k best passages, equal ones by id."""
    hits = searcher.search(query, k, count=False).hits
    ids = np.array(searcher.fast_field_values("passage", [place for _, place in hits]), dtype=np.int64)
    scores = np.array([score for score, _ in hits], dtype=np.float32)
    order = np.lexsort((ids, -scores))
    return ids[order], scores[order]
