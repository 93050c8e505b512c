"""The language of a text that does not name it, where it is certain. The only file that imports py3langid."""

import threading
from dataclasses import replace
from functools import cache
from typing import Any

from corpus.article import Article

FEWEST_WORDS = 12  # names and numbers alone look like any language
_SAMPLE = 1_500  # characters
_CERTAIN = 0.99
_LOADING = threading.Lock()


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


def prepare() -> None:
    """Load in the background what tells languages, half a second's work: a first text then finds it there."""
    threading.Thread(target=_identifier, name="languages", daemon=True).start()


def _identifier() -> Any:  # noqa: ANN401 - py3langid has no types
    with _LOADING:
        return _loaded()


@cache
def _loaded() -> Any:  # noqa: ANN401
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
