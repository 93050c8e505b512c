"""Checks that a library holds what was reported, and nothing by halves."""

from index_contents import index_faults
from library_worker import NAMES
from small_library import make_article

from corpus.passages import split
from corpus.store.damage import check
from embeddings.library.library import Library, LocalLibrary

Known = dict[str, str | None]
"""The version of each article by its id, None for one that is not there."""


def faults_of(library: Library) -> list[str]:
    """Return the faults of an open library: of its store, and of the indexes that answer its questions."""
    assert isinstance(library, LocalLibrary)
    with library._store.snapshot() as state:
        return [f"{f.where}: {f.what}" for f in (*check(state), *index_faults(library._indexes, state))]


def check_whole(library: Library, sure: Known, maybe: Known, *, settled: bool) -> Known:
    """Assert that each article is as reported, or as the action that was cut off makes it; return what is there.

    settled: whether another writer has been here since, so that the files articles were read from are noted too.
    """
    there: Known = {}
    count = 0
    with library.snapshot() as snapshot:
        every = snapshot.articles(order="added")
        here = {info.id for info in every}
        for name in NAMES:
            article = make_article(name).id
            is_there = article in here
            if settled:
                assert snapshot.articles_named(f"{name}.txt") == [article] * is_there
            if not is_there:
                there[article] = None
                continue
            stored = snapshot.article(article)  # its hash is checked
            there[article] = stored.info.version
            passages = snapshot.passages_of(article)
            assert [p.text for p in passages] == [stored.text[p.start : p.end] for p in passages]
            assert len(passages) == len(split(stored.text))
            assert len(snapshot.vectors(p.id for p in passages)) == len(passages)
            count += len(passages)
        counts = snapshot.counts()
    for article, version in there.items():
        assert version in (sure.get(article), maybe.get(article)), article
    assert counts.articles == sum(version is not None for version in there.values())
    assert counts.passages == count
    return there


def check_nothing_left(library: Library) -> None:
    """Assert that no row is there that no article's head points to, once another writer has been here."""
    from embeddings.milvus.library import MilvusLibrary
    from embeddings.milvus.rows import HEAD, piece_keys, read_head

    assert isinstance(library, MilvusLibrary)
    tables = library._tables
    heads = [read_head(row) for row in tables.scan("articles", "", HEAD)]
    passages = [row["id"] for row in tables.scan("passages", "", ("id",))]
    texts = [row["id"] for row in tables.scan("texts", "", ("id",))]
    assert sorted(passages) == sorted(i for head in heads for i in head.passage_ids)
    assert sorted(texts) == sorted(k for head in heads for v in head.history for k in piece_keys(head.info.id, v))
    assert not [row for row in tables.scan("about", "", ("name",)) if row["name"].startswith("journal")]
