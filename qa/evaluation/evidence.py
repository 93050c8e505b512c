"""Where the evidence of gold questions stands in a library, and how high retrieval ranked it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from corpus.errors import UsageError
from corpus.store.store import StoredArticle
from embeddings.library.library import Snapshot
from qa.evaluation.gold.question import Evidence, GoldQuestion
from qa.evaluation.metrics import contains
from qa.result import ClosePassage


@dataclass(frozen=True, slots=True)
class EvidencePlace:
    """Characters `[start, end)` of an article's version that hold an evidence quote."""

    article: str
    version: str
    start: int
    end: int

    def is_in(self, passage: ClosePassage) -> bool:
        """Whether the passage holds some of the place."""
        same = passage.article == self.article and passage.version == self.version
        return same and passage.start < self.end and self.start < passage.end


@dataclass(frozen=True, slots=True)
class Located:
    """The places of all evidence asked for, and a sentence for each that the library does not hold."""

    places: Mapping[Evidence, tuple[EvidencePlace, ...]]
    warnings: tuple[str, ...] = ()


def locate(snapshot: Snapshot, questions: Sequence[GoldQuestion]) -> Located:
    """Find every evidence quote in the current versions of the articles it names, at each place where it stands.

    An article is named by its id, its path or its path's file name. White space in a quote matches any white space.
    """
    stored: dict[str, list[StoredArticle]] = {}
    places: dict[Evidence, tuple[EvidencePlace, ...]] = {}
    warnings = []
    for question in questions:
        for evidence in question.evidence:
            if evidence.article not in stored:
                stored[evidence.article] = _named(snapshot, evidence.article)
            articles = stored[evidence.article]
            places[evidence] = tuple(place for article in articles for place in _places(article, evidence.quote))
            if not places[evidence]:
                missing = f"no such words in it: {_short(evidence.quote or '')}" if articles else "no such article"
                warnings.append(f"{question.id}: the evidence in {evidence.article} is not in the library: {missing}")
    return Located(places, tuple(warnings))


def ranks(question: GoldQuestion, retrieved: Sequence[ClosePassage], located: Located) -> tuple[int | None, ...]:
    """Return, for each thing the question needs, the rank from 1 of the best passage holding evidence for it, or None.

    retrieved: best first. One thing is needed, at any of the places of evidence, except with `need` "all": there each
    expected answer that some evidence quote contains is needed for itself. Evidence that the library does not hold
    cannot be retrieved and counts as None.
    """
    if not question.evidence:
        return ()
    wanted = [tuple(question.evidence)]
    if question.need == "all":
        holding = [_holding(question.evidence, answer) for answer in question.answers]
        wanted = [group for group in holding if group] or wanted
    return tuple(_rank([p for e in group for p in located.places[e]], retrieved) for group in wanted)


def _holding(evidence: Sequence[Evidence], answer: str) -> tuple[Evidence, ...]:
    return tuple(e for e in evidence if e.quote is not None and contains(e.quote, [answer]))


def _rank(places: Sequence[EvidencePlace], retrieved: Sequence[ClosePassage]) -> int | None:
    ranked = enumerate(retrieved, start=1)
    return next((rank for rank, passage in ranked if any(place.is_in(passage) for place in places)), None)


def _named(snapshot: Snapshot, name: str) -> list[StoredArticle]:
    """Return the articles read from files of that name, else the one with that id."""
    ids = snapshot.articles_named(name)
    try:
        return [snapshot.article(identity) for identity in ids or [name]]
    except UsageError:  # there is no article of that id
        return []


def _places(article: StoredArticle, quote: str | None) -> list[EvidencePlace]:
    whole = [(0, len(article.text))]
    pattern = re.compile(r"\s+".join(map(re.escape, (quote or "").split())))
    spans = whole if quote is None else [match.span() for match in pattern.finditer(article.text)]
    return [EvidencePlace(article.info.id, article.info.version, start, end) for start, end in spans]


def _short(text: str) -> str:
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"
