"""Finding the words that a language model copied: where exactly they stand in their sentence, if they do.

A copy may differ in what a model or a page changes without changing a word: white space, case, quotation marks, soft
hyphens and other characters that show nothing, hyphens at line ends, the kind of a dash, ligatures, accents, and
letters that look the same in another alphabet. No word, figure or sign of its own may differ.
"""

import re
import unicodedata

_QUOTATION_MARKS = frozenset("\"'`´ʹʺʻʼʽˈˊˋ‘’‚‛“”„‟′″‵‶«»‹›「」『』＂＇")
_DASHES = frozenset("-‐‑‒–—―−﹘﹣－⸺⸻")
# Cyrillic and Greek letters that look like Latin ones: Unicode Technical Standard 39, confusables, the letters alone.
_LOOK_ALIKES = str.maketrans(
    "АВЕКМНОРСТУХаеорсухіјѕԁһԛԝІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧαοντρυικіӏ",
    "ABEKMHOPCTYXaeopcyxijsdhqwIJSABEZHIKMNOPTYXaovtpuikil",
)
_ENDS = " .,;:!?…()[]"


def find_words(sentence: str, words: str) -> tuple[int, int] | None:
    """Return the characters `[start, end)` of a sentence that are the words copied from it, None where they are not.

    They begin and end where a word of the sentence does. Of several places it is the first. Marks at the ends of the
    copy count only where they stand in the sentence too.
    """
    if words and (at := sentence.find(words)) >= 0 and _whole_words(sentence, at, at + len(words)):
        return _trimmed(sentence, at, at + len(words))
    folded = _fold(sentence)
    text, copy = ("".join(letter for letter, _, _ in each) for each in (folded, _fold(words)))
    for sought in dict.fromkeys((copy.strip(), copy.strip(_ENDS))):
        at = text.find(sought) if sought else -1
        while at >= 0:
            if _whole_words(text, at, at + len(sought)):
                start, end = folded[at][1], folded[at + len(sought) - 1][2]
                return _trimmed(sentence, *_with_quotation_marks(sentence, words.strip(), start, end))
            at = text.find(sought, at + 1)
    return None


def _fold(text: str) -> list[tuple[str, int, int]]:
    """Return the text in one case, one alphabet and one kind of white space, without marks that show no word.

    Each character comes with the characters `[start, end)` of the text that it stands for.
    """
    folded: list[tuple[str, int, int]] = []
    at = 0
    while at < len(text):
        if found := _DASH.match(text, at) or _SPACE.match(text, at):
            is_space, joins = found.re is _SPACE, _letter(text, at - 1) and _letter(text, found.end())
            folded += [(" " if is_space else "-", at, found.end())] if is_space or not joins else []
            at = found.end()
            continue
        folded += [(letter, at, at + 1) for letter in _plain(text[at])]
        if folded and unicodedata.combining(text[at]):  # an accent belongs to its letter
            folded[-1] = (*folded[-1][:2], at + 1)
        at += 1
    return folded


_HIDDEN = "\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f"
_SPACE = re.compile(rf"\s[\s{_HIDDEN}]*")
_IN_FIGURE = re.compile(r"\d[.,]\d")
_DASH = re.compile(rf"[\s{_HIDDEN}]*[{re.escape(''.join(sorted(_DASHES)))}]+[\s{_HIDDEN}]*")


def _plain(character: str) -> str:
    """Return what a character counts as: letters without case and accent, nothing for what is no part of a word."""
    if character in _QUOTATION_MARKS:
        return ""
    apart = unicodedata.normalize("NFKD", character).translate(_LOOK_ALIKES)
    kept = (c for c in apart if not unicodedata.combining(c) and unicodedata.category(c) not in ("Cf", "Cc"))
    return "".join(kept).casefold()


def _letter(text: str, at: int) -> bool:
    return 0 <= at < len(text) and text[at].isalpha()


def _whole_words(text: str, start: int, end: int) -> bool:
    """Tell whether a slice begins and ends where words and figures do: "5 million" is no part of "1.5 million"."""
    return not _joined(text, start) and not _joined(text, end)


def _joined(text: str, at: int) -> bool:
    """Tell whether the characters before and after a place belong to one word or figure."""
    if not 0 < at < len(text):
        return False
    if text[at - 1].isalnum() and text[at].isalnum():
        return True
    around = text[max(0, at - 2) : at + 2]
    return bool(_IN_FIGURE.search(around[:3]) or _IN_FIGURE.search(around[-3:]))


def _with_quotation_marks(sentence: str, copy: str, start: int, end: int) -> tuple[int, int]:
    """Return the slice with the quotation marks around it that the copy has too, and so with both of a pair."""
    if start > 0 and copy[:1] in _QUOTATION_MARKS and sentence[start - 1] in _QUOTATION_MARKS:
        start -= 1
    if end < len(sentence) and copy[-1:] in _QUOTATION_MARKS and sentence[end] in _QUOTATION_MARKS:
        end += 1
    return start, end


def _trimmed(sentence: str, start: int, end: int) -> tuple[int, int] | None:
    """Return the slice without white space at its ends; None where nothing of a word is left."""
    words = sentence[start:end]
    start, end = end - len(words.lstrip()), start + len(words.rstrip())
    return (start, end) if any(map(str.isalnum, words)) else None
