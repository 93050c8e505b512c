"""One question asked of each outlet, month or article, and which of them told an answer first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from threading import Event
from typing import Any, Literal, NamedTuple

from corpus.store.records import Filters
from embeddings.library.protocol import Snapshot
from qa.assistant import Assistant
from qa.filters import meant_filters, nothing_under, plain

By = Literal["outlet", "month", "article"]


@dataclass(frozen=True, slots=True)
class Group:
    """What a question is asked of: the articles that pass the filters. name: for people."""

    name: str
    filters: Filters

    def ask(self, assistant: Assistant, question: str, *, stop: Event | None = None) -> dict[str, Any]:
        """Return what these articles say to the question, as `citewire/1`.

        Raises QuestionCancelled once `stop` is set while it is read.
        """
        return assistant.ask(question, filters=self.filters, stop=stop).to_json()


def groups(snapshot: Snapshot, by: By, filters: Filters) -> list[Group]:
    """Return the groups that have articles under the filters: outlets by name, months and articles oldest first.

    An article without an outlet is in no outlet, one without a day in no month.
    """
    filters = meant_filters(filters, snapshot)
    if by == "article":
        infos = snapshot.articles(filters, order="oldest")
        named = (" — ".join(filter(None, (i.heading, i.source, (i.published or "")[:10]))) for i in infos)
        return [Group(name, replace(filters, article=i.id)) for name, i in zip(named, infos, strict=True)]
    found = _months(snapshot, filters) if by == "month" else _outlets(snapshot, filters)
    return [group for group in found if snapshot.coverage(group.filters).articles]


def why_no_group(snapshot: Snapshot, by: By, filters: Filters) -> str:
    """Return a sentence that says why `groups` gives none."""
    filters = meant_filters(filters, snapshot)
    if snapshot.coverage(filters).articles:
        return f"None of these articles has {'a day' if by == 'month' else 'an outlet'}."
    return nothing_under(filters, snapshot)


def _outlets(snapshot: Snapshot, filters: Filters) -> list[Group]:
    names: dict[str, str] = {}
    for source, _ in snapshot.sources():
        if not filters.sources or source in filters.sources:
            names.setdefault(plain(source), source)
    found = (names[key] for key in sorted(names))
    return [Group(name, meant_filters(replace(filters, sources=(name,)), snapshot)) for name in found]


def _months(snapshot: Snapshot, filters: Filters) -> Iterable[Group]:
    covered = snapshot.coverage(filters)
    if covered.first is None or covered.last is None:
        return
    day, last = date.fromisoformat(covered.first[:10]).replace(day=1), date.fromisoformat(covered.last[:10])
    while day <= last:
        following = (day + timedelta(days=31)).replace(day=1)
        after = max(day, filters.after or day)
        end = following - timedelta(days=1)
        yield Group(f"{day:%Y-%m}", replace(filters, after=after, before=min(end, filters.before or end)))
        day = following


class FirstTold(NamedTuple):
    """An answer with the day on which it was first told and the outlet that told it."""

    day: str | None
    text: str
    source: str
    unsure: bool


def first_told(results: Iterable[Mapping[str, Any]]) -> list[FirstTold]:
    """Return each answer once as it was first told, earliest first, those without a day last.

    results: as `citewire/1`. Answers that differ in letter case and space only are the same.
    """
    found: dict[str, FirstTold] = {}
    for result in results:
        cited = {citation["number"]: citation for citation in result["citations"]}
        for answer in result["answers"]:
            for number in answer["citations"]:
                citation = cited[number]
                day, source = (citation["published"] or "")[:10] or None, citation["source"] or "outlet unknown"
                told = FirstTold(day, answer["text"], source, unsure=result["status"] == "unsure")
                words = " ".join(answer["text"].casefold().split())
                found[words] = min(found.get(words, told), told, key=lambda each: each.day or "9999")
    return sorted(found.values(), key=lambda told: told.day or "9999")
