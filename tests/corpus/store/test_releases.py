"""Libraries made by earlier releases open in this one: tests/make_library.py made each of them."""

import shutil
from pathlib import Path

import pytest
from library_checks import faults_of
from repository import TESTS
from small_library import WordEncoder

from corpus.errors import LibraryDamaged
from corpus.store.connection import INDEXES
from embeddings.library.library import open_library

RELEASES = sorted((TESTS / "data").glob("library-*"))
TALKS, GEO, PLAIN = "7e96d784466eefe0", "bddc9437d6653185", "e5cd7c9ebbf83f41"
CORRECTED = "sha256:50b72114391d809674ee15aa2d8d4216b06afd741e6acae0de1aa62bf9d3f17f"
FIRST = "sha256:d19e2e0848f714506d24341ce53c177df066fce854050508c70d6f9c2d024a3c"


def test_the_library_of_each_release_is_kept() -> None:
    assert "library-0.1.0" in [folder.name for folder in RELEASES]


@pytest.mark.parametrize("kept", RELEASES, ids=lambda folder: folder.name)
def test_a_library_of_an_earlier_release_opens_and_is_whole(kept: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(kept, tmp_path / "library")
    with open_library(folder, encoder=WordEncoder()) as library:
        assert library.manifest.created_by == "citewire " + kept.name.removeprefix("library-")
        assert faults_of(library) == []
        with library.snapshot() as snapshot:
            listed = [(info.id, info.version, info.source, info.published) for info in snapshot.articles()]
            first = snapshot.article(TALKS, FIRST)
            hits = {h.article: h for h in snapshot.search("fourth round of talks", dense=9, lexical=9)}
            assert snapshot.articles_named("talks.html") == [TALKS]
            assert snapshot.coverage().first == "2023-03-06"
        assert listed == [
            (GEO, listed[0][1], "Geo", "2023-03-07"),
            (TALKS, CORRECTED, "Dawn", "2023-03-06T10:00:00+05:00"),
            (PLAIN, listed[2][1], None, None),
        ]
        assert "fourth round" in first.text
        assert not first.info.current
        assert set(hits) == {TALKS, GEO, PLAIN}
        assert hits[GEO].lexical > hits[TALKS].lexical > hits[PLAIN].lexical == 0.0
        assert library.remove([TALKS]).removed == (TALKS,)
        assert faults_of(library) == []


def test_indexes_of_an_earlier_release_are_made_again_and_that_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = shutil.copytree(RELEASES[0].parent / "library-0.1.0", tmp_path / "library")
    assert list(folder.glob("*.view"))
    said = f"the search index in {folder} was made by an earlier release: it is made again from the store"
    for expected in ([said], []):
        with open_library(folder, encoder=WordEncoder()) as library, library.snapshot() as snapshot:
            assert snapshot.search("fourth round of talks")
        assert caplog.messages == expected
        caplog.clear()
        assert not list(folder.glob("*.view"))
        assert all((folder / name).exists() for name in INDEXES)


@pytest.mark.parametrize("kept", RELEASES, ids=lambda folder: folder.name)
def test_a_flipped_bit_in_an_earlier_releases_text_is_found(kept: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(kept, tmp_path / "library")
    content = (folder / "library.sqlite").read_bytes()
    assert content.count(b"a lighthouse") == 3  # version, heading, passage
    (folder / "library.sqlite").write_bytes(content.replace(b"a lighthouse", b"e lighthouse"))
    with open_library(folder, encoder=WordEncoder()) as library, library.snapshot() as snapshot:
        with pytest.raises(LibraryDamaged, match=f"article {PLAIN} is damaged"):
            snapshot.article(PLAIN)
        assert snapshot.article(TALKS).info.version == CORRECTED
