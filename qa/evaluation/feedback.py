"""Turning feedback into gold questions."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from corpus.store.feedback import Feedback

VERDICTS = ("right", "answer_wrong", "evidence_wrong")


def gold_rows(feedback: Iterable[Feedback]) -> Iterator[dict[str, Any]]:
    """Yield a gold question for each feedback that tells the right answer, oldest first.

    A right answer is kept with its evidence, a right refusal without answers. Wrong evidence keeps the answers without
    evidence. A wrong answer needs the right one in the comment. `kind` is `feedback`. For the same question after the
    same turns, the latest feedback counts.
    """
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for number, one in enumerate(feedback, start=1):
        settled = _settled(one)
        if settled is not None:
            result = json.loads(one.result)
            row = {
                "id": f"feedback-{number}",
                "question": result["question"],
                "turns": json.loads(one.turns),
                **settled,
            }
            rows.pop((result["question"], one.turns), None)
            rows[result["question"], one.turns] = row
    yield from rows.values()


def unsettled(feedback: Iterable[Feedback]) -> int:
    """Return the number of feedbacks that call an answer wrong without giving the right one."""
    return sum(_settled(one) is None for one in feedback)


def gold_lines(feedback: Iterable[Feedback]) -> list[str]:
    """Return the gold questions as JSON Lines."""
    return [json.dumps(row, ensure_ascii=False) for row in gold_rows(feedback)]


def _settled(one: Feedback) -> dict[str, Any] | None:
    result = json.loads(one.result)
    if one.verdict == "answer_wrong":
        return {"answers": [one.words], "need": "any", "kind": "feedback", "evidence": []} if one.words else None
    answers = list(dict.fromkeys(answer["text"] for answer in result["answers"]))
    evidence = [{"article": c["article"], "quote": c["quote"]} for c in result["citations"]]
    return {
        "answers": answers,
        "need": "all" if len(answers) > 1 else "any",
        "kind": "feedback",
        "evidence": evidence if one.verdict == "right" else [],
    }
