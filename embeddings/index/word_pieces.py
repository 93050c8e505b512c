"""The saved words of a library, changed in a few of their shards without the others being opened."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np

from embeddings.index.files import Saved, read_part, read_saved
from embeddings.index.ids import IntArray
from embeddings.index.word_files import FILE_NAME, name_shards, stamp_of, unpacked, write_shards
from embeddings.index.word_index import Analysed, WordIndex
from embeddings.index.words import WordDocument, words_of


class WordPieces:
    """What is saved of a word view: it takes in changes, and writes the shards that they touch when it is saved."""

    def __init__(self, folder: Path, saved: Saved, *, library_id: str) -> None:
        self.change, self.mark = int(saved.stamp["change"]), int(saved.stamp["mark"])
        self._folder = folder
        self._stamp = stamp_of(library_id)
        self._size = int(saved.stamp["size"])
        self._names: list[str] = json.loads(bytes(saved.parts["shards"]))
        self._added: list[Analysed] = []
        self._gone: IntArray = np.empty(0, np.int64)

    @classmethod
    def open(cls, folder: Path, *, library_id: str) -> Self | None:
        """Return what is saved in the folder, None where that is nothing, damaged, or of another library."""
        saved = read_saved(folder / FILE_NAME, expected=stamp_of(library_id))
        return None if saved is None else cls(folder, saved, library_id=library_id)

    def apply(self, added: Sequence[WordDocument], removed: Sequence[int], *, change: int) -> None:
        """Take in one stretch of the change log, once: what it removed, which is there, and added, which is not."""
        self._added = [(document.passage_id, words_of(document)) for document in added]
        self._gone = np.unique(np.array(removed, dtype=np.int64))
        self.change = change

    def save(self) -> None:
        """Write the shards that lose or gain passages, and the file that names all.

        Raises OSError where what was removed is not found, since a shard is damaged or missing, and when the disk is
        full or the folder cannot be written.
        """
        names, left = list[str](), len(self._gone)
        for place, name in enumerate(self._names):
            added = self._added if place == len(self._names) - 1 else []
            part = read_part(self._folder / name, "ids") or b""
            held = np.frombuffer(part, dtype=np.int64, count=len(part) // 8)
            lost = int(np.isin(self._gone, held).sum())
            left -= lost
            names += self._changed(name, added) if added or lost else [name]
        if left:
            raise OSError("a file of the words is damaged or missing")
        if not self._names:
            names = self._changed(None, self._added)
        size = self._size + len(self._added) - len(self._gone)
        stamp = {**self._stamp, "change": self.change, "mark": self.mark, "size": size}
        name_shards(self._folder, stamp=stamp, names=names)

    def _changed(self, name: str | None, added: Sequence[Analysed]) -> list[str]:
        """Write anew what is in a shard, and return the names of what it has become."""
        index = WordIndex()
        try:
            if name is not None:
                saved = read_saved(self._folder / name, expected=self._stamp)
                if saved is None:
                    raise OSError(f"{name} is damaged or missing")
                index.show([unpacked(saved, index)])
            index.change(added, self._gone)
            return write_shards(self._folder, stamp=self._stamp, index=index)
        finally:
            index.close()
