"""What a language model cost and was worth in an evaluation: tokens, quotes that stand nowhere, and the check."""

from collections.abc import Iterable, Sequence
from typing import Any

from qa.evaluation.outcome import Outcome

LIKELY = 0.5
"""The built-in reader's confidence from which it takes words for an answer."""


def model_figures(outcomes: Sequence[Outcome]) -> dict[str, Any] | None:
    """Return what the outcomes say of a language model, None where none was asked.

    asked: questions put to it. fell_back: of these, those that the built-in reader answered. prompt_tokens and
    completion_tokens: of all that its server counted, None where it counted none. quotes_dropped: quotes that stand
    nowhere. checked_likely and checked_unlikely: of the answers it chose, those whose words the built-in reader takes
    for an answer, and the others, each with how many are right.
    """
    asked = [outcome for outcome in outcomes if outcome.usage is not None]
    if not asked:
        return None
    usages = [outcome.usage for outcome in asked if outcome.usage is not None]
    prompts = [usage.prompt_tokens for usage in usages if usage.prompt_tokens is not None]
    replies = [usage.completion_tokens for usage in usages if usage.completion_tokens is not None]
    checked = [(o.checked, o.verdict == "right") for o in asked if not o.is_refused and o.checked is not None]
    return {
        "asked": len(asked),
        "fell_back": sum(outcome.fell_back for outcome in asked),
        "requests": sum(usage.requests for usage in usages),
        "prompt_tokens": sum(prompts) if prompts else None,
        "completion_tokens": sum(replies) if replies else None,
        "quotes_dropped": sum(usage.quotes_dropped for usage in usages),
        "checked_likely": _counted(right for score, right in checked if score >= LIKELY),
        "checked_unlikely": _counted(right for score, right in checked if score < LIKELY),
    }


def model_lines(outcomes: Sequence[Outcome]) -> list[str]:
    """Return the same for a person to read; nothing where no language model was asked."""
    values = model_figures(outcomes)
    if values is None:
        return []
    likely, unlikely = values["checked_likely"], values["checked_unlikely"]
    return [
        f"language model: {values['asked']} questions, {values['requests']} requests, "
        f"{_tokens(values['prompt_tokens'])} tokens sent, {_tokens(values['completion_tokens'])} received; "
        f"{values['quotes_dropped']} quotes that stand nowhere were dropped, "
        f"{values['fell_back']} questions were left to the built-in reader",
        f"its words checked by the built-in reader: likely {likely['count']}, of which {likely['right']} right; "
        f"unlikely {unlikely['count']}, of which {unlikely['right']} right",
    ]


def _counted(right: Iterable[bool]) -> dict[str, int]:
    verdicts = list(right)
    return {"count": len(verdicts), "right": sum(verdicts)}


def _tokens(count: int | None) -> str:
    return "an unknown number of" if count is None else f"{count:,}"
