"""The index of vectors: flat at its usual size, with inverted lists from 500 vectors on for these tests."""

import threading
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from index_contents import holds_vectors

from corpus.store.connection import VECTORS
from embeddings.index import vector_index
from embeddings.index.files import IndexMissing, IndexUnusable, Stamp, saved_stamp
from embeddings.index.vector_index import Cosines, VectorIndex

DIMENSION = 16
FloatArray = npt.NDArray[np.float32]
HalfArray = npt.NDArray[np.float16]
IntArray = npt.NDArray[np.int64]
NONE = np.empty(0, np.int64)
STAMP = Stamp("one", "model", change=7, mark=3)


def clustered(rows: int, seed: int = 0) -> HalfArray:
    """Return vectors of length 1 around 60 centres."""
    centres = np.random.default_rng(99).standard_normal((60, DIMENSION))
    rng = np.random.default_rng(seed)
    drawn = centres[rng.integers(0, 60, rows)] + 0.5 * rng.standard_normal((rows, DIMENSION))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), dtype=np.float16)


def questions(count: int) -> FloatArray:
    return clustered(count, seed=7).astype(np.float32)


class Passages:
    """What a store has: vectors by passage id, which are three apart."""

    def __init__(self, rows: HalfArray) -> None:
        self.rows = rows
        self.ids = np.arange(len(rows)) * 3 + 1
        self.gone = NONE

    def stored(self, ids: IntArray) -> HalfArray:
        return self.rows[(ids - 1) // 3]

    def cosines(self, query: FloatArray) -> Cosines:
        def cosines(ids: IntArray) -> FloatArray:
            found = self.stored(ids).astype(np.float32) @ query
            return np.where(np.isin(ids, self.gone), np.float32(np.nan), found)

        return cosines

    def index(self, count: int | None = None) -> VectorIndex:
        return VectorIndex.build(STAMP, self.ids[:count], self.stored, dimension=DIMENSION)

    def nearest(self, query: FloatArray, k: int, allowed: IntArray) -> list[int]:
        cosines = self.stored(allowed).astype(np.float32) @ query
        return allowed[np.argsort(-cosines, kind="stable")[:k]].tolist()  # type: ignore[no-any-return]

    def search(self, index: VectorIndex, query: FloatArray, k: int, *, allowed: IntArray | None = None) -> list[int]:
        return index.search(query, k, self.cosines(query), allowed=allowed).tolist()  # type: ignore[no-any-return]

    def recall(self, index: VectorIndex, here: IntArray, *, allowed: IntArray | None = None) -> float:
        """Return recall@10 over 40 questions, whose hits must all be among `here`."""
        shares = []
        for query in questions(40):
            found = self.search(index, query, 10, allowed=allowed)
            assert set(found) <= set(here.tolist())
            assert len(found) == len(set(found)) == min(10, len(here))
            shares.append(len(set(found) & set(self.nearest(query, 10, here))) / len(found))
        return float(np.mean(shares))


@pytest.fixture(params=["flat", "lists"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "lists":
        monkeypatch.setattr(vector_index, "FLAT_UP_TO", 500)
        monkeypatch.setattr(vector_index, "EXACT_AMONG", 50)
        monkeypatch.setattr(vector_index, "PROBES", 60)
    return str(request.param)


def least(kind: str) -> float:
    return 1.0 if kind == "flat" else 0.98


def test_a_flat_index_is_exact_and_a_large_one_has_lists(kind: str) -> None:
    passages = Passages(clustered(3000))
    index = passages.index()
    assert (index.size, index.change, index.lists > 0) == (3000, 7, kind == "lists")
    assert passages.recall(index, passages.ids) >= least(kind)
    for query in questions(5):
        found = passages.search(index, query, 50)
        cosines = passages.cosines(query)(np.array(found))
        assert (np.diff(cosines) <= 0).all()


@pytest.mark.parametrize("allowed", [1, 5, 20, 1000])
def test_a_filter_gives_all_the_hits_that_it_allows(kind: str, allowed: int) -> None:
    passages = Passages(clustered(3000))
    index = passages.index()
    some = np.sort(np.random.default_rng(allowed).choice(passages.ids, allowed, replace=False))
    assert passages.recall(index, some, allowed=some) >= (1.0 if allowed <= 50 else least(kind))
    twice = np.random.default_rng(1).permutation(np.repeat(some, 2))
    query = questions(1)[0]
    assert passages.search(index, query, 10, allowed=twice) == passages.search(index, query, 10, allowed=some)
    assert passages.search(index, query, 10, allowed=NONE) == []


def test_what_came_later_is_found_and_what_went_is_not(kind: str) -> None:
    passages = Passages(clustered(3000))
    index = passages.index(2800)
    gone = passages.ids[:2400:3]
    later = index.with_changes(passages.ids[2800:], passages.rows[2800:], gone, change=8)
    here = np.setdiff1d(passages.ids, gone)
    assert (later.change, later.size, index.size) == (8, len(here), 2800)
    assert passages.recall(later, here) >= least(kind)
    assert passages.recall(later, here[-150:], allowed=here[-150:]) >= least(kind)
    assert passages.search(later, passages.rows[2900].astype(np.float32), 1) == [passages.ids[2900]]
    again = later.with_changes(NONE, passages.rows[:0], passages.ids[2800:2950], change=9)
    assert again.size == len(here) - 150
    assert passages.recall(again, np.setdiff1d(here, passages.ids[2800:2950])) >= least(kind)
    assert passages.recall(index, passages.ids[:2800]) >= least(kind)


def test_nearly_all_may_be_gone_or_forbidden(kind: str) -> None:
    passages = Passages(clustered(3000))
    index = passages.index()
    query = passages.rows[0].astype(np.float32)
    near = np.array(passages.search(index, query, 2900))
    later = index.with_changes(NONE, passages.rows[:0], np.sort(near[:2400]), change=8)
    left = np.setdiff1d(passages.ids, near[:2400])
    assert len(passages.search(later, query, 10)) == 10
    assert passages.recall(later, left) >= least(kind)
    far = np.sort(near[-100:])
    assert set(passages.search(index, query, 10, allowed=far)) <= set(far.tolist())
    assert len(passages.search(index, query, 10, allowed=far)) == 10


def test_a_hit_that_is_not_in_the_store_is_dropped(kind: str) -> None:
    passages = Passages(clustered(1000))
    index = passages.index()
    query = passages.rows[5].astype(np.float32)
    best = passages.search(index, query, 5)
    passages.gone = np.array(best[:2])
    assert passages.search(index, query, 3)[:1] == best[2:3]


def test_a_saved_index_answers_as_before_and_anybody_opens_it(kind: str, tmp_path: Path) -> None:
    import faiss

    passages = Passages(clustered(2000))
    index = passages.index()
    index.save(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == [VECTORS]
    opened = VectorIndex.open(tmp_path, STAMP)
    assert opened.stamp == Stamp("one", "model", change=7, mark=3, size=2000) == saved_stamp(tmp_path)
    for query in questions(20):
        assert passages.search(opened, query, 10) == passages.search(index, query, 10)
    plain = faiss.read_index(str(tmp_path / VECTORS))
    assert plain.ntotal == 2000
    assert plain.search(passages.rows[3:4].astype(np.float32), 1)[1][0].tolist() == [passages.ids[3]]


def test_an_index_is_changed_and_written_again_several_times(kind: str, tmp_path: Path) -> None:
    passages = Passages(clustered(1400))
    here = passages.ids[:1000]
    passages.index(1000).save(tmp_path)
    reader = VectorIndex.open(tmp_path, STAMP)
    for turn in range(5):
        gone = here[5 * turn : 5 * turn + 40 : 4]
        added = passages.ids[1000 + 50 * turn : 1050 + 50 * turn]
        index = VectorIndex.open(tmp_path, STAMP, mapped=False)
        changed = index.updated(Stamp("one", "model", change=8 + turn), added, gone, passages.stored)
        assert changed is not None
        changed.save(tmp_path)
        here = np.concatenate([np.setdiff1d(here, gone), added])
        opened = VectorIndex.open(tmp_path, STAMP)
        assert (opened.size, opened.change, opened.lists) == (len(here), 8 + turn, index.lists)
        assert passages.recall(opened, here) >= least(kind)
        assert holds_vectors(opened, here, passages.stored(here)).all()
        assert not holds_vectors(opened, gone, passages.stored(gone)).any()
    assert passages.recall(reader, passages.ids[:1000]) >= least(kind)  # who has the old file open keeps it


def test_what_is_removed_is_in_no_byte_of_the_file(tmp_path: Path) -> None:
    passages = Passages(clustered(300))
    passages.index().save(tmp_path)
    index = VectorIndex.open(tmp_path, STAMP, mapped=False)
    changed = index.updated(STAMP, NONE, passages.ids[130:131], passages.stored)
    assert changed is not None
    changed.save(tmp_path)
    content = (tmp_path / VECTORS).read_bytes()
    assert passages.rows[130].tobytes() not in content
    assert passages.rows[131].tobytes() in content


def test_an_index_that_has_outgrown_its_kind_is_built_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    passages = Passages(clustered(9000))
    monkeypatch.setattr(vector_index, "FLAT_UP_TO", 500)

    def changed(index: VectorIndex, added: Iterable[int], removed: Iterable[int]) -> bool:
        came, went = passages.ids[list(added)], passages.ids[list(removed)]
        return index.updated(STAMP, came, went, passages.stored) is not None

    assert changed(passages.index(400), range(400, 500), [])
    assert not changed(passages.index(400), range(400, 501), [])
    assert changed(passages.index(2000), range(2000, 7000), [])
    assert not changed(passages.index(2000), range(2000, 9000), [])
    assert changed(passages.index(600), [], range(300))
    assert not changed(passages.index(600), [], range(400))


def test_an_index_holds_a_vector_or_does_not(kind: str) -> None:
    passages = Passages(clustered(1000))
    index = passages.index(900).with_changes(passages.ids[900:], passages.rows[900:], passages.ids[:5], change=8)
    ids = passages.ids
    assert holds_vectors(index, ids, passages.rows).tolist() == [False] * 5 + [True] * 995
    assert not holds_vectors(index, ids, np.roll(passages.rows, 1, axis=1)).any()


def test_a_file_that_is_damaged_cut_or_anothers_cannot_be_used(tmp_path: Path) -> None:
    passages = Passages(clustered(50))
    with pytest.raises(IndexMissing):
        VectorIndex.open(tmp_path, STAMP)
    passages.index().save(tmp_path)
    path = tmp_path / VECTORS
    whole = path.read_bytes()
    for other, why in ((Stamp("two", "model"), "is of another library"), (Stamp("one", "other"), "another model")):
        with pytest.raises(IndexUnusable, match=why):
            VectorIndex.open(tmp_path, other)
    damaged = [whole[:cut] for cut in (0, 10, 40, len(whole) // 2, len(whole) - 1)]
    damaged += [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(0, len(whole), 37)]
    damaged += [whole + b"x", b"\xff" * 300, b"citewire", bytes(44) + b"citewire"]
    for content in damaged:
        path.unlink()
        path.write_bytes(content)
        with pytest.raises(IndexUnusable, match="is damaged"):
            VectorIndex.open(tmp_path, STAMP)
    path.unlink()
    assert saved_stamp(tmp_path) is None


def test_what_does_not_fit_is_refused() -> None:
    passages = Passages(clustered(30))
    with pytest.raises(ValueError, match="query of shape"):
        passages.search(passages.index(), np.ones(4, np.float32), 1)
    index = VectorIndex.build(STAMP, NONE, passages.stored, dimension=DIMENSION)
    assert (index.size, passages.search(index, questions(1)[0], 5)) == (0, [])
    assert passages.search(passages.index(), questions(1)[0], 0) == []


def test_searches_go_on_while_the_file_is_written_again(tmp_path: Path, kind: str) -> None:
    passages = Passages(clustered(2000))
    passages.index(1000).save(tmp_path)
    query, wrong, done = passages.rows[0].astype(np.float32), list[str](), threading.Event()

    def search() -> None:
        while not done.is_set():
            found = passages.search(VectorIndex.open(tmp_path, STAMP), query, 10)
            if found[0] != 1 or len(set(found)) != 10:
                wrong.append(str(found))

    threads = [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    for turn in range(20):
        index = VectorIndex.open(tmp_path, STAMP, mapped=False)
        added, gone = passages.ids[1000 + 50 * turn :][:50], passages.ids[1 + 10 * turn :][:10]
        changed = index.updated(STAMP, added, gone, passages.stored)
        assert changed is not None
        changed.save(tmp_path)
    done.set()
    for thread in threads:
        thread.join()
    assert wrong == []
