import os
import pickle
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from repository import ROOT
from small_library import DIMENSION, NOW, commit, file_bytes, make_article, make_store, put, take_out

from corpus.article import Article
from corpus.errors import LibraryBusy, LibraryDamaged, LibraryError, LibraryMissing, UsageError
from corpus.passages import split
from corpus.store.connection import DATABASE
from corpus.store.damage import check
from corpus.store.records import Filters, Order
from corpus.store.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = make_store(tmp_path / "library")
    yield made
    made.close()


def sql(store: Store, statement: str, *values: object) -> None:
    """Change the library behind its back."""
    with sqlite3.connect(store.path) as connection:
        connection.execute(statement, values)
    connection.close()


def faults(store: Store) -> list[str]:
    with store.snapshot() as snapshot:
        return [f"{fault.where}: {fault.what}" for fault in check(snapshot)]


def searched(store: Store) -> list[int]:
    with store.snapshot() as snapshot:
        return snapshot.passage_ids()


def replayed(store: Store) -> set[int]:
    with store.snapshot() as snapshot:
        return set(snapshot.changed_since(0)[0])


def test_an_article_comes_back_as_it_was_added(store: Store) -> None:
    article = Article(
        "Zażółć gęślą jaźń, 𝒳 said.\n\nA second paragraph\x00 with a null character.",
        title="Two\nlines",
        source="Dawn",
        author="A. B.",
        published="2023-03-06T01:30:00+05:00",
        modified="2023-03-07",
        url="https://news.example/a?utm_source=x",
        place="ISLAMABAD",
        section="World",
        language="en",
        path="files/a.txt",
    )
    added = put(store, article)
    with store.snapshot() as snapshot:
        stored = snapshot.article(added.article)
        passages = snapshot.passages_of(added.article)
    info = stored.info
    assert (added.kind, info.id, info.version, info.current) == ("added", article.id, article.version, True)
    assert stored.text == article.text
    assert info.characters == len(article.text)
    for name in ("title", "source", "author", "published", "modified", "url", "place", "section", "language", "path"):
        assert getattr(info, name) == getattr(article, name), name
    assert [(p.start, p.end, p.text) for p in passages] == [(p.start, p.end, p.text) for p in split(article.text)]
    assert info.added == info.changed == "2026-01-02T03:04:05+00:00"
    assert faults(store) == []


def test_the_same_version_again_changes_nothing(store: Store) -> None:
    first = put(store, make_article("a"))
    before = searched(store)
    assert put(store, make_article("a")).kind == "unchanged"
    assert searched(store) == before
    with store.snapshot() as snapshot:
        assert (snapshot.change, snapshot.counts().versions) == (first.passages, 1)


def test_a_new_version_is_searched_and_the_old_one_stays_readable(store: Store) -> None:
    old, new = make_article("a"), make_article("a", make_article("new").text)
    put(store, old)
    before = searched(store)
    assert put(store, new).kind == "replaced"
    with store.snapshot() as snapshot:
        assert snapshot.article(old.id).text == new.text
        assert snapshot.article(old.id, old.version).text == old.text
        assert not snapshot.article(old.id, old.version).info.current
        assert {p.info.version for p in snapshot.passages_of(old.id)} == {new.version}
        assert snapshot.passages(before) == []
    assert min(searched(store)) > max(before)
    assert replayed(store) == set(searched(store))
    assert faults(store) == []


def test_an_article_can_go_back_to_an_earlier_version(store: Store) -> None:
    old, new = make_article("a"), make_article("a", make_article("new").text)
    for article in (old, new, old):
        put(store, article)
    with store.snapshot() as snapshot:
        stored = snapshot.article(old.id)
        assert stored.text == old.text
        assert [(v.version, v.current) for v in stored.versions] == [(old.version, True), (new.version, False)]
    assert faults(store) == []


def test_passage_ids_are_never_used_again(store: Store) -> None:
    put(store, make_article("a"))
    last = max(searched(store))
    take_out(store, make_article("a").id)
    put(store, make_article("b"))
    assert min(searched(store)) == last + 1


