"""The index of words, on real Tantivy."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from index_contents import holds_words

from corpus.store.connection import WORDS
from embeddings.index import files, word_index
from embeddings.index.files import IndexMissing, IndexUnusable, Stamp
from embeddings.index.tokens import stems, tokens
from embeddings.index.word_index import WordDocument, WordIndex, update, words_of

NONE = np.empty(0, np.int64)
STAMP = Stamp("one", word_index.FORMAT, change=4, mark=3)
PASSAGES = [
    WordDocument(1, "Kabul airport closes", "The last U.S. troops, 1,200 of them, left Kabul on Monday."),
    WordDocument(2, "Kabul airport closes", "Obama’s former aide called the co-ordinated withdrawal a mistake."),
    WordDocument(3, None, "Let us eat at the naïve café; it costs 3.5 dollars."),
    WordDocument(4, "Rates", "The bank raised its rates, and raised them again."),
]


def index_of(passages: list[WordDocument] = PASSAGES) -> WordIndex:
    return WordIndex.build(STAMP, passages)


def saved(folder: Path, passages: list[WordDocument] = PASSAGES) -> WordIndex:
    update(folder, STAMP, passages)
    return WordIndex.open(folder, STAMP)


def found(index: WordIndex, question: str, k: int = 10) -> list[int]:
    return index.search(question, k)[0].tolist()  # type: ignore[no-any-return]


def sentences(count: int, first: int = 0) -> list[WordDocument]:
    """Passages of 2 to 60 words of a few hundred, the frequent ones often."""
    rng = np.random.default_rng(1 + first)
    words = (rng.pareto(1, (count, 60)) * 5).astype(int) % 300
    lengths = rng.integers(2, 61, count)
    return [
        WordDocument(first + n, None, " ".join(f"w{word}" for word in row[:length]))
        for n, (row, length) in enumerate(zip(words, lengths, strict=True))
    ]


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
    assert stems("raises Cafés Obama’s running") == stems("raised cafe OBAMA run") == "rais cafe obama run".split()


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
    answered = found(index_of(), question)
    assert answered[:1] == ids[:1]
    assert set(ids) >= set(answered) or "the" in question


def test_scores_are_those_of_the_search_and_0_for_others() -> None:
    index = index_of()
    ids, scores = index.search("Kabul troops on Monday", 10)
    assert ids[0] == 1
    assert scores[0] > scores[1] > 0
    asked = np.array([99, 2, 1, 4])
    assert index.scores("Kabul troops on Monday", asked).tolist() == [0, scores[1], scores[0], 0]
    assert index.scores("zzz", np.array([1])).tolist() == [0]
    assert index.scores("Kabul", NONE).tolist() == []


@pytest.mark.parametrize("committed", [3000, 2900])
def test_a_filter_keeps_the_scores_and_the_order(monkeypatch: pytest.MonkeyPatch, committed: int) -> None:
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(["red", "green", "blue", "grey", "pink"], 12)) for _ in range(3000)]
    passages = [WordDocument(n, None, text) for n, text in enumerate(texts)]
    index = index_of(passages[:committed]).with_changes(passages[committed:], NONE, change=5)
    ids, scores = index.search("red blue", 3000)
    for allowed in (1, 5, 20, 1000):
        some = rng.choice(3000, allowed, replace=False)
        expected = [(i, s) for i, s in zip(ids.tolist(), scores.tolist(), strict=True) if i in set(some.tolist())][:10]
        for inside in (2_000, 0):
            monkeypatch.setattr(word_index, "_INSIDE_QUERY", inside)
            got = index.search("red blue", 10, allowed=some)
            assert sorted(got[1].tolist()) == pytest.approx(sorted(s for _, s in expected))
            assert set(got[0].tolist()) <= set(some.tolist())
    assert index.search("red", 5, allowed=NONE)[0].tolist() == []


def test_the_stamp_changes_no_score() -> None:
    import tantivy

    passages = sentences(300)
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("passage", indexed=True, fast=True)
    builder.add_text_field("words", tokenizer_name="whitespace", index_option="freq")
    plain = tantivy.Index(builder.build())
    writer = plain.writer(15_000_000, 1)
    for passage in passages:
        writer.add_document(tantivy.Document(passage=passage.passage_id, words=" ".join(words_of(passage))))
    writer.commit()
    plain.reload()
    searcher, index = plain.searcher(), index_of(passages)
    for word in ("w0", "w5", "w99"):
        query = tantivy.Query.term_query(plain.schema, "words", word, index_option="freq")
        expected = sorted(score for score, _ in searcher.search(query, 300).hits)
        assert sorted(index.search(word, 300)[1].tolist()) == pytest.approx(expected, rel=5e-3)


def test_what_came_later_is_scored_as_if_it_were_committed() -> None:
    passages, later = sentences(1500), sentences(75, first=1500)
    index, whole = index_of(passages).with_changes(later, NONE, change=5), index_of(passages + later)
    assert (index.change, index.size) == (5, 1575)
    for question in ("w0 w1", "w5 w17 w99 unheard", "w250 w3 w3", "w42"):
        got, expected = index.search(question, 2000), whole.search(question, 2000)
        assert sorted(got[0].tolist()) == sorted(expected[0].tolist())
        assert max(got[0]) >= 1500
        scores = whole.scores(question, got[0])
        assert got[1] == pytest.approx(scores, rel=0.02)
        assert index.scores(question, got[0]) == pytest.approx(got[1], rel=1e-6)
        best = [set(ids[:20].tolist()) for ids, _ in (got, expected)]
        assert len(best[0] & best[1]) >= 19


def test_words_that_only_the_latest_passages_have_are_found() -> None:
    index = index_of().with_changes([WordDocument(9, "Zebracorn seen", "A quaggaphant was there too.")], NONE, change=9)
    assert found(index, "quaggaphants") == [9]
    assert found(index, "the rates and a zebracorn") == [4, 9]
    many = " ".join(f"word{n}" for n in range(500)) + " quaggaphant"
    assert found(index, many) == [9]


def test_what_went_is_not_found_whether_it_was_committed_or_not() -> None:
    index = index_of().with_changes(
        [WordDocument(5, None, "fresh troops"), WordDocument(6, None, "troops")], NONE, change=9
    )
    later = index.with_changes([], np.array([1, 5, 1234]), change=10)
    assert found(later, "troops Kabul") == [6, 2]
    assert later.scores("troops", np.array([1, 5, 6])).tolist()[:2] == [0, 0]
    assert later.search("Kabul", 5, allowed=np.array([1, 2]))[0].tolist() == [2]
    assert found(index, "troops") == [6, 5, 1]


def test_a_saved_index_answers_as_before_and_knows_its_change(tmp_path: Path) -> None:
    index = saved(tmp_path)
    assert (index.change, index.stamp.mark, index.size) == (4, 3, 4)
    assert index.stamp.average_length == np.mean([len(words_of(passage)) for passage in PASSAGES])
    built = index_of()
    for question in ("Kabul rates", "dollars", "a mistake of the aide"):
        before, after = built.search(question, 5), index.search(question, 5)
        assert before[0].tolist() == after[0].tolist()
        assert before[1].tolist() == after[1].tolist()


def test_passages_are_deleted_and_added_in_one_commit_and_the_readers_before_it_go_on(tmp_path: Path) -> None:
    before = saved(tmp_path)
    stamp = Stamp("one", word_index.FORMAT, change=9, mark=4)
    update(tmp_path, stamp, [WordDocument(8, None, "Kabul again, troops")], [2, 1], before=before.stamp)
    after = WordIndex.open(tmp_path, STAMP)
    assert (after.change, after.stamp.mark, after.size) == (9, 4, 3)
    assert found(after, "Kabul troops airport") == [8]
    assert found(before, "Kabul troops") == [1, 2]
    assert [holds_words(before, p) for p in PASSAGES] == [True] * 4
    assert [holds_words(after, p) for p in PASSAGES] == [False, False, True, True]
    assert not holds_words(after, WordDocument(3, None, "Let us eat cake"))


def test_changes_add_up_to_what_one_index_holds(tmp_path: Path) -> None:
    passages, rng = sentences(600), np.random.default_rng(2)
    index, here = saved(tmp_path, []), dict[int, WordDocument]()
    for turn in range(25):
        some = passages[24 * turn : 24 * turn + 24]
        gone = rng.choice(sorted(here), min(len(here), 7), replace=False).tolist()
        stamp = Stamp("one", word_index.FORMAT, change=5 + turn)
        update(tmp_path, stamp, some, gone, before=index.stamp)
        index = WordIndex.open(tmp_path, STAMP)
        here = {**{n: p for n, p in here.items() if n not in gone}, **{p.passage_id: p for p in some}}
        assert index.size == len(here)
    assert all(holds_words(index, passage) for passage in here.values())
    whole = index_of(list(here.values()))
    for question in ("w0 w1", "w5 w17 w99", "w42"):
        got, expected = index.search(question, 2000), whole.search(question, 2000)
        assert sorted(got[0].tolist()) == sorted(expected[0].tolist())
        assert np.sort(got[1]) == pytest.approx(np.sort(expected[1]), rel=0.15)  # deleted ones count until they merge
    assert len(list((tmp_path / WORDS).glob("*.idx"))) <= 10  # Tantivy merges


def test_no_text_is_stored_and_an_index_made_anew_holds_no_word_of_what_was_removed(tmp_path: Path) -> None:
    secret = WordDocument(9, "Zebracorn seen", "A quaggaphant was there too.")
    index = saved(tmp_path, [*PASSAGES, secret])

    def kept(word: str) -> bool:
        return WordIndex.open(tmp_path, STAMP).searcher.doc_freq("words", word) > 0

    assert kept("quaggaph")
    content = b"".join(file.read_bytes() for file in (tmp_path / WORDS).iterdir())
    assert not any(text.encode() in content for text in ("quaggaphant was", "was there", "quaggaph", "zebracorn"))
    update(tmp_path, STAMP, [], [9], before=index.stamp)
    assert found(WordIndex.open(tmp_path, STAMP), "quaggaphant zebracorn") == []
    assert kept("quaggaph")
    update(tmp_path, STAMP, PASSAGES)
    assert not kept("quaggaph")
    assert not kept("zebracorn")
    again = WordIndex.open(tmp_path, STAMP)
    assert (again.size, found(again, "troops"), found(index, "quaggaphant")) == (4, [1], [9])


def test_readers_open_the_old_index_until_the_new_one_is_whole(tmp_path: Path) -> None:
    def documents() -> Iterator[WordDocument]:
        assert WordIndex.open(tmp_path, STAMP).size == len(PASSAGES)
        yield PASSAGES[0]

    saved(tmp_path)
    update(tmp_path, STAMP, documents())
    assert WordIndex.open(tmp_path, STAMP).size == 1
    assert [file.name for file in tmp_path.iterdir()] == [WORDS]


def test_tantivys_own_reader_opens_it(tmp_path: Path) -> None:
    import tantivy

    saved(tmp_path)
    index = tantivy.Index.open(str(tmp_path / WORDS))
    query = tantivy.Query.term_query(index.schema, "words", "kabul")
    hits = index.searcher().search(query, 5).hits
    assert set(index.searcher().fast_field_values("passage", [place for _, place in hits])) == {1, 2}


def test_an_index_that_is_damaged_cut_or_anothers_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing):
        WordIndex.open(tmp_path / "one", STAMP)
    saved(tmp_path / "one")
    other = tmp_path / "two"
    update(other, Stamp("two", word_index.FORMAT), PASSAGES[1:])
    with pytest.raises(IndexUnusable, match="is of another library"):
        WordIndex.open(other, STAMP)
    with pytest.raises(IndexUnusable, match="another release"):
        WordIndex.open(tmp_path / "one", Stamp("one", "words 3"))
    theirs = {file.suffix: file for file in (other / WORDS).iterdir()}
    for file in sorted((tmp_path / "one" / WORDS).iterdir()):
        if file.suffix in (".lock", ""):
            continue
        whole = file.read_bytes()
        step = max(1, len(whole) // 12)
        flipped = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(0, len(whole), step)]
        for content in [*flipped, b"", whole[: len(whole) // 2], whole[:-1], theirs[file.suffix].read_bytes()]:
            file.unlink()
            file.write_bytes(content)
            try:
                opened = WordIndex.open(tmp_path / "one", STAMP)
            except IndexUnusable:
                continue
            # It was a number that nothing depends on.
            assert [holds_words(opened, passage) for passage in PASSAGES] == [True] * 4
            assert found(opened, "troops Kabul") == [1, 2]
        file.write_bytes(whole)
        assert WordIndex.open(tmp_path / "one", STAMP).size == 4


def test_an_index_that_cannot_be_read_is_damaged_and_not_missing(tmp_path: Path) -> None:
    saved(tmp_path)
    meta = tmp_path / WORDS / "meta.json"
    meta.unlink()
    meta.mkdir()
    with pytest.raises(IndexUnusable, match="is damaged"):
        WordIndex.open(tmp_path, STAMP)
    update(tmp_path, STAMP, PASSAGES)
    assert WordIndex.open(tmp_path, STAMP).size == 4


def test_a_damaged_index_is_made_anew_in_its_place(tmp_path: Path) -> None:
    saved(tmp_path)
    for spoilt in ("meta.json", ".managed.json"):
        (tmp_path / WORDS / spoilt).write_bytes(b"rubbish")
        assert found(saved(tmp_path), "troops") == [1]


def test_searches_go_on_while_the_index_is_changed(tmp_path: Path) -> None:
    index = saved(tmp_path)
    wrong: list[str] = []
    done = threading.Event()

    def search() -> None:
        while not done.is_set():
            if found(index, "troops") != [1] or found(WordIndex.open(tmp_path, STAMP), "troops") != [1]:
                wrong.append("lost")

    threads = [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    before = index.stamp
    for step in range(15):
        stamp = Stamp("one", word_index.FORMAT, change=10 + step)
        update(tmp_path, stamp, [WordDocument(100 + step, None, f"rain {step}")], [99 + step][:step], before=before)
        before = WordIndex.open(tmp_path, STAMP).stamp
    done.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert found(WordIndex.open(tmp_path, STAMP), "rain") == [114]


def test_an_index_is_opened_however_often_another_process_commits_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(tmp_path)
    sound = files.require_sound_files
    commits = iter(range(10, 16))

    def found_changed(path: Path) -> None:
        change = next(commits, None)
        if change is not None:
            with monkeypatch.context() as undisturbed:
                undisturbed.setattr(word_index, "require_sound_files", sound)
                stamp, before = Stamp("one", word_index.FORMAT, change=change), WordIndex.open(tmp_path, STAMP).stamp
                update(tmp_path, stamp, [WordDocument(100 + change, None, "rain")], before=before)
            raise OSError("a file is gone: it was merged into another")
        sound(path)

    monkeypatch.setattr(word_index, "require_sound_files", found_changed)
    assert WordIndex.open(tmp_path, STAMP).change == 15


@pytest.mark.parametrize("content", [b"", b"half of a fi", None], ids=["begun", "half written", "deleted"])
def test_a_file_of_another_commit_is_no_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    saved(tmp_path)
    segment = next((tmp_path / WORDS).glob("*.idx")).stem
    of_another_commit = tmp_path / WORDS / f"{segment}.999.del"
    of_another_commit.write_bytes(content or b"")
    checksum = files._checksum

    def after_deleting(file: Path) -> int:
        if content is None:
            of_another_commit.unlink(missing_ok=True)
        return checksum(file)

    monkeypatch.setattr(files, "_checksum", after_deleting)
    assert WordIndex.open(tmp_path, STAMP).size == len(PASSAGES)


READER = """
import os, pathlib, sys
import embeddings.index.word_index as words, numpy
from embeddings.index.files import Stamp
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
stamp = Stamp("one", words.FORMAT)
index = words.WordIndex.open(pathlib.Path(sys.argv[1]), stamp)
assert index.search("troops", 5)[0].tolist() == [1]
later = index.with_changes([words.WordDocument(50, None, "fresh troops")], numpy.array([1]), change=7)
assert later.search("troops", 5)[0].tolist() == [50]
try:
    words.update(pathlib.Path(sys.argv[1]), stamp, [])
