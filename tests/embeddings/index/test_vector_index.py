import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

import embeddings.index.blocks as blocks_module
from embeddings.index.vector_index import FILE_NAME, VectorView

DIMENSION = 8
FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]
NONE = np.empty(0, np.int64)
NO_ROWS = np.empty((0, DIMENSION), np.float32)


def unit(rows: int, seed: int = 0) -> FloatArray:
    drawn = np.random.default_rng(seed).standard_normal((rows, DIMENSION), dtype=np.float32)
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), dtype=np.float32)


def view_of(folder: Path | None, **other: str) -> VectorView:
    stamp = {"library_id": "one", "model_hash": "m", **other}
    return VectorView.open(folder, library_id=stamp["library_id"], model_hash=stamp["model_hash"], dimension=DIMENSION)


def exact(ids: IntArray, rows: FloatArray, query: FloatArray, k: int) -> list[int]:
    cosines = rows.astype(np.float16).astype(np.float32) @ query
    return ids[np.argsort(-cosines, kind="stable")[:k]].tolist()  # type: ignore[no-any-return]


@pytest.fixture(params=[(4096, 4096), (64, 4096), (64, 64)], ids=["one block", "many blocks", "many blocks, FAISS"])
def block_rows(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    rows, engine_from = request.param
    monkeypatch.setattr(blocks_module, "BLOCK_ROWS", rows)
    monkeypatch.setattr("embeddings.index.vector_index.ENGINE_FROM", engine_from)
    return int(rows)


@pytest.mark.usefixtures("block_rows")
def test_search_is_exact_for_all_passages_and_for_any_allowed_ones() -> None:
    view, ids, rows, queries = view_of(None), np.arange(1000) * 3 + 1, unit(1000), unit(20, seed=1)
    view.apply(ids, rows, NONE, change=1)
    for query in queries:
        assert view.search(query, 10)[0].tolist() == exact(ids, rows, query, 10)
        for allowed in (1, 5, 20, 500):
            some = np.sort(np.random.default_rng(allowed).choice(1000, allowed, replace=False))
            assert view.search(query, 10, allowed=ids[some])[0].tolist() == exact(ids[some], rows[some], query, 10)
            twice = np.random.default_rng(1).permutation(np.repeat(ids[some], 2))
            assert view.search(query, 10, allowed=twice)[0].tolist() == exact(ids[some], rows[some], query, 10)
    assert view.search(queries[0], 10, allowed=NONE)[0].tolist() == []
    assert view.search(queries[0], 10, allowed=np.array([0, 10**12]))[0].tolist() == []


@pytest.mark.usefixtures("block_rows")
def test_removed_passages_are_never_found_and_the_others_still_are() -> None:
    view, ids, rows = view_of(None), np.arange(1000), unit(1000)
    view.apply(ids, rows, NONE, change=1)
    gone = np.random.default_rng(2).permutation(1000)
    for step in range(0, 1000, 100):
        view.apply(NONE, NO_ROWS, gone[step : step + 100], change=2 + step)
        left = np.sort(gone[step + 100 :])
        assert view.size == len(left)
        assert view.search(rows[5], 20)[0].tolist() == exact(left, rows[left], rows[5], 20)
        assert np.isnan(view.scores(rows[5], gone[: step + 100])).all()


@pytest.mark.usefixtures("block_rows")
def test_an_id_added_again_has_its_new_vector_only() -> None:
    view, rows = view_of(None), unit(300)
    view.apply(np.arange(300), rows, NONE, change=1)
    view.apply(np.array([7, 7, 900]), np.stack([rows[1], -rows[7], rows[2]]), np.array([7]), change=2)
    assert view.size == 301
    assert view.scores(rows[7], np.array([7])).tolist() == pytest.approx([-1.0], abs=1e-3)
    view.apply(np.array([-5]), rows[:1], NONE, change=3)
    assert view.search(rows[0], 2)[0].tolist() == [-5, 0]


def test_scores_are_the_cosines_of_the_search_and_nan_for_others(block_rows: int) -> None:
    view, rows = view_of(None), unit(200)
    view.apply(np.arange(200), rows, NONE, change=1)
    ids, cosines = view.search(rows[3], 200)
    assert len(ids) == 200
    assert view.scores(rows[3], ids) == pytest.approx(cosines, abs=1e-6)
    assert np.isnan(view.scores(rows[3], np.array([3, 777]))).tolist() == [False, True]


@pytest.mark.usefixtures("block_rows")
def test_a_saved_view_answers_as_before_and_knows_its_change(tmp_path: Path) -> None:
    view, rows = view_of(tmp_path), unit(500)
    view.apply(np.arange(500), rows, NONE, change=40)
    view.apply(NONE, NO_ROWS, np.arange(0, 500, 7), change=41)
    assert view.changed_since_save == 572
    view.save()
    assert view.changed_since_save == 0
    again = view_of(tmp_path)
    assert (again.change, again.size) == (41, view.size)
    before, after = view.search(rows[9], 50), again.search(rows[9], 50)
    assert before[0].tolist() == after[0].tolist()
    assert before[1] == pytest.approx(after[1], abs=1e-6)
    files = sorted(file.name for file in tmp_path.iterdir())
    assert files[0] == FILE_NAME
    assert len(files) == 1 + len(again._state.blocks)


def test_a_view_that_is_damaged_cut_or_anothers_opens_empty(tmp_path: Path) -> None:
    view, rows = view_of(tmp_path), unit(50)
    view.apply(np.arange(50), rows, NONE, change=3)
    view.save()
    whole = (tmp_path / FILE_NAME).read_bytes()
    assert view_of(tmp_path, library_id="two").change == 0
    assert view_of(tmp_path, model_hash="n").change == 0
    assert VectorView.open(tmp_path, library_id="one", model_hash="m", dimension=4).change == 0
    damaged = [whole[:cut] for cut in (0, 10, 40, 60, len(whole) // 2, len(whole) - 1)]
    damaged += [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(0, len(whole), 37)]
    damaged += [whole + b"x", b"\xff" * 300]
    for content in damaged:
        (tmp_path / FILE_NAME).write_bytes(content)
        opened = view_of(tmp_path)
        assert (opened.change, opened.size, opened.search(rows[0], 5)[0].tolist()) == (0, 0, [])
    assert view_of(None).change == view_of(tmp_path / "missing").change == 0


def test_what_does_not_fit_is_refused_and_changes_nothing() -> None:
    view, rows = view_of(None), unit(3)
    view.apply(np.arange(3), rows, NONE, change=5)
    with pytest.raises(ValueError, match="cannot have vectors"):
        view.apply(np.arange(3), rows[:, :4], NONE, change=6)
    with pytest.raises(ValueError, match="not finite"):
        view.apply(np.array([9]), np.full((1, DIMENSION), np.nan, np.float32), NONE, change=6)
    with pytest.raises(ValueError, match="cannot go back"):
        view.apply(NONE, NO_ROWS, NONE, change=4)
    with pytest.raises(ValueError, match="query of shape"):
        view.search(rows[0][:4], 1)
    with pytest.raises(ValueError, match="without a folder"):
        view.save()
    assert (view.change, view.size) == (5, 3)


@pytest.mark.usefixtures("block_rows")
def test_searches_stay_whole_while_another_thread_adds_and_removes() -> None:
    view, rows = view_of(None), unit(4000)
    view.apply(np.arange(2000), rows[:2000], NONE, change=0)
    wrong: list[str] = []
    done = threading.Event()

    def search() -> None:
        while not done.is_set():
            ids, cosines = view.search(rows[0], 30)
            if len(set(ids.tolist())) != 30 or (np.diff(cosines) > 0).any() or ids[0] != 0:
                wrong.append(str(ids))

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for step in range(60):
        new = np.arange(2000 + step * 30, 2030 + step * 30)
        view.apply(new, rows[new], np.arange(1 + step * 20, 21 + step * 20), change=step + 1)
    done.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert view.size == 2000 + 1800 - 1200


def test_a_small_view_is_opened_and_searched_without_importing_faiss(tmp_path: Path) -> None:
    view, rows = view_of(tmp_path), unit(100)
    view.apply(np.arange(100), rows, NONE, change=1)
    view.save()
    code = (
        "import sys, pathlib, numpy; from embeddings.index.vector_index import VectorView;"
        f"view = VectorView.open(pathlib.Path({str(tmp_path)!r}), library_id='one', model_hash='m', dimension=8);"
        "assert len(view.search(numpy.ones(8, numpy.float32), 5)[0]) == 5;"
        "assert 'faiss' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
