"""The report of `citewire add`: a summary, remarks on some articles, and what was not read."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from corpus.article import Article
from corpus.store.records import Added
from qa.cli.missing_sources import MissingSources
from qa.cli.sources import Problems

_MOST_LINES = 5


@dataclass(slots=True)
class AddNotes:
    """Remarks on the articles that a run added or replaced.

    named: keep the names of all of them, for `--json`; otherwise only of those that have a remark.
    """

    named: bool = False
    replaced: list[dict[str, Any]] = field(default_factory=list)
    apart: list[dict[str, Any]] = field(default_factory=list)
    without_day: list[dict[str, Any]] = field(default_factory=list)
    without_outlet: list[dict[str, Any]] = field(default_factory=list)
    undated: int = 0
    unsourced: int = 0

    def note(self, article: Article, added: Added) -> None:
        """Record an article that was added or replaced."""
        name = {"article": added.article, "title": article.heading, "path": article.path}
        if added.former is not None:
            self.replaced.append({**name, "former": added.former})
        if added.apart is not None and added.kind == "added":
            self.apart.append({**name, "other": added.apart})
        if article.published is None:
            self.undated += 1
            self.without_day += [name] if self.named else []
        if article.source is None:
            self.unsourced += 1
            self.without_outlet += [name] if self.named else []

    def lines(self) -> list[str]:
        """Return the remarks, one per line."""
        told = [
            f'"{each["title"]}" in {each["path"]} has replaced what was read from {each["former"]}'
            for each in self.replaced[:_MOST_LINES]
        ]
        if len(self.replaced) > _MOST_LINES:
            told.append(
                f"{len(self.replaced) - _MOST_LINES:,} more replaced what was read elsewhere; --json names them"
            )
        if self.apart:
            examples = ", ".join(f'"{each["title"]}" in {each["path"] or "what came in"}' for each in self.apart[:2])
            told.append(
                f"{_articles(len(self.apart))} the address, or the outlet, title and day, of another article with "
                f"quite another text, and {'is' if len(self.apart) == 1 else 'are'} kept beside it: {examples}"
                + (" …" if len(self.apart) > 2 else "")
            )
        lacking = [
            f"{_articles(count)} no {what}"
            for count, what in ((self.undated, "day"), (self.unsourced, "outlet"))
            if count
        ]
        if lacking:
            filters = [
                name for name, count in (("--after and --before", self.undated), ("--source", self.unsourced)) if count
            ]
            told.append(f"{', '.join(lacking)}: {', '.join(filters)} leave them out; --json names them")
        return told


def _articles(count: int) -> str:
    return "1 article has" if count == 1 else f"{count:,} articles have"


@dataclass(frozen=True, slots=True)
class AddSummary:
    """Numbers of a run. as_before: sources that were not read again. sources: the word for them."""

    library: str
    counts: Mapping[str, int]
    as_before: int
    sources: str
    passages: int
    seconds: float
    stopped: bool

    def line(self) -> str:
        """Return the numbers in one line."""
        counted = ", ".join(f"{count:,} {what}" for what, count in self.counts.items() if count or what == "added")
        as_before = f"; {self.as_before:,} {self.sources} as before" if self.as_before else ""
        passages = f"{self.passages:,} passage{'' if self.passages == 1 else 's'}"
        return f"{self.library}: {counted}{as_before} ({passages} in {self.seconds:.1f} s)"

    def to_json(self, notes: AddNotes, problems: Problems, missing: MissingSources) -> dict[str, Any]:
        """Return the whole report as JSON."""
        return {
            "library": self.library,
            **self.counts,
            "as_before": self.as_before,
            "passages": self.passages,
            "seconds": round(self.seconds, 3),
            "stopped": self.stopped,
            "without_day": notes.without_day,
            "without_outlet": notes.without_outlet,
            "replaced_from_elsewhere": notes.replaced,
            "kept_apart": notes.apart,
            "not_read": [{"where": error.where, "why": error.why} for error in problems.bad],
            "passed_over": problems.skipped,
            "gone": list(missing.left),
        }


def print_problems(problems: Problems, rest: str) -> int:
    """Print what was not read, and return the exit code."""
    if problems.skipped:
        kinds = ", ".join(sorted(problems.kinds)[:6])
        what = "1 file that holds" if problems.skipped == 1 else f"{problems.skipped:,} files that hold"
        print(f"citewire: passed over {what} no article ({kinds})", file=sys.stderr)
    for error in problems.bad:
        print(f"citewire: {error}", file=sys.stderr)
    if not problems.bad:
        return 0
    print(f"citewire: {len(problems.bad):,} could not be read; {rest}", file=sys.stderr)
    return 1
