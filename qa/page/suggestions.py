"""Questions that the page suggests: examples at the start, and what to ask next after an answer."""

from corpus.speakers.statements import statements
from embeddings.library.protocol import Snapshot
from qa.result import Result

MOST_NEXT = 3
BUNDLED = (
    ("How many people came to the rally for the old bridge?", "Articles differ", "bridge-rally-ledger.md"),
    (
        "How did the strike at Tolliver Glass unfold, from the walkout to the return to work?",
        "A course of events",
        "strike-walkout.md",
    ),
    ("Who led the delegations?", "Several answers", "talks-close.md"),
    ("Who was fined for leaving the drain gate open?", "Not in the articles", "flood-gate.md"),
)
"""Questions with what they show, and the file of the bundled collection that they are about."""
NEWEST_READ = 8


def next_questions(result: Result) -> tuple[str, ...]:
    """Return up to three questions: what those said who speak in the articles cited, the speakers of the quotes first.

    Only speakers with a full name, and none whom the question names already.
    """
    named = f"{result.question} {result.standalone_question}".casefold()
    cited = [citation.speaker.name for citation in result.citations if citation.speaker]
    articles = {citation.article for citation in result.citations}
    passages = (passage.text for passage in result.retrieved if passage.article in articles)
    spoken = (statement.speaker for text in passages for statement in statements(text))
    names: dict[str, str] = {}
    for name in (*cited, *spoken):
        surname = name.split()[-1].casefold()
        if is_full_name(name) and surname not in named:
            names.setdefault(surname, name)
    return tuple(speaker_question(name) for name in list(names.values())[:MOST_NEXT])


def speaker_question(name: str) -> str:
    """Return the question what somebody said."""
    return f"What did {name[:1].lower() + name[1:] if name.startswith('The ') else name} say?"


def is_full_name(name: str) -> bool:
    """Tell whether a speaker is named in full: two words or more, each with a capital letter."""
    words = name.split()
    return len(words) > 1 and all(word[:1].isupper() for word in words)


def examples(snapshot: Snapshot) -> list[tuple[str, str]]:
    """Return up to four questions, each with a word on what it shows."""
    bundled = [(question, shows) for question, shows, file in BUNDLED if snapshot.articles_named(file)]
    return bundled if len(bundled) == len(BUNDLED) else _from_articles(snapshot)


def _from_articles(snapshot: Snapshot) -> list[tuple[str, str]]:
    """Return what the speakers of the newest articles said, and what happened on the newest article's day."""
    newest = snapshot.articles(limit=NEWEST_READ)
    speakers: dict[str, str] = {}
    for info in newest:
        said = [s.speaker for s in statements(snapshot.article(info.id).text) if is_full_name(s.speaker)]
        if said:
            speakers.setdefault(said[0], info.source or "A speaker")
    questions = [(speaker_question(name), outlet) for name, outlet in list(speakers.items())[:3]]
    days = [info.day for info in newest if info.day]
    if days:
        questions.append((f"What happened on {days[0].day} {days[0]:%B %Y}?", "A day"))
    return questions
