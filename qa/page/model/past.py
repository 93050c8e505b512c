"""Earlier conversations, kept with the account on a page with a login. Without a login each browser keeps its own."""

import json
from collections.abc import Sequence

from corpus.errors import UsageError
from corpus.store.activity import Conversation, Conversations
from qa.page.model.desk import Desk

MOST_CONVERSATIONS = 200
"""Of one person, as in a browser (past.js)."""
MAX_CONVERSATIONS_BYTES = 500_000
MAX_LINK_BYTES = 65_536
"""The page's server takes no longer address."""

Change = tuple[Conversation | None, Sequence[str]]
"""A conversation to keep, and the addresses of those to drop before."""


def read_change(body: bytes) -> Change:
    """Return the change that a browser asks for. Raises UsageError for what is none."""
    try:
        given = json.loads(body)
        kept, dropped = given["keep"], [_text(link) for link in given["drop"]]
        conversation = Conversation(_text(kept["link"]), _text(kept["token"])) if kept else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UsageError("this is no conversation") from None
    if conversation and not conversation.link.startswith("?"):
        raise UsageError("this is no address of a conversation")
    return conversation, dropped


def _text(given: str) -> str:
    """Return a text that can be stored and is no longer than an address may be. Raises ValueError or AttributeError."""
    if len(given.encode("utf-8")) > MAX_LINK_BYTES:
        raise ValueError("too long")
    return given


def conversations_of(desk: Desk, person: str, change: Change | None = None) -> list[Conversation]:
    """Return a person's conversations, the latest first, after the change. Raises LibraryError."""
    kept = Conversations(desk.activity_folder, person)
    if change:
        kept.change(kept=change[0], dropped=change[1], most=MOST_CONVERSATIONS)
    return kept.all()
