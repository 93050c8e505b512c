"""One turn of the conversation as HTML: the question, the answers with their markers, the evidence beside them."""

from collections.abc import Mapping, Sequence
from typing import Any

from qa.output.plain_text import as_sentence, plural
from qa.page.model.conversation import Turn, cleaned
from qa.page.model.examples import next_questions
from qa.page.views.cards import answer_blocks, event_day, evidence_of, per_cent, telling
from qa.page.views.export import copied_text, quote_link
from qa.page.views.markup import filter_words, permanent_link, rendered
from qa.page.views.office import FILES
from qa.result import ClosePassage, Result
from qa.service.actions import chosen_filters

OPEN_CARDS = 4
"""Cards of an answer that are open from the start at most; the others show their first quote in a line until chosen."""
_NOT_FOUND = {
    "empty_library": "The library is empty",
    "nothing_under_filters": "Nothing passes the filters",
    "nothing_asked": "Nothing was asked",
}


def turns_html(turns: Sequence[Turn], *, may_save: bool = False) -> str:
    """Return a conversation's finished turns. may_save: see `turn_html`."""
    return "".join(turn_html(turn, number, may_save=may_save) for number, turn in enumerate(turns))


def turn_html(turn: Turn, number: int, *, may_save: bool = False) -> str:
    """Return a finished turn; `number` is its place in the conversation and names its parts.

    may_save: its question can be saved, to be asked again; as it stands alone.
    """
    result = turn.result
    star = permanent_link(cleaned(result.standalone_question), (), turn.filters) if may_save and result else ""
    return rendered(
        "turn.j2",
        number=number,
        t=f"t{number}",
        question=turn.question,
        turn=turn,
        result=result,
        link=permanent_link(turn.question, turn.earlier, turn.filters),
        star=star,
        copied=copied_text(turn),
        **(_shown(result) if result else {}),
    )


def pending_html(question: str, number: int, found: Sequence[ClosePassage] | None) -> str:
    """Return a turn that is still being answered: what was found so far, if anything."""
    return rendered("turn.j2", number=number, t=f"t{number}", question=question, turn=None, found=found or ())


def said(turn: Turn) -> str:
    """Return the sentence that a screen reader is told when the turn is there."""
    if turn.result is None:
        return turn.error or ""
    if turn.result.answers:
        answers, citations = plural(len(turn.result.answers), "answer"), plural(len(turn.result.citations), "citation")
        return f"{answers} with {citations}: {turn.result.answers[0].text}"
    return as_sentence(turn.result.reason.message) if turn.result.reason else "No answer."


def _shown(result: Result) -> Mapping[str, Any]:
    """Return what the template shows of a result: answers, unsure answers or none, and their evidence."""
    asked = result.searched.filters
    chosen = chosen_filters(asked.get("sources", ()), asked.get("after"), asked.get("before"), asked.get("article"))
    cited = {(c.article, c.version) for c in result.citations}
    cards = evidence_of(result)
    code = result.reason.code if result.reason else ""
    verdict = "Not sure" if result.status == "unsure" else ""
    if not result.answers:
        verdict = _NOT_FOUND.get(code, f"The {'article does' if asked.get('article') else 'articles do'} not say")
    is_said = result.reason is None or code == "below_threshold"  # the verdict says the same
    return {
        "blocks": answer_blocks(result),
        "cards": cards,
        "opened": len(cards) if len(cards) <= OPEN_CARDS else OPEN_CARDS - 1,
        "near": [p for p in result.closest if (p.article, p.version) not in cited],
        "verdict": verdict,
        "reason": as_sentence(result.reason.message) if result.reason and verdict and not is_said else "",
        "filters": filter_words(chosen, asked.get("title", "")),
        "read_by": _read_by(result),
        "next": next_questions(result),
        "files": FILES,
        "event_day": event_day,
        "per_cent": per_cent,
        "quote_link": quote_link,
        "telling": telling,
    }


def _read_by(result: Result) -> str:
    """Return who read, where it was not the built-in reader alone, and why it was not the reader asked for."""
    used = result.usage
    if used is None and result.why is None:
        return ""
    model = f" ({used.model} at {used.host}, {plural(used.requests, 'request')})" if used else ""
    return f"Read by {result.reader}{model}.{f' {as_sentence(result.why)}' if result.why else ''}"
