"""How well answers that contradict each other are told from answers that only differ.

    python -m benchmarks.contradictions          # precision and recall on invented and on real pairs
    python -m benchmarks.contradictions --wrong  # and each invented pair that is judged wrong

The real ones are read from the folder in CITEWIRE_DATA: answers of several outlets to one question, which two
annotators put into clusters of the same meaning. Answers of one cluster agree; those of different ones may be about
different things (cocktails to go in Virginia and in New York), so that a person's verdicts on pairs are kept by id.
"""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from pathlib import Path

from qa.disagreement.contradictions import are_contradictory
from qa.disagreement.same_event import Claim, claim_in

ROOT = Path(__file__).parent.parent
VERDICTS = Path(__file__).parent / "contradictions_verdicts.json"
sys.path.insert(0, str(ROOT / "tests"))


@dataclass(frozen=True, slots=True)
class RealPair:
    """Two answers of different outlets: their ids, the clusters that two annotators gave them, and the claims."""

    question: str
    ids: tuple[str, str]
    clusters: tuple[tuple[str, str], tuple[str, str]]
    one: Claim
    other: Claim

    @property
    def agree(self) -> bool:
        """Whether both annotators put the two into one cluster."""
        return self.clusters[0] == self.clusters[1]

    @property
    def key(self) -> str:
        """The ids in order, as the verdicts name the pair."""
        return " ".join(sorted(self.ids))


def real_pairs(data: Path) -> Iterator[RealPair]:
    """Yield every pair of answers to one question; answers that are not in their paragraph as such are left out."""
    for group in json.loads((data / "disagree" / "nanco_dataset.json").read_text(encoding="utf-8")):
        asked = datetime.strptime(group["Created On"], "%m/%d/%Y %H:%M").date()  # noqa: DTZ007 - only the day counts
        rows = []
        for number, answer in enumerate(group["answers"]):
            start = answer["Paragraph"].find(answer["Answer"])
            if start >= 0:
                end = start + len(answer["Answer"])
                claim = claim_in(answer["Paragraph"], start, end, article=answer["Article URL"], published=asked)
                rows.append((f"{answer['qid']}-{number}", (answer["cluster_Phil"], answer["cluster_Lidiya"]), claim))
        for (a, cluster_a, one), (b, cluster_b, other) in combinations(rows, 2):
            yield RealPair(group["question"], (a, b), (cluster_a, cluster_b), one, other)


def measure_invented(name: str, *, show: bool) -> str:
    """Return precision and recall on one file of marked pairs."""
    from marked_contradictions import marked_pairs  # the tests' reader of the file

    counts: Counter[tuple[bool, bool]] = Counter()
    for pair in marked_pairs(name):
        found = are_contradictory(pair.question, pair.one, pair.other)
        counts[found, pair.contradictory] += 1
        if show and found != pair.contradictory:
            print(f"  {'flagged' if found else 'missed'} ({pair.sort}): {pair.question}")
            print(f"    {pair.one.sentence}\n    {pair.other.sentence}")
    flagged, contradictions = counts[True, True] + counts[True, False], counts[True, True] + counts[False, True]
    return (
        f"{name}: {sum(counts.values())} pairs, {contradictions} contradictions; flagged {flagged}, "
        f"precision {counts[True, True] / max(1, flagged):.3f} recall {counts[True, True] / contradictions:.3f}"
    )


def measure_real(data: Path) -> None:
    """Print how many real pairs are flagged, and how many of them are right by the clusters and by a person."""
    kept = json.loads(VERDICTS.read_text(encoding="utf-8"))
    verdicts = dict.fromkeys(kept["contradictions"], True) | dict.fromkeys(kept["others"], False)
    pairs = list(real_pairs(data))
    flagged = [pair for pair in pairs if are_contradictory(pair.question, pair.one, pair.other)]
    agreeing = sum(pair.agree for pair in pairs)
    print(f"real answers: {len(pairs)} pairs, {agreeing} in one cluster; flagged {len(flagged)}")
    print(f"  of the flagged in one cluster: {sum(pair.agree for pair in flagged)}")
    judged = [pair for pair in flagged if pair.key in verdicts]
    right = sum(verdicts[pair.key] for pair in judged)
    print(f"  of the flagged judged by a person: {len(judged)}, contradictions: {right}")
    for pair in flagged:
        if pair.key not in verdicts:
            print(f"  not judged: {pair.key}")
    contradictions = [key for key, verdict in verdicts.items() if verdict]
    missed = len(contradictions) - right
    print(f"  judged pairs {len(verdicts)}, contradictions {len(contradictions)}, missed {missed}")


def main() -> None:
    """Print the measures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--wrong", action="store_true", help="show the invented pairs of the tuning file judged wrong")
    arguments = parser.parse_args()
    print(measure_invented("contradictions_dev.txt", show=arguments.wrong))
    print(measure_invented("contradictions_heldout.txt", show=False))
    if data := os.environ.get("CITEWIRE_DATA"):
        measure_real(Path(data))
    else:
        print("real answers: left out, CITEWIRE_DATA is not set")


if __name__ == "__main__":
    main()
