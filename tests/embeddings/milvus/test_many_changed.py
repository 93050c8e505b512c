"""A write of more articles than one journal holds."""

from dataclasses import replace
from pathlib import Path

import pytest
from library_checks import check_nothing_left
from library_kinds import skip_without_cluster
from small_library import WordEncoder, make_article

import embeddings.milvus.writer
from corpus.store.origins import Origin, ScannedOrigin
from embeddings.opening import open_or_create_library_at


@pytest.mark.parametrize("number", [3, 5])
@pytest.mark.parametrize("has_path", [True, False])
def test_articles_beyond_one_journal_are_written_whole(
    number: int, has_path: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each article is new, and in the same write changed again: read from another path, or linked to its source."""
    skip_without_cluster()
    monkeypatch.setattr(embeddings.milvus.writer, "_PAGE", 3)
    articles = [replace(make_article(f"n{each}"), path=None) for each in range(number)]
    if has_path:
        articles = [replace(a, path=f"{folder}/{a.title}") for folder in ("one", "other") for a in articles]
    source = ScannedOrigin("/a", iter(articles), lambda: Origin(location="/a"))
    with open_or_create_library_at(f"milvus-lite:{tmp_path / 'library'}", encoder=WordEncoder) as library:
        library.add_from([source])
        check_nothing_left(library)
        with library.snapshot() as snapshot:
            assert all(len(snapshot.passages_of(article.id)) == 3 for article in articles)
            assert len(snapshot.articles_named("/a")) == number
