"""The words of a text as the search by words sees them, their stems, and BM25 as Tantivy computes it.

BM25 is for passages that are not in Tantivy's index yet. Source: Robertson and Zaragoza, The Probabilistic Relevance
Framework: BM25 and Beyond, 2009.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from functools import lru_cache

import tantivy

_K1, _B = 1.2, 0.75  # Tantivy's
_EXACT_LENGTHS = 40  # Tantivy keeps a length in one byte: exactly up to here, then to the first four bits

WordCounts = dict[int, tuple[Counter[str], int]]
"""Passages by id: how often each has each word, and how many words it has."""

_LONGEST = 64
_STEMS_KEPT = 32_768  # as fast over news as ten times as many
_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(
    rf"[{_IDEOGRAPHS}]"  # a script without spaces: each character counts as a word
    r"|(?:[^\W\d_]\.){2,}(?:[^\W\d_](?!\w))?"  # U.S. and U.S.A, p.m.
    r"|\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)+"  # 1,200 and 3.5
    rf"|[^\W_{_IDEOGRAPHS}]+(?:['’][^\W_{_IDEOGRAPHS}]+)*"  # Obama's, O’Brien, 19th
)
_COUNTRY = frozenset({"US", "USA"})
_FUNCTION_WORDS = frozenset(
    "a about also am an and any are as at be been being but by can could did do does for from had has have he her him"
    " his how i if in into is it its me my no not of on or our she should so such than that the their them then there"
    " these they this to us was we were what when where which who whom whose why will with would you your".split()
)


def tokens(text: str) -> list[str]:
    """Return the words of the text in order, in lower case.

    `1,200` becomes 1200; `U.S.`, `US` and `USA` become usa, which keeps the country apart from the pronoun; other
    dotted letters lose their dots; a curved apostrophe becomes a straight one; hyphens part words.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    found = []
    for token in _TOKEN.findall(text):
        if not token.isalpha():
            token = token.replace(",", "").replace("’", "'")
            if token[0].isalpha():
                token = token.replace(".", "")
        found.append("usa" if token in _COUNTRY else token.lower()[:_LONGEST])
    return found


def telling_tokens(question: str) -> list[str]:
    """Return the words of a question without those that any text has, or all of them when there are no others."""
    words = tokens(question)
    return [word for word in words if word not in _FUNCTION_WORDS] or words


_ANALYZER = (
    tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw())
    .filter(tantivy.Filter.ascii_fold())
    .filter(tantivy.Filter.stemmer("english"))
    .build()
)


@lru_cache(_STEMS_KEPT)
def stem(token: str) -> str:
    """Return the stem of a word, without accents."""
    return "".join(_ANALYZER.analyze(token)) or token


def stems(text: str) -> list[str]:
    """Return the stems of the text's words in order."""
    return [stem(token) for token in tokens(text)]


def score_added(
    added: WordCounts, question: Mapping[str, int], having: Callable[[str], int], *, size: int, average_length: float
) -> tuple[dict[str, float], dict[int, float]]:
    """Return a weight of each word for the committed passages, and the BM25 scores of the added passages.

    question: its words with their counts. having: returns how many committed passages have a word. size,
    average_length: of the committed passages. The weights correct Tantivy's own: it counts the document with the
    stamp as a passage, and does not count the added passages.
    """
    lengths = size * average_length + sum(length for _, length in added.values())
    average = max(1.0, lengths / max(1, size + len(added)))
    weights, scores = dict[str, float](), dict[int, float]()
    for word, count in question.items():
        committed = having(word)
        matching = [(passage, words[word], length) for passage, (words, length) in added.items() if word in words]
        rarity = _rarity(size + len(added), committed + len(matching))
        weights[word] = count * rarity / _rarity(size + 1, committed)
        for passage, often, length in matching:
            part = often / (often + _K1 * (1 - _B + _B * _rounded(length) / average))
            scores[passage] = scores.get(passage, 0.0) + count * rarity * (_K1 + 1) * part
    return weights, scores


def _rarity(size: int, having: int) -> float:
    """Return the inverse document frequency, as in Lucene: log(1 + (N - n + 0.5) / (n + 0.5))."""
    return math.log(1 + (max(size, having) - having + 0.5) / (having + 0.5))


def _rounded(length: int) -> int:
    """Return a length as Tantivy keeps it."""
    if length < _EXACT_LENGTHS:
        return length
    rest = length - 24
    lost = rest.bit_length() - 4
    return (rest >> lost << lost) + 24
