"""What any library does, whatever it is kept in. The same tests run over a folder, Milvus Lite and a Milvus server."""

import itertools
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from library_kinds import FOLDER, LITE, SERVER, Place, milvus_server, skip_without_cluster
from small_library import WordEncoder, make_article, paragraphs

from corpus.article import Article
from corpus.errors import LibraryMissing, ModelMismatch, UsageError
from corpus.store.origins import Origin, ScannedOrigin
from corpus.store.records import EVERYTHING, Filters
from embeddings.library.library import Library

NUMBERS = itertools.count()
SHARED = "The delegations met in the capital {} and talked about borders."


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    skip_without_cluster()
    with milvus_server(tmp_path_factory.mktemp("milvus")) as address:
        yield address


@pytest.fixture(params=[FOLDER, LITE, SERVER])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    kind: str = request.param
    if kind == FOLDER:
        return Place(kind, str(tmp_path / "library"))
    skip_without_cluster()
    if kind == LITE:
        return Place(kind, f"milvus-lite:{tmp_path / 'library'}")
    address = request.getfixturevalue("server")
    return Place(kind, f"{address}/L{next(NUMBERS)}")


@pytest.fixture
def library(place: Place) -> Iterator[Library]:
    with place.made(WordEncoder()) as made:
        yield made


def found(library: Library, question: str, filters: Filters = EVERYTHING) -> list[str]:
    """Return the names of the articles of the hits that share a word with the question, best first."""
    with library.snapshot() as snapshot:
        hits = snapshot.search(question, filters=filters, dense=5, lexical=5)
    names = [hit.info.key.rsplit("/", 1)[1] for hit in sorted(hits, key=lambda hit: -hit.lexical) if hit.lexical]
    return list(dict.fromkeys(names))


def word_of(name: str) -> str:
    return paragraphs(name, 1).split()[0]


def titles(library: Library, filters: Filters = EVERYTHING) -> list[str]:
    with library.snapshot() as snapshot:
        return sorted(info.heading.removeprefix("Title of ") for info in snapshot.articles(filters))


def test_articles_are_added_found_replaced_and_removed(library: Library) -> None:
    report = library.add(make_article(name) for name in "abxy")
    assert (report.added, report.replaced, report.unchanged, report.passages) == (4, 0, 0, 12)
    encoder = WordEncoder()
    query = encoder.encode_question(word_of("b"))
    with library.snapshot() as snapshot:
        hits = snapshot.search(word_of("b"), filters=EVERYTHING, dense=4, lexical=4)
        article = snapshot.article(make_article("b").id)
    best = max(hits, key=lambda hit: hit.lexical)
    assert best.text == article.text[best.start : best.end]
    assert (best.article, best.version) == (make_article("b").id, article.info.version)
    assert [hit.dense for hit in hits] == sorted((hit.dense for hit in hits), reverse=True)
    for hit in hits:
        assert hit.dense == pytest.approx(float(encoder.encode([hit.text])[0] @ query), abs=2e-3)
        assert (hit.lexical > 0) == (word_of("b") in hit.text)

    report = library.add([make_article("a"), make_article("b", make_article("new").text)])
    assert (report.added, report.replaced, report.unchanged) == (0, 1, 1)
    assert (found(library, word_of("b")), found(library, word_of("new"))) == ([], ["b"])
    with library.snapshot() as snapshot:
        versions = snapshot.article(make_article("b").id).versions
        assert [version.current for version in versions] == [False, True]
        old = snapshot.article(make_article("b").id, make_article("b").version)
        assert (old.text, old.info.current) == (make_article("b").text, False)
        assert [p.text for p in snapshot.passages_of(make_article("b").id)] == make_article("new").text.split("\n\n")
        counts = snapshot.counts()
    assert (counts.articles, counts.versions, counts.passages, counts.sources) == (4, 5, 12, 2)

    removed = library.remove([make_article("b").id, "0" * 16])
    assert (removed.removed, removed.missing) == ((make_article("b").id,), ("0" * 16,))
    assert titles(library) == ["a", "x", "y"]
    assert found(library, word_of("new")) == []
    with library.snapshot() as snapshot, pytest.raises(UsageError, match="there is no article"):
        snapshot.article(make_article("b").id)


