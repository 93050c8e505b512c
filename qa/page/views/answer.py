"""The conversation as HTML: what invites to ask, and each turn with its answers, their markers and the evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup

from corpus.article import parse_published
from corpus.speakers.statements import statements
from corpus.store.records import EVERYTHING
from embeddings.library.protocol import Snapshot
from qa.output.files import FILES
from qa.output.plain_text import as_sentence, filter_words, plural, read_by
from qa.page.site import Turn
from qa.page.views.export import copied_text, quote_link
from qa.page.views.markup import Span, esc, marked, part, permanent_link, rendered
from qa.result import Answer, Citation, ClosePassage, Result

OPEN_CARDS = 4
"""Cards of an answer that are open from the start at most; the others show their first quote in a line until chosen."""
NEWEST_LISTED = 4
NEWEST_READ = 8
MOST_NEXT = 3
SAMPLE_QUESTIONS = (
    ("How many people came to the rally for the old bridge?", "Articles differ"),
    ("How did the strike at Tolliver Glass unfold, from the walkout to the return to work?", "A course of events"),
    ("Who led the delegations?", "Several answers"),
    ("Who was fined for leaving the drain gate open?", "Not in the articles"),
)
"""Questions to the bundled collection, with what they show."""


def turns_html(turns: Sequence[Turn], *, may_save: bool = False) -> str:
    """Return a conversation's finished turns. may_save: see `turn_html`."""
    return "".join(turn_html(turn, number, may_save=may_save) for number, turn in enumerate(turns))


def turn_html(turn: Turn, number: int, *, may_save: bool = False) -> str:
    """Return a finished turn; `number` is its place in the conversation and names its parts.

    may_save: its question can be saved, to be asked again; as it stands alone.
    """
    result = turn.result
    star = permanent_link(result.standalone_question.strip(), (), turn.filters) if may_save and result else ""
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
    """Return what the template shows of a result."""
    filters = result.searched.filters
    cited = {(c.article, c.version) for c in result.citations}
    cards = _evidence_of(result)
    code, reason = (result.reason.code, as_sentence(result.reason.message)) if result.reason else ("", "")
    verdict = "Not sure" if result.status == "unsure" else "No answer" if reason and code != "nothing_asked" else ""
    if code == "below_threshold":
        verdict, reason = f"The {'article does' if filters.get('article') else 'articles do'} not say", ""
    return {
        "blocks": _answer_blocks(result),
        "cards": cards,
        "opened": len(cards) if len(cards) <= OPEN_CARDS else OPEN_CARDS - 1,
        "near": [p for p in result.closest if (p.article, p.version) not in cited],
        "verdict": verdict,
        "reason": reason,
        "filters": filter_words(filters),
        "read_by": read_by(result),
        "next": next_questions(result),
        "files": FILES,
        "event_day": _event_day,
        "per_cent": _per_cent,
        "quote_link": quote_link,
        "telling": _telling,
    }


@dataclass(frozen=True, slots=True)
class _QuotedPassage:
    """Characters `[start, end)` of an article, and the citations of it that stand there."""

    start: int
    end: int
    text: str
    cited: list[Citation]

    def spans(self, turn: str) -> list[Span]:
        """Return the quotes to mark in the text; `turn` makes their names unique on the page."""
        return [(c.start - self.start, c.end - self.start, f"{turn}-c{c.number}") for c in self.cited]

    @property
    def before(self) -> list[str]:
        """The earlier sentences of the citations that the text does not show."""
        context = (s for c in self.cited for s in c.context if s.start < self.start or s.end > self.end)
        return list(dict.fromkeys(sentence.text for sentence in context))


def _evidence_of(result: Result) -> list[list[_QuotedPassage]]:
    """Return the passages of each article cited, in the order of the citations."""
    articles: dict[tuple[str, str], dict[tuple[int, int, str], _QuotedPassage]] = {}
    for c in result.citations:
        passages = articles.setdefault((c.article, c.version), {})
        place = _around(c, result)
        passages.setdefault(place, _QuotedPassage(*place, [])).cited.append(c)
    return [list(passages.values()) for passages in articles.values()]


def _around(c: Citation, result: Result) -> tuple[int, int, str]:
    """Return the passage that the quote stands in; the sentence alone for a passage that is not at hand."""
    for p in result.retrieved:
        if (p.article, p.version) == (c.article, c.version) and p.start <= c.start and c.end <= p.end:
            return p.start, p.end, p.text
    return c.sentence_start, c.sentence_start + len(c.sentence), c.sentence


