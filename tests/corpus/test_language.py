"""The language of a text that does not name it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

import corpus.language
from corpus.language import language_of

TEXTS = {
    "en": "The council voted late on Tuesday to close the old bridge for two years, and the mayor agreed.",
    "de": "Der Stadtrat hat am späten Dienstag beschlossen, die alte Brücke für zwei Jahre zu sperren, sagte sie.",
    "fr": "Le conseil a décidé mardi soir de fermer le vieux pont pendant deux ans, et le maire est d’accord.",
    "es": "El consejo decidió el martes por la noche cerrar el viejo puente durante dos años, según dijo la alcaldesa.",
    "ja": "市長の田中一郎氏は月曜日、橋の建設をめぐる争いを理由に辞任した。新しい市長は六月に選ばれる。",
}


@pytest.mark.parametrize("language", TEXTS)
def test_a_text_tells_its_language(language: str) -> None:
    assert language_of(TEXTS[language]) == language
    assert language_of(TEXTS[language] * 200) == language


def test_a_few_words_and_figures_tell_none() -> None:
    assert language_of("Bern 4, Genf 2") is None
    assert language_of("12 30 44 " * 100) is None


def test_plain_english_is_told_by_its_small_words_alone_and_nothing_else_is() -> None:
    corpus.language._identifier.cache_clear()
    english = TEXTS["en"] * 4
    assert language_of(english) == "en"
    assert language_of(f"{TEXTS['en'] * 20}\n\n{TEXTS['de'] * 40}") == "en"  # as it begins
    assert corpus.language._identifier.cache_info().misses == 0
    assert language_of(TEXTS["de"] * 4) == "de"
    assert language_of(" ".join([TEXTS["fr"] * 8, TEXTS["en"]])) == "fr"
    dutch = "De raad heeft dinsdag besloten de brug te sluiten; hij is in orde, was er te lezen, en we had of we is. "
    assert language_of(dutch * 4) == "nl"
    assert corpus.language._identifier.cache_info().misses == 1


def test_what_tells_languages_is_loaded_once_whoever_comes_meanwhile() -> None:
    corpus.language._identifier.cache_clear()
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(language_of, [text for text in TEXTS.values() for _ in range(3)]))
    assert found == [language for language in TEXTS for _ in range(3)]
    assert corpus.language._identifier.cache_info().misses == 1
