import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import tantivy
from library_checks import faults_of
from repository import ROOT
from small_library import DIMENSION, WordEncoder, file_bytes, make_article, paragraphs

from corpus.article import Article
from corpus.errors import LibraryDamaged, LibraryError, LibraryMissing, ModelError, ModelMismatch
from corpus.store.connection import DATABASE, INDEXES, REACHED, VECTORS, WORDS, delete_indexes
from corpus.store.records import EVERYTHING, Filters
from corpus.store.snapshot import StoreSnapshot
from embeddings.index.sync import Pair
from embeddings.index.vector_index import VectorIndex
from embeddings.index.word_index import WordDocument
from embeddings.library.library import Library, LocalLibrary, create_library, open_library
from embeddings.library.protocol import COMMIT_PASSAGES, AddProgress
from embeddings.opening import open_or_create_library_at


@pytest.fixture
def library(tmp_path: Path) -> Iterator[LocalLibrary]:
    with create_library(tmp_path / "library", encoder=WordEncoder()) as made:
        yield made


def again(library: LocalLibrary) -> LocalLibrary:
    library.close()
    return open_library(library.folder, encoder=WordEncoder())


def found(library: Library, question: str, filters: Filters = EVERYTHING, *, each: int = 5) -> list[str]:
    """Return the names of the articles of the hits that share a word with the question, best first."""
    with library.snapshot() as snapshot:
        hits = snapshot.search(question, filters=filters, dense=each, lexical=each)
    names = [hit.info.key.rsplit("/", 1)[1] for hit in sorted(hits, key=lambda hit: -hit.lexical) if hit.lexical]
    return list(dict.fromkeys(names))


def whole(library: LocalLibrary) -> bool:
    return faults_of(library) == []


def word_of(name: str) -> str:
    return paragraphs(name, 1).split()[0]


def test_what_was_added_is_found_by_its_words_with_both_scores(library: LocalLibrary) -> None:
    report = library.add(make_article(name) for name in "abcxyz")
    assert (report.added, report.replaced, report.unchanged, report.passages) == (6, 0, 0, 18)
    with library.snapshot() as snapshot:
        hits = snapshot.search(word_of("c"), filters=Filters(), dense=4, lexical=4)
        article = snapshot.article(make_article("c").id)
    best = max(hits, key=lambda hit: hit.lexical)
    assert best.article == make_article("c").id
    assert best.text == article.text[best.start : best.end]
    assert best.version == article.info.version
    assert [hit.dense for hit in hits] == sorted((hit.dense for hit in hits), reverse=True)
    encoder = WordEncoder()
    query = encoder.encode_question(word_of("c"))
    for hit in hits:
        assert hit.dense == pytest.approx(float(encoder.encode([hit.text])[0] @ query), abs=2e-3)
        assert (hit.lexical > 0) == (word_of("c") in hit.text)
    assert whole(library)


def test_hits_are_the_union_of_the_nearest_by_meaning_and_by_words(library: LocalLibrary) -> None:
    library.add(make_article(name) for name in "abcdefgh")
    with library.snapshot() as snapshot:
        dense = {h.passage_id for h in snapshot.search(word_of("c"), dense=5, lexical=0)}
        lexical = {h.passage_id for h in snapshot.search(word_of("c"), dense=0, lexical=5)}
        both = {h.passage_id for h in snapshot.search(word_of("c"), dense=5, lexical=5)}
    assert len(dense) == 5
    assert lexical
    assert both == dense | lexical


def test_an_unchanged_article_is_not_encoded(tmp_path: Path) -> None:
    encoder = WordEncoder()
    with create_library(tmp_path / "library", encoder=encoder) as library:
        library.add([make_article("a"), make_article("b")])
        encoder.encoded.clear()
        report = library.add([make_article("a"), make_article("b", make_article("new").text), make_article("a")])
    assert (report.added, report.replaced, report.unchanged, report.passages) == (0, 1, 2, 3)
    assert len(encoder.encoded) == 3


def test_a_replaced_article_is_found_by_its_new_words_only(library: LocalLibrary) -> None:
    library.add([make_article("a"), make_article("b")])
    library.add([make_article("a", make_article("new").text)])
    assert found(library, word_of("a")) == []
    assert found(library, word_of("new")) == ["a"]
    assert whole(library)


