"""Asking one text without a library: the text acts as a snapshot with one article."""

import math
from collections.abc import Iterable
from datetime import UTC, datetime

from corpus.article import Article
from corpus.passages import split
from corpus.store.store import ArticleInfo, Coverage, Filters, StoredArticle, VersionInfo
from embeddings.library.library import Hit


class SingleText:
    """A text that acts as a library's snapshot. Raises ValueError for a text without words."""

    def __init__(self, text: str, title: str | None) -> None:
        self._text = text
        article = Article(text=text, title=title)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._info = ArticleInfo(
            id=article.id,
            key=article.key,
            version=article.version,
            current=True,
            heading=article.heading,
            title=title,
            source=None,
            author=None,
            published=None,
            modified=None,
            url=None,
            place=None,
            section=None,
            language=None,
            path=None,
            added=now,
            changed=now,
            characters=len(text),
        )

    def hits(self) -> list[Hit]:
        """Return all passages in text order. Nothing was searched, so the cosine is NaN."""
        return [
            Hit(n, self._info.id, self._info.version, p.start, p.end, p.text, math.nan, 0.0, n, self._info)
            for n, p in enumerate(split(self._text))
        ]

    def article(self, article: str, version: str | None = None) -> StoredArticle:
        """Return the text."""
        only = VersionInfo(self._info.version, self._info.added, current=True, published=None, modified=None)
        return StoredArticle(self._info, self._text, (only,))

    def copies(self, groups: Iterable[int]) -> dict[int, list[ArticleInfo]]:
        """Return no copies: there are no other articles."""
        return {group: [] for group in groups}

    def coverage(self, filters: Filters) -> Coverage:
        """Return the one text, without outlet or date."""
        return Coverage(articles=1, sources=0, undated=1, first=None, last=None)
