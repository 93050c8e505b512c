"""Questions with several answers, each of its own paragraph: `python -m benchmarks.several`.

MultiSpanQA's validation questions (Li et al., 2022): all have several answers; those whose grammar asks for several are
reported apart. Prints precision, recall and F1 of the answers, by equal words (after SQuAD's normalisation) and by the
share of words that each has in common with the nearest.
"""

import argparse
import json
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from embeddings.encoder.encoder import load_encoder
from embeddings.library.library import create_library
from qa.assistant import Assistant
from qa.evaluation.metrics.spans import normalise, token_f1
from qa.question.answer_type import asked_for
from qa.reader.reader import open_reader

SET = "dev/multispanqa_valid.json"
_BEFORE_MARK = re.compile(r" (?=[,.;:!?)\]%]|'s\b|n't\b)")
_AFTER_MARK = re.compile(r"(?<=[(\[$]) ")


@dataclass(slots=True)
class Score:
    """Sums over questions: answers given and expected, equal ones, and words in common as shares of either."""

    questions: int = 0
    answered: int = 0
    given: int = 0
    expected: int = 0
    equal: int = 0
    given_shared: float = 0.0
    expected_shared: float = 0.0

    def add(self, given: Sequence[str], expected: Sequence[str]) -> None:
        """Count one question."""
        self.questions += 1
        self.answered += bool(given)
        self.given += len(given)
        self.expected += len(expected)
        self.equal += len({normalise(each) for each in given} & {normalise(each) for each in expected})
        self.given_shared += sum(token_f1(each, expected) for each in given)
        self.expected_shared += sum(max((token_f1(g, [each]) for g in given), default=0.0) for each in expected)

    def __str__(self) -> str:
        equal = _figures(self.equal / max(1, self.given), self.equal / max(1, self.expected))
        shared = _figures(self.given_shared / max(1, self.given), self.expected_shared / max(1, self.expected))
        return f"{self.questions:4} questions, {self.answered:4} answered   equal {equal}   words shared {shared}"


def main() -> None:
    """Ask and report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.several", description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("CITEWIRE_DATA"), help="folder with dev/ inside")
    options = parser.parse_args()
    if options.data is None:
        sys.exit("several: skipped, since neither --data nor $CITEWIRE_DATA names the data folder")
    every, plural = Score(), Score()
    encoder = load_encoder()
    with (
        tempfile.TemporaryDirectory(prefix="citewire-") as folder,
        create_library(Path(folder) / "library", encoder=encoder) as library,
    ):
        assistant = Assistant(library, open_reader())
        for question, text, expected in tqdm(_rows(options.data / SET), unit=" questions"):
            given = [answer.text for answer in assistant.ask_text(question, text).answers]
            every.add(given, expected)
            if asked_for(question).several:
                plural.add(given, expected)
    print(f"all     {every}\nplural  {plural}")


def _rows(path: Path) -> list[tuple[str, str, list[str]]]:
    """Return question, paragraph and answers of each row, its tokens put together again."""
    data = json.loads(path.read_text(encoding="utf-8"))["data"]
    return [(" ".join(row["question"]), _text(row["context"]), _spans(row["context"], row["label"])) for row in data]


def _spans(tokens: Sequence[str], labels: Sequence[str]) -> list[str]:
    spans: list[list[str]] = []
    before = "O"
    for token, label in zip(tokens, labels, strict=True):
        if label == "B" or (label == "I" and before == "O"):
            spans.append([token])
        elif label == "I":
            spans[-1].append(token)
        before = label
    return [_text(span) for span in spans]


def _text(tokens: Sequence[str]) -> str:
    text = " ".join(tokens).replace("`` ", "“").replace(" ''", "”").replace(" - ", "-")
    return _AFTER_MARK.sub("", _BEFORE_MARK.sub("", text))


def _figures(precision: float, recall: float) -> str:
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return f"P {100 * precision:.1f} R {100 * recall:.1f} F1 {100 * f1:.1f}"


if __name__ == "__main__":
    main()
