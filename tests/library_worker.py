"""A process that adds, replaces and removes, saying each time what it begins and what is done: to be killed in tests.

python tests/library_worker.py PLACE FIRST
"""

import itertools
import random
import sys

from small_library import WordEncoder, make_article

from corpus.article import Article
from embeddings.opening import open_or_create_library_at

NAMES = [f"n{number}" for number in range(6)]
PATIENCE_S = 60


def wanted(turn: int) -> tuple[list[str], list[Article]]:
    """Return the names whose articles a turn removes, and the articles that it adds."""
    drawn = random.Random(turn)
    names = drawn.sample(NAMES, 3)
    if drawn.random() < 0.3:
        return names[:2], []
    return [], [make_article(name, make_article(f"t{turn}{name}", passages=4).text) for name in names]


def work(place: str, first: int) -> None:
    """Work on the library until killed."""
    with open_or_create_library_at(place, encoder=WordEncoder, patience=PATIENCE_S) as library:
        for turn in itertools.count(first):
            _say(f"begin {turn}")
            removed, added = wanted(turn)
            if removed:
                library.remove([make_article(name).id for name in removed])
            library.add(added)
            _say(f"done {turn}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    work(sys.argv[1], int(sys.argv[2]))
