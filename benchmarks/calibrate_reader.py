"""Calibrate a reader on questions that no training saw: `python -m benchmarks.calibrate_reader [--reader NAME]`.

Half of each development set, chosen by its text, is read: each question of its own text alone, once with and once
without the passages that hold an answer's words; some that make sense without it (`benchmarks/answers.py`) of a library
of all texts, others of one of whole news stories, once with and once without their own; and the calibration half of the
bundled gold set of the bundled articles. `benchmarks/fitting.py` fits the reader's regressions on these readings.
Prints the constants for qa/reader/reader.py, what each probability from which to answer would give, and on the other
half how far the confidences are from what came true.
"""

import argparse
import gzip
import hashlib
import json
import math
import os
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from benchmarks.answers import makes_sense_alone
from benchmarks.fitting import CUT, FIRST_GUESS, WITHOUT, Asked, FloatArray, fit
from corpus.article import Article
from corpus.passages import split
from embeddings.encoder.encoder import Encoder, load_encoder
from embeddings.encoder.model_files import DEFAULT_MODEL
from embeddings.library.library import create_library, open_library
from qa.cli.opening import bundled_library
from qa.dated_questions import to_read
from qa.evaluation.gold.read import read_gold
from qa.evaluation.metrics.calibration import expected_calibration_error, reliability_bins
from qa.evaluation.metrics.spans import token_f1
from qa.question.answer_type import asked_for
from qa.question.followup import standalone
from qa.reader.calibration import Calibration
from qa.reader.model import DEFAULT_READER, open_reader_model
from qa.reader.protocol import ReadPassage
from qa.reader.reader import NetworkReader, ScoredSpan, best_of_each
from qa.retrieval import retrieve

SETS = {"new_wiki": 500, "squad2_dev_articles": 1088, "newsqa_half": 500, "tydiqa_en_dev": 400}
IN_LIBRARY = 400
IN_NEWS = 320
NEWS = "newsqa_half"
GOLD = Path(__file__).parent.parent / "qa" / "evaluation" / "gold" / "bundled.jsonl"
PASSAGES = 16
SEED = 5


def main() -> None:
    """Read, fit and report."""
    options = _options()
    rows = list(_rows(options.data / "dev"))
    reader = NetworkReader(open_reader_model(options.reader), FIRST_GUESS)
    encoder = load_encoder()
    asked = [*_bundled(reader, encoder), *_given(reader, rows)]
    asked += _in_library(
        reader, encoder, rows, "library", [r for r in rows if makes_sense_alone(r.question)], IN_LIBRARY
    )
    news = [Row(NEWS, r.question, r.context, r.answers) for r in _all_rows(options.data / "dev", NEWS)]
    sensible = [row for row in news if row.answers and makes_sense_alone(row.question)]
    asked += _in_library(reader, encoder, news, "news library", sensible, IN_NEWS)
    fitting, held_out = [a for a in asked if a.half == 0], [a for a in asked if a.half == 1]
    fitted = fit(fitting)
    print(f"intercept {fitted.intercept:.3f}, weights {tuple(round(w, 3) for w in fitted.weights)}")
    print(f"any_found {tuple(round(w, 3) for w in fitted.any_found)}")
    print(f"any_given {tuple(round(w, 3) for w in fitted.any_given)}")
    _thresholds("fitting half", fitting, fitted)
    _thresholds("held-out half", held_out, fitted)
    _report(held_out, fitted)
    if options.plot:
        _plot(held_out, fitted, options.plot)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calibrate_reader", description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("CITEWIRE_DATA"), help="folder with dev/ inside")
    parser.add_argument("--plot", type=Path, help="write the reliability diagram of the held-out half to this PNG file")
    parser.add_argument("--reader", default=DEFAULT_READER, help="reader to calibrate")
    options = parser.parse_args()
    if options.data is None:
        sys.exit("calibrate_reader: skipped, since neither --data nor $CITEWIRE_DATA names the data folder")
    return options


