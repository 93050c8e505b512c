"""Near copies: passages that several outlets print almost alike, such as the text of a news agency.

Copies are found in two steps. `bands` puts each passage into a few buckets (MinHash with locality-sensitive hashing;
Broder, On the resemblance and containment of documents, 1997; Leskovec et al., Mining of Massive Datasets, chapter 3).
Passages that share a bucket are then compared exactly. Texts that differ in a number, a day, a name or a negation
state different facts: they are no copies, however similar they are.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import numpy.typing as npt

from corpus.dates.vocabulary import BELOW_TWENTY, MONTHS, ORDINALS, SCALES, TENS, WEEKDAYS

COPY_SIMILARITY = 0.6
"""Least Jaccard similarity of the word triples of two copies. They must also state the same facts."""

SENTENCE_SIMILARITY = 0.8
"""Least share of the longer sentence's words that two reprints have in common. They must state the same facts."""

_BANDS, _ROWS = 8, 3  # 86 % of pairs at a similarity of .6 share a bucket, 97 % at .7, 99.7 % at .8, and 6 % at .2
_SHINGLE = 3
_CANDIDATES = 16  # paragraphs of one bucket that a paragraph is compared with
_SHORTEST = 8  # words; shorter texts are copies only if they are equal
_FACTORS = np.frombuffer(hashlib.shake_256(b"citewire").digest(8 * _BANDS * _ROWS), dtype="<u8") | np.uint64(1)

_DATELINE = re.compile(
    r"\s*[A-Z][A-Z.'’ /-]{2,40}(?:,[\w.,' ’]{1,40})?\s*(?:\([\w .,/&-]{1,40}\))?\s*(?:--|[-–—])\s+"
    r"|\s*\([A-Z][\w .&]{1,20}\)\s*(?:--|[-–—])\s+"
)
_APOSTROPHE = re.compile(r"['’‘`]")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")
_WORD = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+")
_VALUES = {  # numbers and days in words; "may" is a verb far more often
    *BELOW_TWENTY, *TENS, *ORDINALS, *(word for scale in SCALES for word in (scale, f"{scale}s")),
    *WEEKDAYS, *(word for month in MONTHS for word in (month, month[:3])),
    *"half dozen dozens sept today yesterday tomorrow".split(),
} - {"may"}  # fmt: skip
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][^\W\d_]+")
_NEGATIONS = frozenset(
    "no not never none nobody nothing neither nor without cannot cant wont dont doesnt didnt isnt arent wasnt werent "
    "hasnt havent hadnt wouldnt couldnt shouldnt".split()
)


@dataclass(frozen=True, slots=True)
class _Normal:
    """A text prepared for comparison: words in lower case without dateline; its values, names and negations."""

    words: tuple[str, ...]
    values: tuple[str, ...]
    names: frozenset[str]
    negations: int

    @property
    def shingles(self) -> frozenset[tuple[str, ...]]:
        return frozenset(zip(*(self.words[i:] for i in range(_SHINGLE)), strict=False))


def bands(text: str) -> tuple[int, ...]:
    """Return the buckets of a passage: signed 64-bit integers, the same on every machine.

    Passages that share a bucket may be copies. A text of few words has one bucket, a text without words none.
    """
    return _bands(_normal(text))


def _bands(normal: _Normal) -> tuple[int, ...]:
    if not normal.words:
        return ()
    if len(normal.words) < _SHORTEST:
        return (_bucket(0, " ".join(normal.words).encode()),)
    values = _minhash(" ".join(shingle).encode() for shingle in normal.shingles).astype("<u8")
    return tuple(_bucket(1 + i, values[i * _ROWS : (i + 1) * _ROWS].tobytes()) for i in range(_BANDS))


def is_copy(a: str, b: str) -> bool:
    """Tell whether two passages are the same text, apart from a few words that state no facts."""
    return _is_copy(_normal(a), _normal(b))


def is_reprint(a: str, b: str) -> bool:
    """Tell whether two sentences state the same facts and differ only in a few words or in their order.

    Compares words and not word triples: a changed attribution changes most triples of a sentence.
    """
    one, other = _normal(a), _normal(b)
    mine, theirs = set(one.words), set(other.words)
    enough = len(mine & theirs) >= SENTENCE_SIMILARITY * max(len(mine), len(theirs), 1)
    return _is_copy(one, other) or (enough and len(one.words) >= _SHORTEST and _same_facts(one, other))


