"""What every part of the served page works with: the assistant, what may be done here, and the turns in memory."""

import secrets
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from corpus.errors import CitewireError
from corpus.store.records import EVERYTHING, Filters
from embeddings.encoder.model_files import cache_folder
from embeddings.library.library import LocalLibrary
from qa.assistant import MAX_QUESTION_CHARACTERS, Assistant
from qa.output.plain_text import as_sentence
from qa.page.limits import RateLimit, Running, questions_per_minute
from qa.result import Result

MAX_CONVERSATIONS = 2_000
"""Answers whose exports and feedback forms work; the oldest go first."""


def sentence(error: CitewireError) -> str:
    """Return an error's message as a sentence for the page."""
    return as_sentence(str(error))


def is_bundled(folder: Path) -> bool:
    """Tell whether a library's folder is that of the bundled collection."""
    return folder.name.startswith("bundled-") and folder.parent == cache_folder(None)


class NotAllowed(CitewireError):  # noqa: N818 - reads better at the raise
    """The page may not do this here: it was started so that it only answers."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A question asked on the page, with its result or the sentence that says why there is none.

    `earlier`: the questions before it, oldest first. `token`: its name, which nobody can guess.
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
        self._by_token: OrderedDict[str, tuple[Turn, ...]] = OrderedDict()

    def keep(self, turns: Sequence[Turn]) -> None:
        """Keep the conversation up to its last turn under that turn's token."""
        self._by_token[turns[-1].token] = tuple(turns)
        if len(self._by_token) > self._limit:
            self._by_token.popitem(last=False)

    def get(self, token: str) -> tuple[Turn, ...]:
        """Return the conversation up to the turn of this token; empty where it is not known."""
        return self._by_token.get(token, ())


@dataclass(frozen=True, slots=True)
class Site:
    """The page as it is served, with what it holds in memory: `recent` conversations, and the `running` questions.

    `may_change`: whether articles can be added and removed, else `why_not`. `question_limit`: of each client a minute.
    """

    assistant: Assistant
    may_change: bool = False
    why_not: str = "this page only answers"
    question_limit: RateLimit = field(default_factory=lambda: questions_per_minute(0))
    has_login: bool = False
    recent: RecentConversations = field(default_factory=RecentConversations)
    running: Running = field(default_factory=Running)

    @property
    def local(self) -> LocalLibrary | None:
        """The library where it is in a folder of this machine."""
        return self.assistant.library if isinstance(self.assistant.library, LocalLibrary) else None

    @property
    def is_sample(self) -> bool:
        """Whether the library is the bundled collection, whose articles are invented."""
        return self.local is not None and is_bundled(self.local.folder)

    @property
    def may_save(self) -> bool:
        """Whether questions are saved through the page: by people who log in, or who own the library's folder."""
        return (self.has_login or self.may_change) and self.local is not None

    @property
    def keeps_conversations(self) -> bool:
        """Whether people's conversations are kept with their account; else each browser keeps its own."""
        return self.has_login and self.local is not None and not self.local.read_only

    @property
    def activity_folder(self) -> Path:
        """Where feedback is kept: beside the library. Raises CitewireError for a library that is in no folder."""
        if self.local is None:
            raise CitewireError("feedback cannot be kept: this library is not in a folder of this machine")
        return self.local.folder

    def check_may_change(self) -> None:
        """Raise NotAllowed where the page may not change the library."""
        if not self.may_change:
            raise NotAllowed(f"articles cannot be added or removed here: {self.why_not}")


def shortened(question: str) -> str:
    """Return the question, or of one that is too long to be asked its beginning."""
    return question if len(question) <= MAX_QUESTION_CHARACTERS else question[:200].rstrip() + " …"
