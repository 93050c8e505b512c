"""Answers to "Who said “…”?": the quoted words are found in the passages, and their own speaker is named.

A quotation is exact, so that this is a rule and no reading: where the words stand, or nearly, the speaker is whom the
text names for just these words. Where it names nobody for them, or they stand nowhere, there is no answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from corpus.near_copies import is_reprint
from corpus.sentences import paragraph_around
from corpus.speakers.statements import Statement, statements
from embeddings.library.search import Hit
from qa.compose.cite import Cited
from qa.compose.drafts import Draft, Place, same_answer
from qa.question.quotation import Match, QuotedWords, count_words, find_words, quoted_words, words_said
from qa.question.words import stems

WORD_FOR_WORD, NEARLY = 0.97, 0.9
"""How sure a speaker is: of 101 statements in unseen articles, 99 had the right one (docs/days-and-speakers.md)."""
_MOST = 4
_TELLING = 4
"""So many quoted words in two articles are one statement: another speaker there is a contradiction."""
_TOLD = 0.5
"""Of fewer words, so much of what else the question names has to stand near them."""
_FEWEST_SAID, _SAID = 2, 0.5
"""So many words, and so large a part of them, tell whose statement is asked for where none is quoted."""
_COVERED = 0.6
"""A statement has so much of the words found."""


@dataclass(frozen=True, slots=True)
class WhoSaid:
    """What the passages say of a quotation's speaker: drafts, none where nobody is named for it.

    unnamed: for the numbers of passages that have the quoted words without a speaker, where: characters of the passage.
    """

    drafts: tuple[Draft, ...]
    unnamed: dict[int, tuple[int, int]]


def who_said(question: str, hits: Sequence[Hit], articles: Cited) -> WhoSaid | None:
    """Return who said what a question quotes, None where it asks for no quotation's speaker and is to be read as usual.

    Of words that stand in no passage nobody is the speaker, unless they are few and the question names more.
    """
    quoted = quoted_words(question)
    if quoted is None:
        return None
    places: list[Place] = []
    unnamed: dict[int, tuple[int, int]] = {}
    texts: dict[str, str] = {}
    for number, hit in enumerate(hits):
        for match in find_words(quoted, hit.text):
            text = texts.setdefault(hit.version, articles.article(hit.article, hit.version).text)
            statement = _statement(text, hit.start + match.start, hit.start + match.end)
            if statement is None:
                unnamed.setdefault(number, (match.start, match.end))
            elif same_answer(statement.speaker, question):
                return None
            elif _is_asked_about(quoted, hit, text, statement):
                places.append(_place(hit, text, match, statement))
    if places:
        return WhoSaid(tuple(_drafts(quoted, places)), unnamed)
    says = quoted.marked and quoted.says and (quoted.count >= _TELLING or not quoted.about)
    return WhoSaid((), unnamed) if says else None


def speakers_of_it(question: str, places: Sequence[Place], texts: Mapping[str, str]) -> list[Place]:
    """Return the places; of "Who said that ...?", those alone whose own statement has the words asked about.

    A reader names who stands near the words. texts: of the versions that the places stand in.
    """
    asked = words_said(question)
    if len(asked) < _FEWEST_SAID:
        return list(places)
    shares = [_share_said(asked, place, texts[place.hit.version]) for place in places]
    most = max(shares, default=0.0)
    return [place for place, share in zip(places, shares, strict=True) if most < _SAID or share == most]


def _share_said(asked: frozenset[str], place: Place, text: str) -> float:
    """Return the share of words asked about that one statement by the place's speaker has."""
    said = statements(text, start=place.hit.start, end=place.hit.end)
    own = (stems(text[s.start : s.end]) for s in said if same_answer(s.speaker, place.text))
    return max((len(asked & words) / len(asked) for words in own), default=0.0)


def _statement(text: str, start: int, end: int) -> Statement | None:
    """Return the statement that most of `text[start:end]` belongs to, a quoted one before a reported one."""
    covering = [
        (min(s.end, end) - max(s.start, start), s.voice == "direct", s) for s in statements(text, start=start, end=end)
    ]
    overlap, _, best = max(covering, key=lambda found: found[:2], default=(0, False, None))
    return best if overlap >= _COVERED * (end - start) else None


def _is_asked_about(quoted: QuotedWords, hit: Hit, text: str, statement: Statement) -> bool:
    if not quoted.may_be(count_words(text[statement.start : statement.end])):
        return False
    if quoted.count >= _TELLING or not quoted.about:
        return True
    first, last = paragraph_around(text, statement.start, statement.end)
    return len(quoted.about & stems(f"{hit.info.heading}\n{text[first:last]}")) >= _TOLD * len(quoted.about)


def _place(hit: Hit, text: str, match: Match, statement: Statement) -> Place:
    """Return the speaker's name as an answer, shown together with the quotation."""
    start, end = hit.start + match.start, hit.start + match.end
    first, last = min(hit.start, statement.speaker_start), max(hit.end, statement.speaker_end)
    return Place(
        hit=replace(hit, start=first, end=last, text=text[first:last]),
        start=statement.speaker_start,
        end=statement.speaker_end,
        text=statement.speaker,
        confidence=NEARLY if match.edits else WORD_FOR_WORD,
        kind="short",
        around=(min(statement.speaker_start, start), max(statement.speaker_end, end)),
    )


def _drafts(quoted: QuotedWords, places: Sequence[Place]) -> list[Draft]:
    """Return an answer a speaker. Two speakers of one statement contradict each other, if it is not just "No."."""
    exact = max(place.confidence for place in places)
    drafts: list[Draft] = []
    for place in sorted(places, key=lambda place: -place.confidence):
        same = next((n for n, draft in enumerate(drafts) if same_answer(draft.best.text, place.text)), None)
        if same is not None:
            drafts[same] = _with(drafts[same], place)
        elif place.confidence == exact:
            other = any(draft.best.hit.article != place.hit.article for draft in drafts)
            drafts.append(Draft((place,), group=1 if other and quoted.count >= _TELLING else len(drafts) + 1))
    return drafts[:_MOST]


def _with(draft: Draft, place: Place) -> Draft:
    """Return the draft with one more article that has it, as a reprint where that prints the same sentences."""
    if any(place.hit.version == other.hit.version for other in draft.places):
        return draft
    if any(place.hit.copy_group == o.hit.copy_group or is_reprint(_shown(place), _shown(o)) for o in draft.places):
        return replace(draft, reprints=(*draft.reprints, place))
    return replace(draft, places=(*draft.places, place))


def _shown(place: Place) -> str:
    first, last = place.around or (place.start, place.end)
    return place.hit.text[first - place.hit.start : last - place.hit.start]
