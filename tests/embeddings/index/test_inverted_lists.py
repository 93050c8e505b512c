"""The vector view of a large library, at a small size: lists from 500 vectors, blocks of 64 rows."""

import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from threadpoolctl import threadpool_info

import embeddings.index.blocks as blocks_module
from embeddings.index.blocks import cut
from embeddings.index.indexes import Stopped
from embeddings.index.kmeans import assign, train
from embeddings.index.listing import make_listing
from embeddings.index.vector_files import FILE_NAME, pieces_are_whole
from embeddings.index.vector_index import VectorView

DIMENSION = 16
FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]
NONE = np.empty(0, np.int64)
NO_ROWS = np.empty((0, DIMENSION), np.float32)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks_module, "BLOCK_ROWS", 64)
    monkeypatch.setattr("embeddings.index.vector_index.ENGINE_FROM", 64)
    monkeypatch.setattr("embeddings.index.vector_index.TAIL", 128)
    monkeypatch.setattr("embeddings.index.indexes.PROBES", 60)


def clustered(rows: int, seed: int = 0) -> FloatArray:
    """Return vectors of length 1 around 60 centres."""
    centres = np.random.default_rng(99).standard_normal((60, DIMENSION))
    rng = np.random.default_rng(seed)
    drawn = centres[rng.integers(0, 60, rows)] + 0.5 * rng.standard_normal((rows, DIMENSION))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), dtype=np.float32)


def view_of(folder: Path | None = None, *, lists_from: int = 500, exact_among: int = 50) -> VectorView:
    return VectorView.open(
        folder, library_id="one", model_hash="m", dimension=DIMENSION, lists_from=lists_from, exact_among=exact_among
    )


def listed(rows: FloatArray, folder: Path | None = None) -> VectorView:
    view = view_of(folder)
    view.apply(np.arange(len(rows)), rows, NONE, change=1)
    view.settle()
    assert view.lists > 0
    return view


def exact(ids: IntArray, rows: FloatArray, query: FloatArray, k: int) -> list[int]:
    cosines = rows.astype(np.float16).astype(np.float32) @ query
    return ids[np.argsort(-cosines, kind="stable")[:k]].tolist()  # type: ignore[no-any-return]


def recall(view: VectorView, ids: IntArray, rows: FloatArray, *, allowed: IntArray | None = None) -> float:
    """Return recall@10 over 40 questions, whose results must all be of `ids`, with the exact cosines."""
    shares = []
    for query in clustered(40, seed=7):
        found, cosines = view.search(query, 10, allowed=allowed)
        assert set(found.tolist()) <= set(ids.tolist())
        assert cosines == pytest.approx(view.scores(query, found), abs=1e-6)
        shares.append(len(set(found.tolist()) & set(exact(ids, rows, query, 10))) / min(10, len(ids)))
    return float(np.mean(shares))


def test_a_small_view_is_exact_and_a_large_one_is_searched_by_lists() -> None:
    rows = clustered(3000)
    view = view_of(lists_from=3001)
    view.apply(np.arange(3000), rows, NONE, change=1)
    view.settle()
    assert (view.lists, recall(view, np.arange(3000), rows)) == (0, 1.0)
    large = listed(rows)
    assert large.lists == 432
    assert recall(large, np.arange(3000), rows) >= 0.98


@pytest.mark.parametrize("allowed", [1, 5, 20, 1000])
def test_a_filter_gives_all_the_hits_that_it_allows(allowed: int) -> None:
    rows = clustered(3000)
    view = listed(rows)
    some = np.sort(np.random.default_rng(allowed).choice(3000, allowed, replace=False))
    assert len(view.search(rows[0], 10, allowed=some)[0]) == min(10, allowed)
    assert recall(view, some, rows[some], allowed=some) >= (1.0 if allowed <= 50 else 0.98)
    assert view.search(rows[0], 10, allowed=NONE)[0].tolist() == []
    assert view.search(rows[0], 10, allowed=np.array([-4, 10**12]))[0].tolist() == []


def test_what_is_removed_is_never_found_not_even_when_the_nearest_lists_are_gone() -> None:
    rows = clustered(3000)
    view = listed(rows)
    near = view.search(rows[0], 2500)[0]
    gone = near[:2400]
    for step in range(0, 2400, 300):
        view.apply(NONE, NO_ROWS, gone[step : step + 300], change=2 + step)
        view.apply(NONE, NO_ROWS, gone[:10], change=2 + step)
    left = np.setdiff1d(np.arange(3000), gone)
    assert view.size == len(left) == 600
    assert len(view.search(rows[0], 10)[0]) == 10
    assert recall(view, left, rows[left]) >= 0.98


