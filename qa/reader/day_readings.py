"""What happened on a day: the sentences that name it, where the question asks for nothing that a span could answer."""

import re
from collections.abc import Sequence

from corpus.sentences import sentences
from qa.question.words import content_words
from qa.reader.protocol import Reading, ReadPassage

CONFIDENCE = 0.4
"""Of a sentence that names the day, in a passage that has all else the question names. An estimate, not fitted."""
_WHAT_HAPPENED = re.compile(
    r"(?i)\bwhat (?:else |all |has |had )*(?:happen(?:ed|s)?|took place|occurred|went on|was going on)\b"
)
_OF_THE_QUESTION = frozenset("happen happened happens took place occurred went going else all".split())
_OF_A_DATE = re.compile(
    r"(?i)^(?:\d+(?:st|nd|rd|th)?|jan\w*|feb\w*|mar(?:ch)?|apr\w*|may|june?|july?|aug\w*|sept?\w*|oct\w*|nov\w*|dec\w*|"
    r"\w+day)$"
)


def day_readings(question: str, passages: Sequence[ReadPassage]) -> list[Reading]:
    """Return the sentences that name the day asked about; none where the question is not what happened on a day."""
    if not _WHAT_HAPPENED.search(question):
        return []
    named = {w.casefold() for w in content_words(question) if not _OF_A_DATE.match(w)} - _OF_THE_QUESTION
    found: list[Reading] = []
    for number, passage in enumerate(passages):
        words = f"{passage.title} {passage.text}".casefold()
        if passage.days and all(word in words for word in named):
            found += [
                Reading(number, start, end, CONFIDENCE, "sentence")
                for start, end in sentences(passage.text)
                if any(start <= day.start < end for day in passage.days)
            ]
    return found
