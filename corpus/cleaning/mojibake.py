"""Text that was decoded wrongly: mending what can be nothing else, and telling what cannot be mended. By ftfy."""

import re

# Two signs that only the bytes of UTF-8 read as Windows-1252, Latin-1 or Mac Roman put side by side in real texts.
_SUSPECT = re.compile(
    r"[ÃÂÄÅÐÑØÙÎÏËÊ][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â(?:€|‚|„|\x80|\x82|\x84)|ðŸ|‚Ä|√[©®°±∂®≥]|Ã "
)
_LOST = re.compile(r"\?(?:s|t|re|ve|ll|d)\b")  # it?s: an apostrophe that became a question mark
_FEWEST_LOST, _LONGEST_WORD = 2, 30
_SIDE_BY_SIDE = re.compile(r"[^\x00-\x7f]{2,}")  # ftfy looks long at a whole text
_SAMPLE = 1_000  # characters


def mended(text: str) -> str:
    """Return the text with each line that is doubly encoded, and can be nothing else, as it was meant. By ftfy."""
    if not _SUSPECT.search(text):
        return text
    from ftfy import fix_encoding

    return "\n".join(fix_encoding(line) if _SUSPECT.search(line) else line for line in text.split("\n"))


def is_garbled(text: str) -> bool:
    """Tell whether characters of the text were decoded wrongly, or lost, in a way that cannot be mended for certain."""
    words = (text[max(0, lost.start() - _LONGEST_WORD) : lost.start()].split() for lost in _LOST.finditer(text))
    if "\ufffd" in text or sum(bool(before) and before[-1].isalpha() for before in words) >= _FEWEST_LOST:
        return True
    odd = " ".join(_SIDE_BY_SIDE.findall(text))[:_SAMPLE]
    if not odd:
        return False
    from ftfy.badness import is_bad

    return bool(is_bad(odd))
