"""Keeping what a person says of an answer."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from corpus.errors import UsageError
from corpus.store.feedback import Feedback, add_feedback
from qa.evaluation.feedback import VERDICTS
from qa.page.model.conversation import Turn
from qa.page.model.desk import Desk

MAX_WORDS_CHARACTERS = 2_000


def give_feedback(desk: Desk, turns: Sequence[Turn], verdict: str, words: str) -> None:
    """Keep a verdict on the last of these turns. Raises UsageError for one that is none, or LibraryError."""
    if not turns or turns[-1].result is None:
        raise UsageError("this answer is no longer kept: ask the question again, then say what is wrong")
    if verdict not in VERDICTS:
        raise UsageError("choose whether the answer is right, the answer is wrong or the evidence is wrong")
    if len(words) > MAX_WORDS_CHARACTERS:
        raise UsageError(f"the feedback is longer than {MAX_WORDS_CHARACTERS:,} characters: say it in fewer")
    turn = turns[-1]
    add_feedback(
        desk.activity_folder,
        Feedback(
            given=datetime.now(UTC).isoformat(timespec="seconds"),
            verdict=verdict,
            words=words.strip(),
            turns=json.dumps(turn.earlier, ensure_ascii=False),
            result=json.dumps(turns[-1].result.to_json(), ensure_ascii=False),
        ),
    )