def test_what_is_added_is_found_at_once_and_joins_the_lists_in_time() -> None:
    rows = clustered(3000)
    view = listed(rows[:1000])
    lists = view._state.inverted
    view.apply(np.arange(1000, 1050), rows[1000:1050], NONE, change=2)
    assert view._state.inverted is lists
    assert view.search(rows[1040], 1)[0].tolist() == [1040]
    assert view.search(rows[1040], 3, allowed=np.arange(900, 1050))[0][0] == 1040
    view.apply(np.arange(1050, 3000), rows[1050:], NONE, change=3)
    view.settle()
    assert view._state.inverted is not lists
    assert view._state.tail == ()
    assert recall(view, np.arange(3000), rows) >= 0.98
    view.apply(np.arange(3000, 5000), clustered(2000, seed=3), NONE, change=4)
    view.settle()
    assert view.lists == 560  # trained again at five times the first 1,000


def test_an_id_that_comes_again_has_its_new_vector_only() -> None:
    rows = clustered(1000)
    view = listed(rows)
    view.apply(np.array([7]), -rows[7:8], NONE, change=2)
    view.settle()
    assert view.size == 1000
    assert view.search(-rows[7], 1)[0].tolist() == [7]
    assert view.scores(rows[7], np.array([7])).tolist() == pytest.approx([-1.0], abs=1e-2)


def test_saved_lists_are_put_together_again_without_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = clustered(2000)
    view = listed(rows, tmp_path)
    view.apply(NONE, NO_ROWS, np.arange(0, 2000, 9), change=2)
    view.apply(np.arange(2000, 2030), clustered(30, seed=4), NONE, change=3)
    view.save()
    monkeypatch.setattr("embeddings.index.listing.train", None)
    again = view_of(tmp_path)
    again.settle()
    assert (again.lists, again.size, again.change) == (view.lists, view.size, 3)
    for query in clustered(20, seed=5):
        assert again.search(query, 10)[0].tolist() == view.search(query, 10)[0].tolist()


def test_a_removal_rewrites_only_its_blocks_and_leaves_no_trace(tmp_path: Path) -> None:
    rows = clustered(1000)
    view = listed(rows, tmp_path)
    view.save()
    before = {path.name for path in tmp_path.iterdir()}
    reader = view_of(tmp_path)
    view.apply(NONE, NO_ROWS, np.array([130]), change=2)
    view.save()
    after = {path.name for path in tmp_path.iterdir()}
    assert len(before - after) == len(after - before) == 1
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert rows[130].astype(np.float16).tobytes() not in content
    assert rows[131].astype(np.float16).tobytes() in content
    assert reader.search(rows[130], 1)[0].tolist() == [130]  # who has the old file open keeps it
    assert view_of(tmp_path).search(rows[130], 1)[0].tolist() != [130]