def test_what_was_removed_is_in_no_byte_of_the_library(store: Store) -> None:
    kept, gone = make_article("keep"), make_article("gone", passages=30)
    put(store, kept)
    put(store, gone)
    put(store, make_article("gone", make_article("gonetoo").text))
    assert b"gone" in file_bytes(store.folder)
    assert take_out(store, gone.id, "0" * 16) == [gone.id]
    assert b"gone" not in file_bytes(store.folder)
    assert b"keep" in file_bytes(store.folder)
    assert gone.version.encode() not in file_bytes(store.folder)
    with store.snapshot() as snapshot, pytest.raises(UsageError, match=f"there is no article {gone.id}"):
        snapshot.article(gone.id)
    assert faults(store) == []


def test_the_file_shrinks_when_articles_are_removed(store: Store) -> None:
    put(store, make_article("keep"))
    store.purge()
    before = store.path.stat().st_size
    put(store, make_article("gone", passages=300))
    assert store.path.stat().st_size + (store.folder / f"{DATABASE}-wal").stat().st_size > before + 200_000
    take_out(store, make_article("gone").id)
    assert store.path.stat().st_size < before + 32_768


def test_filters_pass_by_outlet_and_day_both_inclusive(store: Store) -> None:
    for name, day in (("a", "2023-03-05"), ("b", "2023-03-06T23:59:00+05:00"), ("x", "2023-03-07")):
        put(store, make_article(name, published=day))
    put(store, Article("An undated text.", title="undated", path="u.txt"))

    def titles(filters: Filters) -> set[str]:
        with store.snapshot() as snapshot:
            named = {(info.title or "").removeprefix("Title of ") for info in snapshot.articles(filters)}
            passages = {
                (p.info.title or "").removeprefix("Title of ") for p in snapshot.passages(snapshot.passage_ids(filters))
            }
            assert snapshot.coverage(filters).articles == len(named)
        assert passages == named
        return named

    assert titles(Filters()) == {"a", "b", "x", "undated"}
    assert titles(Filters(sources=("dawn",))) == {"a", "b"}
    assert titles(Filters(sources=("Geo", "Dawn"))) == {"a", "b", "x"}
    assert titles(Filters(after=date(2023, 3, 6))) == {"b", "x"}
    assert titles(Filters(before=date(2023, 3, 6))) == {"a", "b"}
    assert titles(Filters(("Dawn",), date(2023, 3, 6), date(2023, 3, 6))) == {"b"}
    assert titles(Filters(sources=("Nobody",))) == set()
    with pytest.raises(UsageError, match="no day is both"):
        Filters(after=date(2023, 3, 7), before=date(2023, 3, 6))


def test_coverage_counts_what_was_searched(store: Store) -> None:
    for name, day in (("a", "2023-03-05"), ("b", "2023-03-09"), ("x", "2023-03-07")):
        put(store, make_article(name, published=day))
    put(store, Article("An undated text.", path="u.txt"))
    with store.snapshot() as snapshot:
        coverage = snapshot.coverage()
        assert (coverage.articles, coverage.sources, coverage.undated) == (4, 2, 1)
        assert (coverage.first, coverage.last) == ("2023-03-05", "2023-03-09")
        assert snapshot.sources() == [("Dawn", 2), ("Geo", 1)]
        empty = snapshot.coverage(Filters(sources=("Nobody",)))
    assert (empty.articles, empty.sources, empty.undated, empty.first, empty.last) == (0, 0, 0, None, None)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("newest", ["b", "x", "a", "undated"]),
        ("oldest", ["a", "x", "b", "undated"]),
        ("added", ["undated", "x", "b", "a"]),
    ],
)
def test_articles_are_listed_in_order_and_by_page(store: Store, order: Order, expected: list[str]) -> None:
    put(store, Article("Words.", title="undated", path="u.txt"))
    for name, day in (("x", "2023-03-07"), ("b", "2023-03-09"), ("a", "2023-03-05")):
        put(store, replace(make_article(name, published=day), title=name))
    with store.snapshot() as snapshot:
        listed = [info.title for info in snapshot.articles(order=order)]
        page = [info.title for info in snapshot.articles(order=order, limit=2, offset=1)]
    assert listed == expected
    assert page == expected[1:3]


