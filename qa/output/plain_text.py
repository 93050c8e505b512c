"""Plain text for people: counts with their plurals, messages as sentences, and a result for a terminal."""

import re
import sys
import textwrap
from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from typing import Any

from corpus.article import parse_published
from qa.result import Answer, Citation, ClosePassage, ResolvedDay, Result

WIDTH = 100
_BOLD, _PLAIN = "\033[1m", "\033[0m"
_MARKS = frozenset('“”"')
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def printable(text: str) -> str:
    """Return the text without the characters that no page shows and no XML file may hold."""
    return _UNPRINTABLE.sub("\ufffd", text)


def say(message: str) -> None:
    """Tell people something of the program itself, on standard error."""
    sys.stderr.write(f"citewire: {message}\n")
    sys.stderr.flush()


def quoted(text: str) -> str:
    """Return words in quotation marks. Those that begin or end with one stay as they are: none stands doubled."""
    words = text.removeprefix(_BOLD).removesuffix(_PLAIN)
    return text if _MARKS & {words[:1], words[-1:]} else f"“{text}”"


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
    """Return a sentence about the articles that filters by day leave out as they have no day."""
    return f"Left out: {plural(count, 'article')} without a day."


VOICES = {"direct": "quoted directly", "reported": "in reported speech"}
"""How a speaker's words are given, in words."""


def day_words(day: date, *, weekday: bool = False) -> str:
    """Return a day as people write it: 5 March 2023, or Sunday, 5 March 2023."""
    return f"{day:%A}, {day.day} {day:%B %Y}" if weekday else f"{day.day} {day:%B %Y}"


def days_words(first: str, last: str) -> str:
    """Return the days from one publication to another."""
    words = [day_words(parse_published(day)) for day in (first, last)]
    return " to ".join(dict.fromkeys(words))


def span_words(first: date, last: date) -> str:
    """Return the days from one to another: 5 March 2023, March 2023 for the whole month, 2023 for the whole year."""
    if first == last:
        return day_words(first)
    same_month = (first.year, first.month) == (last.year, last.month)
    if same_month and first.day == 1 and last.day == monthrange(last.year, last.month)[1]:
        return f"{first:%B} {first.year}"
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        return f"{first.year}" if first.year == last.year else f"{first.year} to {last.year}"
    return f"{day_words(first)} to {day_words(last)}"


def resolved_words(day: ResolvedDay) -> str:
    """Return the days that words such as "Sunday" stand for, a single one with its weekday; "" where they say it."""
    words = day_words(day.first, weekday=True) if day.first == day.last else span_words(day.first, day.last)
    return "" if words.casefold() == day.text.casefold() else words


def published_words(published: str | None) -> str:
    """Return the day of publication as people write it, or that there is none."""
    return day_words(parse_published(published)) if published else "no date"


def filter_words(filters: Mapping[str, Any]) -> list[str]:
    """Return what filters let pass, in words. filters: as in `Searched`; an article without a title gives its id."""
    article, title = filters.get("article"), filters.get("title")
    words = [f"“{title}”" if title else f"article {article}"] if article else []
    words += [f"outlet {source}" for source in filters.get("sources") or ()]
    limits = (("from", filters.get("after")), ("until", filters.get("before")))
    return words + [f"{word} {published_words(day)}" for word, day in limits if day]


def in_brackets(filters: Mapping[str, Any]) -> str:
    """Return the words of filters to append to a line: " (outlet X; from 5 March 2023)", "" for no filter."""
    return f" ({'; '.join(filter_words(filters))})" if any(filters.values()) else ""


def credit_line(source: str | None, author: str | None, published: str | None) -> str:
    """Return outlet, author and day of publication in one line."""
    return ", ".join(part for part in (source or "outlet unknown", author, published_words(published)) if part)


def facts(c: Citation) -> list[str]:
    """Return what is known of a quote, a line each, so that it stands by itself."""
    lines = [f"{c.title} — {credit_line(c.source, c.author, c.published)}."]
    if c.speaker:
        lines.append(f"Said by {c.speaker.name} ({VOICES[c.speaker.voice]}).")
    if c.context:
        lines.append(f"Before it: {quoted(' '.join(each.text for each in c.context))}")
    lines += [f"{words}." for words in told_days(c)]
    if c.also_in:
        lines.append(f"Also in {copies(c)}.")
    return lines if c.verified else [*lines, "Warning: the stored text differs from this quote."]


