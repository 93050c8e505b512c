"""What every part of the page works with: the assistant, what may be done, and the conversations kept."""

from dataclasses import dataclass, field
from pathlib import Path

from corpus.errors import CitewireError
from embeddings.library.library import LocalLibrary, Snapshot
from qa.assistant import Assistant
from qa.page.model.conversation import KeptTurns
from qa.page.model.limits import Limit, question_limit


class NotAllowed(CitewireError):  # noqa: N818 - reads better at the raise
    """The page may not do this here: it was started so that it only answers."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One running page. `may_change` says whether articles can be added and removed through it, `why_not` why not.

    `questions` limits how many questions a client asks in a minute; `has_login` says whether people log in to the page.
    """

    assistant: Assistant
    may_change: bool = False
    why_not: str = "this page only answers"
    kept: KeptTurns = field(default_factory=KeptTurns)
    questions: Limit = field(default_factory=lambda: question_limit(0))
    has_login: bool = False

    @property
    def activity_folder(self) -> Path:
        """Where feedback is kept: beside the library. Raises CitewireError for a library that is in no folder."""
        library = self.assistant.library
        if isinstance(library, LocalLibrary):
            return library.folder
        raise CitewireError("feedback cannot be kept: this library is not in a folder of this machine")

    def require_change(self) -> None:
        """Raise NotAllowed where the page may not change the library."""
        if not self.may_change:
            raise NotAllowed(f"articles cannot be added or removed here: {self.why_not}")


EXAMPLES = (
    ("Who led the delegations?", "talks-open.md"),
    ("How many houses were damaged?", "flood-names.md"),
    ("Who signed for the company?", "strike-settlement-radio.md"),
    ("What did the sheriff say?", "flood-monday.md"),
    ("What post does Syed Haider Shah hold?", "talks-close.md"),
)
"""Example questions, each with the file of the bundled collection that it is about."""


def examples(snapshot: Snapshot) -> list[str]:
    """Return the example questions whose articles the library holds."""
    return [question for question, file in EXAMPLES if snapshot.articles_named(file)]
