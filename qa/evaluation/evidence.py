"""Finding the evidence of gold questions in a library, and its rank among the passages found."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from corpus.article import canonical_url
from corpus.errors import UsageError
from corpus.store.records import EVERYTHING, StoredArticle
from embeddings.library.protocol import Snapshot
from qa.evaluation.gold.question import Evidence, GoldQuestion
from qa.evaluation.metrics import contains
from qa.result import ClosePassage

_NAMED_IN_WARNINGS = 5


@dataclass(frozen=True, slots=True)
class EvidenceSpan:
    """Characters `[start, end)` of an article's version that hold an evidence quote."""

    article: str
    version: str
    start: int
    end: int

    def is_in(self, passage: ClosePassage) -> bool:
        """Tell whether the passage overlaps the span."""
        same = passage.article == self.article and passage.version == self.version
        return same and passage.start < self.end and self.start < passage.end


@dataclass(frozen=True, slots=True)
class Located:
    """The spans of all evidence, and warnings about evidence that the library does not hold."""

    spans: Mapping[Evidence, tuple[EvidenceSpan, ...]]
    warnings: tuple[str, ...] = ()


def locate(snapshot: Snapshot, questions: Sequence[GoldQuestion]) -> Located:
    """Find all occurrences of every evidence quote in the current versions of its articles.

    An article is named by id, path, file name or address. White space in a quote matches any white space.
    """
    named = {evidence.article: list[StoredArticle]() for question in questions for evidence in question.evidence}
    addresses = _addresses(snapshot) if any("://" in name for name in named) else {}
    for name in named:
        named[name] = _named(snapshot, name, addresses)
    spans: dict[Evidence, tuple[EvidenceSpan, ...]] = {}
    no_article: dict[str, list[str]] = {}
    no_words: dict[str, list[str]] = {}
    for question in questions:
        for evidence in question.evidence:
            articles = named[evidence.article]
            spans[evidence] = tuple(span for article in articles for span in _spans(article, evidence.quote))
            if not articles:
                no_article.setdefault(evidence.article, []).append(question.id)
            elif not spans[evidence]:
                no_words.setdefault(f"{_short(evidence.quote or '')} in {evidence.article}", []).append(question.id)
    warnings = [
        f"evidence counts as not retrieved, since {reason}: {_first_names(list(missing))} (of {_first_names(asked)})"
        for reason, missing in [("the library has no such article", no_article), ("the words are not there", no_words)]
        if (asked := list(dict.fromkeys(one for ids in missing.values() for one in ids)))
    ]
    return Located(spans, tuple(warnings))


def ranks(question: GoldQuestion, retrieved: Sequence[ClosePassage], located: Located) -> tuple[int | None, ...]:
    """Return, for each thing the question needs, the rank (from 1) of the best passage with evidence for it, or None.

    retrieved: best first. With `need` "any" one thing is needed, at any span of evidence. With "all" each expected
    answer that an evidence quote contains is needed. Evidence that the library does not hold counts as None.
    """
    if not question.evidence:
        return ()
    wanted = [tuple(question.evidence)]
    if question.need == "all":
        quoted = [evidence for evidence in question.evidence if evidence.quote is not None]
        holding = [tuple(e for e in quoted if contains(e.quote or "", [answer])) for answer in question.answers]
        wanted = [group for group in holding if group] or wanted
    return tuple(_rank([p for e in group for p in located.spans[e]], retrieved) for group in wanted)


def _rank(spans: Sequence[EvidenceSpan], retrieved: Sequence[ClosePassage]) -> int | None:
    ranked = enumerate(retrieved, start=1)
    return next((rank for rank, passage in ranked if any(span.is_in(passage) for span in spans)), None)


def _addresses(snapshot: Snapshot) -> dict[str, list[str]]:
    """Return the ids of the articles at each address."""
    found: dict[str, list[str]] = {}
    for info in snapshot.articles(EVERYTHING, order="added", descending=False, limit=None, offset=0):
        if info.url:
            found.setdefault(canonical_url(info.url), []).append(info.id)
    return found


def _named(snapshot: Snapshot, name: str, addresses: Mapping[str, list[str]]) -> list[StoredArticle]:
    """Return the articles with that file name, else those at that address, else the one with that id."""
    ids = snapshot.articles_named(name) or (addresses.get(canonical_url(name), []) if "://" in name else [])
    try:
        return [snapshot.article(identity) for identity in ids or [name]]
    except UsageError:  # no article has that id
        return []


def _spans(article: StoredArticle, quote: str | None) -> list[EvidenceSpan]:
    whole = [(0, len(article.text))]
    pattern = re.compile(r"\s+".join(map(re.escape, (quote or "").split())))
    spans = whole if quote is None else [match.span() for match in pattern.finditer(article.text)]
    return [EvidenceSpan(article.info.id, article.info.version, start, end) for start, end in spans]


def _first_names(names: Sequence[str]) -> str:
    """Return the first names and the number of others."""
    more = f" and {len(names) - _NAMED_IN_WARNINGS:,} more" if len(names) > _NAMED_IN_WARNINGS else ""
    return ", ".join(names[:_NAMED_IN_WARNINGS]) + more


def _short(text: str) -> str:
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"