def test_articles_are_listed_shown_and_found_within_filters(library: Library) -> None:
    days = {"a": "2023-03-05", "b": "2023-03-06", "x": "2023-03-07"}
    library.add(make_article(name, SHARED.format(name * 3), published=day) for name, day in days.items())
    library.add([replace(make_article("y", SHARED.format("yyy")), published=None)])
    question = "Where did the delegations meet?"
    assert sorted(found(library, question)) == ["a", "b", "x", "y"]
    assert sorted(found(library, question, Filters(sources=("geo",)))) == ["x", "y"]
    assert sorted(found(library, question, Filters(before=date(2023, 3, 6)))) == ["a", "b"]
    assert found(library, question, Filters(("Dawn",), date(2023, 3, 6))) == ["b"]
    assert found(library, question, Filters(sources=('No"body\\',))) == []
    assert titles(library, Filters(after=date(2023, 3, 6))) == ["b", "x"]
    b = make_article("b").id
    assert found(library, question, Filters(article=b)) == titles(library, Filters(article=b)) == ["b"]
    assert found(library, question, Filters(("Geo",), article=b)) == titles(library, Filters(article="none")) == []
    with library.snapshot() as snapshot:
        newest = snapshot.articles(limit=3, offset=1)
        assert [info.heading[-1] for info in newest] == ["b", "a", "y"]
        assert [info.heading[-1] for info in snapshot.articles(order="oldest")] == ["a", "b", "x", "y"]
        coverage = snapshot.coverage(EVERYTHING)
        assert (coverage.articles, coverage.sources, coverage.undated) == (4, 2, 1)
        assert (coverage.first, coverage.last) == ("2023-03-05", "2023-03-07")
        assert snapshot.coverage(Filters(("dawn",), date(2023, 3, 6))).articles == 1
        assert snapshot.coverage(Filters(article=b)).articles == 1
        assert snapshot.coverage(Filters(("Geo",), article=b)).articles == 0
        assert snapshot.sources() == [("Dawn", 2), ("Geo", 2)]


def test_a_text_longer_than_any_field_comes_back_as_it_was(library: Library) -> None:
    words = 'Паragraph — “quoted” 東京 😀 with \\ and " and \t in it.'
    text = "\n\n".join(f"{paragraph} {words}" for paragraph in paragraphs("long", 500).split("\n\n"))
    article = Article(text, title='A "title"', url="https://news.example/long?a=1&b='2'", path='files/a "b"\\c.txt')
    assert len(text.encode()) > 2 * 65_535
    library.add([article])
    with library.snapshot() as snapshot:
        stored = snapshot.article(article.id)
        passages = snapshot.passages_of(article.id)
        assert snapshot.articles_named('a "b"\\c.txt') == [article.id]
    assert stored.text == text
    assert stored.info.version == article.version
    assert all(p.text == text[p.start : p.end] for p in passages)


def test_near_copies_share_a_group(library: Library) -> None:
    wire = paragraphs("wire", 1)
    library.add([make_article("a", wire)])
    library.add([make_article("b", wire), make_article("c")])
    with library.snapshot() as snapshot:
        hits = {h.info.key[-1]: h for h in snapshot.search(word_of("wire"), filters=EVERYTHING, dense=9, lexical=9)}
        group = hits["a"].copy_group
        copies = snapshot.copies([group])[group]
    assert group == hits["b"].copy_group != hits["c"].copy_group
    assert [info.id for info in copies] == [hits["a"].article, hits["b"].article]