def test_articles_are_found_by_file_name_path_and_address(store: Store) -> None:
    article = make_article("a")
    put(store, article)
    put(store, make_article("b"))
    put(store, replace(article, path="moved/elsewhere.txt"))
    with store.snapshot() as snapshot:
        assert snapshot.articles_named("a.txt") == [article.id]
        assert snapshot.articles_named("moved/elsewhere.txt") == [article.id]
        assert snapshot.articles_named("c.txt") == []
        assert snapshot.article(article.id).info.path == "moved/elsewhere.txt"


def test_a_snapshot_is_one_state_whatever_is_written(store: Store) -> None:
    put(store, make_article("a"))
    with store.snapshot() as before:
        store_ids = before.passage_ids()
        put(store, make_article("a", make_article("new").text))
        put(store, make_article("b"))
        assert before.passage_ids() == store_ids
        assert before.article(make_article("a").id).text == make_article("a").text
        assert len(before.articles()) == 1
        with store.snapshot() as after:
            assert len(after.articles()) == 2
            assert after.change > before.change
        before.renew()
        assert len(before.articles()) == 2


def test_a_block_that_fails_changes_nothing(store: Store) -> None:
    put(store, make_article("a"))
    before = searched(store)

    def interrupted() -> None:
        with store.writing() as writer:
            writer.remove([make_article("a").id])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert searched(store) == before
    put(store, make_article("b"))
    assert faults(store) == []


def test_passages_vectors_and_text_have_to_agree(store: Store) -> None:
    article = make_article("a")
    passages, vector = split(article.text), bytes(2 * DIMENSION)
    with pytest.raises(ValueError, match="cannot have 2 vectors"):
        commit(store, article, passages, [vector] * 2)
    with pytest.raises(ValueError, match="have 64 bytes each"):
        commit(store, article, passages, [vector[1:]] * 3)
    with pytest.raises(ValueError, match="is not a slice"):
        commit(store, make_article("b"), passages, [vector] * 3)
    assert searched(store) == []


def test_an_article_without_a_passage_is_kept(store: Store) -> None:
    article = make_article("a")
    assert commit(store, article, [], []).passages == 0
    with store.snapshot() as snapshot:
        assert snapshot.article(article.id).text == article.text
    assert faults(store) == []


# Near copies


def copy_groups(store: Store) -> dict[str, int]:
    with store.snapshot() as snapshot:
        return {p.info.key.rsplit("/", 1)[1]: p.copy_group for p in snapshot.passages(snapshot.passage_ids())}


WIRE = (
    "The delegations met in the capital on Monday for the fourth round of talks on fighting terrorism and agreed to "
    "share what they know about financing, borders and prisons, the ministry said in a statement after the meeting."
)


def test_wire_copy_is_one_group_and_stays_one_when_its_founder_goes(store: Store) -> None:
    put(store, make_article("other"))
    first, second, third = (make_article(name, WIRE) for name in ("first", "second", "third"))
    for article in (first, second, third):
        put(store, article)
    groups = copy_groups(store)
    assert groups["first"] == groups["second"] == groups["third"] != groups["other"]
    with store.snapshot() as snapshot:
        assert [info.id for info in snapshot.copies([groups["first"]])[groups["first"]]] == [
            first.id,
            second.id,
            third.id,
        ]
    take_out(store, first.id)
    groups = copy_groups(store)
    assert groups["second"] == groups["third"]
    put(store, make_article("fourth", WIRE))
    assert copy_groups(store)["fourth"] == groups["second"]
    assert faults(store) == []


def test_a_group_is_known_by_its_smallest_passage(store: Store) -> None:
    for name in ("first", "second", "third"):
        put(store, make_article(name, WIRE))
    put(store, make_article("first", "Something else entirely was said here."))
    with store.snapshot() as snapshot:
        by_name = {p.info.key.rsplit("/", 1)[1]: p for p in snapshot.passages(snapshot.passage_ids())}
    assert by_name["second"].copy_group == by_name["third"].copy_group == by_name["second"].id
    assert by_name["first"].copy_group == by_name["first"].id


# Opening what is no library, or not this release's


def test_a_library_opens_with_the_manifest_it_was_made_with(store: Store) -> None:
    store.close()
    opened = Store.open(store.folder)
    assert opened.manifest == store.manifest
    opened.close()


def _nothing(folder: Path) -> None:
    folder.rmdir()


def _no_file(folder: Path) -> None:
    pass


