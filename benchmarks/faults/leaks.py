"""Leaks: thousands of questions, then of rounds that add and remove; memory, open files and disk must stay flat.

python -m benchmarks.faults leaks --questions 10000 --rounds 1000 --plot docs/images/leaks.png
"""

import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from small_library import WordEncoder, make_article, paragraphs

from embeddings.library.library import LocalLibrary, create_library
from qa.assistant import Assistant
from qa.reader.reader import open_reader

SAMPLES = 100
GROWTH = 0.05  # of the level after the first quarter: what the last quarter may be above it
SLACK = {"memory_mb": 8.0, "open_files": 2.0, "library_mb": 0.3, "temporary_mb": 0.3}


@dataclass(slots=True)
class Course:
    """One measure over the run of one kind of work, sampled evenly."""

    work: str
    levels: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in SLACK})

    def sample(self, library: LocalLibrary, private: Path) -> None:
        """Take down how things stand now."""
        now = {
            "memory_mb": int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6,
            "open_files": float(sum(1 for _ in Path("/proc/self/fd").iterdir())),
            "library_mb": _size(library.folder),
            "temporary_mb": _size(private),
        }
        for name, level in now.items():
            self.levels[name].append(level)

    def verdict(self) -> str:
        """Return the levels; raises AssertionError where one has grown."""
        said = []
        for name, course in self.levels.items():
            quarter = max(1, len(course) // 4)
            early, late = max(course[quarter : 2 * quarter] or course), max(course[-quarter:])
            assert late <= early * (1 + GROWTH) + SLACK[name], (
                f"{self.work}: {name} grew from {early:.1f} to {late:.1f}"
            )
            said.append(f"{name.replace('_', ' ')} {early:.1f} to {late:.1f}")
        return f"{self.work}: {', '.join(said)}"


@dataclass(slots=True)
class Leaks:
    """The courses of both kinds of work."""

    courses: list[Course]

    def __str__(self) -> str:
        return "flat\n" + "\n".join(f"  {course.verdict()}" for course in self.courses)


def leaks(place: Path, *, questions: int, rounds: int, plot: Path | None = None) -> Leaks:
    """Ask and change so many times, sampling on the way; raises AssertionError where anything grew."""
    private = place / "temporary"
    private.mkdir()
    tempfile.tempdir = str(private)  # where temporary files go
    asking, changing = Course(f"{questions:,} questions"), Course(f"{rounds:,} rounds of adding and removing")
    with create_library(place / "library", encoder=WordEncoder()) as library:
        library.add(make_article(f"n{i}", paragraphs(f"n{i}", 4)) for i in range(100))
        library.encoder.encoded = _Forgetful()  # type: ignore[attr-defined]
        assistant = Assistant(library, open_reader())
        for number in range(questions):
            assistant.ask(f"Who said {paragraphs(f'n{number % 100}', 1).split()[number % 30]} {number}?")
            if number % max(1, questions // SAMPLES) == 0:
                asking.sample(library, private)
        for number in range(rounds):
            name = f"r{number % 50}"  # a vocabulary that ends, as a language's does: stems of words are kept
            library.add([make_article(name, paragraphs(name, 6))])
            assistant.ask(f"Who said {paragraphs(name, 1).split()[3]}?")
            library.remove([make_article(name).id])
            if number % max(1, rounds // SAMPLES) == 0:
                changing.sample(library, private)
    tempfile.tempdir = None
    done = Leaks([asking, changing])
    if plot is not None:
        _draw(done.courses, plot)
    str(done)  # fails here where something grew, with the plot drawn
    return done


class _Forgetful(list[str]):
    """The tests' encoder notes all it was given; here that would be the only leak."""

    def __iadd__(self, _: object) -> "_Forgetful":  # type: ignore[override,misc]
        return self


def _size(folder: Path) -> float:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            continue
    return total / 1e6


def _draw(courses: list[Course], path: Path) -> None:
    import matplotlib

    matplotlib.use("svg" if path.suffix == ".svg" else "agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(len(SLACK), len(courses), figsize=(9, 7), sharex="col", squeeze=False)
    for column, course in enumerate(courses):
        axes[0][column].set_title(course.work, fontsize=10)
        for row, (name, levels) in enumerate(course.levels.items()):
            axes[row][column].plot([100 * i / max(1, len(levels) - 1) for i in range(len(levels))], levels, linewidth=1)
            axes[row][column].set_ylim(0, 1.2 * max(levels) or 1)
            axes[row][column].set_ylabel(name.replace("_", " ").replace("mb", "(MB)"), fontsize=8)
        axes[-1][column].set_xlabel("% done", fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