except OSError:
    print(index.linked.path, flush=True)
"""


def test_a_reader_without_rights_reads_and_leaves_nothing_behind() -> None:
    with tempfile.TemporaryDirectory(prefix="words-") as name:
        library, temporary = Path(name, "library"), Path(name, "temporary")
        library.mkdir()
        saved(library)
        temporary.mkdir()
        for folder, mode in (
            (Path(name), 0o755),
            (temporary, 0o777),
            *((file, 0o444) for file in (library / WORDS).iterdir()),
            (library / WORDS, 0o555),
            (library, 0o555),
        ):
            folder.chmod(mode)
        before = {file.name: file.read_bytes() for file in (library / WORDS).iterdir()}

        command = [sys.executable, "-c", READER, str(library)]
        environment = {**os.environ, "TMPDIR": str(temporary)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.stdout.startswith(str(temporary)), done.stderr
        assert list(temporary.iterdir()) == []
        assert {file.name: file.read_bytes() for file in (library / WORDS).iterdir()} == before
        (library / WORDS).chmod(0o755)
        library.chmod(0o755)


def test_after_a_process_was_killed_in_a_commit_the_next_one_commits(tmp_path: Path) -> None:
    before = saved(tmp_path / "library").stamp
    shutil.copytree(tmp_path / "library", tmp_path / "killed")
    update(tmp_path / "library", STAMP, [WordDocument(50, None, "fresh troops")], [1], before=before)
    folder = tmp_path / "killed" / WORDS
    [written] = (tmp_path / "library" / WORDS).glob("*.del")  # what the killed process had written and not committed
    shutil.copy(written, folder)
    managed = json.loads((folder / ".managed.json").read_text("utf-8"))
    (folder / ".managed.json").write_text(json.dumps([*managed, written.name]), "utf-8")
    update(tmp_path / "killed", STAMP, [WordDocument(50, None, "fresh troops")], [1], before=before)
    assert found(WordIndex.open(tmp_path / "killed", STAMP), "troops") == [50]