@dataclass(frozen=True, slots=True)
class Row:
    """A question with the text it was asked about and the answers expected."""

    name: str
    question: str
    context: str
    answers: tuple[str, ...]

    @property
    def half(self) -> int:
        """Which half its text belongs to: 0 to fit on, 1 to report on."""
        return hashlib.sha256(self.context.encode()).digest()[0] % 2


def _rows(folder: Path) -> Iterator[Row]:
    for name, most in SETS.items():
        rows = _all_rows(folder, name)
        yield from random.Random(SEED).sample(rows, min(most, len(rows)))


def _all_rows(folder: Path, name: str) -> list[Row]:
    with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [Row(name, r["question"], r["context"], tuple(a["text"] for a in r["answers"] if a["text"])) for r in rows]


def _bundled(reader: NetworkReader, encoder: Encoder) -> Iterator[Asked]:
    """Ask the short questions of the gold set's calibration half; all to fit on, since its other half is the report."""
    with open_library(bundled_library(DEFAULT_MODEL, lambda: encoder), encoder=encoder) as library:
        questions = read_gold(GOLD).of_half("calibration").questions
        with library.snapshot() as snapshot:
            for each in tqdm(questions, desc="bundled", unit=" questions"):
                alone = standalone(each.question, each.turns, []).text
                if not asked_for(alone).sentence:
                    passages = to_read(retrieve(snapshot, alone, k=PASSAGES))
                    row = Row("bundled", alone, "", each.answers)
                    spans = reader.spans(alone, passages)
                    yield replace(_asked(row, "bundled", spans, passages, answerable=bool(row.answers)), half=0)


def _given(reader: NetworkReader, rows: Sequence[Row]) -> Iterator[Asked]:
    """Read each question's own text alone; then, of several passages, those that do not hold an answer's words."""
    for row in tqdm(rows, desc="given", unit=" questions"):
        passages = [ReadPassage(p.text, "", math.nan, start=p.start) for p in split(row.context)]
        yield _asked(row, row.name, reader.spans(row.question, passages), passages, answerable=bool(row.answers))
        others = [p for p in passages if not any(answer.strip(' .,"') in p.text for answer in row.answers)]
        if row.answers and 0 < len(others) < len(passages):
            yield _asked(row, row.name + CUT, reader.spans(row.question, others), others, answerable=False)


def _in_library(
    reader: NetworkReader, encoder: Encoder, rows: Sequence[Row], name: str, sensible: Sequence[Row], most: int
) -> Iterator[Asked]:
    """Ask a library of all texts; then the same question of the passages found that are not of its own text."""
    texts = list(dict.fromkeys(row.context for row in rows))
    with (
        tempfile.TemporaryDirectory(prefix="citewire-") as folder,
        create_library(Path(folder) / "library", encoder=encoder) as library,
    ):
        library.add([Article(text=text, path=f"text-{n}") for n, text in enumerate(texts)])
        chosen = random.Random(SEED).sample(sensible, min(most, len(sensible)))
        with library.snapshot() as snapshot:
            for row in tqdm(chosen, desc=name, unit=" questions"):
                found = retrieve(snapshot, row.question, k=PASSAGES)
                passages = to_read(found)
                spans = reader.spans(row.question, passages)
                yield _asked(row, name, spans, passages, answerable=bool(row.answers))
                others = to_read([each for each in found if each.hit.text not in row.context])
                if others and row.answers:
                    without = reader.spans(row.question, others)
                    yield _asked(row, name + WITHOUT, without, others, answerable=False)


def _asked(
    row: Row, name: str, spans: Sequence[ScoredSpan], passages: Sequence[ReadPassage], *, answerable: bool
) -> Asked:
    best = best_of_each(spans)
    texts = [passages[span.passage].text[span.start : span.end] for span in best]
    f1 = [token_f1(text, row.answers) if answerable and row.answers else 0.0 for text in texts]
    measures = [span.evidence.measures for span in best]
    return Asked(name, row.half, np.array(measures, dtype=np.float64), np.array(f1), answerable)