def test_one_batch_may_hold_an_article_several_times(library: LocalLibrary) -> None:
    versions = [make_article("a"), make_article("a"), make_article("a", make_article("new").text), make_article("a")]
    report = library.add(versions)
    assert (report.added, report.replaced, report.unchanged) == (1, 2, 1)
    assert found(library, word_of("a")) == ["a"]
    assert whole(library)


def test_removing_leaves_nothing_in_any_file(library: LocalLibrary) -> None:
    kept, gone = make_article("keep"), make_article("zgone", passages=20)
    library.add([kept, gone])
    secret = word_of("zgone")
    assert found(library, secret) == ["zgone"]
    assert secret.encode() in file_bytes(library.folder)
    assert term_kept(library, secret)
    report = library.remove([gone.id, "0" * 16], purge=True)
    assert (report.removed, report.missing) == ((gone.id,), ("0" * 16,))
    left = file_bytes(library.folder)
    for word in {word.strip(".") for word in gone.text.split()}:
        assert word.encode() not in left, word
    assert gone.id.encode() not in left
    assert not term_kept(library, secret)
    assert found(library, secret) == []
    assert found(library, word_of("keep")) == ["keep"]
    assert whole(library)


def term_kept(library: LocalLibrary, word: str) -> bool:
    """Whether the index of words has a term, also of a passage that has been deleted."""
    searcher = tantivy.Index.open(str(library.folder / WORDS)).searcher()
    return int(searcher.doc_freq("words", word)) > 0


def test_of_what_is_removed_only_words_stay_where_nothing_is_purged(library: LocalLibrary) -> None:
    kept, gone = make_article("keep"), make_article("zgone", passages=20)
    library.add([kept, gone])
    with library.snapshot() as snapshot:
        ids = [passage.id for passage in snapshot.passages_of(gone.id)]
        vectors = list(snapshot.vectors(ids).values())
    assert all(vector in file_bytes(library.folder) for vector in vectors)
    library.remove([gone.id])
    left = file_bytes(library.folder)
    assert not any(vector in left for vector in vectors)
    outside = b"".join(path.read_bytes() for path in library.folder.iterdir() if path.is_file())
    for first, second in zip(gone.text.split()[:-1], gone.text.split()[1:], strict=True):
        assert f"{first} {second}".encode() not in left
        assert first.encode() not in outside
    assert found(library, word_of("zgone")) == []
    assert whole(library)
    assert term_kept(library, word_of("zgone"))
    library.remove([], purge=True)
    assert not term_kept(library, word_of("zgone"))
    assert found(library, word_of("keep")) == ["keep"]