def _file_in_place_of_folder(folder: Path) -> None:
    folder.rmdir()
    folder.write_text("text")


def _empty_file(folder: Path) -> None:
    (folder / DATABASE).touch()


def _text_file(folder: Path) -> None:
    (folder / DATABASE).write_text("This is no database.\n" * 100)


def _other_database(folder: Path) -> None:
    with sqlite3.connect(folder / DATABASE) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()


def _newer(folder: Path) -> None:
    folder.rmdir()
    store = make_store(folder)
    sql(store, "PRAGMA user_version = 99")


def _cut_short(folder: Path) -> None:
    folder.rmdir()
    store = make_store(folder)
    store.close()
    os.truncate(store.path, 20_000)


def _manifest_changed(folder: Path) -> None:
    folder.rmdir()
    sql(make_store(folder), "UPDATE manifest SET value = '16' WHERE name = 'dimension'")


def _manifest_of_bytes(folder: Path) -> None:
    folder.rmdir()
    sql(make_store(folder), "UPDATE manifest SET value = x'00' WHERE name = 'dimension'")


@pytest.mark.parametrize(
    ("spoil", "kind", "message"),
    [
        (_nothing, LibraryMissing, "there is no library at"),
        (_no_file, LibraryMissing, "library.sqlite is not there"),
        (_file_in_place_of_folder, LibraryError, "is a file, not a library's folder"),
        (_empty_file, LibraryDamaged, "is empty: restore"),
        (_text_file, LibraryDamaged, "file is not a database"),
        (_other_database, LibraryError, "is the database of another program"),
        (_newer, LibraryError, "made by a newer Citewire .*update Citewire"),
        (_cut_short, LibraryDamaged, "restore the library from a backup"),
        (_manifest_changed, LibraryDamaged, "manifest is damaged"),
        (_manifest_of_bytes, LibraryDamaged, "manifest is damaged"),
    ],
)
def test_what_is_no_library_is_refused_in_one_sentence(
    tmp_path: Path, spoil: Callable[[Path], None], kind: type[LibraryError], message: str
) -> None:
    folder = tmp_path / "named"
    folder.mkdir()
    spoil(folder)
    with pytest.raises(kind, match=message) as raised:
        Store.open(folder)
    assert type(raised.value) is kind
    assert str(folder) in str(raised.value) or spoil in (_manifest_changed, _manifest_of_bytes)
    assert "\n" not in str(raised.value)


def test_a_library_is_made_only_where_nothing_else_is(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(LibraryError, match="holds other files"):
        make_store(tmp_path)
    make_store(tmp_path / "new" / "library").close()
    with pytest.raises(LibraryError, match="there already is a library"):
        make_store(tmp_path / "new" / "library")


def test_what_a_killed_creation_left_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / f"{DATABASE}.new").write_bytes(b"half a database")
    (tmp_path / f"{DATABASE}.new-journal").write_bytes(b"half a journal")
    store = make_store(tmp_path)
    put(store, make_article("a"))
    assert faults(store) == []
    store.close()


# Writers and readers


