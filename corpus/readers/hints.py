"""What is known of a file beside its bytes: how it was fetched, what its fields are called, what may lie in it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import BinaryIO, Protocol

from corpus.article import Article
from corpus.errors import ReadError
from corpus.readers.archives.members import DEEPEST, Budget


class ReadOpen(Protocol):
    """Reads an open file of any kind; what is wrong with it goes to `on_bad`."""

    def __call__(
        self, file: BinaryIO, *, name: str, where: str, hints: "Hints", on_bad: Callable[[ReadError], None]
    ) -> Iterator[Article]:
        """Yield the articles. The end of `name` tells the format where the content does not."""


def _read_nothing(
    file: BinaryIO, *, name: str, where: str, hints: "Hints", on_bad: Callable[[ReadError], None]
) -> Iterator[Article]:
    """Read no file: for a reader that is used by itself, without the registry."""
    on_bad(ReadError(where, "files within files are not read here: take it out and add it"))
    return iter(())


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What helps to read a file.

    names: fields of `Article` (and `text`), each with the name that it has in the file. charset: as a server declared
    it. url: the address the file was fetched from. depth: how many archives it lies in; budget: how far they may
    expand. is_isolated: this process is one that may be ended. The registry gives read_inside, which reads what lies
    in the file, and known_kinds: endings of names of files that are read, and of those that are named as not read.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    charset: str | None = None
    url: str | None = None
    depth: int = 0
    budget: Budget | None = None
    is_isolated: bool = False
    read_inside: ReadOpen = _read_nothing
    known_kinds: frozenset[str] = frozenset()

    def within(self, file: BinaryIO, *, where: str, deepest: int = DEEPEST) -> tuple["Hints", Budget]:
        """Return the hints for what lies in an archive, and how far it may expand. The archive is at its start then.

        Raises ReadError for an archive that lies in `deepest` others.
        """
        if self.depth >= deepest:
            raise ReadError(where, f"archives are packed within each other more than {DEEPEST} deep: unpack them")
        budget = self.budget or Budget.of(file)
        file.seek(0)
        return replace(self, depth=self.depth + 1, budget=budget, url=None, charset=None), budget