def _per_cent(c: Citation, result: Result) -> int | None:
    """Return how sure the reader is of a citation's answers; None for one that no answer has."""
    confidence = max((a.confidence for a in result.answers if c.number in a.citations), default=None)
    return None if confidence is None else round(100 * confidence)


def _answer_blocks(result: Result) -> list[tuple[str, list[Answer]]]:
    """Return the answers as they stand together: a course of events, those that differ, those in one sentence."""
    timeline = [group[0] for group in result.groups if group[0].kind == "timeline"]
    others = [group for group in result.groups if group[0].kind != "timeline"]
    sentences: dict[tuple[str, str, int], list[Answer]] = {}
    for group in others:
        if len(group) == 1:
            lead = result.cited(group[0])[0]
            sentences.setdefault((lead.article, lead.version, lead.sentence_start), []).append(group[0])
    blocks = [("timeline", timeline)] if timeline else []
    blocks += [("rivals", group) for group in others if len(group) > 1]
    return blocks + [("sentence", answers) for answers in sentences.values()]


def _telling(answers: Sequence[Answer], result: Result) -> Markup:
    """Return the answers' sentence as HTML with their words marked, or the answer alone where it is more than that."""
    lead = result.cited(answers[0])[0]
    end = lead.sentence_start + len(lead.sentence)
    quotes = [result.cited(a)[0] for a in answers]
    is_inside = all(lead.sentence_start <= c.start and c.end <= end for c in quotes)
    if answers[0].kind != "short" or not is_inside:
        return esc(answers[0].text)
    spans = {(c.start - lead.sentence_start, c.end - lead.sentence_start, "") for c in quotes}
    shown = marked(lead.sentence, spans)
    return shown.replace("<mark>", Markup('<b class="cw-key">')).replace("</mark>", Markup("</b>"))


def _event_day(citation: Citation) -> date | None:
    """Return the day of an event that a citation tells of, else that of its publication."""
    if citation.dates:
        return citation.dates[0].first
    return parse_published(citation.published) if citation.published else None


def next_questions(result: Result) -> list[str]:
    """Return up to three questions: what those said who speak in the articles cited, the speakers of the quotes first.

    Only speakers with a full name, and none whom the question names already.
    """
    named = f"{result.question} {result.standalone_question}".casefold()
    cited = [citation.speaker.name for citation in result.citations if citation.speaker]
    articles = {citation.article for citation in result.citations}
    spoken = (name for p in result.retrieved if p.article in articles for name in _speakers(p.text))
    names: dict[str, str] = {}
    for name in (*filter(_is_full_name, cited), *spoken):
        surname = name.split()[-1].casefold()
        if surname not in named:
            names.setdefault(surname, name)
    return [_speaker_question(name) for name in list(names.values())[:MOST_NEXT]]


def _speakers(text: str) -> list[str]:
    """Return the full names of those whose words a text reports."""
    return [statement.speaker for statement in statements(text) if _is_full_name(statement.speaker)]


def _is_full_name(name: str) -> bool:
    words = name.split()
    return len(words) > 1 and all(word[:1].isupper() for word in words)


def _speaker_question(name: str) -> str:
    return f"What did {name[:1].lower() + name[1:] if name.startswith('The ') else name} say?"


def examples(snapshot: Snapshot) -> list[tuple[str, str]]:
    """Return what the speakers of the newest articles said and what happened on the newest day, each with a word."""
    newest = snapshot.articles(limit=NEWEST_READ)
    outlets: dict[str, str] = {}
    for info in newest:
        for name in _speakers(snapshot.article(info.id).text)[:1]:
            outlets.setdefault(name, info.source or "A speaker")
    questions = [(_speaker_question(name), outlet) for name, outlet in list(outlets.items())[:3]]
    if newest and (day := newest[0].day):
        questions.append((f"What happened on {day.day} {day:%B %Y}?", "A day"))
    return questions


def welcome_html(snapshot: Snapshot, *, is_sample: bool = False) -> str:
    """Return what stands above the box before anything is asked: what the library holds."""
    return part("shell.j2", "welcome", snapshot.coverage(EVERYTHING), is_sample)


def start_html(snapshot: Snapshot, *, may_add: bool = False, is_sample: bool = False) -> str:
    """Return what stands below the box then: questions to try, the way to add, the newest articles."""
    newest = snapshot.articles(limit=NEWEST_LISTED)
    tried = SAMPLE_QUESTIONS if is_sample else examples(snapshot)
    return part("shell.j2", "start", tried, newest, may_add, is_sample)
