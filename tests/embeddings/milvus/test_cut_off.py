"""A writer that ends before any one of its writes to Milvus: what it left, the next writer finishes or undoes."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from library_checks import Known, check_nothing_left, check_whole
from library_kinds import skip_without_cluster
from library_worker import NAMES
from small_library import WordEncoder, make_article

from corpus.article import Article
from embeddings.library.library import Library
from embeddings.opening import open_or_create_library_at

BEFORE = [make_article(name) for name in NAMES[:2]]
ADDED = [make_article(NAMES[0], make_article("other", passages=4).text), make_article(NAMES[2])]


class CutOff(BaseException):
    """The process ends here."""


def versions(articles: Sequence[Article]) -> Known:
    return {article.id: article.version for article in articles}


def add(library: Library) -> Known:
    library.add(ADDED)
    return {**versions(BEFORE), **versions(ADDED)}


def remove(library: Library) -> Known:
    library.remove([BEFORE[0].id])
    return {**versions(BEFORE), BEFORE[0].id: None}


def cut_off_before(monkeypatch: pytest.MonkeyPatch, at: int | None) -> list[int]:
    """Let all writes end with the `at`-th, counted from 0; None for none. Return the count of writes that were made."""
    from embeddings.milvus.tables import MilvusTables

    monkeypatch.undo()
    made = [0]

    def counted(write: Callable[..., None]) -> Callable[..., None]:
        def write_or_end(self: MilvusTables, table: str, rows: Sequence[Any]) -> None:
            if made[0] == at:
                raise CutOff
            made[0] += 1
            write(self, table, rows)

        return write_or_end

    for name in ("put", "delete"):
        monkeypatch.setattr(MilvusTables, name, counted(getattr(MilvusTables, name)))
    return made


@pytest.mark.long
@pytest.mark.parametrize("change", [add, remove])
def test_a_writer_cut_off_before_any_write_leaves_what_the_next_one_settles(
    change: Callable[[Library], Known], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    skip_without_cluster()
    with open_or_create_library_at(f"milvus-lite:{tmp_path / 'library'}", encoder=WordEncoder) as library:
        library.add(BEFORE)
        made = cut_off_before(monkeypatch, None)
        after = change(library)
        writes = made[0]
        assert writes > 4
        for at in range(writes):
            cut_off_before(monkeypatch, None)
            library.remove(list(after))
            library.add(BEFORE)
            cut_off_before(monkeypatch, at)
            with pytest.raises(CutOff):
                change(library)
            cut_off_before(monkeypatch, None)
            library.remove(["0" * 16])  # the next writer
            check_whole(library, versions(BEFORE), after, settled=True)
            check_nothing_left(library)