def test_a_removal_says_when_an_older_state_is_still_being_read(
    library: LocalLibrary, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("corpus.store.store.PURGE_PATIENCE_S", 0.1)
    library.add([make_article("keep"), make_article("zgone")])
    with library.snapshot() as before:
        library.remove([make_article("zgone").id], purge=True)
        assert before.article(make_article("zgone").id).text == make_article("zgone").text
        assert "somebody reads an older state" in caplog.text
    assert found(library, word_of("zgone")) == []
    library.close()
    assert b"zgone" not in file_bytes(library.folder)


def test_a_purge_of_nothing_more_empties_the_log_that_an_earlier_removal_could_not(
    library: LocalLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corpus.store.store.PURGE_PATIENCE_S", 0.1)
    library.add([make_article("keep"), make_article("zgone")])
    with library.snapshot():
        library.remove([make_article("zgone").id])
    assert b"zgone" in file_bytes(library.folder)
    library.remove([], purge=True)
    assert b"zgone" not in file_bytes(library.folder)


def test_a_removal_that_was_cut_short_is_finished_by_the_next_opening(library: LocalLibrary) -> None:
    gone = make_article("zgone")
    library.add([make_article("keep"), gone])
    with library.snapshot() as snapshot:
        vectors = snapshot.vectors([passage.id for passage in snapshot.passages_of(gone.id)]).values()
    with library._store.writing() as writer:  # as a process killed before it wrote the indexes
        writer.remove([gone.id])
    library._store.purge()
    assert all(vector in file_bytes(library.folder) for vector in vectors)
    opened = again(library)
    assert found(opened, word_of("keep")) == ["keep"]
    opened.close()
    assert not any(vector in file_bytes(library.folder) for vector in vectors)


def test_filters_leave_out_every_other_passage(library: LocalLibrary) -> None:
    shared = "The delegations met in the capital {} and talked about borders."
    days = {"a": "2023-03-05", "b": "2023-03-06", "x": "2023-03-07"}
    library.add(make_article(name, shared.format(name * 3), published=day) for name, day in days.items())
    question = "Where did the delegations meet?"
    assert sorted(found(library, question)) == ["a", "b", "x"]
    assert found(library, question, Filters(sources=("geo",))) == ["x"]
    assert sorted(found(library, question, Filters(before=date(2023, 3, 6)))) == ["a", "b"]
    assert found(library, question, Filters(("Dawn",), date(2023, 3, 6))) == ["b"]
    assert found(library, question, Filters(sources=("Nobody",))) == []


def test_a_filter_gives_as_many_passages_as_it_allows_and_a_broad_one_collects_none(
    library: LocalLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    collected: list[Filters] = []
    passage_ids = StoreSnapshot.passage_ids

    def watched(self: StoreSnapshot, filters: Filters = EVERYTHING, *, among: Iterable[int] | None = None) -> list[int]:
        if among is None and filters:
            collected.append(filters)
        return passage_ids(self, filters, among=among)

    monkeypatch.setattr(StoreSnapshot, "passage_ids", watched)
    library.add(make_article(f"a{n}", passages=2, published=f"2023-03-{1 + n // 2:02}") for n in range(60))
    broad, narrow = Filters(before=date(2023, 3, 25)), Filters(after=date(2023, 3, 30))
    with library.snapshot() as snapshot:
        assert len(snapshot.search(word_of("a1"), filters=broad, dense=10, lexical=0)) == 10
        assert collected == []
        for _ in range(2):
            hits = snapshot.search(word_of("a1"), filters=narrow, dense=10, lexical=10)
            assert [hit.info.published for hit in hits] == ["2023-03-30"] * 4
        assert collected == [narrow]  # once for all searches of this state
    library.remove([make_article("a58").id])
    with library.snapshot() as snapshot:
        assert len(snapshot.search(word_of("a1"), filters=narrow, dense=10, lexical=0)) == 2


@pytest.mark.parametrize("question", ["", " ", 'who led "the', "a:b", "x" * 100_000, "\x00", "' OR 1=1 --"])
def test_any_question_can_be_asked(library: LocalLibrary, question: str) -> None:
    with library.snapshot() as snapshot:
        assert snapshot.search(question) == []
    library.add([make_article("a")])
    with library.snapshot() as snapshot:
        assert len(snapshot.search(question)) == 3


def test_near_copies_share_a_group_in_the_hits(library: LocalLibrary) -> None:
    wire = paragraphs("wire", 1)
    library.add([make_article("a", wire), make_article("b", wire), make_article("c")])
    with library.snapshot() as snapshot:
        hits = {hit.info.key[-1]: hit for hit in snapshot.search(word_of("wire"), dense=9, lexical=9)}
        copies = snapshot.copies([hits["a"].copy_group])[hits["a"].copy_group]
    assert hits["a"].copy_group == hits["b"].copy_group != hits["c"].copy_group
    assert [info.id for info in copies] == [hits["a"].article, hits["b"].article]


# Adding


def test_each_commit_is_told_and_stays_when_the_run_is_cut_short(library: LocalLibrary) -> None:
    told: list[AddProgress] = []

    def articles() -> Iterator[Article]:
        for number in range(400):
            yield make_article(f"n{number}", passages=4)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        library.add(articles(), progress=told.append)
    last = told[-1]
    kept = last.articles
    assert 0 < 400 - kept <= COMMIT_PASSAGES // 4
    assert (last.added, last.passages) == (kept, 4 * kept)
    assert last.current == "files/n399.txt"
    assert [p.passages for p in told] == sorted(p.passages for p in told)
    assert len({p.articles for p in told}) > 2
    with library.snapshot() as snapshot:
        listed = snapshot.articles(order="added")
    assert [info.path for info in listed] == [f"files/n{number}.txt" for number in range(kept)]
    assert whole(library)
    report = library.add(make_article(f"n{number}", passages=4) for number in range(400))
    assert (report.added, report.unchanged) == (400 - kept, kept)


def test_memory_does_not_grow_with_what_is_added(library: LocalLibrary) -> None:
    waiting: list[int] = []

    def articles() -> Iterator[Article]:
        for number in range(600):
            yield make_article(f"n{number}", passages=4)
            with library.snapshot() as snapshot:
                waiting.append(4 * (number + 1) - snapshot.counts().passages)

    library.add(articles())
    assert max(waiting) <= 2 * COMMIT_PASSAGES  # one batch that is encoded, one that is filled
    assert len(waiting) == 600


def test_an_article_of_many_passages_is_committed_whole(library: LocalLibrary) -> None:
    told: list[AddProgress] = []
    passages = 2 * COMMIT_PASSAGES + 200
    report = library.add([make_article("long", passages=passages)], progress=told.append)
    assert report.passages == passages
    assert [(p.articles, p.passages) for p in told] == [(0, 0), (1, passages)]
    with library.snapshot() as snapshot:
        assert len(snapshot.passages_of(make_article("long").id)) == passages


def test_vectors_that_are_not_numbers_are_refused(tmp_path: Path) -> None:
    class Broken(WordEncoder):
        def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
            return super().encode(texts) * np.float32(np.nan)

    with create_library(tmp_path / "library", encoder=Broken()) as library:
        with pytest.raises(ModelError, match="not finite"):
            library.add([make_article("a")])
        with library.snapshot() as snapshot:
            assert snapshot.counts().articles == 0


# Indexes


def spoil(folder: Path, name: str, content: bytes | None, other: Path) -> None:
    """Damage an index: delete it, write something in its place, or put another library's there."""
    path = folder / name
    if content is not None:
        file = path if name == VECTORS else path / "meta.json"
        file.unlink()  # whoever has it mapped keeps it
        file.write_bytes(content)
    elif name == VECTORS:
        shutil.copy(other / name, path)
    else:
        shutil.rmtree(path)
        shutil.copytree(other / name, path)


@pytest.mark.parametrize("name", INDEXES)
def test_an_index_that_is_missing_damaged_or_foreign_is_made_again_and_that_is_said(
    library: LocalLibrary, tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    library.add([make_article("a"), make_article("b")])
    assert caplog.text == ""
    with create_library(tmp_path / "other", encoder=WordEncoder()) as other:
        other.add([make_article("x"), make_article("y")])
    size = (library.folder / VECTORS).stat().st_size
    for content, why in ((b"", "is damaged"), (b"rubbish", "is damaged"), (None, "is of another library")):
        library.close()
        spoil(library.folder, name, content, other.folder)
        library = open_library(library.folder, encoder=WordEncoder())
        assert found(library, word_of("a")) == ["a"]
        assert caplog.messages == [f"the search index in {library.folder} {why}: it is made again from the store"]
        caplog.clear()
        assert whole(library)
        assert (library.folder / VECTORS).stat().st_size == size
    delete_indexes(library.folder)
    library = again(library)
    assert found(library, word_of("a")) == ["a"]
    assert "is missing" in caplog.text
    library.close()


def test_a_database_put_back_from_before_gets_indexes_of_its_own(library: LocalLibrary, tmp_path: Path) -> None:
    library.add([make_article("a")])
    library.close()
    kept = (library.folder / DATABASE).read_bytes()
    library = open_library(library.folder, encoder=WordEncoder())
    library.add([make_article("b"), make_article("c")])
    library.close()
    (library.folder / DATABASE).write_bytes(kept)
    library = open_library(library.folder, encoder=WordEncoder())
    library.add([make_article("x", passages=9)])
    assert found(library, word_of("b")) == []
    assert found(library, word_of("x")) == ["x"]
    assert whole(library)
    library.close()


def written(folder: Path) -> list[int]:
    return [(folder / name).stat().st_mtime_ns for name in (VECTORS, f"{WORDS}/meta.json")]


def test_a_small_change_does_not_write_the_indexes_again(library: LocalLibrary) -> None:
    library.add(make_article(f"n{number}") for number in range(100))
    before = written(library.folder)
    library.add([make_article("a")])
    assert written(library.folder) == before
    opened = again(library)
    assert found(opened, word_of("a")) == ["a"]
    assert whole(opened)
    opened.add(make_article(f"m{number}") for number in range(10))
    assert all(now > then for now, then in zip(written(library.folder), before, strict=True))
    opened.close()


def test_an_index_from_before_the_log_begins_is_built_again(library: LocalLibrary, tmp_path: Path) -> None:
    library.add([make_article("a"), make_article("b")])
    library.add([make_article("c", f"{word_of('c')} alone.")])
    library.close()
    kept = shutil.copytree(library.folder, tmp_path / "kept")
    library = open_library(library.folder, encoder=WordEncoder())
    library.add([make_article("a", make_article("new").text)])
    with library.snapshot() as snapshot, library._store.writing() as writer:
        writer._connection.execute("UPDATE state SET value = ? WHERE name = 'log_floor'", (snapshot.change,))
        writer._connection.execute("DELETE FROM changes WHERE passage NOT IN (SELECT id FROM passages)")
    library.close()
    shutil.rmtree(library.folder / WORDS)
    shutil.copytree(kept / WORDS, library.folder / WORDS)
    shutil.copy(kept / VECTORS, library.folder / VECTORS)
    library = open_library(library.folder, encoder=WordEncoder())
    assert found(library, word_of("a")) == []
    assert found(library, word_of("new")) == ["a"]
    assert whole(library)
    library.close()


def test_whoever_may_read_the_folder_may_read_the_indexes(library: LocalLibrary) -> None:
    library.folder.chmod(0o755)
    library.add([make_article("a")])
    assert (library.folder / WORDS).stat().st_mode & 0o777 == 0o755
    for path in (library.folder / VECTORS, *(library.folder / WORDS).iterdir()):
        assert path.stat().st_mode & 0o777 == 0o644


def test_two_libraries_on_one_folder_see_each_others_commits(library: LocalLibrary) -> None:
    with open_library(library.folder, encoder=WordEncoder()) as other:
        assert found(other, word_of("a")) == []
        library.add([make_article("a")])
        assert found(other, word_of("a")) == ["a"]
        other.add([make_article("b")])
        assert found(library, word_of("b")) == ["b"]
        other.remove([make_article("a").id])
        assert found(library, word_of("a")) == []
        assert whole(library)
        assert whole(other)


def test_a_question_finds_an_article_in_its_own_state_while_it_is_replaced(library: LocalLibrary) -> None:
    library.add([make_article("a"), make_article("b")])
    old, new = word_of("a"), word_of("new")
    assert found(library, old) == ["a"]
    with library.snapshot() as before:
        library.add([make_article("a", make_article("new").text)])
        assert found(library, new) == ["a"]
        hits = before.search(old, dense=5, lexical=5)
        assert {h.version for h in hits if h.lexical} == {make_article("a").version}
        assert {h.article for h in hits} == {make_article("a").id, make_article("b").id}
        assert not any(h.lexical for h in before.search(new, dense=5, lexical=5))
    assert found(library, old) == []
    assert whole(library)


def test_every_answer_under_load_comes_from_one_state(library: LocalLibrary) -> None:
    library.add(make_article(name) for name in "bcd")
    library.add([make_article("a", f"{word_of('a')} stands at 0.")])
    stop, wrong, asked = threading.Event(), list[str](), list[int]()

    def ask() -> None:
        while not stop.is_set():
            with library.snapshot() as snapshot:
                hits = [h for h in snapshot.search(word_of("a"), dense=2, lexical=2) if h.lexical]
                asked.append(snapshot.change)
                if len(hits) != 1 or snapshot.article(hits[0].article).text != hits[0].text:
                    wrong.append(repr([(h.text, snapshot.change) for h in hits]))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for turn in range(1, 9):
        library.add([make_article("a", f"{word_of('a')} stands at {turn}.")])
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(set(asked)) > 3
    assert whole(library)


# Opening


def test_a_library_of_another_model_says_what_to_run(library: LocalLibrary) -> None:
    library.close()
    with pytest.raises(ModelMismatch, match=r'made with the embedding model words .*run "citewire add --library') as e:
        open_library(library.folder, encoder=WordEncoder("b" * 64))
    assert "\n" not in str(e.value)


def test_a_library_is_opened_or_made(tmp_path: Path) -> None:
    with pytest.raises(LibraryMissing):
        open_library(tmp_path / "library", encoder=WordEncoder())
    with open_or_create_library_at(str(tmp_path / "library"), encoder=WordEncoder) as library:
        library.add([make_article("a")])
    with open_or_create_library_at(str(tmp_path / "library"), encoder=WordEncoder) as library:
        assert found(library, word_of("a")) == ["a"]
    names = [DATABASE, REACHED, "writer.lock", *INDEXES]
    assert sorted(path.name for path in (tmp_path / "library").iterdir()) == sorted(names)


def test_listing_and_showing_load_neither_model_nor_indexes(library: LocalLibrary) -> None:
    library.add([make_article("a")])
    library.close()
    code = (
        "import sys; from pathlib import Path; from embeddings.library.library import open_library\n"
        f"with open_library(Path({str(library.folder)!r})) as library, library.snapshot() as snapshot:\n"
        "    print(snapshot.articles()[0].title, snapshot.counts().passages, library._indexes.newest)\n"
        "print([m for m in ('torch', 'openvino', 'faiss', 'scipy', 'pandas', 'filelock') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "Title of a 3 None\n[]\n"


def test_a_damaged_vector_is_named_when_indexes_are_built(library: LocalLibrary) -> None:
    library.add([make_article("a")])
    with library._store.writing() as writer:
        writer._connection.execute("UPDATE embeddings SET vector = zeroblob(?) WHERE passage = 2", (2 * DIMENSION,))
    library.close()
    (library.folder / VECTORS).unlink()
    with open_library(library.folder, encoder=WordEncoder()) as opened:
        with pytest.raises(LibraryDamaged, match="the vector of passage 2 is damaged"):
            found(opened, word_of("a"))
        assert opened.remove([make_article("a").id]).removed
        assert whole(opened)


def test_an_index_that_differs_from_the_store_is_named(library: LocalLibrary) -> None:
    library.add([make_article("a")])
    with library.snapshot() as snapshot:
        snapshot.search("x")
    pair = library._indexes.newest
    assert pair is not None
    turned = np.roll(WordEncoder().encode(["some other words"]), 3, axis=1).astype(np.float16)
    wrong = pair.vectors.with_changes(np.array([2]), turned, np.array([2]), change=pair.change)
    library._indexes.newest = Pair(wrong, pair.words)
    assert faults_of(library) == ["passage 2: its vector in the index is not that of the library"]
    other = WordDocument(3, None, "quite other words")
    library._indexes.newest = Pair(pair.vectors, pair.words.with_changes([other], np.array([3]), change=pair.change))
    assert faults_of(library) == ["passage 3: its words in the index are not those of the library"]


def test_indexes_that_cannot_be_saved_do_not_keep_anybody_from_asking(
    library: LocalLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(VectorIndex, "save", full)
    library.add([make_article("a")])
    assert found(library, word_of("a")) == ["a"]
    assert library.remove([make_article("a").id]).removed
    assert not (library.folder / VECTORS).exists()


def test_a_read_only_library_answers_and_refuses_to_be_changed(library: LocalLibrary) -> None:
    library.add([make_article("a")])
    library.close()
    shutil.rmtree(library.folder / WORDS)  # an index that it has to build and cannot save
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    code = (
        "import os, sys; from pathlib import Path\n"
        "from corpus.errors import LibraryError\n"
        "import corpus.near_copies, embeddings.index.word_index, faiss, numpy.linalg, filelock\n"
        "from embeddings.library.library import open_library; from small_library import *\n"
        "os.setgid(65534); os.setuid(65534)\n"
        "library = open_library(Path(sys.argv[1]), encoder=WordEncoder())\n"
        "with library.snapshot() as snapshot:\n"
        "    print(library.read_only, len(snapshot.search('Title')))\n"
        "for action in (lambda: library.add([make_article('b')]), lambda: library.remove(['x'])):\n"
        "    try: action()\n"
        "    except LibraryError as error: print(str(error).split(' may ')[1])\n"
    )
    place = Path("/tmp") / f"citewire-read-only-{os.getpid()}"
    shutil.copytree(library.folder, place)
    try:
        place.chmod(0o755)
        for file in place.iterdir():
            file.chmod(0o644)
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
        done = subprocess.run(
            [sys.executable, "-c", code, str(place)], capture_output=True, text=True, env=environment, check=False
        )
    finally:
        shutil.rmtree(place)
    assert done.stdout.splitlines() == ["True 3", *["only be read: make the folder writable"] * 2], done.stderr


@pytest.mark.long
def test_bookkeeping_costs_less_than_a_millisecond_a_passage(library: LocalLibrary) -> None:
    class Constant(WordEncoder):
        def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
            return np.tile(np.eye(DIMENSION, dtype=np.float32)[0], (len(texts), 1))

    library._encoder = Constant()
    articles = [make_article(f"n{number}", passages=10) for number in range(100)]
    started = time.process_time()
    report = library.add(articles)
    assert report.passages == 1000
    assert (time.process_time() - started) / 1000 < 0.003


def test_a_closed_library_says_so(library: LocalLibrary) -> None:
    library.close()
    with pytest.raises(LibraryError, match="has been closed"), library.snapshot():
        pass
    library.close()


def test_articles_are_found_by_the_name_of_their_file(library: LocalLibrary) -> None:
    article = make_article("a")
    library.add([article])
    library.add([replace(article, path="elsewhere/b.txt")])
    with library.snapshot() as snapshot:
        assert snapshot.articles_named("a.txt") == snapshot.articles_named("b.txt") == [article.id]
        assert snapshot.article(article.id).info.path == "elsewhere/b.txt"


def test_a_few_articles_are_added_without_the_indexes_which_are_found_to_be_behind_later(library: LocalLibrary) -> None:
    library.add(make_article(f"old-{number}") for number in range(40))  # 120 passages
    before = written(library.folder)
    with again(library) as opened:
        opened.add([make_article("new")])
        assert written(library.folder) == before
        assert found(opened, word_of("new"))[0] == "new"
    with again(library) as opened:
        opened.add([make_article("next"), make_article("last")])  # 9 of 120 passages have changed: more than 5 in 100
        assert written(library.folder) != before
    with again(library) as opened, opened._store.snapshot() as snapshot:
        pair = opened._indexes.follow(snapshot)
        assert (len(pair.vectors.added), pair.words.added) == (0, {})
        assert whole(opened)


@pytest.mark.parametrize("harm", ["deleted", "another's", "another history's"])
def test_indexes_that_do_not_fit_are_made_anew_by_the_next_add(library: LocalLibrary, harm: str) -> None:
    library.add(make_article(f"old-{number}") for number in range(40))
    kept = library.folder.parent / "kept"
    shutil.copytree(library.folder, kept)
    if harm == "deleted":
        library.close()
        shutil.rmtree(library.folder / WORDS)
    elif harm == "another's":
        with create_library(library.folder.parent / "other", encoder=WordEncoder()) as other:
            other.add(make_article(f"old-{number}") for number in range(40))
        shutil.copy(other.folder / VECTORS, library.folder)
    else:
        with open_library(kept, encoder=WordEncoder()) as copied:
            copied.add(make_article(f"there-{number}") for number in range(4))
        library.add(make_article(f"here-{number}") for number in range(5))
        shutil.copy(kept / VECTORS, library.folder)
        shutil.rmtree(library.folder / WORDS)
        shutil.copytree(kept / WORDS, library.folder / WORDS)
    with again(library) as opened:
        before = (library.folder / VECTORS).stat().st_mtime_ns
        opened.add([make_article("new")])
        assert (library.folder / VECTORS).stat().st_mtime_ns != before
        assert whole(opened)
        assert found(opened, word_of("new"))[0] == "new"


def test_anybody_opens_the_indexes_of_any_library(library: LocalLibrary) -> None:
    import faiss

    library.add(make_article(name) for name in "abc")
    vectors = faiss.read_index(str(library.folder / VECTORS))
    assert (vectors.ntotal, vectors.d) == (9, DIMENSION)
    question = WordEncoder().encode([make_article("b").text.split("\n\n")[1]])
    _, ids = vectors.search(question, 1)
    with library.snapshot() as snapshot:
        assert ids[0].tolist() == [snapshot.passages_of(make_article("b").id)[1].id]
    words = tantivy.Index.open(str(library.folder / WORDS))
    searcher = words.searcher()
    assert searcher.num_docs == 10  # and the stamp
    assert searcher.doc_freq("words", word_of("b")) == 1
    hits = searcher.search(words.parse_query(word_of("b"), ["words"]), 10).hits
    passages = searcher.fast_field_values("passage", [address for _, address in hits])
    with library.snapshot() as snapshot:
        assert passages == [snapshot.passages_of(make_article("b").id)[0].id]


def test_a_question_on_any_library_is_answered_from_faiss_and_tantivy(
    library: LocalLibrary,
) -> None:
    library.add(make_article(name) for name in "ab")
    with library.snapshot() as snapshot:
        snapshot.search(word_of("b"))
    pair = library._indexes.newest
    assert pair is not None
    assert (pair.vectors.index.ntotal, len(pair.vectors.added)) == (6, 0)
    assert (pair.words.searcher.num_docs, pair.words.added) == (7, {})
