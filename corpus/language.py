"""The language of a text that does not name it, where it is certain. The only file that imports py3langid."""

from dataclasses import replace
from functools import cache
from typing import Any

from corpus.article import Article

FEWEST_WORDS = 12  # names and numbers alone look like any language
_SAMPLE = 3_000  # characters
_CERTAIN = 0.99


def language_of(text: str) -> str | None:
    """Return the language's code in ISO 639-1, as `en`; None for a short text and one that may be in several."""
    sample = text[:_SAMPLE]
    if sum(word.isalpha() for word in sample.split()) < FEWEST_WORDS:
        return None
    code, probability = _identifier().classify(sample)
    return str(code) if code and probability >= _CERTAIN else None


def with_language(article: Article) -> Article:
    """Return the article with its language, told by its text where its file does not name it."""
    if article.language is not None:
        return article
    found = language_of(article.text)
    return replace(article, language=found) if found else article


@cache
def _identifier() -> Any:  # noqa: ANN401 - py3langid has no types
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
