"""How well statements and their speakers are found, against marks made by hand.

    python -m benchmarks.speakers                  # precision and recall, and how many voices and offsets are right
    python -m benchmarks.speakers --wrong dev      # and each one that is wrong, of one set
    python -m benchmarks.speakers --asked          # each quotation is asked for: Who said "…"?

A statement is right when its speaker is the one marked, or one within the other ("Ruiz", "Mayor Ana Ruiz"), and four
fifths of the words of both are shared. Articles are read from the folder in CITEWIRE_DATA.
"""

import argparse
import gzip
import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus.speakers.statements import Statement, statements
from qa.compose.who_said import who_said
from qa.retrieval import SingleText

_FEWEST_ASKED = 4
MARKED = Path(__file__).parent.parent / "tests" / "marked"


@dataclass(frozen=True, slots=True)
class Case:
    """A text and all its statements."""

    name: str
    text: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """Statements: marked, found, right, and of these with the marked voice and with exactly the marked offsets."""

    marked: int
    found: int
    right: int
    voices: int
    exact: int
    characters: int
    seconds: float

    @property
    def precision(self) -> float:
        """The share of the statements found that are right; 1.0 when none was found."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """The share of the marked statements that were found; 1.0 when there are none."""
        return self.right / self.marked if self.marked else 1.0

    def __str__(self) -> str:
        return (
            f"marked {self.marked:4} found {self.found:4} precision {self.precision:.3f} recall {self.recall:.3f} "
            f"voice right {self.voices / max(1, self.right):.3f} offsets exact {self.exact / max(1, self.right):.3f} "
            f"{self.characters / 1e6 / max(self.seconds, 1e-9):6.2f} MB/s"
        )


def invented_cases(path: Path) -> Iterator[Case]:
    """Yield the invented texts; each statement is given by its words, speaker and voice, the first of their kind."""
    for number, row in enumerate(map(json.loads, path.read_text(encoding="utf-8").splitlines()), 1):
        text = row["text"]
        found = []
        for words, speaker, voice in row["statements"]:
            start, named = text.index(words), text.index(speaker)
            found.append(Statement(start, start + len(words), speaker, named, named + len(speaker), voice))
        yield Case(f"line {number}", text, tuple(found))


def marked_cases(path: Path, data: Path) -> Iterator[Case]:
    """Yield the articles whose statements were all marked by hand; the texts are read from `data`."""
    with gzip.open(data / "corpora" / "realtimeqa_articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = {row["id"]: row["text"] for row in map(json.loads, lines)}
    for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        text = texts[row["article"]]
        if len(text) != row["characters"]:
            raise ValueError(f"{row['article']}: {len(text)} characters, marked were {row['characters']}")
        yield Case(
            row["article"],
            text,
            tuple(Statement(s, e, text[a:b], a, b, voice) for s, e, a, b, voice in row["statements"]),
        )


def score(cases: list[Case], *, show: bool = False) -> Scores:
    """Compare what is found with the marks; each mark counts once."""
    marked = found = right = voices = exact = 0
    began = time.process_time()
    results = [statements(case.text) for case in cases]
    seconds = time.process_time() - began
    for case, result in zip(cases, results, strict=True):
        open_marks = list(case.statements)
        marked, found = marked + len(open_marks), found + len(result)
        for statement in result:
            mark = next((m for m in open_marks if _same(statement, m)), None)
            if mark is None:
                if show:
                    print(f"  {case.name} wrong: {_shown(case.text, statement)}")
                continue
            open_marks.remove(mark)
            right += 1
            voices += mark.voice == statement.voice
            exact += (mark.start, mark.end, mark.speaker) == (statement.start, statement.end, statement.speaker)
        for mark in open_marks if show else ():
            print(f"  {case.name} missed: {_shown(case.text, mark)}")
    return Scores(marked, found, right, voices, exact, sum(len(case.text) for case in cases), seconds)


def _same(a: Statement, b: Statement) -> bool:
    shared = min(a.end, b.end) - max(a.start, b.start)
    one, other = a.speaker.lower(), b.speaker.lower()
    return shared >= 0.8 * (max(a.end, b.end) - min(a.start, b.start)) and (one in other or other in one)


def _shown(text: str, statement: Statement) -> str:
    words = re.sub(r"\s+", " ", text[statement.start : statement.end])
    words = words if len(words) < 90 else f"{words[:45]} … {words[-40:]}"
    return f"[{statement.voice}] {statement.speaker} | {words}"


def ask(cases: list[Case], wording: Callable[[str], str]) -> str:
    """Return how often "Who said …?" names the marked speaker of a quotation, another one, or nobody.

    The passages are those of the article and of the one after it.
    """
    counts: Counter[str] = Counter()
    for number, case in enumerate(cases):
        only = SingleText(case.text, None)
        for statement in case.statements:
            words = re.sub(r"[\"“”]", "", case.text[statement.start : statement.end])
            if statement.voice == "reported" or len(words.split()) < _FEWEST_ASKED:
                continue
            counts[_asked(f"Who said “{wording(words)}”?", only, statement.speaker)] += 1
            other = SingleText(cases[number - 1].text, None)
            counts["elsewhere, " + _asked(f"Who said “{wording(words)}”?", other, "")] += 1
    return " ".join(f"{name}: {count}" for name, count in sorted(counts.items()))


def _asked(question: str, only: SingleText, speaker: str) -> str:
    said = who_said(question, only.hits(), only)
    if said is None:
        return "read"
    found = [place.text.lower() for place in said.speakers]
    right = any(speaker and (name in speaker.lower() or speaker.lower() in name) for name in found)
    return "nobody" if not found else "right" if right and len(set(found)) == 1 else "wrong"


def _nearly(words: str) -> str:
    """Return a quotation as from memory: without one word in eight."""
    return " ".join(word for n, word in enumerate(words.split()) if n % 8 != 5)


def main() -> None:
    """Print the measures of each set."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--wrong", metavar="SET", help="show what is wrong in this set: invented, dev or test")
    parser.add_argument("--asked", action="store_true", help="ask for the speaker of each quotation")
    arguments = parser.parse_args()
    sets = {"invented": list(invented_cases(MARKED / "speakers_invented.jsonl"))}
    if data := os.environ.get("CITEWIRE_DATA"):
        for half in ("dev", "test"):
            sets[half] = list(marked_cases(MARKED / f"speakers_{half}.jsonl", Path(data)))
    for name, cases in sets.items():
        print(f"{name:9}", score(cases, show=arguments.wrong == name))
        if arguments.asked:
            print(f"{name:9} asked word for word: {ask(cases, str)}; nearly: {ask(cases, _nearly)}")


if __name__ == "__main__":
    main()
