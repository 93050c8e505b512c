"""A result as text for a terminal: answers with citations, or the reason for none."""

import textwrap
from datetime import date

from qa.result import Answer, Citation, ClosePassage, Result

WIDTH = 100


def terminal_text(result: Result, *, colour: bool) -> str:
    """Return the result as text. colour: mark quotes with escape sequences."""
    lines: list[str] = []
    if result.standalone_question != result.question:
        lines += [f"Asked as: {result.standalone_question}", ""]
    if result.why:
        lines += [result.why, ""]
    if result.status == "unsure" and result.reason:
        lines += [result.reason.message, ""]
    if result.answers:
        if result.disagreement:
            lines += ["The articles differ:", ""]
        for answer in result.answers:
            markers = "".join(f"[{number}]" for number in answer.citations)
            newer = " (newer)" if answer.newer else ""
            lines += [*_wrapped(f"{_bold(answer.text, colour)} {markers}{newer}{_check(answer)}", ""), ""]
        for citation in result.citations:
            lines += [*_citation_lines(citation, colour), ""]
    elif result.reason:
        lines += [result.reason.message, ""]
        if result.closest:
            lines += ["The closest passages, which may not answer:", ""]
            for passage in result.closest:
                lines += [*_passage_lines(passage, colour), ""]
    return "\n".join([*lines, *reader_lines(result), coverage_line(result)])


def reader_lines(result: Result) -> list[str]:
    """Return who read and what it cost, where that was not the built-in reader alone."""
    lines = [f"{result.why[:1].upper()}{result.why[1:]}."] if result.why else []
    if (usage := result.usage) is None:
        return lines
    if not result.why:
        lines.append(f"The words were chosen by {usage.model} at {usage.host}.")
    if usage.prompt_tokens is not None:
        lines.append(f"It took {usage.prompt_tokens:,} tokens and gave {usage.completion_tokens or 0:,}.")
    if usage.quotes_dropped:
        lines.append(f"It named {usage.quotes_dropped:,} more that no sentence holds; they were dropped.")
    return [" ".join(lines)] if lines else []


def coverage_line(result: Result) -> str:
    """Return a sentence about what was searched."""
    s = result.searched
    articles = f"{s.articles:,} article{'' if s.articles == 1 else 's'}"
    outlets = f"{s.sources:,} outlet{'' if s.sources == 1 else 's'}"
    dates = f", {s.first} to {s.last}" if s.first and s.last else ""
    asked = {
        "sources": lambda value: "outlet " + ", ".join(value),
        "after": lambda value: f"from {value}",
        "before": lambda value: f"until {value}",
    }
    filters = "; ".join(asked[name](value) for name, value in s.filters.items())
    return f"Searched {articles} of {outlets}{dates}{' (' + filters + ')' if filters else ''}."


def origin(source: str | None, author: str | None, published: str | None) -> str:
    """Return outlet, author and date in one line."""
    return ", ".join(part for part in (source or "outlet unknown", author, published or "no date") if part)


def _check(answer: Answer) -> str:
    """Return what the built-in reader makes of words that another reader chose."""
    return "" if answer.checked is None else f" (the built-in reader takes this for the answer at {answer.checked:.0%})"


def _citation_lines(c: Citation, colour: bool) -> list[str]:
    at = c.start - c.sentence_start
    sentence = c.sentence
    if at >= 0 and c.sentence[at : at + len(c.quote)] == c.quote and c.quote != c.sentence:
        sentence = c.sentence[:at] + _bold(c.quote, colour) + c.sentence[at + len(c.quote) :]
    lines = _wrapped(f"[{c.number}] “{sentence}”", "    ")
    lines += _wrapped(f"    {c.title} — {origin(c.source, c.author, c.published)}", "    ")
    if c.speaker:
        lines.append(f"    said by {c.speaker.name} ({c.speaker.voice} speech)")
    for day in c.dates:
        until = "" if day.first == day.last else f" to {_day(day.last)}"
        lines.append(f"    “{day.text}” is {_day(day.first)}{until}")
    if c.also_in:
        lines += _wrapped("    also in " + ", ".join(origin(o.source, None, o.published) for o in c.also_in), "    ")
    for slice_ in c.context:
        lines += _wrapped(f"    before it: “{slice_.text}”", "    ")
    check = "" if c.verified else "  NOT VERIFIED: the stored text differs"
    lines.append(f"    article {c.article}, characters {c.start} to {c.end}{check}")
    if c.url:
        lines.append(f"    {c.url}")
    return lines


def _passage_lines(p: ClosePassage, colour: bool) -> list[str]:
    start, end = p.mark or (0, 0)
    text = p.text[:start] + (_bold(p.text[start:end], colour) if start < end else "") + p.text[end:]
    return [
        *_wrapped(f"  - “{' '.join(text.split())}”", "    "),
        f"    {p.title} — {origin(p.source, None, p.published)}",
        f"    article {p.article}, characters {p.start} to {p.end}",
    ]


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _bold(text: str, colour: bool) -> str:
    return f"\033[1m{text}\033[0m" if colour else text


def _day(day: date) -> str:
    return f"{day:%A}, {day.day} {day:%B %Y}"
