import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np
import pytest

from embeddings.index.tokens import tokens
from embeddings.index.word_index import Shard
from embeddings.index.words import FILE_NAME, WordDocument, WordView, analyse

ARTICLES = [
    WordDocument(1, "Kabul airport closes", "The last U.S. troops, 1,200 of them, left Kabul on Monday."),
    WordDocument(2, "Kabul airport closes", "Obama’s former aide called the co-ordinated withdrawal a mistake."),
    WordDocument(3, None, "Let us eat at the naïve café; it costs 3.5 dollars."),
    WordDocument(4, "Rates", "The bank raised its rates, and raised them again."),
]


def filled(folder: Path | None = None) -> WordView:
    view = WordView.open(folder, library_id="one")
    view.apply(ARTICLES, [], change=len(ARTICLES))
    return view


def found(view: WordView, question: str, k: int = 10) -> list[int]:
    return view.search(question, k)[0].tolist()  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The U.S., the US and the U.S.A. told us", ["the", "usa", "the", "usa", "and", "the", "usa", "told", "us"]),
        ("1,200 of 3.5m, 19th; 1,2", ["1200", "of", "3.5", "m", "19th", "1", "2"]),
        ("Obama’s and O'Brien's co-op at 5 p.m.", ["obama's", "and", "o'brien's", "co", "op", "at", "5", "pm"]),
        ("The end. Of it.No", ["the", "end", "of", "it", "no"]),
        ("東京 tokyo2020 snake_case", ["東", "京", "tokyo2020", "snake", "case"]),
        ("ﬁne １２", ["fine", "12"]),
        ("!?… 🦓", []),
    ],
)
def test_words_are_taken_from_a_text_as_people_search_for_them(text: str, words: list[str]) -> None:
    assert tokens(text) == words


def test_stems_and_accents_meet() -> None:
    assert analyse("raises Cafés Obama’s running") == analyse("raised cafe OBAMA run") == "rais cafe obama run"


@pytest.mark.parametrize(
    ("question", "ids"),
    [
        ("US troops", [1]),
        ("1200", [1]),
        ("Obama", [2]),
        ("cafe us", [3]),
        ("coordinated", []),
        ("co-ordinated", [2]),
        ("raising rate", [4]),
        ('who raised "the rates', [4]),
        ("rates:bank AND (OR +NOT -", [4, 2, 1, 3]),
        ("", []),
        ("  \n?!", []),
        ("\ud83e\udd93 🦓 \x00", []),
        ("troops " * 15_000, [1]),
        (" ".join(f"word{n}" for n in range(12_000)) + " troops", [1]),
    ],
)
def test_any_question_is_words_and_never_a_query_language(question: str, ids: list[int]) -> None:
    answered = found(filled(), question)
    assert answered[:1] == ids[:1]
    assert set(ids) >= set(answered) or "the" in question


def test_scores_are_those_of_the_search_and_0_for_others() -> None:
    view = filled()
    ids, scores = view.search("Kabul troops on Monday", 10)
    assert ids[0] == 1
    assert scores[0] > scores[1] > 0
    assert view.scores("Kabul troops on Monday", np.array([99, 2, 1, 4])).tolist() == [0, scores[1], scores[0], 0]
    assert view.scores("zzz", np.array([1])).tolist() == [0]
    assert view.scores("Kabul", np.empty(0, np.int64)).tolist() == []


def test_a_filter_keeps_the_scores_and_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    view = WordView.open(None, library_id="one")
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(["red", "green", "blue", "grey", "pink"], 12)) for _ in range(3000)]
    view.apply([WordDocument(n, None, text) for n, text in enumerate(texts)], [], change=1)
    ids, scores = view.search("red blue", 3000)
    for allowed in (1, 5, 20, 1000):
        some = rng.choice(3000, allowed, replace=False)
        expected = [(i, s) for i, s in zip(ids.tolist(), scores.tolist(), strict=True) if i in set(some.tolist())][:10]
        for inside in (2_000, 0):
            monkeypatch.setattr("embeddings.index.words._INSIDE_QUERY", inside)
            got = view.search("red blue", 10, allowed=some)
            assert sorted(got[1].tolist()) == pytest.approx(sorted(s for _, s in expected))
            assert set(got[0].tolist()) <= set(some.tolist())
    assert view.search("red", 5, allowed=np.empty(0, np.int64))[0].tolist() == []


def test_removed_passages_are_not_found_and_their_words_leave_the_disk(tmp_path: Path) -> None:
    view = filled(tmp_path)
    view.apply([WordDocument(9, "Zebracorn seen", "A quaggaphant was there too.")], [], change=9)
    view.save()
    assert b"quaggaph" in b"".join(file.read_bytes() for file in tmp_path.iterdir())
    reader = WordView.open(tmp_path, library_id="one")
    reader.apply([], [9, 1234], change=10)
    assert found(reader, "quaggaphant zebracorn") == []
    reader.save()
    places = [tmp_path, reader._index.path]
    kept = b"".join(file.read_bytes() for place in places for file in place.rglob("*") if file.is_file())
    assert b"quaggaph" not in kept
    assert b"zebracorn" not in kept
    assert found(reader, "troops") == found(WordView.open(tmp_path, library_id="one"), "troops") == [1]
    assert reader.size == 4


