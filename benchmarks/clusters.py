"""Vectors for measuring search at sizes for which there are no articles at hand.

They are drawn as news is written: topics, stories within topics, passages about stories. A story's size falls with its
rank as a power. The three spreads are set so that cosines are like those of 39,776 passages of real news
(docs/scale.md): with its nearest, its tenth, its hundredth, and two at random. Questions are passages further off.
"""

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
HalfArray = npt.NDArray[np.float16]

DIMENSION = 384
TOPICS = 400
PASSAGES_PER_STORY = 6
SHARED, TOPIC, STORY, PASSAGE = 0.20, 0.60, 0.45, 0.65
QUESTION = 0.95
_SUBSPACE = 96  # sentence embeddings vary in far fewer directions than they have dimensions
_AT_ONCE = 100_000


def passages_and_questions(passages: int, questions: int, *, seed: int = 0) -> tuple[HalfArray, FloatArray]:
    """Return (passages, 384) and (questions, 384) vectors of length 1."""
    rng = np.random.default_rng(seed)
    shared = _draw(rng, 1)
    topics = shared * SHARED + TOPIC * _draw(rng, TOPICS)
    stories = max(TOPICS, passages // PASSAGES_PER_STORY)
    centres = topics[rng.integers(0, TOPICS, stories)] + STORY * _draw(rng, stories)
    weights = (np.arange(stories) + 20.0) ** -0.6
    weights /= weights.sum()
    rows = np.empty((passages, DIMENSION), np.float16)
    for start in range(0, passages, _AT_ONCE):
        part = rows[start : start + _AT_ONCE]
        part[:] = _unit(centres[rng.choice(stories, len(part), p=weights)] + PASSAGE * _draw(rng, len(part)))
    asked = centres[rng.choice(stories, questions, p=weights)] + QUESTION * _draw(rng, questions)
    return rows, _unit(asked)


def _draw(rng: np.random.Generator, count: int) -> FloatArray:
    """Return vectors of about length 1, more than half of which lies in a subspace."""
    narrow = np.zeros((count, DIMENSION), np.float32)
    narrow[:, :_SUBSPACE] = rng.standard_normal((count, _SUBSPACE), dtype=np.float32) / np.sqrt(_SUBSPACE)
    wide = rng.standard_normal((count, DIMENSION), dtype=np.float32) / np.sqrt(DIMENSION)
    return np.asarray(0.8 * narrow + 0.6 * wide, dtype=np.float32)


def _unit(rows: FloatArray) -> FloatArray:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)
