"""A process that adds, replaces and removes articles until it is killed, and what its library must then hold."""

import hashlib
import json
import random
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from index_contents import holds_vectors
from library_checks import faults_of
from small_library import DIMENSION, WordEncoder, make_article, paragraphs

from corpus.article import Article
from corpus.passages import split
from corpus.store.connection import DATABASE
from embeddings.index.vector_index import VectorIndex
from embeddings.index.word_index import WordIndex
from embeddings.library.library import create_library, open_library

State = Mapping[str, int | None]
"""By the article's name, the turn whose version the library has, or None where it has none."""

NAMES = [f"n{i}" for i in range(12)]
Say = Callable[[str, dict[str, int | None]], None]


def article_of(name: str, turn: int) -> Article:
    """Return the version of an article that one turn adds; its words are its own."""
    return make_article(name, paragraphs(f"{name}v{turn}t", 1 + turn % 4))


def work(folder: Path, first: int, actions: int | None, say: Say) -> None:
    """Add, replace and remove so many times or until killed, saying before and after each action what it does."""
    drawn = random.Random(first)
    with open_library(folder, encoder=WordEncoder()) as library:
        for turn in range(first + 1, sys.maxsize if actions is None else first + 1 + actions):
            names = drawn.sample(NAMES, 1 + turn % 3)
            removing = turn % 4 == 0
            action: dict[str, int | None] = dict.fromkeys(names, None if removing else turn)
            say("start", action)
            if removing:
                library.remove([article_of(name, 0).id for name in names])
            else:
                library.add(article_of(name, turn) for name in names)
            say("done", action)


class Watched:
    """A library that a process is killed in again and again, and what the process said of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.states: list[dict[str, int | None]] = [dict.fromkeys(NAMES)]
        self.actions = 0
        self._open: dict[str, int | None] = {}
        create_library(folder, encoder=WordEncoder()).close()
        self.before = self.database()

    def database(self) -> bytes:
        """Return the hash of the database file as it is, without its log; `before` is that at the process's start."""
        return hashlib.sha256((self.folder / DATABASE).read_bytes()).digest()

    def told(self, word: str, action: Mapping[str, int | None]) -> None:
        """Take in one line that the process said."""
        if word == "done":
            self.states.append({**self.states[-1], **action})
            self.actions += 1
        self._open = dict(action) if word == "start" else {}

    @property
    def was_cut(self) -> bool:
        """Whether the process had begun an action and not reported it."""
        return bool(self._open)

    def verify(self) -> None:
        """Raise AssertionError unless the library is whole and holds what was reported, the open one or not."""
        after = {**self.states[-1], **self._open}
        held = verify_whole(self.folder, [self.states[-1], after])
        assert held in (self.states[-1], after), (held, self.states[-1], self._open)
        self.states.append(held)
        self._open = {}
        self.before = self.database()

    def verify_copy(self, folder: Path) -> bool:
        """Raise AssertionError unless a torn copy is whole, in a state that once was; return whether it is the last."""
        after = {**self.states[-1], **self._open}
        held = verify_whole(folder, [*self.states, after])
        assert held in (*self.states, after), held
        return held in (self.states[-1], after)


def verify_whole(folder: Path, states: list[dict[str, int | None]]) -> dict[str, int | None]:
    """Assert that the library opens, that texts, passages, vectors and words agree, and return what it holds."""
    held: dict[str, int | None] = dict.fromkeys(NAMES)
    with open_library(folder, encoder=WordEncoder()) as library:
        faults = faults_of(library)
        assert faults == [], faults
        with library._store.snapshot() as state, library.snapshot() as snapshot:
            versions = state.current_versions([article_of(name, 0).id for name in NAMES])
            for name in NAMES:
                article_id = article_of(name, 0).id
                if article_id not in versions:
                    continue
                version = versions[article_id][0]
                turns = {turn for known in states if (turn := known[name]) is not None}
                fitting = [turn for turn in turns if article_of(name, turn).version == version]
                assert fitting, (name, version)
                held[name] = fitting[0]
                article = article_of(name, fitting[0])
                passages = snapshot.passages_of(article.id)
                assert [(p.start, p.text) for p in passages] == [(p.start, p.text) for p in split(article.text)]
                assert snapshot.article(article.id).text == article.text
            snapshot.search("words")
            indexes = library._indexes.follow(state)
            texts = {p.id: p.text for p in state.passages(state.passage_ids())}
            compare_vectors(indexes.vectors, texts)
            compare_words(indexes.words, texts)
    return held


def compare_vectors(index: VectorIndex, texts: Mapping[int, str]) -> None:
    """Assert that the index holds each passage's vector, and no other."""
    assert index.size == len(texts)
    ids = np.array(sorted(texts), dtype=np.int64)
    rows = WordEncoder().encode([texts[passage] for passage in ids.tolist()]).astype(np.float16)
    assert len(ids) == 0 or holds_vectors(index, ids, rows).all()
    query = np.eye(DIMENSION, dtype=np.float32)[0]
    found = index.search(query, len(texts) + 10, lambda some: np.zeros(len(some), np.float32))
    assert sorted(found.tolist()) == sorted(texts)


def compare_words(index: WordIndex, texts: Mapping[int, str]) -> None:
    """Assert that each passage is found by a word that only it has, and that there are no others."""
    assert index.size == len(texts)
    for passage, text in texts.items():
        found, _ = index.search(text.split()[0], 5)
        assert found.tolist() == [passage]


def _main() -> None:
    """Work in the folder named, and print what is done, for a process that is traced."""
    folder, first, actions = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    work(folder, first, actions, lambda word, action: print(word, json.dumps(action), flush=True))


if __name__ == "__main__":
    _main()
