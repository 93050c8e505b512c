"""Which reading sets the reader is trained on, how much of each, and under which licence."""

import random
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import UsageError
from qa.train.example import Row, read_rows


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
