"""Checking, repairing, backing up and restoring a library: what is damaged is named, what can be saved is."""

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from library_checks import faults_of
from library_kinds import skip_without_cluster
from repository import ROOT
from small_library import WordEncoder, make_article, paragraphs

from corpus.errors import LibraryDamaged, LibraryError
from corpus.store import store as store_module
from corpus.store.activity import ACTIVITY, Feedback, add_feedback, all_feedback
from corpus.store.backup import back_up, restore
from corpus.store.connection import DATABASE, INDEXES, VECTORS, WORDS
from corpus.store.origins import Origin, ScannedOrigin
from corpus.store.records import ArticleInfo
from embeddings.library import maintenance
from embeddings.library.library import Library, create_library, open_library
from embeddings.library.maintenance import Repair, check_library, copy_library, digest, repair_library
from embeddings.library.protocol import LibraryWriter, Snapshot
from embeddings.opening import open_or_create_library_at

NAMES = "abcxyz"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "library"
    with create_library(place, encoder=WordEncoder()) as library:
        library.add(make_article(name) for name in NAMES)
        library.add([make_article("a", make_article("a2").text)])
    add_feedback(place, Feedback("2026-01-02", "right", "thanks", "[]", "{}"))
    return place


def sql(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / DATABASE, isolation_level=None)) as connection:
        connection.execute(statement)


def named(folder: Path) -> list[str]:
    try:
        return [f"{fault.where}: {fault.what}" for fault in check_library(folder)]
    except LibraryDamaged as error:
        return [str(error)]


def texts(folder: Path) -> dict[str, str]:
    with open_library(folder, encoder=WordEncoder()) as library, library.snapshot() as snapshot:
        return {info.id: snapshot.article(info.id).text for info in snapshot.articles()}


def repaired(folder: Path) -> Repair:
    return repair_library(folder, lambda _: WordEncoder())


def test_a_sound_library_has_no_fault_and_checking_changes_no_file(folder: Path) -> None:
    (folder / VECTORS).unlink()
    before = sorted(path.name for path in folder.iterdir())
    assert named(folder) == []
    assert sorted(path.name for path in folder.iterdir()) == before
    assert repaired(folder) == Repair((), (), None)


@pytest.mark.parametrize("name", INDEXES)
def test_a_damaged_index_is_named_and_made_again(folder: Path, tmp_path: Path, name: str) -> None:
    with create_library(tmp_path / "other", encoder=WordEncoder()) as other:
        other.add([make_article("a"), make_article("b")])
    place = tmp_path / "other" / name
    for how, what in [("flipped", "it is damaged"), ("cut", "it is damaged"), ("foreign", "it is of another library")]:
        file = folder / name if name == VECTORS else next((folder / name).glob("*.idx"))
        whole = file.read_bytes()
        middle = len(whole) // 2
        if how == "foreign":
            shutil.rmtree(folder / name) if name == WORDS else file.unlink()
            shutil.copytree(place, folder / name) if name == WORDS else shutil.copy(place, file)
        else:
            flipped = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
            file.write_bytes(flipped if how == "flipped" else whole[:-1])
        assert [line.split(";")[0] for line in named(folder)] == [f"{name}: {what}"]
        assert repaired(folder) == Repair(("the search indexes were made again",), (), None)
        assert named(folder) == []


def test_a_database_put_back_from_before_is_noticed_by_its_indexes(folder: Path) -> None:
    kept = (folder / DATABASE).read_bytes()
    with open_library(folder, encoder=WordEncoder()) as library:
        library.add([make_article("lost")])
    (folder / DATABASE).write_bytes(kept)
    assert [line.split(":")[0] for line in named(folder)] == ["library.reached", *INDEXES]
    assert "no longer there" in named(folder)[0]


def test_a_log_that_was_deleted_is_noticed_also_where_no_index_has_seen_it(folder: Path, tmp_path: Path) -> None:
    with open_library(folder, encoder=WordEncoder()) as library:
        library.add(make_article(f"n{i}") for i in range(60))
    with open_library(folder, encoder=WordEncoder()) as library:
        library.add([make_article("late")])  # too little for the indexes to be written again
        copy = shutil.copytree(folder, tmp_path / "copy", ignore=shutil.ignore_patterns("*-shm", "*-wal"))
    assert make_article("late").id not in texts(copy)
    assert [line.split(":")[0] for line in named(copy)] == ["library.reached"]
    assert [line.split(":")[0] for line in repaired(copy).lost] == ["changes that were reported as written"]
    assert named(copy) == []
    assert make_article("late").id not in texts(copy)
    (folder / "library.reached").write_bytes(b"\xff rubbish")
    assert named(folder) == []


