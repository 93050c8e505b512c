"""Adding while encoding goes on in another thread: order, errors in the middle, and being asked to stop."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from library_checks import faults_of
from small_library import WordEncoder, make_article, paragraphs

from corpus.article import Article
from corpus.errors import ModelError
from corpus.store.origins import Origin, ScannedOrigin
from embeddings.library.adding import FIRST_PASSAGES
from embeddings.library.library import LocalLibrary, create_library
from embeddings.library.protocol import COMMIT_PASSAGES

A_BATCH = COMMIT_PASSAGES // 4  # articles of four passages


class Watched(WordEncoder):
    """Encodes as told by `before`, and notes in which thread and how often."""

    def __init__(self, before: Callable[[int], None]) -> None:
        super().__init__()
        self.calls = 0
        self.threads: set[str] = set()
        self._before = before

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        self.calls += 1
        self.threads.add(threading.current_thread().name)
        self._before(self.calls)
        return super().encode(texts)


def articles(count: int) -> Iterator[Article]:
    for number in range(count):
        yield make_article(f"n{number:04}", passages=4)


def paths(library: LocalLibrary) -> list[str | None]:
    with library.snapshot() as snapshot:
        return [info.path for info in snapshot.articles(order="added")]


def names(count: int) -> list[str | None]:
    return [f"files/n{number:04}.txt" for number in range(count)]


def whole(library: LocalLibrary) -> bool:
    return faults_of(library) == []


def test_the_next_articles_are_read_while_the_last_are_encoded(tmp_path: Path) -> None:
    read = 0
    at_encoding: list[int] = []

    def wait_for_more(call: int) -> None:
        began, deadline = read, time.monotonic() + 60
        while call == 1 and read < began + 20 and time.monotonic() < deadline:
            time.sleep(0.001)
        at_encoding.append(read - began)

    def counted() -> Iterator[Article]:
        nonlocal read
        for article in articles(300):
            read += 1
            yield article

    encoder = Watched(wait_for_more)
    with create_library(tmp_path / "library", encoder=encoder) as library:
        assert library.add(counted()).added == 300
        assert paths(library) == names(300)
        assert whole(library)
    assert at_encoding[0] >= 20
    assert len(encoder.threads) == 1
    assert threading.current_thread().name not in encoder.threads
    assert not [t for t in threading.enumerate() if t.name.startswith("encode")]


def test_the_encoder_starts_with_a_small_batch(tmp_path: Path) -> None:
    sizes: list[int] = []

    class Measured(WordEncoder):
        def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
            sizes.append(len(texts))
            return super().encode(texts)

    with create_library(tmp_path / "library", encoder=Measured()) as library:
        library.add(articles(300))
    assert [size // FIRST_PASSAGES for size in sizes[:3]] == [1, 2, 4]


def test_a_version_never_overtakes_the_one_before_it(tmp_path: Path) -> None:
    """The same few articles again and again, changed each time, over the borders of the batches."""

    def changing() -> Iterator[Article]:
        for turn in range(60):
            for name in "abc":
                yield make_article(name, paragraphs(f"{name}{turn}", 9))

    with create_library(tmp_path / "library", encoder=WordEncoder()) as library:
        report = library.add(changing())
        assert (report.added, report.replaced) == (3, 177)
        with library.snapshot() as snapshot:
            for name in "abc":
                stored = snapshot.article(make_article(name).id)
                assert stored.text == paragraphs(f"{name}59", 9)
                assert len(stored.versions) == 60
        assert whole(library)


def test_an_error_while_reading_keeps_what_was_given_to_the_encoder(tmp_path: Path) -> None:
    def broken() -> Iterator[Article]:
        yield from articles(A_BATCH)
        raise RuntimeError("the disk is gone")

    with create_library(tmp_path / "library", encoder=WordEncoder()) as library:
        with pytest.raises(RuntimeError, match="disk"):
            library.add(broken())
        kept = len(paths(library))
        assert 0 < kept < A_BATCH
        assert paths(library) == names(kept)
        assert whole(library)


def test_an_error_while_encoding_keeps_what_was_committed_and_ends_the_thread(tmp_path: Path) -> None:
    def fail(call: int) -> None:
        if call == 3:
            raise ModelError("the model is broken")

    with create_library(tmp_path / "library", encoder=Watched(fail)) as library:
        with pytest.raises(ModelError, match="broken"):
            library.add(articles(400))
        kept = len(paths(library))
        assert 0 < kept <= A_BATCH
        assert paths(library) == names(kept)
        assert whole(library)
        assert not [t for t in threading.enumerate() if t.name.startswith("encode")]
        assert library.add(articles(400)).unchanged == kept


def test_asked_to_stop_what_is_encoded_is_kept_and_the_next_run_goes_on(tmp_path: Path) -> None:
    stop = threading.Event()
    encoder = Watched(lambda call: stop.set() if call == 3 else None)
    with create_library(tmp_path / "library", encoder=encoder) as library:
        report = library.add_from([ScannedOrigin(None, articles(225), lambda: None)], stop=stop.is_set, at_once=128)
        assert report.stopped
        assert encoder.calls <= 4
        kept = len(paths(library))
        assert report.added == kept
        assert 0 < kept < 225
        assert paths(library) == names(kept)
        assert whole(library)
        stop.clear()
        again = library.add(articles(225))
        assert (again.added, again.unchanged, again.stopped) == (225 - kept, kept, False)


@pytest.mark.parametrize("stopping_call", [1, 2, 3, 4, 99])
def test_a_place_is_kept_with_its_last_article_and_not_before(tmp_path: Path, stopping_call: int) -> None:
    """However the places lie over the batches, and wherever adding ends."""
    stop = threading.Event()
    places = [f"/f{number}" for number in range(5)]

    def reading(place: str) -> ScannedOrigin:
        inside = [
            replace(make_article(f"{place[1:]}n{number}", passages=2), path=f"{place}#{number}") for number in range(28)
        ]
        return ScannedOrigin(place, inside, lambda: Origin(location=place, size=7))

    encoder = Watched(lambda call: stop.set() if call == stopping_call else None)
    with create_library(tmp_path / "library", encoder=encoder) as library:
        library.add_from((reading(place) for place in places), stop=stop.is_set, at_once=128)
        with library.snapshot() as snapshot:
            known = [place for place in places if (origin := snapshot.origins.at(place)) and origin.size]
            there = {place: len(ids) for place, ids in snapshot.origins.only_there(places).items()}
        assert known == places[: len(known)]
        assert all(there[place] == 28 for place in known)
        assert (len(known) == 5) == (stopping_call == 99)
        stop.clear()
        library.add_from((reading(place) for place in places), at_once=128)
        with library.snapshot() as snapshot:
            assert {len(ids) for ids in snapshot.origins.only_there(places).values()} == {28}
        assert whole(library)