def test_an_id_added_again_has_its_new_words_only() -> None:
    view = filled()
    view.apply([WordDocument(1, None, "old"), WordDocument(1, None, "new")], [1], change=9)
    assert (found(view, "troops"), found(view, "old"), found(view, "new"), view.size) == ([], [], [1], 4)
    with pytest.raises(ValueError, match="cannot go back"):
        view.apply([], [1], change=8)


def test_a_saved_view_answers_as_before_and_knows_its_change(tmp_path: Path) -> None:
    view = filled(tmp_path)
    view.save()
    again = WordView.open(tmp_path, library_id="one")
    assert (again.change, again.size, again.changed_since_save) == (4, 4, 0)
    before, after = view.search("Kabul rates", 5), again.search("Kabul rates", 5)
    assert before[0].tolist() == after[0].tolist()
    assert before[1].tolist() == after[1].tolist()
    again.apply([WordDocument(8, None, "Kabul again")], [2], change=6)
    assert set(found(again, "Kabul")) == {1, 8}
    assert found(WordView.open(tmp_path, library_id="one"), "again") == [4]


def test_a_view_that_is_damaged_cut_or_anothers_opens_empty(tmp_path: Path) -> None:
    filled(tmp_path).save()
    assert WordView.open(tmp_path, library_id="two").change == 0
    assert WordView.open(None, library_id="one").change == 0
    for file in list(tmp_path.iterdir()):
        whole = file.read_bytes()
        step = len(whole) // 12
        damaged = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(0, len(whole), step)]
        for content in [*damaged, b"", whole[:100], whole[:-1], whole + b"x"]:
            file.write_bytes(content)
            view = WordView.open(tmp_path, library_id="one")
            assert (view.change, view.size, found(view, "troops")) == (0, 0, [])
            assert not list(view._index.path.glob("*.store"))
        file.unlink()
        assert WordView.open(tmp_path, library_id="one").size == 0
        file.write_bytes(whole)
        assert WordView.open(tmp_path, library_id="one").size == 4


def sentences(count: int) -> list[WordDocument]:
    """Passages of 12 words of a few hundred, the frequent ones often."""
    words = (np.random.default_rng(1).pareto(1, (count, 12)) * 5).astype(int) % 300
    return [WordDocument(n, None, " ".join(f"w{word}" for word in row)) for n, row in enumerate(words)]


def test_ranking_and_scores_are_those_of_one_index_however_it_came_about(monkeypatch: pytest.MonkeyPatch) -> None:
    passages, rng = sentences(1500), np.random.default_rng(2)
    monkeypatch.setattr("embeddings.index.word_index.SHARD_PASSAGES", 64)
    view, here, change = WordView.open(None, library_id="one"), dict[int, WordDocument](), 0
    while passages:
        some, passages = passages[: rng.integers(1, 90)], passages[rng.integers(1, 90) :]
        gone = rng.choice(sorted(here), min(len(here), int(rng.integers(0, 30))), replace=False).tolist()
        change += 1
        view.apply(some, gone, change=change)
        here = {**{n: p for n, p in here.items() if n not in gone}, **{p.passage_id: p for p in some}}
        assert view.size == len(here)
    shards = view._index.shards
    assert len(shards) > len(here) / 64
    assert max(len(shard.ids) for shard in shards) <= 64
    assert dict(view.stored()) == {n: p.text for n, p in here.items()}
    files = {file.name.split(".")[0] for file in view._index.path.glob("*.store")}
    assert files == {name for shard in shards for name in shard.names}
    monkeypatch.setattr("embeddings.index.word_index.SHARD_PASSAGES", 10_000)
    fresh = WordView.open(None, library_id="one")
    fresh.apply([here[n] for n in sorted(here)], [], change=1)
    assert len(fresh._index.shards) == 1
    for question in ("w0 w1", "w5 w17 w99", "w250 w3 w3", "w42"):
        got, expected = view.search(question, 2000), fresh.search(question, 2000)
        assert len(got[0]) > 0
        assert got[0].tolist() == expected[0].tolist()
        assert got[1].tolist() == expected[1].tolist()