def told_days(c: Citation) -> list[str]:
    """Return the days that words such as "Sunday" stand for, each with its words."""
    return [f"“{d.text}” is {words}" for d in c.dates if (words := resolved_words(d))]


def copies(c: Citation) -> str:
    """Return the other articles that print a citation's words."""
    return "; ".join(credit_line(copy.source, None, copy.published) for copy in c.also_in)


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
            marks = f"{markers}{standing(answer)}{_second_opinion(answer)}"
            lines += [*_wrapped(f"{_bold(answer.text, colour)} {marks}", ""), ""]
        for citation in result.citations:
            lines += [*_citation_lines(citation, colour), ""]
    elif result.reason:
        lines += [result.reason.message, ""]
        if result.closest:
            lines += ["The closest passages, which may not answer:", ""]
            for passage in result.closest:
                lines += [*_passage_lines(passage, colour), ""]
    return "\n".join([*lines, *filter(None, [read_by(result)]), coverage_line(result)])


def read_by(result: Result) -> str:
    """Return who read, why it was not the reader asked for, and what it cost; "" for the built-in reader alone."""
    used = result.usage
    if used is None and result.why is None:
        return ""
    model = f" ({used.model} at {used.host}, {plural(used.requests, 'request')})" if used else ""
    said = [f"Read by {result.reader}{model}."]
    said += [as_sentence(result.why)] if result.why else []
    if used and used.prompt_tokens is not None:
        said.append(f"It took {used.prompt_tokens:,} tokens and gave {used.completion_tokens or 0:,}.")
    if used and used.quotes_dropped:
        said.append(f"It named {used.quotes_dropped:,} more that no sentence holds; they were dropped.")
    return " ".join(said)


def coverage_line(result: Result) -> str:
    """Return a sentence about what was searched."""
    s = result.searched
    dates = f", {days_words(s.first, s.last)}" if s.first and s.last else ""
    undated = f" {undated_words(s.undated)}" if s.undated else ""
    return f"Searched {articles_of(s.articles, s.sources)}{dates}{in_brackets(s.filters)}.{undated}"


def standing(answer: Answer) -> str:
    """Return how an answer relates to those that differ from it: " (newer, corrects [1])", "" for not at all."""
    said = ["newer"] if answer.newer else []
    said += [f"corrects {''.join(f'[{number}]' for number in answer.corrects)}"] if answer.corrects else []
    return f" ({', '.join(said)})" if said else ""


def _second_opinion(answer: Answer) -> str:
    """Return how sure the built-in reader is of words that another reader chose, "" where it was not asked."""
    return "" if answer.checked is None else f" (the built-in reader takes this for the answer at {answer.checked:.0%})"


def _citation_lines(c: Citation, colour: bool) -> list[str]:
    at = c.start - c.sentence_start
    sentence = c.sentence
    if at >= 0 and c.sentence[at : at + len(c.quote)] == c.quote and c.quote != c.sentence:
        sentence = c.sentence[:at] + _bold(c.quote, colour) + c.sentence[at + len(c.quote) :]
    lines = _wrapped(f"[{c.number}] {quoted(sentence)}", "    ")
    for fact in facts(c):
        lines += _wrapped(f"    {fact}", "    ")
    lines.append(f"    article {c.article}, characters {c.start} to {c.end}")
    return [*lines, f"    {c.url}"] if c.url else lines


def _passage_lines(p: ClosePassage, colour: bool) -> list[str]:
    start, end = p.mark or (0, 0)
    text = p.text[:start] + (_bold(p.text[start:end], colour) if start < end else "") + p.text[end:]
    return [
        *_wrapped(f"  - {quoted(' '.join(text.split()))}", "    "),
        f"    {p.title} — {credit_line(p.source, None, p.published)}",
        f"    article {p.article}, characters {p.start} to {p.end}",
    ]


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _bold(text: str, colour: bool) -> str:
    return f"{_BOLD}{text}{_PLAIN}" if colour else text
