"""How well day expressions are found and resolved, against marks made by hand.

    python -m benchmarks.days                    # precision and recall of the expressions, accuracy of their days
    python -m benchmarks.days --wrong dev        # and each one that is wrong, of one set
    python -m benchmarks.days --dateparser       # dateparser's search_dates on the same articles

Articles are read from the folder in CITEWIRE_DATA; without it only the invented cases are measured.
"""

import argparse
import gzip
import importlib
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from corpus.dates.resolve import resolve_days

MARKED = Path(__file__).parent.parent / "tests" / "marked"

Day = tuple[int, int, date, date]
"""Offsets of an expression, and its first and last day."""
Finder = Callable[[str, date], list[Day]]


@dataclass(frozen=True, slots=True)
class Case:
    """A text, the day it was published and all its day expressions."""

    name: str
    text: str
    published: date
    days: tuple[Day, ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """Expressions: marked, found, found with exactly the marked offsets, and of these resolved to the marked days."""

    marked: int
    found: int
    exact: int
    resolved: int
    characters: int
    seconds: float

    def __str__(self) -> str:
        precision, recall = self.exact / max(1, self.found), self.exact / max(1, self.marked)
        days, whole = self.resolved / max(1, self.exact), self.resolved / max(1, self.marked)
        return (
            f"marked {self.marked:4} found {self.found:4} precision {precision:.3f} recall {recall:.3f} "
            f"days right {days:.3f} right of all marked {whole:.3f} "
            f"{self.characters / 1e6 / max(self.seconds, 1e-9):6.2f} MB/s"
        )


def invented_cases(path: Path) -> Iterator[Case]:
    """Yield invented texts; an expression is written `[Sunday|2023-03-05]`, `[last week|2023-02-27..2023-03-05]`."""
    for number, row in enumerate(map(json.loads, path.read_text(encoding="utf-8").splitlines()), 1):
        text, days = "", []
        for piece in re.split(r"(\[[^\]|]+\|[^\]]+\])", row["marked"]):
            if match := re.fullmatch(r"\[([^\]|]+)\|([^\].]+)(?:\.\.([^\]]+))?\]", piece):
                first = date.fromisoformat(match[2])
                last = date.fromisoformat(match[3]) if match[3] else first
                days.append((len(text), len(text) + len(match[1]), first, last))
                text += match[1]
            else:
                text += piece
        yield Case(f"line {number}", text, date.fromisoformat(row["published"]), tuple(days))


def marked_cases(path: Path, data: Path) -> Iterator[Case]:
    """Yield the articles whose expressions were all marked by hand; the texts are read from `data`."""
    texts = _texts(data)
    for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        text = texts[row["article"]]
        if len(text) != row["characters"]:
            raise ValueError(f"{row['article']}: {len(text)} characters, marked were {row['characters']}")
        days = tuple((s, e, date.fromisoformat(a), date.fromisoformat(b)) for s, e, a, b in row["days"])
        yield Case(row["article"], text, date.fromisoformat(row["published"]), days)


def _texts(data: Path) -> dict[str, str]:
    with gzip.open(data / "corpora" / "realtimeqa_articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = {row["id"]: row["text"] for row in map(json.loads, lines)}
    for passage in json.loads((data / "dates" / "torque_dev.json").read_text(encoding="utf-8")).values():
        events = passage["events"] if isinstance(passage["events"], dict) else passage["events"][0]
        texts[events["passageID"]] = passage["passage"]
    return texts


def ours(text: str, published: date) -> list[Day]:
    """Find and resolve with Citewire."""
    return [(d.start, d.end, d.first, d.last) for d in resolve_days(text, published)]


def dateparser_finder() -> Finder:
    """Return dateparser's search; it gives strings, which are looked up in order, and one moment for each."""
    search = importlib.import_module("dateparser.search").search_dates

    def find(text: str, published: date) -> list[Day]:
        base = datetime.combine(published, datetime.min.time())
        settings = {"RELATIVE_BASE": base, "PREFER_DATES_FROM": "past"}
        found, position = [], 0
        for words, moment in search(text, languages=["en"], settings=settings) or []:
            start = text.find(words, position)
            if start < 0:
                continue
            position = start + len(words)
            start += len(words) - len(re.sub(r"^(?:on|in|at|of|the|by|from) ", "", words))
            found.append((start, position, moment.date(), moment.date()))
        return found

    return find


def score(cases: list[Case], finder: Finder, *, show: bool = False, day_only: bool = False) -> Scores:
    """Compare what the finder finds with the marks.

    day_only: a marked span of days counts as resolved when it holds the day found, for finders that give one day.
    """
    marked = found = exact = resolved = 0
    began = time.process_time()
    results = [finder(case.text, case.published) for case in cases]
    seconds = time.process_time() - began
    for case, result in zip(cases, results, strict=True):
        truth = {(s, e): (a, b) for s, e, a, b in case.days}
        marked, found = marked + len(truth), found + len(result)
        for start, end, first, last in result:
            days = truth.pop((start, end), None)
            right = days is not None and (days[0] <= first <= days[1] if day_only else days == (first, last))
            exact, resolved = exact + (days is not None), resolved + right
            if show and not right:
                kind = "wrong days" if days else "not marked"
                print(f"  {case.name} {kind}: {_around(case.text, start, end)} {first}..{last} marked {days}")
        for start, end in truth if show else ():
            print(f"  {case.name} missed: {_around(case.text, start, end)}")
    return Scores(marked, found, exact, resolved, sum(len(case.text) for case in cases), seconds)


def _around(text: str, start: int, end: int) -> str:
    around = f"{text[max(0, start - 50) : start]}[[{text[start:end]}]]{text[end : end + 40]}"
    return " ".join(around.split())


def main() -> None:
    """Print the measures of each set."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--wrong", metavar="SET", help="show what is wrong in this set: invented, dev or test")
    parser.add_argument("--dateparser", action="store_true", help="measure dateparser's search_dates too")
    arguments = parser.parse_args()
    sets = {"invented": list(invented_cases(MARKED / "days_invented.jsonl"))}
    if data := os.environ.get("CITEWIRE_DATA"):
        for half in ("dev", "test"):
            if (path := MARKED / f"days_{half}.jsonl").exists():
                sets[half] = list(marked_cases(path, Path(data)))
    for name, cases in sets.items():
        print(f"citewire   {name:9}", score(cases, ours, show=arguments.wrong == name))
        if arguments.dateparser:
            print(f"dateparser {name:9}", score(cases, dateparser_finder(), day_only=True))


if __name__ == "__main__":
    main()
