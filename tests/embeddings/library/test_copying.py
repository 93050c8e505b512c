"""A library is copied to any other kind, goes on where it was cut short, and is compared article by article."""

from dataclasses import replace
from pathlib import Path

import pytest
from library_checks import faults_of
from library_kinds import skip_without_cluster
from small_library import WordEncoder, make_article

from corpus.errors import LibraryError
from corpus.store.origins import Origin, ScannedOrigin
from embeddings.library import copying
from embeddings.library.copying import UnloadedEncoder, copy_library, digest
from embeddings.library.library import Library, create_library
from embeddings.opening import open_or_create_library_at


def copy_of(library: Library, place: str) -> Library:
    return open_or_create_library_at(place, encoder=lambda: UnloadedEncoder(library.manifest))


def filled(folder: Path) -> Library:
    library = create_library(folder, encoder=WordEncoder())
    look = Origin(location="/f/a.txt", size=3, modified_ns=4, etag="e")
    library.add_from([ScannedOrigin("/f/a.txt", [replace(make_article("a"), path="/f/a.txt")], lambda: look)])
    library.add(make_article(name) for name in "bcx")
    library.add([make_article("b", make_article("new").text)])
    return library


def test_a_copy_of_a_copy_is_what_the_first_was(tmp_path: Path) -> None:
    skip_without_cluster()
    with filled(tmp_path / "one") as first, copy_of(first, f"milvus-lite:{tmp_path / 'two'}") as second:
        done = copy_library(first, second)
        assert (done.copied, done.before, done.other) == (4, 0, 0)
        with copy_of(second, str(tmp_path / "three")) as third:
            back = copy_library(second, third)
            assert (back.copied, back.digest) == (4, done.digest)
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
    monkeypatch.setattr(copying, "BATCH_ARTICLES", 2)
    with filled(tmp_path / "one") as first, copy_of(first, str(tmp_path / "two")) as second:
        asked = []

        def stop_after_two(target: Library, wanted: dict[str, bytes]) -> list[str]:
            asked.append(wanted)
            if len(asked) == 3:
                raise KeyboardInterrupt
            return real(target, wanted)

        real = copying._different
        monkeypatch.setattr(copying, "_different", stop_after_two)
        with pytest.raises(KeyboardInterrupt):
            copy_library(first, second)
        monkeypatch.setattr(copying, "_different", real)
        done = copy_library(first, second)
        assert (done.copied, done.before) == (2, 2)
        assert copy_library(first, second).before == 4


def test_a_library_of_another_model_is_not_copied_into(tmp_path: Path) -> None:
    with filled(tmp_path / "one") as first:
        create_library(tmp_path / "three", encoder=WordEncoder("b" * 64)).close()
        with pytest.raises(LibraryError, match="was made with the embedding model"):
            copy_of(first, str(tmp_path / "three"))
