"""How well sentence boundaries are found, against marks made by hand and against a corpus split by others.

    python -m benchmarks.sentences                        # our splitter
    python -m benchmarks.sentences --engines              # and every other one that is installed here

Articles are read from the folder in CITEWIRE_DATA; without it only the invented cases are measured.
"""

import argparse
import gzip
import importlib
import importlib.util
import json
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus.sentences import sentences

MARKED = Path(__file__).parent.parent / "tests" / "marked"

Span = tuple[int, int]
Splitter = Callable[[str], Iterable[Span]]


@dataclass(frozen=True, slots=True)
class Case:
    """A stretch of text and the offsets where its sentences end; the last one, at the end of the text, is left out."""

    text: str
    ends: frozenset[int]


@dataclass(frozen=True, slots=True)
class Scores:
    """Boundaries inside the stretches of text: those found rightly, found wrongly, and missed."""

    right: int
    found_wrongly: int
    missed: int

    @property
    def precision(self) -> float:
        """The share of the boundaries found that are right; 1.0 when none was found."""
        return self.right / found if (found := self.right + self.found_wrongly) else 1.0

    @property
    def recall(self) -> float:
        """The share of the true boundaries that were found; 1.0 when there are none."""
        return self.right / true if (true := self.right + self.missed) else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def boundary_scores(cases: Iterable[Case], splitter: Splitter) -> Scores:
    """Count the boundaries that the splitter finds in the cases."""
    right = wrong = missed = 0
    for case in cases:
        found = {end for _, end in splitter(case.text)} - {len(case.text)}
        right += len(found & case.ends)
        wrong += len(found - case.ends)
        missed += len(case.ends - found)
    return Scores(right, wrong, missed)


def invented_cases(path: Path) -> Iterator[Case]:
    """Yield one case a line of the file; ¶ stands where a sentence ends, within spaces where there is one space."""
    for line in path.read_text(encoding="utf-8").splitlines():
        text, ends = "", []
        for piece in re.split(r"( ?¶ ?)", line):
            if "¶" in piece:
                ends.append(len(text))
                text += " " * (" " in piece)
            else:
                text += piece
        yield Case(text, frozenset(ends))


def marked_cases(path: Path, data: Path) -> Iterator[Case]:
    """Yield the stretches of articles whose sentence ends were marked by hand; the texts are read from `data`."""
    texts: dict[str, dict[str, str]] = {}
    for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        name, start, end = row["corpus"], row["start"], row["end"]
        if name not in texts:
            texts[name] = {article["id"]: article["text"] for article in _articles(data, name)}
        yield Case(texts[name][row["article"]][start:end], frozenset(e - start for e in row["ends"] if e < end))


def others_cases(data: Path, in_a_row: int = 6) -> Iterator[Case]:
    """Yield stretches of the WSJ and AP articles that others split, without quotes, dashes and headings.

    Their split is by machine and does not end sentences inside quotations, so only plain stretches are compared.
    """
    for article in _articles(data, "dcqa_wsj_ap_articles"):
        run: list[str] = []
        for sentence in (s.strip() for s in article["sentences"]):
            plain = not re.search(r"[\"“”{}]|(^|\s)'|'(\s|$)|--", sentence)
            run = [*run, sentence] if plain and re.match(r"[A-Z(]", sentence) and sentence[-1] in ".!?)" else []
            if len(run) == in_a_row:
                text = " ".join(run)
                ends = [sum(map(len, run[: i + 1])) + i for i in range(in_a_row - 1)]
                yield Case(text, frozenset(ends))
                run = []


def _articles(data: Path, name: str) -> Iterator[dict[str, str]]:
    with gzip.open(data / "corpora" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _located(text: str, parts: Iterable[str]) -> Iterator[Span]:
    """Yield where the sentences stand that an engine gives back as strings, in order."""
    position = 0
    for part in (p.strip() for p in parts):
        if part and (start := text.find(part, position)) >= 0:
            position = start + len(part)
            yield start, position


def engines() -> dict[str, Splitter]:
    """Return our splitter and those of other libraries that are installed."""
    found: dict[str, Splitter] = {"citewire": sentences}
    for name in ("sentencex", "nupunkt", "blingfire", "syntok", "pysbd"):
        if importlib.util.find_spec(name):
            found[name] = _engine(name)
    return found


def _engine(name: str) -> Splitter:
    module = importlib.import_module("syntok.segmenter" if name == "syntok" else name)
    if name == "sentencex":
        return lambda text: _located(text, module.segment("en", text))
    if name == "nupunkt":
        return lambda text: _located(text, module.sent_tokenize(text))
    if name == "blingfire":
        return lambda text: _located(text, module.text_to_sentences(text).split("\n"))
    if name == "syntok":
        return lambda text: (
            (s[0].offset, s[-1].offset + len(s[-1].value)) for paragraph in module.analyze(text) for s in paragraph
        )
    segmenter = module.Segmenter(language="en", clean=False)
    return lambda text: _located(text, segmenter.segment(text))


def main() -> None:
    """Print precision, recall and F1 of the boundaries for each set and engine."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--engines", action="store_true", help="measure other installed libraries too")
    arguments = parser.parse_args()
    sets = {"invented": list(invented_cases(MARKED / "sentences_invented.txt"))}
    if data := os.environ.get("CITEWIRE_DATA"):
        for half in ("dev", "test"):
            sets[f"marked, {half}"] = list(marked_cases(MARKED / f"sentences_{half}.jsonl", Path(data)))
        sets["WSJ and AP, plain"] = list(others_cases(Path(data)))
    for engine, splitter in engines().items() if arguments.engines else [("citewire", engines()["citewire"])]:
        for name, cases in sets.items():
            subset = cases[:100] if engine == "pysbd" else cases
            began = time.perf_counter()
            scores = boundary_scores(subset, splitter)
            speed = sum(len(case.text) for case in subset) / 1e6 / (time.perf_counter() - began)
            print(
                f"{engine:10} {name:18} boundaries {scores.right + scores.missed:5} "
                f"P {scores.precision:.4f} R {scores.recall:.4f} F1 {scores.f1:.4f}  {speed:6.2f} MB/s"
            )


if __name__ == "__main__":
    main()
