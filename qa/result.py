"""The result of a question, and its one JSON form (`citewire/1`)."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from html import escape
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
    name what the quote refers to. `verified` is False only where the check on the way out failed. `fragment` is the
    text directive at which a browser finds the quote under `url` ("" where none is known).
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
    fragment: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer in the articles' own words. `citations` are the numbers of the citations that say it, best first.

    checked: the built-in reader's confidence in these words, where another reader chose them. corrects: the numbers of
    citations of other answers, which the text cited for this one says were wrong ("587, not 612").
    """

    text: str
    kind: Kind
    confidence: float
    group: int
    citations: tuple[int, ...]
    newer: bool = False
    checked: float | None = None
    corrects: tuple[int, ...] = ()


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
    """What a question was asked of: articles and outlets under the filters, their first and last day (ISO 8601).

    undated: articles without a day that the filters by day leave out.
    """

    articles: int
    sources: int
    first: str | None
    last: str | None
    filters: Mapping[str, Any] = field(default_factory=dict)
    undated: int = 0


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
    answers: tuple[Answer, ...] = ()
    citations: tuple[Citation, ...] = ()
    closest: tuple[ClosePassage, ...] = ()
    searched: Searched = Searched(0, 0, None, None)
    timings_ms: Mapping[str, float] = field(default_factory=lambda: {"retrieve": 0.0, "read": 0.0, "total": 0.0})
    disagreement: bool = False
    best_confidence: float | None = None
    best_text: str | None = None
    retrieved: tuple[ClosePassage, ...] = ()
    reader: str = "built-in"
    why: str | None = None
    usage: Usage | None = None

    @property
    def groups(self) -> list[list[Answer]]:
        """The answers with those that contradict each other together."""
        found: dict[int, list[Answer]] = {}
        for answer in self.answers:
            found.setdefault(answer.group, []).append(answer)
        return list(found.values())

    def cited(self, answer: Answer) -> list[Citation]:
        """Return the citations of one of this result's answers, best first."""
        by_number = {citation.number: citation for citation in self.citations}
        return [by_number[number] for number in answer.citations]

    def to_json(self) -> dict[str, Any]:
        """Return the object that the command line, the HTTP API, MCP and the evaluation all give."""
        told: dict[str, Any] = {"schema": SCHEMA, **json.loads(json.dumps(asdict(self), default=date.isoformat))}
        del told["retrieved"], told["best_text"]
        for entry in (told, *told["answers"], *told["closest"]):
            for name in entry.keys() & {"best_confidence", "confidence", "checked", "score"}:
                entry[name] = None if entry[name] is None else round(entry[name], 4)
        for days in (told["searched"], *(day for cited in told["citations"] for day in cited["dates"])):
            days["from"], days["to"] = days.pop("first"), days.pop("last")
        told["searched"]["undated_left_out"] = told["searched"].pop("undated")
        told["timings_ms"] = {name: round(ms, 1) for name, ms in self.timings_ms.items()}
        return told

    def _repr_html_(self) -> str:
        """Return the result as HTML for a notebook: the answers, then each citation with its quote marked."""
        lines = [f"<p>{escape(self.question)}</p>"]
        lines += [] if self.reason is None else [f"<p>{escape(self.reason.message)}</p>"]
        for a in self.answers:
            numbers = "".join(f"[{number}]" for number in a.citations)
            lines.append(f"<p><b>{escape(a.text)}</b> {numbers}{' (newer)' if a.newer else ''}</p>")
        lines += [_citation_html(cited) for cited in self.citations]
        lines += [f"<blockquote>{_marked(p.text, *(p.mark or (0, 0)))}</blockquote>" for p in self.closest]
        return "\n".join(lines)


def _citation_html(c: Citation) -> str:
    """Return the sentence of a citation with its quote marked, and where it stands."""
    at = c.start - c.sentence_start
    sentence = _marked(c.sentence, at, at + len(c.quote))
    title = escape(c.title)
    if c.url and c.url.startswith(("http://", "https://")):
        title = f'<a href="{escape(c.url)}">{title}</a>'
    said = [f"said by {c.speaker.name}"] if c.speaker else []
    facts = [c.source or "outlet unknown", c.author, c.published or "no date", *said]
    origin = escape(", ".join(fact for fact in facts if fact))
    check = "" if c.verified else " <b>NOT VERIFIED: the stored text differs</b>"
    return f"<blockquote>[{c.number}] {sentence}<br><small>{title} — {origin}{check}</small></blockquote>"


def _marked(text: str, start: int, end: int) -> str:
    """Return the text as HTML with the characters `[start, end)` marked."""
    mark = f"<mark>{escape(text[start:end])}</mark>" if start < end else ""
    return escape(text[:start]) + mark + escape(text[end if mark else start :])
