"""An index of words in Tantivy, in shards that never change.

Tantivy keeps the words of removed passages on disk until it merges, which it does when it likes. So nothing is ever
removed from a file here: what held a removed passage is written anew, as an index of its own whose files then move
beside the others. A list of all segments makes them one index, whose numbers (how many passages, how long, how many
with a word) are those of the whole: scores are the same however the passages are divided.
"""

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import tantivy
from tantivy.tantivy import __version__ as ENGINE  # noqa: N812

from embeddings.index.ids import IntArray
from embeddings.index.private import PrivateFolder

__all__ = ["ENGINE", "SHARD_PASSAGES", "Analysed", "Searcher", "Shard", "WordIndex", "stem"]

FloatArray = npt.NDArray[np.float32]
Analysed = tuple[int, str]
"""Passage id, and the words of title and text joined by spaces."""

SHARD_PASSAGES = 2_048
"""So many passages a shard of a usual library holds at most: smaller ones are written anew faster."""
SHARDS, LARGEST = 128, 16_384
"""A library of more is divided into about so many shards, which are searched faster, up to this size."""
_META = "meta.json"
_ID_LETTERS = 32  # of a segment, at the start of its files' names
_WRITER_BYTES = 48_000_000
_STEMS_KEPT = 32_768  # as fast over news as ten times as many


@dataclass(frozen=True, slots=True)
class Shard:
    """Passages whose files never change: their ids, ascending, and Tantivy's account of their segments."""

    ids: IntArray
    segments: tuple[Mapping[str, Any], ...]

    @property
    def names(self) -> list[str]:
        """How the names of its files begin."""
        return [str(segment["segment_id"]).replace("-", "") for segment in self.segments]


@dataclass(slots=True)
class _Part:
    """What becomes one shard: what is left of shards, by their places, and new passages."""

    size: int
    shards: list[int] = field(default_factory=list)
    added: list[Analysed] = field(default_factory=list)
    written: bool = True


class Searcher:
    """One state of an index."""

    def __init__(self, index: tantivy.Index) -> None:
        self._schema = index.schema
        self._searcher = index.searcher()

    @property
    def size(self) -> int:
        """How many passages are there."""
        return int(self._searcher.num_docs)

    def having(self, word: str) -> int:
        """Return how many passages have the word."""
        return int(self._searcher.doc_freq("words", word))

    def best(self, words: Mapping[str, int], k: int, *, among: IntArray | None = None) -> tuple[IntArray, FloatArray]:
        """Return ids and BM25 scores of the k best passages with any of the words, equal ones by id.

        words: how often each is asked for. With `among`, only these passages are looked at; scores stay the same.
        """
        clauses = []
        for word, count in words.items():
            term = tantivy.Query.term_query(self._schema, "words", word, index_option="freq")
            clauses.append((tantivy.Occur.Should, tantivy.Query.boost_query(term, count)))
        query = tantivy.Query.boolean_query(clauses)
        if among is not None:
            only = tantivy.Query.term_set_query(self._schema, "passage", among.tolist())
            only = tantivy.Query.const_score_query(only, 0.0)
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, only)])
        hits = self._searcher.search(query, k, count=False).hits
        ids = np.array(self._searcher.fast_field_values("passage", [place for _, place in hits]), dtype=np.int64)
        scores = np.array([score for score, _ in hits], dtype=np.float32)
        order = np.lexsort((ids, -scores))
        return ids[order], scores[order]

    def stored(self, segment: int, rows: int) -> Iterator[Analysed]:
        """Yield the passages of one segment."""
        places = [tantivy.DocAddress(segment, row) for row in range(rows)]
        for passage_id, place in zip(self._searcher.fast_field_values("passage", places), places, strict=True):
            yield int(passage_id or 0), self._searcher.doc(place)["words"][0]