def test_places_are_kept_and_what_is_gone_from_them_is_told(library: Library) -> None:
    a, b, moved = make_article("a"), make_article("b"), Article("A text without a name, of a lighthouse.", path="/f/1")
    one, two = Origin(location="/f/1", size=3), Origin(location="/f/two", size=4)
    library.add_from([ScannedOrigin("/f/1", [a, moved], lambda: one), ScannedOrigin("/f/two", [a, b], lambda: two)])
    with library.snapshot() as snapshot:
        assert (snapshot.origins.at("/f/1"), snapshot.origins.at("/f/3")) == (one, None)
        assert snapshot.origins.under("/f", after="/f/1", limit=5) == [two]
        only = snapshot.origins.only_there(["/f/1"])
        assert only == {"/f/1": [moved.id]}
        assert snapshot.origins.renamed([moved.id], since="2000") == []
    library.add([replace(moved, path="/g/new")])
    library.add_from([ScannedOrigin("/f/two", [a], lambda: two)])
    with library.snapshot() as snapshot:
        assert snapshot.origins.renamed([moved.id], since="2000") == [moved.id]
        assert snapshot.origins.only_there(["/f/two", "/f/two#"]) == {"/f/two#": [b.id]}
    library.remove([moved.id])
    library.forget(["/f/two", "/f/two#"])
    with library.snapshot() as snapshot:
        assert snapshot.origins.at("/f/two") is None
        looked = snapshot.origins.at("/f/1")
        assert looked is not None
        assert looked.size is None  # read again the next time
        assert snapshot.counts().articles == 3


def test_files_with_name_and_content_of_one_in_a_folder_are_found_elsewhere(library: Library) -> None:
    places = {"/old/a.txt": "1+", "/old/b.txt": "2+", "/new/a.txt": "1+", "/new/b.txt": "3+", "/newer/a.txt": "1+"}
    for number, (location, etag) in enumerate(places.items()):
        article, origin = make_article(f"n{number}"), Origin(location=location, size=3, etag=etag)
        library.add_from([ScannedOrigin(location, [article], lambda origin=origin: origin)])  # type: ignore[misc]
    with library.snapshot() as snapshot:
        assert snapshot.origins.copies_elsewhere("/new/") == ["/newer/a.txt", "/old/a.txt"]
        assert snapshot.origins.copies_elsewhere("/new/a.txt") == ["/newer/a.txt", "/old/a.txt"]
        assert snapshot.origins.copies_elsewhere("/none") == []


def test_sources_are_found_below_folders_named_in_any_script(library: Library) -> None:
    for number, location in enumerate(("/Über/a.txt", "/東京/b.txt")):
        source = ScannedOrigin(location, [make_article(f"n{number}")], lambda at=location: Origin(location=at))  # type: ignore[misc]
        library.add_from([source])
    with library.snapshot() as snapshot:
        for location in ("/Über/a.txt", "/東京/b.txt"):
            (origin,) = snapshot.origins.under(location.rpartition("/")[0], after="", limit=5)
            assert origin.location == location


def test_a_library_of_another_model_is_refused_and_a_missing_one_named(library: Library, place: Place) -> None:
    library.close()
    with pytest.raises(ModelMismatch, match="was made with the embedding model words"):
        place.opened(WordEncoder("b" * 64))
    with pytest.raises(LibraryMissing, match="there is no library"):
        Place(place.kind, f"{place.name}x").opened(WordEncoder())
    with place.opened(WordEncoder()) as again:
        assert again.manifest == library.manifest


def test_readers_go_on_while_a_writer_works_and_see_whole_articles(library: Library) -> None:
    library.add([make_article("a")])
    wrong: list[str] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            with library.snapshot() as snapshot:
                hits = snapshot.search(word_of("a"), filters=EVERYTHING, dense=30, lexical=30)
                if not any(word_of("a") in hit.text for hit in hits):
                    wrong.append("what was there is not found")
                wrong.extend(
                    f"{number} passages of an article of 3"
                    for info in snapshot.articles(limit=3)
                    if (number := len(snapshot.passages_of(info.id))) != 3
                )

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        for turn in range(4):
            library.add(make_article(f"n{number}", make_article(f"t{turn}{number}").text) for number in range(3))
    finally:
        done.set()
        for reader in readers:
            reader.join()
    assert wrong == []


def test_any_question_can_be_asked(library: Library) -> None:
    questions = ["", 'who led "the', "a:b", "x" * 100_000, "\x00", "' OR 1=1 --"]
    with library.snapshot() as snapshot:
        assert [snapshot.search(q, filters=EVERYTHING, dense=9, lexical=9) for q in questions] == [[]] * 6
    library.add([make_article("a")])
    with library.snapshot() as snapshot:
        assert [len(snapshot.search(q, filters=EVERYTHING, dense=9, lexical=9)) for q in questions] == [3] * 6
