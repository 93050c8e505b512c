"""The language of a text that does not name it, where it is certain. The only file that imports py3langid."""

import threading
from collections import Counter
from dataclasses import replace
from functools import cache
from typing import Any

from corpus.article import Article

FEWEST_WORDS = 12  # names and numbers alone look like any language
_SAMPLE = 1_500  # characters
_CERTAIN = 0.99
# No language but English has so many of these words and so often "the"; 998 of 1,000 of its news articles do.
_ENGLISH = frozenset(
    "the of and to in that is was for on with as it by at from he his are be this have has had not but they were an "
    "which you we she her their its who will would been about said".split()
)
_ENGLISH_SHARE, _THE_SHARE, _ENOUGH_WORDS = 0.15, 0.01, 40
_MARKS = ".,;:!?\"“”‘’'()"
_LOADING = threading.Lock()


def language_of(text: str) -> str | None:
    """Return the language's code in ISO 639-1, as `en`; None for a short text and one that may be in several."""
    sample = text[:_SAMPLE]
    words = sample.split()
    if sum(word.isalpha() for word in words) < FEWEST_WORDS:
        return None
    if _is_plainly_english(words):
        return "en"
    code, probability = _identifier().classify(sample)
    return str(code) if code and probability >= _CERTAIN else None


def with_language(article: Article) -> Article:
    """Return the article with its language, told by its text where its file does not name it."""
    if article.language is not None:
        return article
    found = language_of(article.text)
    return replace(article, language=found) if found else article


def _is_plainly_english(words: list[str]) -> bool:
    """Whether a text's small words say at once that it is English: what tells languages takes half a second to load."""
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