class WordIndex:
    """Shards as one index, in a private folder. Searches see one state; one thread at a time may change it."""

    def __init__(self) -> None:
        self.shards: tuple[Shard, ...] = ()
        self._place = PrivateFolder()
        self._index = _create(self._place.path)
        self._index.config_reader("manual")
        self._meta = json.loads((self.path / _META).read_bytes())

    @property
    def path(self) -> Path:
        """The private folder."""
        return self._place.path

    def searcher(self) -> Searcher:
        """Return the present state."""
        return Searcher(self._index)

    def files(self, shard: Shard) -> list[Path]:
        """Return the files of a shard."""
        return [file for name in shard.names for file in sorted(self.path.glob(f"{name}.*"))]

    def stored(self, shards: Iterable[int]) -> Iterator[Analysed]:
        """Yield the passages of the shards at these places."""
        searcher, first = self.searcher(), np.cumsum([0, *(len(shard.segments) for shard in self.shards)])
        for place in shards:
            for number, segment in enumerate(self.shards[place].segments, int(first[place])):
                yield from searcher.stored(number, segment["max_doc"])

    def change(self, added: Sequence[Analysed], gone: IntArray) -> None:
        """Take passages out, then others in: what searches see from now on. Their files are gone from the folder.

        gone: ids, which need not be there. Raises OSError on a full disk; then all is as it was.
        """
        gone = np.unique(gone)
        parts = _divided(self.shards, added, gone)
        if any(part.written for part in parts) or len(parts) < len(self.shards):
            self.show([self._write(part, gone) if part.written else self.shards[part.shards[0]] for part in parts])

    def show(self, shards: Sequence[Shard]) -> None:
        """Let searches see these shards, whose files lie in the folder, and delete the files of others."""
        segments = [segment for shard in shards for segment in shard.segments]
        new = self.path / f"{_META}.new"
        new.write_text(json.dumps({**self._meta, "segments": segments}))
        new.replace(self.path / _META)
        with _system_errors():
            self._index.reload()
        self.shards = tuple(shards)
        kept = {name for shard in shards for name in shard.names}
        for file in self.path.iterdir():
            name = file.name.split(".")[0]
            if len(name) == _ID_LETTERS and name not in kept:
                file.unlink(missing_ok=True)

    def close(self) -> None:
        """Remove the private folder. The index cannot be used afterwards."""
        self._place.close()

    def _write(self, part: _Part, gone: IntArray) -> Shard:
        """Write a shard, beside those that are searched."""
        without = set(gone.tolist())
        left = (passage for passage in self.stored(part.shards) if passage[0] not in without)
        with tempfile.TemporaryDirectory(dir=self.path) as name:
            ids = _write(_create(Path(name)), chain(left, part.added))
            segments = json.loads(Path(name, _META).read_bytes())["segments"]
            shard = Shard(np.sort(np.array(ids, dtype=np.int64)), tuple(segments))
            for start in shard.names:
                for file in Path(name).glob(f"{start}.*"):
                    file.rename(self.path / file.name)
        return shard


def _divided(shards: Sequence[Shard], added: Sequence[Analysed], gone: IntArray) -> list[_Part]:
    """Return the shards there are to be: those that stay as they are, and those that are written.

    What is written takes in a neighbour that is no larger than it, while both fit into one: so there are few small
    shards, and each passage is written again only a few times. Who adds many passages also joins some shards that have
    become small for the library.
    """
    parts = []
    ends = np.array([(shard.ids[0], shard.ids[-1] + 1) for shard in shards], dtype=np.int64).reshape(-1, 2)
    for place, (shard, (first, last)) in enumerate(zip(shards, np.searchsorted(gone, ends), strict=True)):
        lost = int(np.isin(gone[first:last], shard.ids).sum()) if first < last else 0
        if lost < len(shard.ids):
            parts.append(_Part(len(shard.ids) - lost, [place], written=lost > 0))
    for start in range(0, len(added), SHARD_PASSAGES):
        some = list(added[start : start + SHARD_PASSAGES])
        parts.append(_Part(len(some), added=some))
    limit = _limit(sum(part.size for part in parts))
    joined = list[_Part]()
    for part in parts:
        joined.append(part)
        while len(joined) > 1 and _belong(joined[-2], joined[-1], limit):
            b, a = joined.pop(), joined.pop()
            joined.append(_Part(a.size + b.size, a.shards + b.shards, a.added + b.added))
    return _with_a_run_joined(joined, limit) if len(added) >= SHARD_PASSAGES else joined


def _limit(passages: int) -> int:
    """Return how many passages a shard holds at most where there are so many in all: a power of two of the usual."""
    limit = SHARD_PASSAGES
    while limit < LARGEST and limit * SHARDS < passages:
        limit *= 2
    return limit


def _belong(a: _Part, b: _Part, limit: int) -> bool:
    """Whether two neighbours are to be one shard."""
    worth = (a.written and a.size >= b.size) or (b.written and b.size >= a.size)
    return worth and a.size + b.size <= limit


def _with_a_run_joined(parts: list[_Part], limit: int) -> list[_Part]:
    """Return the parts, the first neighbours joined that would stay as they are and fill more than half a shard."""
    start = 0
    while start < len(parts):
        end, size = start, 0
        while end < len(parts) and not parts[end].written and size + parts[end].size <= limit:
            size += parts[end].size
            end += 1
        if end - start > 1 and size > limit // 2:
            run = _Part(size, [place for part in parts[start:end] for place in part.shards])
            return [*parts[:start], run, *parts[end:]]
        start = max(end, start + 1)
    return parts


@contextmanager
def _system_errors() -> Iterator[None]:
    """Tantivy reports a full disk or too many open files as a ValueError."""
    try:
        yield
    except ValueError as error:
        raise OSError(str(error)) from error


def _create(folder: Path) -> tantivy.Index:
    """Make an empty index. It takes words that are already analysed, and keeps them beside the postings."""
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("passage", indexed=True, fast=True)
    builder.add_text_field("words", stored=True, tokenizer_name="whitespace", index_option="freq")
    with _system_errors():
        return tantivy.Index(builder.build(), path=str(folder))


def _write(index: tantivy.Index, passages: Iterable[Analysed]) -> list[int]:
    """Write passages into an empty index and return their ids."""
    ids = []
    with _system_errors():
        writer = index.writer(_WRITER_BYTES, 1)
        for passage_id, words in passages:
            writer.add_document(tantivy.Document(passage=passage_id, words=words))
            ids.append(passage_id)
        writer.commit()
        writer.wait_merging_threads()
    return ids


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
