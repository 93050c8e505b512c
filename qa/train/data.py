"""One training example, and the rows of a reading set it is made from."""

import gzip
import json
import random
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import ReadError, UsageError


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


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """A file of the training folder.

    most: so many of its rows are drawn (None: all). mined: whether other passages are sought that look as if they
    answered its questions. several: whether the answers of a row are several answers, not marks of the same one.
    """

    name: str
    licence: str
    most: int | None = None
    mined: bool = True
    several: bool = False


SETS = (
    TrainingSet("squad11_train44", "CC BY-SA 4.0"),
    TrainingSet("squad11_train_random4k", "CC BY-SA 4.0"),
    TrainingSet("squad11_train_paras1k", "CC BY-SA 4.0"),
    TrainingSet("squad11_wiki_a", "CC BY-SA 4.0"),
    TrainingSet("squad2_unanswerable", "CC BY-SA 4.0"),
    TrainingSet("squadshifts_new_wiki", "CC BY 4.0"),
    TrainingSet("squadshifts_reddit", "CC BY 4.0"),
    TrainingSet("squadshifts_amazon_reviews", "CC BY 4.0"),
    TrainingSet("tydiqa_en_train", "Apache-2.0"),
    TrainingSet("nq_oracle", "CC BY-SA 3.0"),
    TrainingSet("nq_swap_counterfactual", "CC BY-SA 3.0", mined=False),
    TrainingSet("qed_dev", "CC BY-SA 3.0"),
    TrainingSet("timeqa_human_windows", "BSD-3-Clause"),
    TrainingSet("qamr_dev", "MIT", most=12_000, mined=False),
    TrainingSet("qamr_test", "MIT", most=12_000, mined=False),
    TrainingSet("policyqa_devtest", "MIT", most=2_500),
    TrainingSet("fairytaleqa_extractive", "Apache-2.0"),
    TrainingSet("dcqa_sentence_train", "CC BY-SA 4.0 (questions)", most=2_000, mined=False),
    TrainingSet("tweetqa_train", "not stated", mined=False),
    TrainingSet("realtimeqa_evidence_train", "not stated"),
    TrainingSet("realtimeqa_distant_train", "not stated"),
    TrainingSet("realtimeqa_negatives_train", "not stated", mined=False),
    TrainingSet("ester_train500", "not stated", several=True),
)


def read_sets(folder: Path, random_: random.Random) -> dict[TrainingSet, list[Row]]:
    """Return the rows of every set that is in the folder, those of large sets drawn at random.

    Raises UsageError when the folder holds none of them.
    """
    found: dict[TrainingSet, list[Row]] = {}
    for each in SETS:
        path = folder / f"{each.name}.jsonl.gz"
        if path.is_file():
            rows = read_rows(path)
            found[each] = random_.sample(rows, each.most) if each.most and each.most < len(rows) else rows
    if not found:
        raise UsageError(f"{folder} holds none of the reading sets ({SETS[0].name}.jsonl.gz and others)")
    return found
