"""What is known of a file beside its bytes: how it was fetched, and what its fields are called."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from corpus.readers.archives import Budget


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What helps to read a file.

    names: fields of `Article` (and `text`), each with the name that it has in the file. charset: as a server declared
    it. url: the address the file was fetched from. depth: how many archives it lies in; budget: how far they may
    expand.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    charset: str | None = None
    url: str | None = None
    depth: int = 0
    budget: Budget | None = None
