"""Asking all saved questions again, and keeping what they gave, with what changed and when; the changes as a feed."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Literal
from xml.etree import ElementTree

from corpus import __version__
from corpus.store.activity import SavedQuestion, SavedQuestions, SavedResult
from qa.assistant import Assistant
from qa.compose.drafts import same_answer
from qa.output.plain_text import credit_line, printable, quoted

Kind = Literal["new answer", "new source", "corrected", "gone", "surer", "less sure"]

Json = Mapping[str, Any]
MEDIA_TYPE = "application/atom+xml; charset=utf-8"
MOST_ENTRIES = 50

Link = Callable[[Mapping[str, Any]], str | None]
"""Returns the address of a citation, None for none."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change. text: the answer it is about. before: the answer that was corrected.

    citation: where the words stand, as in `citewire/1`: of a gone answer where they stood, None for sureness.
    unsure: the newer result is not sure of its answers.
    """

    kind: Kind
    text: str
    before: str | None = None
    citation: Json | None = None
    unsure: bool = False

    def line(self) -> str:
        """Return the change in one line for people."""
        words = f"{self.kind}: {self.text}" if self.before is None else f"{self.kind}: {self.before} is now {self.text}"
        words += " (unsure)" if self.unsure else ""
        c = self.citation
        return words if c is None else f"{words} — {credit_line(c['source'], None, c['published'])}"


def changes_between(before: Json | None, now: Json) -> list[Change]:
    """Return what is different in the newer of two results (`citewire/1`) of one question. before: None for none.

    An answer is the same where its words stand in the other's. It is a correction of an older one where it is marked as
    the newer of the two, or where it stands in a newer version of the article that said the older one.
    """
    old, new = _answers(before) if before else [], _answers(now)
    gone = [answer for answer in old if not any(_same(answer, other) for other in new)]
    changes: list[Change] = []
    sources: list[Change] = []
    unsure = now["status"] == "unsure"
    for answer in new:
        text, known = answer["text"], [other for other in old if _same(answer, other)]
        if known:
            articles = set().union(*map(_articles, known))
            for citation in answer["cited"]:
                if not articles & {citation["article"], *(copy["article"] for copy in citation["also_in"])}:
                    sources.append(Change("new source", text, None, citation, unsure))
                    articles.add(citation["article"])
        elif corrected := _corrected(answer, new, old, gone):
            changes.append(Change("corrected", text, corrected["text"], answer["cited"][0], unsure))
            gone = [other for other in gone if other is not corrected]
        else:
            changes.append(Change("new answer", text, None, answer["cited"][0], unsure))
    changes += [*sources, *(Change("gone", answer["text"], None, answer["cited"][0]) for answer in gone)]
    if not changes and before and new and before["status"] != now["status"]:
        changes.append(Change("surer" if now["status"] == "answered" else "less sure", new[0]["text"]))
    return changes


def _answers(result: Json) -> list[dict[str, Any]]:
    """Return the answers of a result, each with its citations under `cited`."""
    by_number = {citation["number"]: citation for citation in result["citations"]}
    return [{**a, "cited": [by_number[number] for number in a["citations"]]} for a in result["answers"]]


def _places(result: Json) -> set[tuple[Any, ...]]:
    return {(c["article"], c["version"], c["start"], c["end"]) for c in result["citations"]}


def _same(one: Json, other: Json) -> bool:
    return same_answer(one["text"], other["text"])


def _articles(answer: Json) -> set[str]:
    cited = {citation["article"] for citation in answer["cited"]}
    return cited | {copy["article"] for citation in answer["cited"] for copy in citation["also_in"]}


def _corrected(
    answer: Json, new: list[dict[str, Any]], old: list[dict[str, Any]], gone: list[dict[str, Any]]
) -> dict[str, Any] | None:
    """Return the older answer that this new one corrects, None where it corrects none."""
    versions = {citation["article"]: citation["version"] for citation in answer["cited"]}
    for other in gone:
        if any(versions.get(c["article"], c["version"]) != c["version"] for c in other["cited"]):
            return other
    if not answer["newer"]:
        return None
    rivals = [each for each in new if each["group"] == answer["group"] and each is not answer]
    known = [other for other in old if any(_same(other, rival) for rival in rivals)]
    return max(known, key=lambda other: max(c["published"] or "" for c in other["cited"]), default=None)


@dataclass(frozen=True, slots=True)
class Rerun:
    """A saved question that was asked again: its result (`citewire/1`) and what has changed since the last time."""

    saved: SavedQuestion
    result: dict[str, Any]
    changes: tuple[Change, ...]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        changes = [asdict(change) for change in self.changes]
        return {"number": self.saved.number, "question": self.saved.question, "changes": changes, "result": self.result}


def ask_again(
    assistant: Assistant, kept: SavedQuestions, questions: Sequence[SavedQuestion], *, now: datetime | None = None
) -> Iterator[Rerun]:
    """Ask the questions one after the other. Each result is kept before the next is asked.

    A question is not asked again of the same state of the library with the same reader: its answer is the same.
    """
    for saved in questions:
        moment = (now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds")
        with assistant.library.snapshot() as snapshot:
            state = json.dumps([snapshot.counts().change, assistant.reader.name, __version__])
        last = kept.latest(saved.number)
        before: Any = json.loads(last.result) if last else None
        if last is not None and last.state == state:
            result, changes = before, []
        else:
            result = assistant.ask(saved.question, filters=saved.filters).to_json()
            changes = changes_between(before, result)
        if last is None or changes or _places(before) != _places(result):
            written = json.dumps([asdict(change) for change in changes], ensure_ascii=False)
            given = json.dumps(result, ensure_ascii=False)
            kept.keep(saved.number, now=moment, state=state, changes=written, result=given)
        else:
            kept.confirm(last, now=moment, state=state)
        yield Rerun(saved, result, tuple(changes))


def known_on(kept: SavedQuestions, number: int, day: date) -> SavedResult | None:
    """Return what was answered to a question at the end of a day of this computer's time, None if it was not asked."""
    end = datetime.combine(day, time.max).astimezone().astimezone(UTC)
    return kept.latest(number, until=end.isoformat(timespec="seconds"))


