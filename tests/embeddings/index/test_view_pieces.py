from collections.abc import Sequence
from pathlib import Path

import pytest
from small_library import WordEncoder, file_bytes, make_article, paragraphs

from corpus.article import Article
from embeddings.index.view_files import VIEW_FILES
from embeddings.library.library import LocalLibrary, create_library, open_library

NAMES = [f"{letter}{number}" for letter in "abcdef" for number in range(10)]


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embeddings.index.blocks.BLOCK_ROWS", 16)
    monkeypatch.setattr("embeddings.index.word_index.SHARD_PASSAGES", 16)
    monkeypatch.setattr("embeddings.index.view_age.SAVE_FRACTION", 0.5)  # so that a few articles may wait in the log


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with create_library(tmp_path / "library", encoder=WordEncoder()) as library:
        library.add(make_article(name) for name in NAMES)
        library.save_views()
    assert len(pieces(tmp_path / "library")) > 20
    return tmp_path / "library"


def pieces(folder: Path) -> set[str]:
    return {path.name for name in VIEW_FILES for path in folder.glob(f"{name}.*.view")}


def opened(folder: Path) -> LocalLibrary:
    return open_library(folder, encoder=WordEncoder())


def removed(folder: Path, names: Sequence[str]) -> bool:
    """Remove articles, and return whether the views were opened for it."""
    with opened(folder) as library:
        report = library.remove([make_article(name).id for name in names])
        assert (len(report.removed), report.purged) == (len(names), True)
        return library._views._pair is not None


def check(folder: Path, names: Sequence[str], *, gone: Sequence[Article] = ()) -> None:
    """Check that the files hold nothing that is gone, and that the library is whole and finds what is there."""
    content = file_bytes(folder)
    for article in gone:
        assert not [word for word in article.text.split() if word.strip(".").encode() in content]
    with opened(folder) as library:
        assert list(library.check()) == []
        for name in names:
            word = paragraphs(name, 1).split()[0]
            with library.snapshot() as snapshot:
                hits = [hit for hit in snapshot.search(word, dense=3, lexical=3) if hit.lexical]
            assert {hit.article for hit in hits} == {make_article(name).id}


def test_removing_alone_opens_only_the_files_that_held_it(folder: Path) -> None:
    before = pieces(folder)
    assert not removed(folder, ["b3"])
    after = pieces(folder)
    assert len(before - after) <= 4  # its three passages lie in two blocks and two shards at most
    assert len(after - before) <= 4
    assert not removed(folder, ["b4", "f9", "a0"])
    check(folder, ["a1", "b2", "b5", "f8"], gone=[make_article(name) for name in ("b3", "b4", "f9", "a0")])


def test_what_was_added_since_the_views_were_saved_goes_into_their_files(folder: Path) -> None:
    with opened(folder) as library:
        library.add([make_article("new"), make_article("newer")])
        assert library._views._pair is None
    assert not removed(folder, ["new", "c1"])
    check(folder, ["newer", "c2"], gone=[make_article("new"), make_article("c1")])
    with opened(folder) as library:
        library.add([make_article("c2", make_article("other").text)])
    assert not removed(folder, ["newer"])
    with opened(folder) as library:
        assert list(library.check()) == []


def test_damage_elsewhere_is_left_for_who_asks_next_and_mended_then(folder: Path) -> None:
    for kind in VIEW_FILES:
        before = pieces(folder)
        assert not removed(folder, [NAMES.pop()])
        untouched = sorted(name for name in before & pieces(folder) if name.startswith(kind))
        path = folder / untouched[0]
        content = path.read_bytes()
        path.unlink()  # whoever has it mapped keeps it
        path.write_bytes(content[:-3] + bytes([content[-3] ^ 1]) + content[-2:])
        assert not removed(folder, [NAMES.pop()])
        check(folder, NAMES[-3:])
        with opened(folder) as library:
            library.save_views()


@pytest.mark.parametrize("kind", VIEW_FILES)
def test_where_what_is_touched_is_damaged_the_views_are_made_again(folder: Path, kind: str) -> None:
    for path in folder.glob(f"{kind}.*.view"):
        content = path.read_bytes()
        path.unlink()
        path.write_bytes(content[:-3] + bytes([content[-3] ^ 1]) + content[-2:])
    removed(folder, ["d5"])
    check(folder, NAMES[:5], gone=[make_article("d5")])


@pytest.mark.parametrize("kind", VIEW_FILES)
def test_where_the_ids_of_what_is_removed_are_not_found_the_views_are_made_again(folder: Path, kind: str) -> None:
    with opened(folder) as library, library.snapshot() as snapshot:
        ids = [passage.id for passage in snapshot.passages_of(make_article("d5").id)]
    spoilt = 0
    for path in folder.glob(f"{kind}.*.view"):
        content = path.read_bytes()
        for number in ids:
            content = content.replace(number.to_bytes(8, "little"), (number + 10**6).to_bytes(8, "little"))
        spoilt += content != path.read_bytes()
        path.unlink()
        path.write_bytes(content)
    assert spoilt
    removed(folder, ["d5"])
    check(folder, NAMES[:5], gone=[make_article("d5")])


def test_many_changes_and_missing_views_are_for_the_whole_views(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embeddings.index.view_pieces.MOST_CHANGES", 5)
    assert not removed(folder, ["a1"])
    assert removed(folder, ["a2", "a3"])
    (folder / VIEW_FILES[0]).unlink()
    assert removed(folder, ["a4"])
    check(folder, ["a5"], gone=[make_article(name) for name in ("a1", "a2", "a3", "a4")])


def test_the_last_article_leaves_empty_views(tmp_path: Path) -> None:
    with create_library(tmp_path / "library", encoder=WordEncoder()) as library:
        library.add([make_article("only")])
        library.save_views()
    removed(tmp_path / "library", ["only"])
    assert pieces(tmp_path / "library") == set()
    with opened(tmp_path / "library") as library:
        assert list(library.check()) == []
        library.add([make_article("a")])
    removed(tmp_path / "library", ["a"])
    check(tmp_path / "library", [], gone=[make_article("only"), make_article("a")])