def test_adding_and_removing_one_article_write_a_bounded_part_of_a_large_view(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("embeddings.index.word_index.SHARD_PASSAGES", 64)
    view = WordView.open(tmp_path, library_id="one")
    view.apply(sentences(64 * 30), [], change=1)
    view.save()
    before = {file.name: file.stat().st_size for file in tmp_path.iterdir()}
    reader = WordView.open(tmp_path, library_id="one")
    assert len(before) == 31
    view.apply([], [640, 641, 642], change=2)
    view.save()
    after = {file.name: file.stat().st_size for file in tmp_path.iterdir()}
    assert len(before.keys() - after.keys()) == len(after.keys() - before.keys()) == 1
    for step in range(40):
        view.apply([WordDocument(5000 + step, None, f"fresh w{step}")], [], change=3 + step)
        view.save()
        written = [file for file in tmp_path.iterdir() if file.name not in after and file.name != FILE_NAME]
        assert sum(file.stat().st_size for file in written) < sum(before.values()) / 10
    assert len(list(tmp_path.iterdir())) <= 31 + 6
    again = WordView.open(tmp_path, library_id="one")
    assert (again.size, again.change) == (64 * 30 - 3 + 40, 42)
    assert again.search("fresh w3", 60)[1].tolist() == view.search("fresh w3", 60)[1].tolist()
    reader.apply([], [640], change=2)  # another process, whose files the first has deleted since
    reader.save()
    assert WordView.open(tmp_path, library_id="one").size == 64 * 30 - 1


def test_a_large_view_is_in_fewer_larger_shards_while_much_is_added(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embeddings.index.word_index.SHARD_PASSAGES", 16)
    monkeypatch.setattr("embeddings.index.word_index.SHARDS", 4)
    monkeypatch.setattr("embeddings.index.word_index.LARGEST", 64)
    view, passages = WordView.open(None, library_id="one"), sentences(1000)
    before = tuple[Shard, ...]()
    for start in range(0, 992, 16):
        view.apply(passages[start : start + 16], [], change=start + 1)
        shards = view._index.shards
        if start == 48:
            assert [len(shard.ids) for shard in shards] == [16] * 4  # a usual library
        written = {shard.names[0] for shard in shards} - {shard.names[0] for shard in before}
        assert sum(len(shard.ids) for shard in shards if shard.names[0] in written) <= 2 * 64
        before = shards
    assert len(before) <= 20
    assert max(len(shard.ids) for shard in before) == 64
    view.apply(passages[992:], [3, 600], change=1000)
    assert sum(len(shard.ids) for shard in view._index.shards) == view.size == 998
    monkeypatch.setattr("embeddings.index.word_index.SHARD_PASSAGES", 10_000)
    fresh = WordView.open(None, library_id="one")
    fresh.apply([p for p in passages if p.passage_id not in (3, 600)], [], change=1)
    for question in ("w0 w1", "w5 w17 w99 unheard"):
        got, expected = view.search(question, 2000), fresh.search(question, 2000)
        assert got[0].tolist() == expected[0].tolist()
        assert got[1].tolist() == expected[1].tolist()


def test_removing_most_leaves_few_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embeddings.index.word_index.SHARD_PASSAGES", 64)
    view = WordView.open(tmp_path, library_id="one")
    view.apply(sentences(64 * 10), [], change=1)
    for step in range(60):
        view.apply([], list(range(step, 640, 64)), change=2 + step)
    view.save()
    assert view.size == 40
    assert len(list(tmp_path.iterdir())) == 2
    view.apply([], list(range(640)), change=99)
    view.save()
    assert [file.name for file in tmp_path.iterdir()] == [FILE_NAME]
    assert (view.size, found(view, "w1")) == (0, [])


def test_searches_go_on_while_another_thread_adds_and_removes() -> None:
    view = filled()
    wrong: list[str] = []
    done = threading.Event()

    def search() -> None:
        while not done.is_set():
            if found(view, "troops") != [1]:
                wrong.append("lost")

    threads = [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    for step in range(15):
        view.apply([WordDocument(100 + step, None, f"rain {step}")], [99 + step], change=10 + step)
    done.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert found(view, "rain") == [114]


READER = """
import fcntl, os, pathlib, signal, sys
import embeddings.index.words as words
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
view = words.WordView.open(pathlib.Path(sys.argv[1]), library_id="one")
assert view.search("troops", 5)[0].tolist() == [1]
view.apply([words.WordDocument(50, None, "fresh troops")], [1], change=7)
assert view.search("troops", 5)[0].tolist() == [50]
try:
    view.save()
except PermissionError:
    print(view._index.path, flush=True)
if sys.argv[2] == "die":
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_reader_without_rights_catches_up_in_memory_and_leaves_nothing_behind() -> None:
    with tempfile.TemporaryDirectory(prefix="words-") as name:
        library, temporary = Path(name, "library"), Path(name, "temporary")
        filled(library).save()
        temporary.mkdir()
        for folder, mode in (
            (Path(name), 0o755),
            (temporary, 0o777),
            *((file, 0o444) for file in library.iterdir()),
            (library, 0o555),
        ):
            folder.chmod(mode)
        before = {file.name: file.read_bytes() for file in library.iterdir()}

        def run(end: str) -> Path:
            command = [sys.executable, "-c", READER, str(library), end]
            environment = {**os.environ, "TMPDIR": str(temporary)}
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            assert done.stdout, done.stderr
            return Path(done.stdout.strip())

        assert run("die").is_dir()
        run("live")
        assert list(temporary.iterdir()) == []
        assert {file.name: file.read_bytes() for file in library.iterdir()} == before
        library.chmod(0o755)
