"""How near sentences are to a question, as the embedding model sees them."""

from collections.abc import Callable, Sequence

from embeddings.encoder.encoder import Encoder

Relevance = Callable[[Sequence[str]], Sequence[float]]
"""Gives sentences their scores, 0 to 1: how well each fits the question."""


def cosines_with(question: str, encoder: Encoder) -> Relevance:
    """Return what gives sentences their cosines with a question; nothing is encoded before it is asked."""

    def relevance(texts: Sequence[str]) -> Sequence[float]:
        if not texts:
            return []
        asked = encoder.encode_question(question)
        return [float(cosine) for cosine in encoder.encode(list(texts)) @ asked]

    return relevance