HOLD = """
import sys, time
from pathlib import Path
from corpus.store.store import Store
store = Store.open(Path(sys.argv[1]))
with store.writing():
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def hold(folder: Path, seconds: float) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", HOLD, str(folder), str(seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_writer_is_told_and_readers_go_on(store: Store) -> None:
    put(store, make_article("a"))
    store.close()
    with hold(store.folder, 60) as other:
        opened = Store.open(store.folder, patience=0.2)
        started = time.perf_counter()
        with pytest.raises(LibraryBusy, match=r"is being written by another process \(waited 0.2 s\)"):
            put(opened, make_article("b"))
        assert time.perf_counter() - started >= 0.2
        assert len(searched(opened)) == 3
        other.kill()
        other.wait()
        assert put(opened, make_article("b")).kind == "added"
    opened.close()


def test_a_second_writer_waits_for_the_first(store: Store) -> None:
    with hold(store.folder, 0.5) as other:
        assert put(store, make_article("b")).kind == "added"
        assert other.wait() == 0


def test_many_threads_read_while_one_writes(store: Store) -> None:
    put(store, make_article("a", passages=2))
    stop, seen, wrong = threading.Event(), list[int](), list[str]()

    def read() -> None:
        while not stop.is_set():
            with store.snapshot() as snapshot:
                texts = {snapshot.article(make_article("a").id).text}
                texts.add("\n\n".join(p.text for p in snapshot.passages_of(make_article("a").id)))
                seen.append(snapshot.change)
                if len(texts) != 1:
                    wrong.append(repr(texts))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for turn in range(15):
        put(store, make_article("a", make_article(f"turn{turn}", passages=2).text))
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(set(seen)) > 1


# Damage


FLIPS = [
    ("UPDATE versions SET text = replace(text, 'a', 'e')", "the text or metadata of version"),
    ("UPDATE versions SET source = 'Down'", "the text or metadata of version"),
    ("UPDATE versions SET day = '2023-03-07'", "the day or length kept"),
    ("UPDATE versions SET current = 0", "exactly one current version"),
    ("UPDATE passages SET text = replace(text, 'a', 'e') WHERE id = 2", "passage 2: its text is not that of article"),
    ("UPDATE passages SET start = start + 1, text = substr(text, 2) WHERE id = 2", "its passages are not those"),
    ("DELETE FROM passages WHERE id = 3", "its passages are not those"),
    ("UPDATE passages SET copy_group = 9", "copy group 9: it is not known by its smallest passage"),
    ("UPDATE embeddings SET vector = zeroblob(64) WHERE passage = 2", "passage 2: its vector is not what was added"),
    ("DELETE FROM embeddings WHERE passage = 2", "passage 2: it has no vector"),
    ("DELETE FROM bands WHERE passage = 2", "passage 2: what finds its near copies"),
    ("DELETE FROM changes WHERE change = 2", "passage 2: the log and the passages do not agree"),
    ("UPDATE articles SET key = 'url:https://news.example/b'", "its id is not that of its key"),
    ("UPDATE passages SET version = 77 WHERE id = 2", "belongs to a row of versions that is not there"),
]


@pytest.mark.parametrize(("statement", "fault"), FLIPS, ids=[s[:50] for s, _ in FLIPS])
def test_check_names_every_damage(store: Store, statement: str, fault: str) -> None:
    put(store, make_article("a"))
    assert faults(store) == []
    sql(store, statement)
    assert any(fault in found for found in faults(store)), faults(store)


def test_damaged_text_and_vectors_are_not_given_out(store: Store) -> None:
    article = make_article("a")
    put(store, article)
    sql(store, "UPDATE versions SET text = replace(text, 'a', 'e')")
    sql(store, "UPDATE embeddings SET vector = zeroblob(64) WHERE passage = 2")
    with store.snapshot() as snapshot:
        with pytest.raises(LibraryDamaged, match=f"article {article.id} is damaged"):
            snapshot.article(article.id)
        assert list(snapshot.vectors([1, 3])) == [1, 3]
        with pytest.raises(LibraryDamaged, match="the vector of passage 2 is damaged"):
            snapshot.vectors([1, 2])
    take_out(store, article.id)
    assert put(store, article).kind == "added"
    assert faults(store) == []


def test_flipped_bytes_in_the_file_are_found_or_harmless(store: Store) -> None:
    for name in ("a", "b", "x"):
        put(store, make_article(name))
    store.close()
    whole, drawn = store.path.read_bytes(), random.Random(7)
    found = 0
    for _ in range(25):
        spoiled = bytearray(whole)
        for at in drawn.sample(range(len(whole)), 40):
            spoiled[at] ^= 1 << drawn.randrange(8)
        store.path.write_bytes(spoiled)
        try:
            opened = Store.open(store.folder)
            try:
                found += bool(faults(opened))
            finally:
                opened.close()
        except LibraryError:
            found += 1
        for left in store.folder.glob(f"{DATABASE}-*"):
            left.unlink()
    assert found == 25


# Folders that may only be read


def as_nobody(folder: Path, action: Callable[[Path], object], *, rights: int = 0o644) -> object:
    """Return what the action gives on a copy of the library that its unprivileged user may only read."""
    if os.name != "posix" or os.geteuid() != 0:
        pytest.skip("only root can become another user")
    with tempfile.TemporaryDirectory(dir="/tmp") as place:
        copy = Path(place) / "library"
        shutil.copytree(folder, copy)
        for path in (Path(place), copy):
            path.chmod(0o755)
        for file in copy.iterdir():
            file.chmod(rights)
        readable, writable = os.pipe()
        child = os.fork()
        if child == 0:
            os.setgid(65534)
            os.setuid(65534)
            try:
                result = action(copy)
            except BaseException as error:  # noqa: BLE001 - carried to the test
                result = error
            os.write(writable, pickle.dumps(result))
            os._exit(0)
        os.close(writable)
        with os.fdopen(readable, "rb") as pipe:
            content = pipe.read()
        os.waitpid(child, 0)
        return pickle.loads(content)


def read_all(folder: Path) -> list[str]:
    store = Store.open(folder)
    with store.snapshot() as snapshot:
        assert store.read_only
        assert list(check(snapshot)) == []
        return sorted(info.title or "" for info in snapshot.articles())


def test_a_read_only_folder_can_be_read(store: Store) -> None:
    put(store, make_article("a"))
    store.close()
    assert not (store.folder / f"{DATABASE}-wal").exists()
    assert as_nobody(store.folder, read_all) == ["Title of a"]


def test_changes_in_the_log_of_a_read_only_folder_are_read(store: Store) -> None:
    put(store, make_article("a"))
    store.purge()
    put(store, make_article("b"))
    assert (store.folder / f"{DATABASE}-wal").stat().st_size > 0
    assert as_nobody(store.folder, read_all) == ["Title of a", "Title of b"]


def test_an_emptied_log_in_a_read_only_folder_is_no_hindrance(store: Store) -> None:
    put(store, make_article("a"))
    store.purge()
    assert (store.folder / f"{DATABASE}-wal").stat().st_size == 0
    assert as_nobody(store.folder, read_all) == ["Title of a"]


def test_changes_that_cannot_be_read_are_an_error_and_not_left_out(store: Store, tmp_path: Path) -> None:
    put(store, make_article("a"))
    copy = tmp_path / "copy"
    shutil.copytree(store.folder, copy, ignore=shutil.ignore_patterns("*-shm"))
    error = as_nobody(copy, read_all)
    assert isinstance(error, LibraryError)
    assert "open it once as a user who may write there" in str(error)


def test_a_read_only_library_refuses_to_be_written(store: Store) -> None:
    store.close()
    error = as_nobody(store.folder, lambda folder: put(Store.open(folder), make_article("b")))
    assert isinstance(error, LibraryError)
    assert "may only be read: make the folder writable" in str(error)


def test_a_library_that_may_not_be_read_says_so(store: Store) -> None:
    store.close()

    def behind_a_closed_door(folder: Path) -> object:
        return Store.open(folder)

    error = as_nobody(store.folder, behind_a_closed_door, rights=0o600)
    assert isinstance(error, LibraryError)
    assert "may not be opened: check its rights" in str(error)


@pytest.mark.long
def test_opening_and_reading_are_quick(store: Store) -> None:
    with store.writing() as writer:
        for number in range(100):
            article = make_article(f"n{number}", "One short text.")
            writer.add(article, split(article.text), [bytes(2 * DIMENSION)], now=NOW)
    store.close()
    started = time.process_time()
    opened = Store.open(store.folder)
    with opened.snapshot():
        opening = time.process_time() - started
    started = time.process_time()
    for _ in range(50):
        with opened.snapshot():
            pass
    again = (time.process_time() - started) / 50
    opened.close()
    assert opening < 0.1
    assert again < 0.002


def test_vectors_and_passages_are_hashed_in_a_way_that_lasts() -> None:
    from corpus.store.snapshot import passages_hash, vector_hash

    assert vector_hash(7, b"\x00\x3c").hex() == "75839b0f6f5802aa"
    assert (
        passages_hash([(1, 0, 10), (2, 12, 20)]) == "dde33d8d4608956d2fe6e6d4cd864af4066f92bee9471ec934b64a3411cb7cc6"
    )
    article = Article("Text.", title="T", published="2023-03-06", url="http://a.example/x/?utm_source=1")
    assert (article.id, article.version) == (
        "ba1403cc7aa601c0",
        "sha256:ddfd215a607f39b2c50a6285d76b9aa80d662f5754dfae26c7bd8a573b5bae08",
    )
