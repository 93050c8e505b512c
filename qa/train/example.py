"""One training example, and the rows of a reading set it is made from."""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import ReadError


@dataclass(frozen=True, slots=True)
class Example:
    """A question, a passage, and the characters of the passage that answer: none, one span or several.

    Spans are `(start, end)` in code points, in the passage's order, and do not overlap. labelled: whether the spans
    are known to be the answers; where they are not, there are none, and only a teacher can say what is.
    """

    question: str
    passage: str
    spans: tuple[tuple[int, int], ...]
    source: str
    labelled: bool = True

    def __post_init__(self) -> None:
        if any(not 0 <= start < end <= len(self.passage) for start, end in self.spans):
            raise ValueError(f"{self.source}: a span lies outside its passage of {len(self.passage)} characters")

    @property
    def answers(self) -> tuple[str, ...]:
        """The words of the spans."""
        return tuple(self.passage[start:end] for start, end in self.spans)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a reading set; the answers may be several people's marks of the same one."""

    question: str
    context: str
    answers: tuple[tuple[int, int], ...]
    source: str


def read_rows(path: Path) -> list[Row]:
    """Return the rows of a gzipped JSON Lines reading set.

    Answers that do not stand where their offset says are an error, and so is anything else: raises ReadError.
    """
    rows = []
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                row = json.loads(line)
                context = row["context"]
                spans = tuple((a["start"], a["start"] + len(a["text"])) for a in row["answers"] if a["text"])
                if any(context[a["start"] : a["start"] + len(a["text"])] != a["text"] for a in row["answers"]):
                    raise ReadError(f"{path}, line {number}", "an answer does not stand where its offset says")
                rows.append(Row(row["question"].strip(), context, spans, path.name.removesuffix(".jsonl.gz")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReadError(str(path), f"is no reading set in gzipped JSON Lines ({error})") from error
    return rows