def test_a_damaged_or_missing_file_makes_the_view_open_empty(tmp_path: Path) -> None:
    listed(clustered(1000), tmp_path).save()
    pieces = [path for path in tmp_path.iterdir() if path.name != FILE_NAME]
    assert len(pieces) == -(-1000 // 64) + 1  # and the centroids
    for piece in pieces:
        whole = piece.read_bytes()
        for content in (whole[:-1], whole + b"x", b"", bytes([whole[0] ^ 1]) + whole[1:]):
            piece.write_bytes(content)
            assert view_of(tmp_path).size == 0
            assert not pieces_are_whole(tmp_path)
        piece.unlink()
        assert view_of(tmp_path).size == 0
        assert not pieces_are_whole(tmp_path)
        piece.write_bytes(whole)
        assert pieces_are_whole(tmp_path)
        again = view_of(tmp_path)
        again.close()  # nothing looks at its mapped files any more, which are written over next
        assert again.size == 1000


def test_searches_go_on_while_lists_are_trained_and_swapped_in() -> None:
    rows = clustered(6000)
    view = view_of()
    view.apply(np.arange(400), rows[:400], NONE, change=0)
    wrong: list[str] = []
    done = threading.Event()

    def search() -> None:
        while not done.is_set():
            ids, cosines = view.search(rows[0], 10)
            if ids[0] != 0 or len(set(ids.tolist())) != 10 or (np.diff(cosines) > 0).any():
                wrong.append(str(ids))

    threads = [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    for step in range(56):
        new = np.arange(400 + step * 100, 500 + step * 100)
        view.apply(new, rows[new], np.arange(1 + step * 5, 6 + step * 5), change=step + 1)
    view.settle()
    done.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    left = np.arange(281, 6000)
    assert view.size == len(left) + 1
    assert recall(view, np.append(0, left), rows[np.append(0, left)]) >= 0.98


def test_a_process_that_ends_while_lists_are_made_ends_well() -> None:
    code = (
        "import numpy as np; from embeddings.index.vector_index import VectorView;"
        "v = VectorView(None, library_id='one', model_hash='m', dimension=64, lists_from=1000);"
        "v.apply(np.arange(40000), np.ones((40000, 64), np.float32) / 8, np.empty(0, np.int64), change=1);"
        "v.close()"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_view_that_nobody_asks_notes_its_lists_and_makes_them_with_the_first_question(tmp_path: Path) -> None:
    rows = clustered(3000)
    view = VectorView.open(
        tmp_path, library_id="one", model_hash="m", dimension=DIMENSION, lists_from=500, exact_among=50, searched=False
    )
    view.apply(np.arange(1000), rows[:1000], NONE, change=1)
    view.settle()
    view.apply(np.arange(1000, 3000), rows[1000:], np.arange(0, 1000, 9), change=2)
    view.settle()
    view.save()
    assert view.lists == 0
    assert view._state.inverted is None
    left = np.setdiff1d(np.arange(3000), np.arange(0, 1000, 9))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("embeddings.index.listing.train", None)  # what was noted was saved
        patched.setattr("embeddings.index.listing.assign", None)
        opened = view_of(tmp_path)
        opened.settle()
        assert opened.lists > 0
    assert recall(opened, left, rows[left]) >= 0.98
    view.search(rows[1], 1)
    view.settle()
    assert view.lists == opened.lists
    assert recall(view, left, rows[left]) >= 0.98


def test_a_view_that_nobody_asks_notes_its_lists_without_importing_faiss(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib, numpy; from embeddings.index.vector_index import VectorView;"
        f"view = VectorView.open(pathlib.Path({str(tmp_path)!r}), library_id='one', model_hash='m',"
        f" dimension={DIMENSION}, lists_from=500, exact_among=50, searched=False);"
        f"rows = numpy.random.default_rng(1).standard_normal((2000, {DIMENSION})).astype(numpy.float32);"
        "view.apply(numpy.arange(2000), rows, numpy.empty(0, numpy.int64), change=1);"
        "view.settle(); view.save();"
        "assert view._listing is not None and len(view._listing.ids) == 2000;"
        "assert 'faiss' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert view_of(tmp_path)._listing is not None


def test_each_row_is_in_the_list_of_its_nearest_centroid() -> None:
    rows = clustered(5000).astype(np.float16)
    parts = np.array_split(rows, 7)
    centroids = train(lambda: iter(parts), 60, going_on=lambda: True)
    assert centroids.shape == (60, DIMENSION)
    assert np.allclose(np.linalg.norm(centroids.astype(np.float32), axis=1), 1, atol=2e-3)
    wanted = np.arange(1, 5000, 3)
    lists = assign(rows, wanted, centroids)
    cosines = rows[wanted].astype(np.float32) @ centroids.astype(np.float32).T
    assert (cosines[np.arange(len(wanted)), lists] == cosines.max(axis=1)).all()
    drawn = rows[np.random.default_rng(3).choice(5000, 60, replace=False)]
    assert (
        cosines.max(axis=1).mean() > (rows[wanted].astype(np.float32) @ drawn.T.astype(np.float32)).max(axis=1).mean()
    )


def test_making_lists_takes_no_more_threads_than_it_is_given_and_leaves_the_setting_as_it_was() -> None:
    before = [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]
    seen: list[int] = []

    def going_on() -> bool:
        seen.extend(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")
        return True

    make_listing(cut(np.arange(2000), clustered(2000).astype(np.float16)), None, threads=1, going_on=going_on)
    assert seen
    assert set(seen) == {1}
    assert [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"] == before


def test_making_lists_ends_when_nobody_waits_for_them() -> None:
    with pytest.raises(Stopped):
        make_listing(cut(np.arange(2000), clustered(2000).astype(np.float16)), None, threads=1, going_on=lambda: False)
