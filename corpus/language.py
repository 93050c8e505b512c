"""Detecting the language of a text. An uncertain language stays unknown. Nothing else imports py3langid."""

import threading
from collections import Counter
from dataclasses import replace
from functools import cache
from typing import Any

from corpus.article import Article

FEWEST_WORDS = 12  # names and numbers alone look like any language
_SAMPLE = 1_500  # characters
_CERTAIN = 0.99
# Only English has so many of these words, and "the" so often: so do 998 of 1,000 English news articles.
_ENGLISH = frozenset(
    "the of and to in that is was for on with as it by at from he his are be this have has had not but they were an "
    "which you we she her their its who will would been about said".split()
)
_ENGLISH_SHARE, _THE_SHARE, _ENOUGH_WORDS = 0.15, 0.01, 40
_MARKS = ".,;:!?\"“”‘’'()"
_LOADING = threading.Lock()


def language_of(text: str) -> str | None:
    """Return the ISO 639-1 code of the language, such as `en`. None for a short text or an uncertain language."""
    sample = text[:_SAMPLE]
    words = sample.split()
    if sum(word.isalpha() for word in words) < FEWEST_WORDS:
        return None
    if _is_plainly_english(words):
        return "en"
    code, probability = _identifier().classify(sample)
    return str(code) if code and probability >= _CERTAIN else None


def with_language(article: Article) -> Article:
    """Return the article with its language. If its file names none, the text tells it."""
    if article.language is not None:
        return article
    found = language_of(article.text)
    return replace(article, language=found) if found else article


def _is_plainly_english(words: list[str]) -> bool:
    """Tell English by its function words. This saves loading py3langid, which takes half a second."""
    if len(words) < _ENOUGH_WORDS:
        return False
    counted = Counter(word.strip(_MARKS).casefold() for word in words)
    english = sum(number for word, number in counted.items() if word in _ENGLISH)
    return english >= _ENGLISH_SHARE * len(words) and counted["the"] >= _THE_SHARE * len(words)


def _identifier() -> Any:  # noqa: ANN401 - py3langid has no types
    with _LOADING:
        return _loaded()


@cache
def _loaded() -> Any:  # noqa: ANN401
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
