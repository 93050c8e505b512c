"""The result of a question, and its one JSON form (`citewire/1`)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal

SCHEMA = "citewire/1"

Status = Literal["answered", "unsure", "not_in_library", "empty_library"]
Kind = Literal["short", "sentence", "timeline"]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why there is no answer: a code for programs and a sentence for people."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Slice:
    """Characters `[start, end)` of a version's text, with the text itself."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who says the quoted words, and whether they are given directly or reported."""

    name: str
    voice: Literal["direct", "reported"]


@dataclass(frozen=True, slots=True)
class ResolvedDay:
    """A day expression in the cited sentence and the days it stands for, both ends included."""

    text: str
    start: int
    end: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Copy:
    """Another article that prints the same passage."""

    article: str
    source: str | None
    published: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Citation:
    """A verbatim place in an article version: `version.text[start:end] == quote`.

    `sentence` is the sentence around the quote and starts at `sentence_start`; `context` holds earlier sentences that
    name what the quote refers to. `verified` is False only where the check on the way out failed.
    """

    number: int
    article: str
    version: str
    title: str
    source: str | None
    author: str | None
    published: str | None
    url: str | None
    start: int
    end: int
    quote: str
    sentence: str
    sentence_start: int
    context: tuple[Slice, ...] = ()
    speaker: Speaker | None = None
    dates: tuple[ResolvedDay, ...] = ()
    also_in: tuple[Copy, ...] = ()
    verified: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer in the articles' own words. `citations` are the numbers of the citations that say it, best first.

    checked: the built-in reader's confidence in these words, where another reader chose them.
    """

    text: str
    kind: Kind
    confidence: float
    group: int
    citations: tuple[int, ...]
    newer: bool = False
    checked: float | None = None

    def __post_init__(self) -> None:
        if not self.citations:
            raise ValueError("an answer needs a citation")
        if not 0.0 <= self.confidence <= 1.0:
            raise ValueError(f"a confidence is a probability, not {self.confidence}")


@dataclass(frozen=True, slots=True)
class ClosePassage:
    """A passage that came close to answering; `score` is the reader's confidence in it, 0 to 1.

    mark: the characters `[start, end)` of `text` that came nearest, None where that is not known.
    """

    article: str
    version: str
    title: str
    source: str | None
    published: str | None
    start: int
    end: int
    text: str
    score: float
    mark: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Searched:
    """What a question was asked of: articles and outlets under the filters, their first and last day (ISO 8601)."""

    articles: int
    sources: int
    first: str | None
    last: str | None
    filters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Usage:
    """What a language model was asked for one question: requests to its host, and tokens as its server counts them.

    Tokens are None where the server does not say. quotes_dropped: words that it named and that stand nowhere.
    """

    model: str
    host: str
    requests: int
    prompt_tokens: int | None
    completion_tokens: int | None
    quotes_dropped: int


@dataclass(frozen=True, slots=True)
class Result:
    """All that is given back for one question.

    `closest` is filled where nothing is answered, and where the answers are unsure. `retrieved` lists the passages
    read, best first. `reader` names who read, `why` says why it was not the reader asked for (None where it was),
    and `usage` what a language model was asked for it.
    `best_confidence` is the reader's highest confidence, also where it is withheld, and `best_text` the words
    that it was read from, for the evaluation of thresholds. `timings_ms` has the keys `retrieve`, `read` and `total`.
    """

    question: str
    standalone_question: str
    status: Status
    reason: Reason | None
    answers: tuple[Answer, ...]
    citations: tuple[Citation, ...]
    closest: tuple[ClosePassage, ...]
    searched: Searched
    timings_ms: Mapping[str, float]
    disagreement: bool = False
    best_confidence: float | None = None
    best_text: str | None = None
    retrieved: tuple[ClosePassage, ...] = ()
    reader: str = "built-in"
    why: str | None = None
    usage: Usage | None = None

    def cited(self, answer: Answer) -> list[Citation]:
        """Return the citations of one of this result's answers, best first."""
        by_number = {citation.number: citation for citation in self.citations}
        return [by_number[number] for number in answer.citations]

    def to_json(self) -> dict[str, Any]:
        """Return the object that the command line, the HTTP API, MCP and the evaluation all give."""
        return {
            "schema": SCHEMA,
            "question": self.question,
            "standalone_question": self.standalone_question,
            "status": self.status,
            "reader": self.reader,
            "why": self.why,
            "usage": None if self.usage is None else asdict(self.usage),
            "reason": None if self.reason is None else {"code": self.reason.code, "message": self.reason.message},
            "answers": [
                {
                    "text": a.text,
                    "kind": a.kind,
                    "confidence": round(a.confidence, 4),
                    "group": a.group,
                    "newer": a.newer,
                    "checked": None if a.checked is None else round(a.checked, 4),
                    "citations": list(a.citations),
                }
                for a in self.answers
            ],
            "disagreement": self.disagreement,
            "citations": [_citation_json(c) for c in self.citations],
            "closest": [_close_json(p) for p in self.closest],
            "searched": {
                "articles": self.searched.articles,
                "sources": self.searched.sources,
                "from": self.searched.first,
                "to": self.searched.last,
                "filters": dict(self.searched.filters),
            },
            "best_confidence": None if self.best_confidence is None else round(self.best_confidence, 4),
            "timings_ms": {name: round(ms, 1) for name, ms in self.timings_ms.items()},
        }


def _close_json(p: ClosePassage) -> dict[str, Any]:
    return {
        "article": p.article,
        "version": p.version,
        "title": p.title,
        "source": p.source,
        "published": p.published,
        "start": p.start,
        "end": p.end,
        "text": p.text,
        "score": round(p.score, 4),
        "mark": None if p.mark is None else list(p.mark),
    }


def _slice_json(s: Slice) -> dict[str, Any]:
    return {"start": s.start, "end": s.end, "text": s.text}


def _citation_json(c: Citation) -> dict[str, Any]:
    return {
        "number": c.number,
        "article": c.article,
        "version": c.version,
        "title": c.title,
        "source": c.source,
        "author": c.author,
        "published": c.published,
        "url": c.url,
        "start": c.start,
        "end": c.end,
        "quote": c.quote,
        "sentence": c.sentence,
        "sentence_start": c.sentence_start,
        "context": [_slice_json(s) for s in c.context],
        "speaker": None if c.speaker is None else {"name": c.speaker.name, "voice": c.speaker.voice},
        "dates": [
            {"text": d.text, "start": d.start, "end": d.end, "from": d.first.isoformat(), "to": d.last.isoformat()}
            for d in c.dates
        ],
        "also_in": [
            {"article": o.article, "source": o.source, "published": o.published, "url": o.url} for o in c.also_in
        ],
        "verified": c.verified,
    }
