"""Detecting the language of a text or a question. An uncertain language stays unknown. Only this imports py3langid."""

import re
import threading
import unicodedata
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
# Scripts that put no blanks between words: Chinese, Japanese, Thai, Lao, Khmer, Burmese.
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_FEWEST_UNSPACED = 20  # characters
_LOADING = threading.Lock()
# Question words and other small words; none is also a word or part of a name in English, as "die", "was" and "de" are.
_FOREIGN_ONLY = frozenset(
    "wer wann warum wieso weshalb welche welcher welches wem wessen ist sind wurde wurden haben nicht eine einen "
    "einem einer über für pourquoi qui quand où quelle quels quelles était sont combien avec dans cette quién "
    "quiénes cuándo cómo dónde cuál cuáles cuánto cuántos cuántas qué fue fueron una está están perché quando "
    "quanto quanti quante dove quale quali sono è stato stata della nella quem onde qual quais quantos quantas "
    "são não foi uma waarom waar hoeveel wanneer welke zijn werd het niet vem när varför vilken vilket och är på "
    "hvem hvornår hvorfor hvordan hvilken kto kiedy dlaczego gdzie jest się nie nerede neden miért mikor kdo kdy "
    "proč kde kuka milloin miksi missä cine când unde".split()
)
_ENGLISH_ONLY = frozenset(
    "who what when where why how which whose whom did does do is are were has have had the of and to by from with "
    "about that this there can could would should will tell give show list name many much".split()
)
_PUNCTUATION = ".,;:!?¿¡\"“”„«»‘’'()"
_LATIN_SHARE = 0.5


def language_of(text: str) -> str | None:
    """Return the ISO 639-1 code of the language, such as `en`. None for a short text or an uncertain language."""
    sample = text[:_SAMPLE]
    words = sample.split()
    if sum(word.isalpha() for word in words) < FEWEST_WORDS and len(_UNSPACED.findall(sample)) < _FEWEST_UNSPACED:
        return None
    if is_plainly_english(sample):
        return "en"
    with _LOADING:
        identifier = _identifier()
    code, probability = identifier.classify(sample)
    return str(code) if code and probability >= _CERTAIN else None


def with_language(article: Article) -> Article:
    """Return the article with its language. If its file names none, the text tells it."""
    if article.language is not None:
        return article
    found = language_of(article.text)
    return replace(article, language=found) if found else article


def is_plainly_english(text: str) -> bool:
    """Tell English by its function words. This saves loading py3langid, which takes half a second."""
    words = text[:_SAMPLE].split()
    if len(words) < _ENOUGH_WORDS:
        return False
    counted = Counter(word.strip(_PUNCTUATION).casefold() for word in words)
    english = sum(number for word, number in counted.items() if word in _ENGLISH)
    return english >= _ENGLISH_SHARE * len(words) and counted["the"] >= _THE_SHARE * len(words)


@cache
def _identifier() -> Any:  # noqa: ANN401 - py3langid has no types
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def is_foreign(question: str) -> bool:
    """Return whether a question is not English; False where its words leave it open, as a name alone does."""
    if has_other_script(question):
        return True
    words = {word.strip(_PUNCTUATION).casefold() for word in question.split()}
    return not words.isdisjoint(_FOREIGN_ONLY) and words.isdisjoint(_ENGLISH_ONLY)


def has_other_script(text: str) -> bool:
    """Return whether most letters of a text are not of the Latin alphabet."""
    letters = [c for c in text[:1_000] if c.isalpha()]
    latin = sum(c.isascii() or unicodedata.name(c, "").startswith("LATIN") for c in letters)
    return bool(letters) and latin < _LATIN_SHARE * len(letters)