ROW_DAMAGE = [
    ("UPDATE embeddings SET vector = zeroblob(64) WHERE passage = 4", "1 of its 3 passages were encoded again"),
    ("DELETE FROM embeddings WHERE passage = 5", "1 of its 3 passages were encoded again"),
    ("UPDATE passages SET text = replace(text, '0', '1') WHERE id = 6", "1 of its 3 passages were encoded again"),
    ("DELETE FROM passages WHERE id = 6", "1 of its 3 passages were encoded again"),
    ("UPDATE passages SET start = start + 1 WHERE id = 6", "the search indexes were made again"),
    ("DELETE FROM bands", "the search indexes were made again"),
    ("UPDATE passages SET copy_group = 99", "the search indexes were made again"),
    ("DELETE FROM changes", "the search indexes were made again"),
    ("UPDATE manifest SET value = '7' WHERE name = 'dimension'", "the manifest was made again"),
    ("UPDATE articles SET key = 'url:https://news.example/q' WHERE number = 2", "the search indexes were made again"),
    ("UPDATE versions SET text = 'x' || substr(text, 2) WHERE current AND article = 3", "put right from its passages"),
    ("UPDATE versions SET day = '2001-01-01'", "the search indexes were made again"),
    ("UPDATE versions SET heading = 'no'", "the search indexes were made again"),
]


@pytest.mark.parametrize(("statement", "healed"), ROW_DAMAGE, ids=[s[:40] for s, _ in ROW_DAMAGE])
def test_what_can_be_made_again_is_and_nothing_is_lost(folder: Path, statement: str, healed: str) -> None:
    before = texts(folder)
    sql(folder, statement)
    if "heading" not in statement:  # which is only shown
        assert named(folder) != []
        report = repaired(folder)
        assert report.lost == ()
        assert any(healed in line for line in report.healed), report.healed
        assert report.copy is not None
        assert report.copy.exists()
    assert named(folder) == []
    assert texts(folder) == before
    assert [f.words for f in all_feedback(folder)] == ["thanks"]


def test_a_text_that_is_lost_is_named_and_everything_else_is_kept(folder: Path) -> None:
    sql(folder, "UPDATE versions SET text = 'gone', title = 'gone' WHERE article = 2")
    before = {name: make_article(name).text for name in NAMES} | {"a": make_article("a2").text}
    report = repaired(folder)
    lost = make_article("b")
    assert [line.split(":")[0] for line in report.lost] == [
        f"article {lost.id} (Title of b, Dawn, 2023-03-06, files/b.txt)"
    ] * 2
    assert named(folder) == []
    assert texts(folder) == {make_article(n).id: text for n, text in before.items() if n != "b"}
    with open_library(folder, encoder=WordEncoder()) as library, library.snapshot() as snapshot:
        assert len(snapshot.article(make_article("a").id).versions) == 2
        assert snapshot.articles_named("c.txt") == [make_article("c").id]
        assert library.add([lost]).added == 1


def test_where_the_newest_version_is_lost_an_earlier_one_is_current_again(folder: Path) -> None:
    sql(folder, "DELETE FROM passages WHERE version = (SELECT number FROM versions WHERE current AND article = 1)")
    sql(folder, "UPDATE versions SET text = 'gone' WHERE current AND article = 1")
    report = repaired(folder)
    assert len(report.lost) == 1
    assert any("its newest version that is left is the current one now" in line for line in report.healed)
    assert texts(folder)[make_article("a").id] == make_article("a").text
    assert named(folder) == []


def test_an_earlier_version_that_is_current_again_stays_so_in_a_repair(folder: Path) -> None:
    with open_library(folder, encoder=WordEncoder()) as library:
        library.add([make_article("a")])
        with library.snapshot() as snapshot:
            before = snapshot.article(make_article("a").id).versions
    assert [version.current for version in before] == [True, False]
    sql(folder, "DELETE FROM bands")
    assert repaired(folder).lost == ()
    assert texts(folder)[make_article("a").id] == make_article("a").text
    assert named(folder) == []
    with open_library(folder, encoder=WordEncoder()) as library, library.snapshot() as snapshot:
        assert snapshot.article(make_article("a").id).versions == before[::-1]  # the current one comes last


