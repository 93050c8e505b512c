"""The third reader: a language model that a person names chooses sentences and words, and each is found or dropped.

The model's own words go nowhere: what is given back are places in the passages. Where nothing that it says can be used,
the built-in reader answers, and the result says so.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace

from qa.reader.llm.chat import Chat, LlmFailure, Reply, Spent
from qa.reader.llm.endpoint import NAME, Endpoint
from qa.reader.llm.matching import find_words
from qa.reader.llm.messages import (
    ANSWERED_FROM,
    UNSURE_FROM,
    Choice,
    Quote,
    Sentence,
    again_messages,
    choice_log_probabilities,
    confidence,
    first_messages,
    numbered_sentences,
    parse_reply,
    quotes_so_far,
    reply_schema,
)
from qa.reader.protocol import UNCONTROLLED, Extraction, ReadControl, ReadPassage, ReadResult
from qa.reader.reader import NetworkReader
from qa.result import Usage
from qa.status import status_of

_NO_OBJECT = "It is not one JSON object of the form asked for."
_CUT = "It was cut off: choose fewer words."
_SHOWN_OF_WORDS = 200
_Span = tuple[int, int, int]
"""The number of a passage, and characters `[start, end)` of its text."""


@dataclass(frozen=True, slots=True)
class _Heard:
    """A reply understood: what it chooses, where its quotes stand, and what is wrong with it.

    places: each with the log-probability with which it was chosen, None where the server gives none.
    """

    choice: Choice | None
    places: dict[_Span, float | None]
    problems: tuple[str, ...]

    @property
    def dropped(self) -> int:
        """How many of its quotes stand nowhere."""
        return len(self.problems) if self.choice else 0


@dataclass(slots=True)
class _Asking:
    """One question on its way through the model."""

    numbered: Sequence[Sentence]
    control: ReadControl
    text: str = ""
    found: list[_Span] = field(default_factory=list)

    def place(self, quote: Quote) -> _Span | str:
        """Return where a quote stands, or in a sentence why it cannot be used."""
        if not 1 <= quote.sentence <= len(self.numbered):
            return f"There is no sentence [{quote.sentence}]: they are numbered from 1 to {len(self.numbered)}."
        sentence = self.numbered[quote.sentence - 1]
        found = find_words(sentence.text, quote.words) if quote.words.strip() else (0, len(sentence.text))
        if found is None:
            shown = " ".join(quote.words.split())[:_SHOWN_OF_WORDS]
            return f'The words "{shown}" do not stand in sentence [{quote.sentence}].{self._elsewhere(quote.words)}'
        return sentence.passage, sentence.start + found[0], sentence.start + found[1]

    def _elsewhere(self, words: str) -> str:
        """Return a hint at the first sentence in which the words do stand, "" where there is none."""
        numbers = (n for n, sentence in enumerate(self.numbered, start=1) if find_words(sentence.text, words))
        return next((f" They stand in sentence [{n}]." for n in numbers), "")

    def hear(self, piece: str) -> None:
        """Tell who waits of each quote as soon as it is whole."""
        self.text += piece
        if "}" not in piece:
            return
        places = [place for place in map(self.place, quotes_so_far(self.text)) if not isinstance(place, str)]
        if new := [span for span in dict.fromkeys(places) if span not in self.found]:
            self.found += new
            self.control.on_chosen([Extraction(*span, confidence=0.0) for span in self.found])


class LlmReader:
    """Reads with a language model; may be used from several threads at once."""

    name = NAME
    reads_timelines = True
    english_only = False

    def __init__(self, endpoint: Endpoint, built_in: NetworkReader) -> None:
        """Raise CitewireError where the package for it is not installed."""
        self.endpoint = endpoint
        self._chat = Chat(endpoint)
        self._built_in = built_in

    @property
    def threshold(self) -> float:
        """The confidence from which a further extraction counts as an answer beside the best one."""
        return self._built_in.threshold

    @property
    def notice(self) -> str:
        """What leaves this program, and where it goes."""
        return self.endpoint.notice

    def is_word(self, word: str) -> bool:
        """Return whether the built-in reader takes a word for a common one."""
        return self._built_in.is_word(word)

    def read(self, question: str, passages: Sequence[ReadPassage], control: ReadControl = UNCONTROLLED) -> ReadResult:
        """Return what the model chose of the passages, or what the built-in reader reads where that cannot be used.

        Raises QuestionCancelled once the person has left.
        """
        spent = Spent()
        try:
            choice, places = self._choose(question, passages, spent, control)
        except LlmFailure as failure:
            read = self._built_in.read(question, passages)
            return replace(read, why=f"{failure}; the built-in reader answered", usage=self._usage(spent))
        scores = self._built_in.score_spans(question, passages, list(places))
        extractions = [
            Extraction(*span, confidence=confidence(chosen, checked), checked=checked)
            for (span, chosen), checked in zip(places.items(), scores, strict=True)
        ]
        extractions.sort(key=lambda each: -each.confidence)
        best = max((each.confidence for each in extractions), default=0.0)
        return ReadResult(
            tuple(extractions),
            status_of(best, answered_from=ANSWERED_FROM, unsure_from=UNSURE_FROM),
            several=choice.relation == "several",
            rivals=choice.relation == "rivals",
            chosen=choice.relation in ("several", "rivals"),
            reader=self.name,
            usage=self._usage(spent),
            answered_from=ANSWERED_FROM,
        )

    def _usage(self, spent: Spent) -> Usage:
        return Usage(self.endpoint.model, self.endpoint.host, **asdict(spent))

    def _choose(
        self, question: str, passages: Sequence[ReadPassage], spent: Spent, control: ReadControl
    ) -> tuple[Choice, dict[_Span, float | None]]:
        """Return the choice and where its quotes stand; those that stand nowhere are counted. Raises LlmFailure."""
        numbered = numbered_sentences(passages, self.endpoint.passages)
        deadline = time.monotonic() + self.endpoint.seconds
        messages = first_messages(question, passages, numbered)
        asking = _Asking(numbered, control)
        schema = reply_schema(len(numbered))

        def say() -> Reply:
            asking.text = ""
            return self._chat.say(
                messages, schema=schema, spent=spent, deadline=deadline, stop=control.stop, told=asking.hear
            )

        reply = say()
        heard = first = _understood(reply, asking)
        if first.problems:
            messages += again_messages(reply.text, first.problems)
            try:
                heard = _understood(say(), asking)
            except LlmFailure:
                if not first.places:
                    raise
            if not heard.places and first.places:
                heard = first
        found_again = max(0, len(heard.places) - len(first.places))
        spent.quotes_dropped = max(first.dropped - found_again, heard.dropped)
        if heard.choice is None:
            raise self._unusable("what it replied is not of the form asked for")
        if heard.choice.quotes and not heard.places:
            raise self._unusable("the words it chose do not stand in the articles")
        return heard.choice, heard.places

    def _unusable(self, what: str) -> LlmFailure:
        return LlmFailure(f"the language model at {self.endpoint.host} cannot be used for this question: {what}")


def _understood(reply: Reply, asking: _Asking) -> _Heard:
    choice = parse_reply(reply.text)
    if choice is None:
        return _Heard(None, {}, (_CUT if reply.cut else _NO_OBJECT,))
    chosen = choice_log_probabilities(reply, choice.quotes)
    places: dict[_Span, float | None] = {}
    problems: list[str] = []
    for n, quote in enumerate(choice.quotes):
        place = asking.place(quote)
        if isinstance(place, str):
            problems.append(place)
        elif not any(_overlap(place, other) for other in places):
            places[place] = chosen[n] if chosen else None
    return _Heard(choice, places, tuple(problems))


def _overlap(one: _Span, other: _Span) -> bool:
    return one[0] == other[0] and one[1] < other[2] and other[1] < one[2]