def shared(a: str, b: str) -> float:
    """Return the share of the shorter text's word triples that the other has too, 0.0 to 1.0.

    High for two versions of a text, also where one has grown. Of texts of less than eight words 1.0 if equal, else 0.0.
    Source: Broder, On the resemblance and containment of documents, 1997.
    """
    one, other = _normal(a), _normal(b)
    if min(len(one.words), len(other.words)) < _SHORTEST:
        return float(one.words == other.words)
    ours, theirs = one.shingles, other.shingles
    return len(ours & theirs) / min(len(ours), len(theirs))


def is_revision(a: str, b: str) -> bool:
    """Tell whether half of the words of the shorter text stand in paragraphs that are copies of the other's.

    Stricter than `shared`: texts of one pattern with other numbers or names in it are no versions of each other.
    """
    fewer, more = sorted(([_normal(p) for p in text.split("\n\n")] for text in (a, b)), key=_count)
    equal = {paragraph.words for paragraph in more}
    buckets: dict[int, list[_Normal]] = {}
    for paragraph in more:
        for band in _bands(paragraph):
            buckets.setdefault(band, []).append(paragraph)
    copied = sum(
        len(paragraph.words)
        for paragraph in fewer
        if paragraph.words in equal
        or any(_is_copy(paragraph, o) for band in _bands(paragraph) for o in buckets.get(band, ())[:_CANDIDATES])
    )
    return 2 * copied >= _count(fewer) > 0


def _count(paragraphs: Iterable[_Normal]) -> int:
    return sum(len(paragraph.words) for paragraph in paragraphs)


def _is_copy(a: _Normal, b: _Normal) -> bool:
    return _same_facts(a, b) and _similarity(a, b) >= COPY_SIMILARITY


def _similarity(a: _Normal, b: _Normal) -> float:
    """Return the Jaccard similarity of the texts' word triples, 0.0 to 1.0; of short texts 1.0 if equal, else 0.0."""
    if min(len(a.words), len(b.words)) < _SHORTEST:
        return float(a.words == b.words and bool(a.words))
    ours, theirs = a.shingles, b.shingles
    return len(ours & theirs) / len(ours | theirs)


def _same_facts(a: _Normal, b: _Normal) -> bool:
    """Tell whether two texts agree in numbers, days, names and negations.

    Facts that only one text states are allowed. Numbers or days in another order are not.
    """
    fewer, more = sorted((a.values, b.values), key=len)
    rest = iter(more)
    if a.negations != b.negations or not all(value in rest for value in fewer):
        return False
    return a.names.issubset(b.words) or b.names.issubset(a.words)


def _normal(text: str) -> _Normal:
    if dateline := _DATELINE.match(text):
        text = text[dateline.end() :]
    plain = _THOUSANDS.sub("", _APOSTROPHE.sub("", unicodedata.normalize("NFKC", text)))
    words = tuple(_WORD.findall(plain.casefold()))
    values = tuple(w for w in words if w[0].isdigit() or w in _VALUES)
    names = frozenset(map(str.casefold, _NAME.findall(plain)))
    return _Normal(words, values, names, sum(w in _NEGATIONS for w in words))


def _bucket(band: int, content: bytes) -> int:
    digest = hashlib.blake2b(bytes([band]) + content, digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def _minhash(shingles: Iterable[bytes]) -> npt.NDArray[np.uint64]:
    """Return the smallest hash of the shingles under each hash function.

    A hash is a 32-bit checksum, multiplied by the function's odd factor, its upper half mixed into the lower, and
    multiplied again, modulo 2^64. The functions never change: libraries store their results.
    """
    checksums = np.fromiter((crc32(shingle) + 1 for shingle in shingles), dtype=np.uint64)
    hashes = checksums[:, None] * _FACTORS
    hashes ^= hashes >> np.uint64(32)
    return np.asarray((hashes * _FACTORS).min(axis=0))
