"""What an index says of itself: which library it is made from, by what, and how far it is in the change log."""

import json
from dataclasses import asdict, dataclass, fields


class IndexUnusable(Exception):  # noqa: N818 - no error: the index is made again
    """An index that cannot be searched; the message says why, as in "is damaged"."""


class IndexMissing(IndexUnusable):
    """An index that is not there, or so old that the library's log no longer says what came since."""

    def __init__(self) -> None:
        super().__init__("is missing or too old")


@dataclass(frozen=True, slots=True)
class Stamp:
    """The stamp of an index.

    made_by: the format, the engine and, for vectors, the model. change: the entry of the library's change log up to
    which the index follows the store; mark: what tells that entry from another history's. size: passages in the index.
    average_length: words of a passage, for the index of words.
    """

    library_id: str
    made_by: str
    change: int = 0
    mark: int = 0
    size: int = 0
    average_length: float = 0.0

    def to_json(self) -> str:
        """Return the stamp as a line of JSON."""
        return json.dumps(asdict(self))

    def check(self, expected: "Stamp") -> None:
        """Raise IndexUnusable unless the index is of the expected library, and made as it is made now."""
        if self.library_id != expected.library_id:
            raise IndexUnusable("is of another library")
        if self.made_by != expected.made_by:
            raise IndexUnusable("was made by another release or for another model")


def parse_stamp(text: str | bytes) -> Stamp:
    """Return the stamp of a line of JSON. Raises IndexUnusable for anything else."""
    try:
        values = json.loads(text)
        return Stamp(**{field.name: field.type(values[field.name]) for field in fields(Stamp)})  # type: ignore[operator]
    except (ValueError, KeyError, TypeError) as error:
        raise IndexUnusable("is damaged") from error
