import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np
import pytest

from embeddings.tokens import tokens
from embeddings.words import FILE_NAME, WordDocument, WordView, analyse

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
            monkeypatch.setattr("embeddings.words._INSIDE_QUERY", inside)
            got = view.search("red blue", 10, allowed=some)
            assert sorted(got[1].tolist()) == pytest.approx(sorted(s for _, s in expected))
            assert set(got[0].tolist()) <= set(some.tolist())
    assert view.search("red", 5, allowed=np.empty(0, np.int64))[0].tolist() == []


def test_removed_passages_are_not_found_and_their_words_leave_the_disk(tmp_path: Path) -> None:
    view = filled(tmp_path)
    view.apply([WordDocument(9, "Zebracorn seen", "A quaggaphant was there too.")], [], change=9)
    view.save()
    assert b"quaggaph" in (tmp_path / FILE_NAME).read_bytes()
    reader = WordView.open(tmp_path, library_id="one")
    reader.apply([], [9, 1234], change=10)
    assert found(reader, "quaggaphant zebracorn") == []
    reader.save()
    places = [tmp_path, reader._place.path]
    kept = b"".join(file.read_bytes() for place in places for file in place.iterdir())
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
    whole = (tmp_path / FILE_NAME).read_bytes()
    assert WordView.open(tmp_path, library_id="two").change == 0
    assert WordView.open(None, library_id="one").change == 0
    step = len(whole) // 12
    damaged = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(0, len(whole), step)]
    for content in [*damaged, b"", whole[:100], whole[:-1], whole + b"x"]:
        (tmp_path / FILE_NAME).write_bytes(content)
        view = WordView.open(tmp_path, library_id="one")
        assert (view.change, view.size, found(view, "troops")) == (0, 0, [])


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
import embeddings.words as words
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
    print(view._place.path, flush=True)
if sys.argv[2] == "die":
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_reader_without_rights_catches_up_in_memory_and_leaves_nothing_behind() -> None:
    with tempfile.TemporaryDirectory(prefix="words-") as name:
        library, temporary = Path(name, "library"), Path(name, "temporary")
        filled(library).save()
        temporary.mkdir()
        for folder, mode in ((Path(name), 0o755), (temporary, 0o777), (library / FILE_NAME, 0o444), (library, 0o555)):
            folder.chmod(mode)
        before = (library / FILE_NAME).read_bytes()

        def run(end: str) -> Path:
            command = [sys.executable, "-c", READER, str(library), end]
            environment = {**os.environ, "TMPDIR": str(temporary)}
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            assert done.stdout, done.stderr
            return Path(done.stdout.strip())

        assert run("die").is_dir()
        run("live")
        assert list(temporary.iterdir()) == []
        assert (library / FILE_NAME).read_bytes() == before
        assert [file.name for file in library.iterdir()] == [FILE_NAME]
        library.chmod(0o755)
