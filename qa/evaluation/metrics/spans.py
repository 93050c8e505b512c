"""How far the words given are the words expected: SQuAD's exact match and F1, for one answer and for several."""

import re
import string
from collections import Counter
from collections.abc import Sequence

_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")


def normalise(text: str) -> str:
    """Return the text in lower case, without ASCII punctuation and the words a, an and the, with single spaces.

    The steps and their order are those of SQuAD's official script.
    Source: Rajpurkar et al., SQuAD: 100,000+ Questions for Machine Comprehension of Text, EMNLP 2016.
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact_match(given: str, expected: Sequence[str]) -> float:
    """Return 1 if the answer given equals one of those expected once both are normalised, else 0.

    EM = max over e in E of [norm(g) = norm(e)]. Raises ValueError where nothing is expected.
    Source: as for `normalise`.
    """
    _check(expected)
    return float(any(normalise(given) == normalise(one) for one in expected))


def token_f1(given: str, expected: Sequence[str]) -> float:
    """Return the best F1 of the words given against the words of one expected answer.

    F1 = max over e in E of 2 P R / (P + R), with P = o / |g|, R = o / |e|, and o the size of the intersection of the
    two bags of normalised words g and e. Where one side has no word left, F1 is 1 if neither has, else 0.
    Raises ValueError where nothing is expected. Source: as for `normalise`; empty sides as in SQuAD 2.0's script.
    """
    _check(expected)
    words = normalise(given).split()
    return max(_f1(_overlap(words, wanted), len(words), len(wanted)) for wanted in map(_words, expected))


def contains(given: str, expected: Sequence[str]) -> float:
    """Return 1 if the words of one expected answer stand in a row in the answer given, else 0.

    The fair measure for an answer that is a whole sentence, whose F1 against a name is low by nature.
    Source: the answer match of Chen et al., Reading Wikipedia to Answer Open-Domain Questions, ACL 2017.
    """
    _check(expected)
    return float(any(_holds(given, one) for one in expected))


def set_exact_match(given: Sequence[str], expected: Sequence[str]) -> float:
    """Return 1 if the answers given are those expected, each once and nothing more, in any order, else 0.

    Source: the exact match of Li et al., MultiSpanQA, NAACL 2022, with SQuAD's normalisation.
    """
    _check(expected)
    return float(Counter(map(normalise, given)) == Counter(map(normalise, expected)))


def set_f1(given: Sequence[str], expected: Sequence[str]) -> float:
    """Return the F1 of several answers against several expected ones, paired one to one as suits best.

    F1 = 2 P R / (P + R), with P = O / sum |g|, R = O / sum |e|, and O the largest sum of word overlaps that any
    one-to-one pairing of answers given with answers expected reaches. An answer too many costs precision, a missing one
    recall, each by its number of words. For one answer on each side this is `token_f1`.
    Source: the alignment of Dua et al., DROP, NAACL 2019, with overlaps summed before the F1 is taken.
    """
    _check(expected)
    ours, theirs = [_words(text) for text in given], [_words(text) for text in expected]
    overlaps = [[_overlap(mine, wanted) for wanted in theirs] for mine in ours]
    return _f1(_best_pairing(overlaps), sum(map(len, ours)), sum(map(len, theirs)))


def contains_all(given: Sequence[str], expected: Sequence[str]) -> float:
    """Return the share of the expected answers whose words stand in a row in one of the answers given."""
    _check(expected)
    return sum(any(_holds(text, one) for text in given) for one in expected) / len(expected)


def _check(expected: Sequence[str]) -> None:
    if not expected:
        raise ValueError("nothing is expected: the question has no answer and is scored by refusing it")


def _words(text: str) -> list[str]:
    return normalise(text).split()


def _overlap(words: Sequence[str], wanted: Sequence[str]) -> int:
    return (Counter(words) & Counter(wanted)).total()


def _f1(overlap: int, given: int, wanted: int) -> float:
    if not given or not wanted:
        return float(given == wanted)
    # 2PR / (P + R) with P = overlap / given and R = overlap / wanted.
    return 2 * overlap / (given + wanted)


def _holds(given: str, wanted: str) -> bool:
    words = normalise(wanted)
    return f" {words} " in f" {normalise(given)} " if words else not normalise(given)


def _best_pairing(overlaps: Sequence[Sequence[int]]) -> int:
    """Return the largest sum of one-to-one chosen overlaps; rows are answers given, columns answers expected.

    The Hungarian method with potentials, O(rows^2 * columns): Kuhn, Naval Research Logistics Quarterly 2, 1955.
    """
    if not overlaps or not overlaps[0]:
        return 0
    costs = [[-value for value in row] for row in overlaps]
    if len(costs) > len(costs[0]):
        costs = [list(column) for column in zip(*costs, strict=True)]
    rows, columns = len(costs), len(costs[0])
    row_price, column_price = [0.0] * (rows + 1), [0.0] * (columns + 1)
    owner = [0] * (columns + 1)  # of each column, its row counted from 1; column 0 holds the row being placed
    for row in range(1, rows + 1):
        owner[0] = row
        _place(costs, row_price, column_price, owner)
    return -sum(costs[owner[column] - 1][column - 1] for column in range(1, columns + 1) if owner[column])


def _place(costs: list[list[int]], row_price: list[float], column_price: list[float], owner: list[int]) -> None:
    """Give the row in `owner[0]` a column along the cheapest chain of moves, updating prices and owners."""
    columns = len(owner) - 1
    slack, came_from, visited = [float("inf")] * (columns + 1), [0] * (columns + 1), [False] * (columns + 1)
    column = 0
    while owner[column]:
        visited[column], row = True, owner[column]
        for other in range(1, columns + 1):
            if not visited[other]:
                reduced = costs[row - 1][other - 1] - row_price[row] - column_price[other]
                if reduced < slack[other]:
                    slack[other], came_from[other] = reduced, column
        following = min((c for c in range(1, columns + 1) if not visited[c]), key=slack.__getitem__)
        step = slack[following]
        for other in range(columns + 1):
            if visited[other]:
                row_price[owner[other]] += step
                column_price[other] -= step
            else:
                slack[other] -= step
        column = following
    while column:
        owner[column] = owner[came_from[column]]
        column = came_from[column]