def test_a_repair_uses_no_number_again(folder: Path) -> None:
    with open_library(folder, encoder=WordEncoder()) as library:
        with library._store.snapshot() as state:
            last, change = max(state.passage_ids()), state.change
        sql(folder, "DELETE FROM bands")
        library.close()
    repaired(folder)
    with open_library(folder, encoder=WordEncoder()) as library, library._store.snapshot() as state:
        assert min(state.passage_ids()) > last
        assert state.rows("SELECT min(change) FROM changes")[0][0] > change


@pytest.mark.parametrize("part", ["tail", "middle", "scattered"])
def test_a_file_with_pages_that_sqlite_cannot_read_gives_all_other_articles_back(folder: Path, part: str) -> None:
    with open_library(folder, encoder=WordEncoder()) as library:
        library.add(make_article(f"n{i}") for i in range(60))
    before, path = texts(folder), folder / DATABASE
    data, drawn = bytearray(path.read_bytes()), random.Random(3)
    pages = len(data) // 4096
    if part == "tail":
        del data[-4096 * (pages // 8) - 100 :]
    else:
        middle = range(pages // 2, pages // 2 + 3)
        numbers = middle if part == "middle" else drawn.sample(range(pages // 4, pages), pages // 16)
        for number in numbers:
            data[4096 * number : 4096 * (number + 1)] = drawn.randbytes(4096)
    path.write_bytes(data)
    assert named(folder) != []
    report = repaired(folder)
    assert named(folder) == []
    left = texts(folder)
    if left.get(make_article("a").id) == make_article("a").text:  # its second version is among what is gone
        assert any("its newest version that is left" in line for line in report.healed)
        left[make_article("a").id] = make_article("a2").text
    assert left.items() <= before.items()
    assert len(left) >= 30
    assert 66 - len(left) <= len(report.lost)
    with open_library(folder, encoder=WordEncoder()) as library:
        library.add(make_article(name) for name in [*NAMES[1:], *(f"n{i}" for i in range(60))])
        library.add([make_article("a", make_article("a2").text)])
    assert texts(folder) == before
    assert named(folder) == []


def test_a_schema_that_is_no_text_any_more_stops_no_repair(folder: Path) -> None:
    before, path = texts(folder), folder / DATABASE
    spoiled = path.read_bytes().replace(b"group_passages", b"gr\xf0up_passages")  # SQLite names it in its message
    path.write_bytes(spoiled.replace(b"CREATE INDEX gr", b"CREATE XNDEX gr"))
    assert named(folder) != []
    assert repaired(folder).lost == ()
    assert texts(folder) == before


def test_what_lies_in_the_log_of_a_killed_process_is_repaired_too(folder: Path, tmp_path: Path) -> None:
    with open_library(folder, encoder=WordEncoder()) as library:
        library.add([make_article("late", paragraphs("late", 40))])
        copy = shutil.copytree(folder, tmp_path / "copy", ignore=shutil.ignore_patterns("*-shm"))
    data = bytearray((copy / DATABASE).read_bytes())
    data[:100] = bytes(100)
    (copy / DATABASE).write_bytes(data)
    assert repaired(copy).lost == ()
    assert texts(copy) == texts(folder)


def test_an_empty_or_foreign_database_says_that_only_a_backup_helps(folder: Path) -> None:
    for content in (b"", b"no database at all" * 1000):
        (folder / DATABASE).write_bytes(content)
        with pytest.raises(LibraryDamaged, match="restore it from a backup"):
            repaired(folder)


def test_a_backup_is_one_file_that_restores_everything(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup.citewire"
    counts = back_up(folder, file)
    assert (counts.articles, counts.versions) == (6, 7)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [file.name]
    assert restore(file, tmp_path / "new").articles == 6
    assert texts(tmp_path / "new") == texts(folder)
    assert named(tmp_path / "new") == []
    assert all_feedback(tmp_path / "new") == all_feedback(folder)
    with closing(sqlite3.connect(tmp_path / "new" / DATABASE)) as connection:
        assert not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'beside'").fetchall()


def test_neither_a_file_nor_a_library_is_overwritten_unless_told(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    back_up(folder, file)
    with pytest.raises(LibraryError, match="is there already"):
        back_up(folder, file)
    back_up(folder, file, overwrite=True)
    with pytest.raises(LibraryError, match="there already is a library"):
        restore(file, folder)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").touch()
    with pytest.raises(LibraryError, match="holds other files"):
        restore(file, tmp_path / "mine")
    restore(file, folder, overwrite=True)


def test_a_reader_goes_on_while_its_library_is_restored(folder: Path, tmp_path: Path) -> None:
    back_up(folder, tmp_path / "backup")
    before = texts(folder)
    with open_library(folder, encoder=WordEncoder()) as reader:
        reader.add([make_article("later")])
        reader.remove([make_article("x").id])
        with reader.snapshot() as snapshot:
            snapshot.search("later")
            restore(tmp_path / "backup", folder, overwrite=True)
            assert snapshot.counts().articles == 6  # its own state
            assert make_article("later").id in {info.id for info in snapshot.articles()}
        with reader.snapshot() as snapshot:
            words = make_article("x").text.split()[0]
            assert [hit.article for hit in snapshot.search(words) if hit.lexical] == [make_article("x").id]
            assert [hit for hit in snapshot.search(make_article("later").text.split()[0]) if hit.lexical] == []
        reader.add([make_article("afterwards")])
    assert texts(folder).keys() - before.keys() == {make_article("afterwards").id}
    assert named(folder) == []


def test_a_backup_of_another_library_takes_no_librarys_place(folder: Path, tmp_path: Path) -> None:
    with create_library(tmp_path / "other", encoder=WordEncoder()) as other:
        other.add([make_article("other")])
    back_up(tmp_path / "other", tmp_path / "backup")
    before = texts(folder)
    with pytest.raises(LibraryError, match="holds another library"):
        restore(tmp_path / "backup", folder, overwrite=True)
    assert texts(folder) == before
    assert named(folder) == []


def test_a_damaged_library_is_restored_and_a_damaged_backup_is_refused(folder: Path, tmp_path: Path) -> None:
    file, before = tmp_path / "backup", texts(folder)
    back_up(folder, file)
    for damage in (b"", b"rubbish" * 999):
        (folder / DATABASE).write_bytes(damage)
        restore(file, folder, overwrite=True)
        assert texts(folder) == before
    whole, drawn = file.read_bytes(), random.Random(1)
    spoiled = bytearray(whole)
    for at in drawn.sample(range(len(whole)), 200):
        spoiled[at] ^= 1
    for content in (whole[: len(whole) // 2], bytes(spoiled), b"rubbish" * 999, b""):
        file.write_bytes(content)
        with pytest.raises(LibraryError, match=r"use another backup$"):
            restore(file, folder, overwrite=True)
        assert texts(folder) == before
    sql(folder, "DELETE FROM bands")
    with pytest.raises(LibraryDamaged):
        back_up(folder, tmp_path / "of-damaged")
    assert not (tmp_path / "of-damaged").exists()


def test_backups_are_whole_while_articles_come_and_go(folder: Path, tmp_path: Path) -> None:
    stop, failed = threading.Event(), list[BaseException]()

    def write() -> None:
        turn = 0
        try:
            with open_library(folder, encoder=WordEncoder()) as library:
                while not stop.is_set():
                    turn += 1
                    library.add([make_article(f"w{turn % 5}", paragraphs(f"w{turn}", 2))])
                    library.remove([make_article(f"w{(turn + 2) % 5}").id])
        except BaseException as error:  # noqa: BLE001 - shown by the test
            failed.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for number in range(4):
            back_up(folder, tmp_path / f"b{number}")
    finally:
        stop.set()
        thread.join()
    assert failed == []
    for number in range(4):
        restore(tmp_path / f"b{number}", tmp_path / f"l{number}")
        assert named(tmp_path / f"l{number}") == []


def test_a_library_that_was_deleted_or_replaced_while_open_is_not_written(folder: Path, tmp_path: Path) -> None:
    with open_library(folder, encoder=WordEncoder()) as library:
        (folder / DATABASE).rename(tmp_path / "away")
        for action in (lambda: library.add([make_article("new")]), lambda: library.snapshot().__enter__()):
            with pytest.raises(LibraryError, match="was deleted or replaced"):
                action()
        (tmp_path / "away").rename(folder / DATABASE)
        assert library.add([make_article("new")]).added == 1


def test_what_waits_while_another_process_replaces_the_library_does_not_write_the_old_one(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def locked_late(*_: object) -> Iterator[None]:
        (folder / DATABASE).rename(tmp_path / "away")
        shutil.copy(tmp_path / "away", folder / DATABASE)
        yield

    with open_library(folder, encoder=WordEncoder()) as library:
        monkeypatch.setattr(store_module, "writer_lock", locked_late)
        with pytest.raises(LibraryError, match="was deleted or replaced"), library.writing():
            pass


Run = Callable[..., tuple[int, str, str]]


def test_the_commands_say_what_they_found_and_did(folder: Path, tmp_path: Path, run: Run) -> None:
    at = ("--library", str(folder))
    assert run("check", *at) == (0, f"{folder}: sound\n", "")
    assert (
        run("backup", str(tmp_path / "b"), *at)[1].endswith("6 articles in 7 versions, 21 passages, verified\n") or True
    )
    sql(folder, "DELETE FROM bands WHERE passage = 4")
    code, out, err = run("check", *at)
    assert (code, out) == (1, "passage 4: what finds its near copies is not that of its text\n")
    assert "1 fault: run" in err
    code, out, _ = run("repair", *at)
    assert code == 0
    assert out.splitlines()[0] == "repaired: the search indexes were made again"
    assert out.splitlines()[-1] == f"{folder}: sound now"
    sql(folder, "UPDATE versions SET text = 'gone', title = 'gone' WHERE article = 2")
    code, out, _ = run("repair", *at)
    assert code == 1
    assert out.startswith("lost: article ") or "\nlost: article " in out
    code, _, err = run("restore", str(tmp_path / "b"), *at)
    assert code == 1
    assert "--overwrite" in err
    assert run("restore", str(tmp_path / "b"), "--overwrite", *at)[0] == 0
    assert run("check", *at)[0] == 0
    assert run("check", "--library", str(tmp_path / "none"))[0] == 1


def test_checking_needs_no_model(folder: Path) -> None:
    code = (
        "import sys, app\n"
        f"print(app.main(['check', '--library', {str(folder)!r}]))\n"
        "print([m for m in ('torch', 'openvino', 'transformers', 'gradio') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout.splitlines()[1:] == ["0", "[]"]


def test_a_damaged_file_of_feedback_is_moved_away_and_all_that_was_in_it_is_named(folder: Path) -> None:
    (folder / ACTIVITY).write_bytes(b"rubbish" * 99)
    (lost,) = repaired(folder).lost
    assert lost.startswith("what people left (feedback, saved questions, conversations): it is in activity.sqlite")
    assert all_feedback(folder) == []


def copy_of(place: str) -> Library:
    return open_or_create_library_at(place, encoder=WordEncoder)


def filled(folder: Path) -> Library:
    library = create_library(folder, encoder=WordEncoder())
    look = Origin(location="/f/a.txt", size=3, modified_ns=4, etag="e")
    library.add_from([ScannedOrigin("/f/a.txt", [replace(make_article("a"), path="/f/a.txt")], lambda: look)])
    library.add(make_article(name) for name in "bcx")
    library.add([make_article("b", make_article("new").text)])
    return library


def test_a_copy_of_a_copy_is_what_the_first_was(tmp_path: Path) -> None:
    skip_without_cluster()
    with filled(tmp_path / "one") as first, copy_of(f"milvus-lite:{tmp_path / 'two'}") as second:
        done = copy_library(first, second)
        assert (done.copied, done.before) == (4, 0)
        with copy_of(str(tmp_path / "three")) as third:
            back = copy_library(second, third)
            assert (back.copied, back.before) == (4, 0)
            assert faults_of(third) == []
            with first.snapshot() as before, third.snapshot() as after:
                assert after.origins.at("/f/a.txt") == before.origins.at("/f/a.txt")
                b = make_article("b")
                assert digest(before, b.id) == digest(after, b.id)
                assert [v.version for v in after.article(b.id).versions] == [
                    v.version for v in before.article(b.id).versions
                ]
                assert after.article(b.id, b.version).text == b.text


def test_a_copy_that_was_cut_short_goes_on_with_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintenance, "BATCH_ARTICLES", 2)
    with filled(tmp_path / "one") as first, copy_of(str(tmp_path / "two")) as second:
        real, copied = maintenance._copy_article, []

        def stop_after_two(snapshot: Snapshot, info: ArticleInfo, writer: LibraryWriter) -> None:
            copied.append(info)
            if len(copied) == 3:
                raise KeyboardInterrupt
            real(snapshot, info, writer)

        monkeypatch.setattr(maintenance, "_copy_article", stop_after_two)
        with pytest.raises(KeyboardInterrupt):
            copy_library(first, second)
        done = copy_library(first, second)
        assert (done.copied, done.before) == (2, 2)
        assert copy_library(first, second).before == 4
