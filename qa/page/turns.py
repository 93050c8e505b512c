"""A turn of a conversation, a question with its result, and the latest conversations in memory."""

import secrets
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock

from corpus.store.records import EVERYTHING, Filters
from qa.assistant import MAX_QUESTION_CHARACTERS
from qa.result import Result

MAX_CONVERSATIONS = 2_000
"""Answers whose exports and feedback forms work; the oldest go first."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A question asked on the page, with its result or the sentence that says why there is none.

    `earlier` are the questions before it, oldest first. `token` names it to the export and feedback addresses: nobody
    can guess it.
    """

    question: str
    earlier: tuple[str, ...] = ()
    filters: Filters = EVERYTHING
    result: Result | None = None
    error: str | None = None
    token: str = field(default_factory=lambda: secrets.token_urlsafe(16))


class RecentConversations:
    """The latest conversations of everybody, each found only by the token of one of its turns."""

    def __init__(self, limit: int = MAX_CONVERSATIONS) -> None:
        self._limit = limit
        self._lock = Lock()
        self._by_token: OrderedDict[str, tuple[Turn, ...]] = OrderedDict()

    def keep(self, turns: Sequence[Turn]) -> None:
        """Keep the conversation up to its last turn under that turn's token."""
        with self._lock:
            self._by_token[turns[-1].token] = tuple(turns)
            if len(self._by_token) > self._limit:
                self._by_token.popitem(last=False)

    def get(self, token: str) -> tuple[Turn, ...]:
        """Return the conversation up to the turn of this token; empty where it is not known."""
        with self._lock:
            return self._by_token.get(token, ())


def cleaned(question: str) -> str:
    """Return the question as it is asked and named in addresses: without space around it and halves of characters."""
    return question.encode("utf-16", "surrogatepass").decode("utf-16", "replace").strip()


def shortened(question: str) -> str:
    """Return the question, or of one that is too long to be asked its beginning."""
    return question if len(question) <= MAX_QUESTION_CHARACTERS else question[:200].rstrip() + " …"
