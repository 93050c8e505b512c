"""Plain text for people: counts with their plurals, messages as sentences, and a result for a terminal."""

import re
import textwrap
from datetime import date

from qa.result import Answer, Citation, ClosePassage, Result

WIDTH = 100
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def printable(text: str) -> str:
    """Return the text without the characters that no page shows and no XML file may hold."""
    return _UNPRINTABLE.sub("\ufffd", text)


def plural(number: int, thing: str) -> str:
    """Return the number and the thing counted: 1 article, 1,200 articles."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def articles_of(articles: int, outlets: int) -> str:
    """Return how many articles of how many outlets there are, or that none of them names its outlet."""
    if not articles:
        return "no articles"
    counted = plural(articles, "article")
    return f"{counted} of {plural(outlets, 'outlet')}" if outlets else f"{counted} without an outlet"


def as_sentence(message: str) -> str:
    """Return a message as a sentence: a capital at its start, a stop at its end, commands in quotation marks."""
    words = re.sub(r"`([^`]*)`", r"“\1”", message.strip()) or "Something went wrong."
    first = words[0] if re.match(r"\w+://", words) else words[0].upper()  # an address stays as it is
    return first + words[1:] + ("" if words.rstrip("”")[-1:] in (".", "!", "?") else ".")


def undated_words(count: int) -> str:
    """Return a sentence about the articles that filters by day leave out: they have no day."""
    return f"Left out: {'1 article' if count == 1 else f'{count:,} articles'} without a day."


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
            marks = f"{markers}{standing(answer)}{_check(answer)}"
            lines += [*_wrapped(f"{_bold(answer.text, colour)} {marks}", ""), ""]
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
    dates = f", {s.first} to {s.last}" if s.first and s.last else ""
    asked = {
        "sources": lambda value: "outlet " + ", ".join(value),
        "after": lambda value: f"from {value}",
        "before": lambda value: f"until {value}",
        "article": lambda value: f"article {value}",
        "title": lambda value: f"“{value}”",
    }
    filters = "; ".join(asked[name](value) for name, value in s.filters.items())
    undated = f" {undated_words(s.undated)}" if s.undated else ""
    return f"Searched {articles_of(s.articles, s.sources)}{dates}{' (' + filters + ')' if filters else ''}.{undated}"


def origin(source: str | None, author: str | None, published: str | None) -> str:
    """Return outlet, author and date in one line."""
    return ", ".join(part for part in (source or "outlet unknown", author, published or "no date") if part)


def standing(answer: Answer) -> str:
    """Return how an answer stands to those that differ from it: " (newer, corrects [1])", "" for nothing to say."""
    said = ["newer"] if answer.newer else []
    said += [f"corrects {''.join(f'[{number}]' for number in answer.corrects)}"] if answer.corrects else []
    return f" ({', '.join(said)})" if said else ""


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
