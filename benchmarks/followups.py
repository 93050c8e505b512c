"""How well a follow-up question is understood: what it finds, beside what a person's rewrite of it finds.

    CITEWIRE_DATA=... python -m benchmarks.followups                # the half that rules were written on
    CITEWIRE_DATA=... python -m benchmarks.followups --half report  # the half that was left alone

Two measures. *Answers*: whether the passage that answered the turn (TREC CAsT 2021 tells it) is among the first.
*Agreement*: whether the first passage that the person's rewrite finds is among the first ten, and how many of its first
three are; there the rewrite has 1 by construction, so the measure only tells how close another wording comes to it.
"""

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Never

import numpy as np
from tqdm import tqdm

from benchmarks.followup_data import ConversationTurn, conversation_turns, data_folder, passages
from benchmarks.followup_search import PassageSearch
from benchmarks.retrieval_judge import Array
from qa.question.followup import standalone

Wording = Callable[[ConversationTurn], str]

CUTS = (1, 5, 10)
DRAWS = 2_000


def main() -> None:
    """Print a table of wordings."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--half", choices=["tune", "report"], default="tune")
    parser.add_argument(
        "--cache", type=Path, default=Path(".benchmarks-cache/followups"), help="where vectors are kept"
    )
    options = parser.parse_args()
    turns = conversation_turns(data_folder())
    found = passages(turns, data_folder(), options.cache)
    with tqdm(desc="encoding", unit="text", disable=None) as bar:
        search = PassageSearch(found, options.cache, partial(_show, bar))
    turns = [turn for turn in turns if turn.half == options.half]
    answered = [turn for turn in turns if turn.answer]
    print(f"{len(found):,} passages; {len(turns)} turns of the {options.half} half, {len(answered)} with their answer")
    human = _answers_found(search, answered, _rewrite)
    print(f"{'recall of the answer':34}" + "".join(f"{f'@{cut}':>8}" for cut in CUTS) + "  of the rewrite's @10")
    for name, wording in WORDINGS.items():
        rows = _answers_found(search, answered, wording)
        low, high = _interval(rows[:, -1], human[:, -1], [turn.conversation for turn in answered])
        share = f"{rows[:, -1].mean() / human[:, -1].mean():.3f} ({low:.3f} to {high:.3f})"
        print(f"{name:34}" + "".join(f"{mean:8.3f}" for mean in rows.mean(axis=0)) + f"  {share}")
    groups = {
        "changed by the person": [turn for turn in turns if turn.changed],
        "left alone by the person": [turn for turn in turns if not turn.changed],
    }
    for title, group in groups.items():
        print(f"agreement, {len(group)} turns {title}: first in ten, share of first three in ten")
        for name, wording in WORDINGS.items():
            print(f"{name:34}" + "".join(f"{mean:8.3f}" for mean in _agreement(search, group, wording)))
    kept = [turn for turn in turns if not turn.changed]
    altered = [_shown(turn) for turn in kept if _shown(turn) != " ".join(turn.question.split())]
    print(f"questions that a person left alone and that are shown altered: {len(altered)} of {len(kept)}")


def _rewrite(turn: ConversationTurn) -> str:
    return turn.rewrite


def _asked(turn: ConversationTurn) -> str:
    return turn.question


def _all_turns(turn: ConversationTurn) -> str:
    return " ".join([*turn.earlier, turn.question])


def _first_turn(turn: ConversationTurn) -> str:
    return f"{turn.earlier[0]} {turn.question}"


def _shown(turn: ConversationTurn) -> str:
    return standalone(turn.question, turn.earlier, turn.answers).text


def _questions_only(turn: ConversationTurn) -> str:
    return standalone(turn.question, turn.earlier).search


def _shipped(turn: ConversationTurn) -> str:
    return standalone(turn.question, turn.earlier, turn.answers).search


WORDINGS: dict[str, Wording] = {
    "a person's rewrite": _rewrite,
    "as asked": _asked,
    "after all earlier questions": _all_turns,
    "after the first question": _first_turn,
    "Citewire, as shown": _shown,
    "Citewire, questions alone known": _questions_only,
    "Citewire, answers known": _shipped,
}


def _answers_found(search: PassageSearch, turns: list[ConversationTurn], wording: Wording) -> Array:
    """Return (turns, cuts): 1 where the passage that answers the turn is among the first."""
    ranked = [[search.passages[n] for n in search.ranked(wording(turn))] for turn in turns]
    return np.array(
        [[turn.answer in found[:cut] for cut in CUTS] for turn, found in zip(turns, ranked, strict=True)], float
    )


def _agreement(search: PassageSearch, turns: list[ConversationTurn], wording: Wording) -> list[float]:
    """Return how often the rewrite's first passage is among the first ten, and the share of its first three there."""
    shares = []
    for turn in turns:
        best, ten = search.ranked(turn.rewrite), set(search.ranked(wording(turn))[: max(CUTS)])
        shares.append([len({*best[:cut]} & ten) / cut for cut in (1, 3)])
    return [float(mean) for mean in np.array(shares).mean(axis=0)]


def _interval(ours: Array, theirs: Array, conversations: list[str]) -> tuple[float, float]:
    """Return the 95 % interval of the ratio of the two recalls, by drawing whole conversations anew."""
    rng = np.random.default_rng(0)
    rows = [np.flatnonzero(np.array(conversations) == name) for name in dict.fromkeys(conversations)]
    ratios = []
    for _ in range(DRAWS):
        drawn = np.concatenate([rows[n] for n in rng.integers(len(rows), size=len(rows))])
        ratios.append(ours[drawn].mean() / theirs[drawn].mean())
    low, high = np.percentile(ratios, [2.5, 97.5])
    return float(low), float(high)


def _show(bar: "tqdm[Never]", done: int, total: int) -> None:
    bar.total = total
    bar.update(done - bar.n)


if __name__ == "__main__":
    main()
