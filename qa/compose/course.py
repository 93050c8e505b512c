"""Answering with a course of events: the lines of a timeline as answers, one a date."""

from collections.abc import Sequence

from embeddings.library.library import Hit
from qa.compose.drafts import Draft, Place
from qa.compose.relevance import Relevance
from qa.compose.timeline import timeline

PASSAGES_SOUGHT = 40
"""A course runs through more passages than one fact stands in."""
LEAST_FIT = 0.5
"""The best line has to fit the question so well, or the articles do not tell of what it asks about."""


def course_drafts(question: str, hits: Sequence[Hit], relevance: Relevance) -> list[Draft]:
    """Return one answer a date, oldest first; none where the passages do not tell of the course asked about."""
    lines = timeline(question, hits, relevance=relevance)
    if not lines or max(line.confidence for line in lines) < LEAST_FIT:
        return []
    places = [Place(line.hit, line.start, line.end, line.text, line.confidence, "timeline") for line in lines]
    return [Draft((place,), group=number) for number, place in enumerate(places, start=1)]
