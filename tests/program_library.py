"""A library for tests of what programs do: real parts around an encoder and a reader that cost nothing."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from small_library import WordEncoder

from corpus.article import Article
from embeddings.library.library import create_library
from qa.assistant import Assistant
from qa.reader.protocol import NOTHING_READ, UNCONTROLLED, Extraction, ReadControl, ReadPassage, ReadResult

FERRY = "The ferry Aldona sank off Marbeck on Tuesday with 34 people aboard, the harbour office said."
HERON = "A heron nested on the town hall of Marbeck, the warden said on Friday."
HOSTILE = '<img src=x onerror="window.hit=1"><script>window.hit=1</script> **b** [x](javascript:hit) \u202egnp.exe'


class FirstSentence:
    """Reads the best passage's first sentence, where the question shares a word with it."""

    name = "first-sentence"
    threshold = 0.5
    reads_timelines = False
    english_only = True
    notice = None

    def is_word(self, word: str) -> bool:
        return True

    def read(self, question: str, passages: Sequence[ReadPassage], control: ReadControl = UNCONTROLLED) -> ReadResult:
        asked = {word.strip("?").casefold() for word in question.split()}
        for number, passage in enumerate(passages):
            end = passage.text.find(".") + 1 or len(passage.text)
            if asked & {word.strip(",.").casefold() for word in passage.text[:end].split() if len(word) > 4}:
                return ReadResult((Extraction(number, 0, end, 0.9),), "answered", reader=self.name)
        return NOTHING_READ


@contextmanager
def program_assistant(folder: Path) -> Iterator[Assistant]:
    """Give an assistant over three articles, one of them hostile."""
    with create_library(folder / "library", encoder=WordEncoder()) as library:
        library.add(
            [
                Article(
                    FERRY, title="Ferry sinks", source="Dawn", published="2023-03-07", url="https://dawn.example/f"
                ),
                Article(HERON, title="Heron on the roof", source="Geo", published="2023-05-01"),
                Article(f"The mayor of Marbeck wore {HOSTILE} at the fair.", title=HOSTILE, source=HOSTILE),
            ]
        )
        yield Assistant(library, FirstSentence())