def atom(library_id: str, changed: Sequence[tuple[SavedQuestion, SavedResult]], *, link: Link) -> bytes:
    """Return a feed with an entry for each result in which something changed. changed: newest first."""
    feed = ElementTree.Element("feed", xmlns="http://www.w3.org/2005/Atom")
    updated = changed[0][1].first_asked if changed else "1970-01-01T00:00:00+00:00"
    for name, text in (
        ("title", "Citewire: saved questions"),
        ("id", f"urn:citewire:{library_id}"),
        ("updated", updated),
    ):
        _add(feed, name, text)
    _add(ElementTree.SubElement(feed, "author"), "name", "Citewire")
    for saved, result in changed:
        entry = ElementTree.SubElement(feed, "entry")
        changes = [Change(**change) for change in json.loads(result.changes)]
        _add(entry, "title", saved.question)
        _add(entry, "id", f"urn:citewire:{library_id}:{result.number}")
        _add(entry, "updated", result.first_asked)
        address = next((found for c in changes if c.citation and (found := link(c.citation))), None)
        if address:
            ElementTree.SubElement(entry, "link", href=printable(address))
        _add(entry, "content", "\n".join(_told(change) for change in changes)).set("type", "text")
    return bytes(ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True))


def _told(change: Change) -> str:
    sentence = f": {quoted(change.citation['sentence'])}" if change.citation else ""
    return change.line() + sentence


def _add(parent: ElementTree.Element, name: str, text: str) -> ElementTree.Element:
    child = ElementTree.SubElement(parent, name)
    child.text = printable(text)
    return child
