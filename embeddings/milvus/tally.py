"""How much a library in Milvus holds, counted from its articles' heads: for filters, outlets and totals."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from corpus.store.records import Counts, Coverage, Filters
from embeddings.milvus.tables import Row

TALLIED = ("id", "number", "info", "day", "passages", "versions")


@dataclass(frozen=True, slots=True)
class Tally:
    """How much the library held at a change: per article its outlet, its day, its passages and versions."""

    change: int
    articles: tuple[tuple[str | None, str | None, int, int], ...]

    def coverage(self, filters: Filters) -> Coverage:
        """Return how much passes the filters."""
        after = filters.after.isoformat() if filters.after else ""
        before = filters.before.isoformat() if filters.before else "9999-12-31"
        dated = filters.after is not None or filters.before is not None
        outlets = {source.lower() for source in filters.sources}
        passed = [
            (source, day)
            for source, day, _, _ in self.articles
            if (not outlets or (source or "").lower() in outlets)
            and (not dated or (day is not None and after <= day <= before))
        ]
        days = sorted(day for _, day in passed if day is not None)
        sources = {source.lower() for source, _ in passed if source is not None}
        first, last = (days[0], days[-1]) if days else (None, None)
        return Coverage(len(passed), len(sources), len(passed) - len(days), first, last)

    def sources(self) -> list[tuple[str, int]]:
        """Return the outlets and how many articles each has, most first."""
        written: dict[str, str] = {}
        counts: Counter[str] = Counter()
        for source, _, _, _ in self.articles:
            if source is not None:
                counts[written.setdefault(source.lower(), source)] += 1
        return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0].lower()))

    def counts(self) -> Counts:
        """Return how much the library holds."""
        return Counts(
            len(self.articles),
            sum(versions for _, _, _, versions in self.articles),
            sum(passages for _, _, passages, _ in self.articles),
            len(self.sources()),
            self.change,
        )


def tallied(rows: Iterable[Row]) -> Iterator[tuple[str | None, str | None, int, int]]:
    """Yield what is counted of each article, in the order they were added."""
    for row in sorted(rows, key=lambda row: int(row["number"])):
        source = json.loads(row["info"])["source"]
        day = date.fromordinal(row["day"]).isoformat() if row["day"] else None
        yield source, day, row["passages"], row["versions"]