def _tops(asked: Sequence[Asked], calibration: Calibration) -> tuple[FloatArray, FloatArray]:
    """Return each question's highest confidence and the F1 of that span."""
    sure = [np.array([calibration.of(m) for m in one.measures]) for one in asked]
    tops = [int(np.argmax(s)) for s in sure]
    return np.array([s[t] for s, t in zip(sure, tops, strict=True)]), np.array(
        [one.f1[t] for one, t in zip(asked, tops, strict=True)]
    )


def _thresholds(half: str, asked: Sequence[Asked], calibration: Calibration) -> None:
    names = list(dict.fromkeys(one.name for one in asked))
    print(f"\n{half}: F1 at each threshold, a rightly refused question counting 1; refusals of all (precision, recall)")
    print("threshold  " + "  ".join(f"{name[:19]:>19}" for name in names) + "   mean     refusals")
    answers = {id(one): calibration.of_any(one.measures.tolist()) for one in asked}
    for threshold in np.arange(0.0, 0.85, 0.04):
        cells = []
        refused_right = refused = unanswerable = 0
        for name in names:
            some = [one for one in asked if one.name == name]
            _, f1 = _tops(some, calibration)
            answered = np.array([answers[id(one)] for one in some]) >= threshold
            empty = np.array([not one.answerable for one in some])
            cells.append(100 * float(np.where(answered, f1, empty).mean()))
            if name == "squad2_dev_articles":
                refused_right, refused = int((empty & ~answered).sum()), int((~answered).sum())
                unanswerable = int(empty.sum())
        print(
            f"{threshold:9.2f}  " + "  ".join(f"{cell:19.1f}" for cell in cells),
            f"{np.mean(cells):7.1f}   ",
            f"{refused_right / max(1, refused):.2f} {refused_right / max(1, unanswerable):.2f}",
        )


def _plot(asked: Sequence[Asked], calibration: Calibration, path: Path) -> None:
    """Draw how often answers are right against how sure the reader was of them, cut texts apart."""
    from matplotlib.figure import Figure

    sure, f1 = _tops([one for one in asked if not one.name.endswith(CUT)], calibration)
    bins = [b for b in reliability_bins(list(sure), [share >= 0.5 for share in f1]) if b.count]
    figure = Figure(figsize=(4.5, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="0.7", linestyle="--", label="as sure as right")
    axes.scatter(
        [b.confidence or 0.0 for b in bins],
        [b.accuracy or 0.0 for b in bins],
        s=[4 * b.count**0.5 * 4 for b in bins],
        color="#a3283c",
    )
    axes.set(xlabel="confidence", ylabel="share right", xlim=(0, 1), ylim=(0, 1), title="Held-out questions")
    axes.legend(loc="upper left", frameon=False)
    figure.savefig(path, dpi=110)


def _report(asked: Sequence[Asked], calibration: Calibration) -> None:
    print("\nheld-out half: F1 of the best span without a threshold; expected calibration errors, cut texts apart")
    for name in dict.fromkeys(one.name for one in asked):
        some = [one for one in asked if one.name == name]
        sure, f1 = _tops(some, calibration)
        error = abs(float(sure.mean() - f1.mean()))
        answerable = np.array([one.answerable for one in some])
        best = f"{100 * f1[answerable].mean():.1f}" if answerable.any() else "-"
        print(f"{name:22} {len(some):5} questions  F1 {best:>5}  mean confidence off by {error:.3f}")
    asked = [one for one in asked if not one.name.endswith(CUT)]
    sure, f1 = _tops(asked, calibration)
    right = [share >= 0.5 for share in f1]
    answers = [calibration.of_any(one.measures.tolist()) for one in asked]
    off = expected_calibration_error(answers, [one.answerable for one in asked])
    print(f"whether there is an answer: expected calibration error {off:.3f}")
    print(f"all: expected calibration error {expected_calibration_error(list(sure), right):.3f}")
    for each in reliability_bins(list(sure), right):
        if each.count:
            print(
                f"  {each.low:.1f}-{each.high:.1f}  {each.count:5}  said {each.confidence:.2f}  was {each.accuracy:.2f}"
            )


if __name__ == "__main__":
    main()
