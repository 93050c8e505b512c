"""What composing works on: places in articles that were read as answers, and answers before they are cited."""

from dataclasses import dataclass

from embeddings.library.library import Hit
from qa.result import Kind


@dataclass(frozen=True, slots=True)
class Place:
    """Characters `[start, end)` of a hit's article version, read as an answer.

    around: what is shown around them, where that is more than their sentence: a speaker's name with the quotation.
    checked: the built-in reader's confidence in them, where another reader chose them.
    """

    hit: Hit
    start: int
    end: int
    text: str
    confidence: float
    kind: Kind
    around: tuple[int, int] | None = None
    checked: float | None = None

    def overlaps(self, other: "Place") -> bool:
        """Tell whether the two share characters of one version."""
        return self.hit.version == other.hit.version and self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer before its citations are made: the places that say it, best first; rivals share a group.

    `reprints` are places in other articles that print the same sentence: no further sources.
    """

    places: tuple[Place, ...]
    group: int
    reprints: tuple[Place, ...] = ()
    newer: bool = False

    @property
    def best(self) -> Place:
        """The place whose words are shown."""
        return self.places[0]
