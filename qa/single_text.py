"""One text alone, asked as if it were a library."""

import math
from collections.abc import Iterable
from datetime import UTC, datetime

from corpus.article import Article
from corpus.passages import split
from corpus.store.records import ArticleInfo, Coverage, Filters, StoredArticle, VersionInfo
from corpus.store.snapshot import article_info
from embeddings.library.protocol import Snapshot
from embeddings.library.search import Hit


class SingleText:
    """A text that acts as a library's snapshot. Raises ValueError for a text without words."""

    def __init__(self, text: str, title: str | None) -> None:
        self._text = text
        article = Article(text=text, title=title)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._info = article_info(article, path=None, added=now, changed=now)

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

    def sources(self) -> list[tuple[str, int]]:
        """Return no outlets: a text alone has none."""
        return []

    def coverage(self, filters: Filters) -> Coverage:
        """Return the one text, of no outlet and no day."""
        return Coverage(articles=1, sources=0, undated=1, first=None, last=None)


Articles = Snapshot | SingleText
"""What is searched and cited: one state of a library, or one text."""
