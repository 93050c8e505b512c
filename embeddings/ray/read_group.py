"""Files read together in another process, and given on here in the order and way they would have been read here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.article import Article
from corpus.errors import ReadError
from corpus.scan.changes import Compared, Way, read_compared
from corpus.scan.walk import see_file
from corpus.store.origins import Origin, Reading


@dataclass(frozen=True, slots=True)
class FileRead:
    """What reading one file gave.

    bad: where and why something could not be read. same: whether its content was as before. look, whole: as a reading's
    `end` and `whole` say once all is read.
    """

    articles: tuple[Article, ...] = ()
    bad: tuple[tuple[str, str], ...] = ()
    same: bool = False
    look: Origin | None = None
    whole: bool = False


def read_group(group: Sequence[Compared], way: Way) -> list[FileRead | None]:
    """Read files, each whole; None for one that is not there as it was seen: this may be another machine."""
    return [_read(compared, way) for compared in group]


def reading_of(
    compared: Compared, read: FileRead, *, on_bad: Callable[[ReadError], None], on_same: Callable[[], None]
) -> Reading:
    """Return the reading of a file that was read elsewhere, and tell of it what reading it here would have told."""
    for where, why in read.bad:
        on_bad(ReadError(where, why))
    if read.same:
        on_same()
    return Reading(compared.file.location, read.articles, lambda: read.look, lambda: read.whole)


def unreadable(compared: Compared, why: str) -> FileRead:
    """Return what is said of a file that could not be read: it is read again the next time."""
    return FileRead(bad=((compared.file.path, why),), look=Origin(location=compared.file.location))


def _read(compared: Compared, way: Way) -> FileRead | None:
    seen = compared.file
    try:
        here = see_file(Path(seen.path))
    except OSError:
        return None
    if (here.location, here.size, here.modified_ns) != (seen.location, seen.size, seen.modified_ns):
        return None
    bad: list[tuple[str, str]] = []
    same: list[bool] = []
    reading = read_compared(
        compared,
        way,
        on_bad=lambda error: bad.append((error.where, error.why)),
        on_same=lambda: same.append(True),
    )
    articles = tuple(reading.articles)
    return FileRead(articles, tuple(bad), bool(same), reading.end(), reading.whole())
