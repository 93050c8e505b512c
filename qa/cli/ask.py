"""`citewire ask` and `citewire questions`: a question, one by outlet or month, a file of questions, those saved."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from corpus.errors import UsageError
from corpus.store.activity import SavedQuestion, SavedQuestions, SavedResult, filters_json
from corpus.store.connection import find_database
from corpus.store.records import Filters
from qa.assistant import check_question
from qa.batch.saved_questions import Rerun, ask_again, known_on
from qa.batch.table import Journal, answer_table, first_told
from qa.batch.tasks import groups, read_questions
from qa.cli.opening import filters_of, library_folder, opened_assistant
from qa.cli.terminal import INTERRUPTED, print_json, progress_bar, stopping
from qa.output.plain_text import credit_line, in_brackets, plural, say, terminal_text
from qa.result import SCHEMA

_MOST_AT_ONCE = 64
CHANGED = 3
"""The exit code of `run --exit-code` where something has changed."""


def ask_command(options: argparse.Namespace) -> int:
    """Answer one question, or all of a file."""
    if options.questions is not None:
        return _ask_file(options)
    if options.out is not None:
        raise UsageError("--out takes the answers to a file of questions: name one with --questions FILE")
    if options.question is None:
        raise UsageError("ask a question, or name a file of them with --questions FILE")
    if options.by is not None:
        return _ask_by(options)
    with opened_assistant(options) as assistant:
        result = assistant.ask(options.question, turns=options.turn, filters=filters_of(options))
    if options.json:
        print_json(result.to_json())
    else:
        print(terminal_text(result, colour=sys.stdout.isatty() and "NO_COLOR" not in os.environ))
    return 0


def _ask_file(options: argparse.Namespace) -> int:
    """Write a table of answers. Return 130 where it was stopped before the end."""
    if options.question is not None or options.turn or options.json:
        raise UsageError("--questions FILE goes with --out FILE, and without a question, --turn or --json")
    if options.out is None:
        raise UsageError("--questions needs --out FILE.csv, .xlsx, .md or .jsonl for the answers")
    if not 1 <= options.at_once <= _MOST_AT_ONCE:
        raise UsageError(f"--at-once takes a number from 1 to {_MOST_AT_ONCE}")
    asked = read_questions(Path(options.questions), filters_of(options))
    with (
        closing(Journal(Path(options.out), overwrite=options.overwrite)) as journal,
        opened_assistant(options) as assistant,
        stopping("stopping after the questions in hand") as stop,
        progress_bar("asking", "question") as progress,
    ):
        done, total = answer_table(
            assistant, asked, journal, by=options.by, at_once=options.at_once, stop=stop, told=progress
        )
    if done < total:
        say(f"stopped after {done:,} of {total:,} answers; the same command goes on with the rest")
        return INTERRUPTED
    say(f"{options.out} has the answers to {plural(len(asked), 'question')}")
    return 0


def _ask_by(options: argparse.Namespace) -> int:
    """Ask one question of each outlet, month or article."""
    if options.turn:
        raise UsageError("--turn and --by do not go together: ask the whole question at once")
    check_question(options.question)
    chosen, found = filters_of(options), list[tuple[str, Filters]]()
    with opened_assistant(options) as assistant, progress_bar("asking", options.by) as progress:
        try:
            with assistant.library.snapshot() as snapshot:
                found = groups(snapshot, options.by, chosen)
        except UsageError as error:  # no group has articles: as with no answer, that is no wrong use
            say(str(error))
        results: list[tuple[str, dict[str, Any]]] = []
        for name, filters in found:
            progress(len(results), len(found))
            results.append((name, assistant.ask(options.question, filters=filters).to_json()))
    first = first_told([result for _, result in results])
    if options.json:
        print_json(
            {
                "schema": SCHEMA,
                "question": options.question,
                "by": options.by,
                "groups": [{"name": name, "result": result} for name, result in results],
                "first_told": [each._asdict() for each in first],
            }
        )
        return 0
    for name, result in results:
        print("\n".join([name, *answer_lines(result)]))
    if first:
        print("\nFirst told:")
        for day, text, source, unsure in first:
            print(f"  {day or 'no date':10}  {text}{' (unsure)' if unsure else ''} ({source})")
    return 0


def answer_lines(result: Mapping[str, Any]) -> list[str]:
    """Return a line for each answer of a result (`citewire/1`), with its first citation."""
    cited = {citation["number"]: citation for citation in result["citations"]}
    unsure = " (unsure)" if result["status"] == "unsure" else ""
    lines = []
    for answer in result["answers"]:
        c = cited[answer["citations"][0]]
        where = credit_line(c["source"], None, c["published"])
        newer = " (newer)" if answer["newer"] else ""
        lines.append(f"  {answer['text']}{newer}{unsure} — {where}, article {c['article']}, {c['start']} to {c['end']}")
    return lines or ["  does not say"]


def questions_command(options: argparse.Namespace) -> int:
    """Run one of the actions on saved questions."""
    folder = library_folder(options)
    find_database(folder)  # raises LibraryMissing
    return _ACTIONS[options.action](options, SavedQuestions(folder))


def _add(options: argparse.Namespace, questions: SavedQuestions) -> int:
    check_question(options.question)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    saved = questions.add(options.question.strip(), filters_of(options), now=now)
    if options.json:
        print_json(_question_json(saved))
    else:
        print(f"Saved as question {saved.number}.")
    return 0


def _list(options: argparse.Namespace, questions: SavedQuestions) -> int:
    found = questions.all()
    if options.json:
        print_json([_question_json(saved) for saved in found])
        return 0
    for saved in found:
        print(f"{saved.number:4}  {saved.question}{in_brackets(filters_json(saved.filters))}")
    print(plural(len(found), "question"), file=sys.stderr)
    return 0


def _remove(options: argparse.Namespace, questions: SavedQuestions) -> int:
    for number in options.numbers:
        questions.one(number)
    for number in dict.fromkeys(options.numbers):
        questions.remove(number)
    print(f"Removed {plural(len(set(options.numbers)), 'question')}, with what was answered.")
    return 0


def _run(options: argparse.Namespace, questions: SavedQuestions) -> int:
    """Ask all questions, or those named. Print what changed since the last time."""
    chosen = _named(options, questions)
    done: list[Rerun] = []
    with (
        opened_assistant(options) as assistant,
        stopping("stopping after the question in hand") as stop,
        progress_bar("asking", "question") as progress,
    ):
        for each in ask_again(assistant, questions, chosen):
            done.append(each)
            progress(len(done), len(chosen))
            if stop.is_set():
                break
    changed = [each for each in done if each.changes]
    if options.json:
        print_json([each.to_json() for each in changed])
    else:
        for each in changed:
            print("\n".join([f"{each.saved.number}  {each.saved.question}", *(f"   {c.line()}" for c in each.changes)]))
        print(f"{plural(len(done), 'question')} asked, {len(changed):,} with changes", file=sys.stderr)
    for each in done:
        reason = each.result["reason"]
        if reason and reason["code"] == "nothing_under_filters":
            say(f"question {each.saved.number}: {reason['message']}")
    if len(done) < len(chosen):
        return INTERRUPTED
    return CHANGED if changed and options.exit_code else 0


def _show(options: argparse.Namespace, questions: SavedQuestions) -> int:
    """Print what was answered to all questions, or those named, the last time or on a day."""
    shown = [
        (saved, known_on(questions, saved.number, options.on) if options.on else questions.latest(saved.number))
        for saved in _named(options, questions)
    ]
    if not any(result for _, result in shown):
        what = f"nothing was asked on {options.on} or before" if options.on else "nothing was asked yet"
        raise UsageError(f'{what}: "citewire questions run" asks, and "citewire questions show" shows what it gave')
    if options.json:
        print_json([_result_json(saved, result) for saved, result in shown])
        return 0
    for saved, result in shown:
        print(f"{saved.number}  {saved.question}{in_brackets(filters_json(saved.filters))}")
        if result is None:
            print("  not asked until then" if options.on else "  not asked yet")
            continue
        print("\n".join(answer_lines(json.loads(result.result))))
        first, last = _moment(result.first_asked), _moment(result.last_asked)
        print(f"  answered like this {f'from {first} to {last}' if first != last else f'on {first}'}")
    return 0


def _named(options: argparse.Namespace, questions: SavedQuestions) -> list[SavedQuestion]:
    """Return the questions that the command names, else all. Raises UsageError where there is none."""
    if options.numbers:
        return [questions.one(number) for number in dict.fromkeys(options.numbers)]
    if found := questions.all():
        return found
    raise UsageError('no question is saved: "citewire questions add QUESTION" saves one')


def _result_json(saved: SavedQuestion, result: SavedResult | None) -> dict[str, Any]:
    return {
        **_question_json(saved),
        "first_asked": result and result.first_asked,
        "last_asked": result and result.last_asked,
        "changes": json.loads(result.changes) if result else [],
        "result": json.loads(result.result) if result else None,
    }


def _moment(given: str) -> str:
    """Return a moment in the time of this computer, which `--on` takes too."""
    return f"{datetime.fromisoformat(given).astimezone():%Y-%m-%d %H:%M}"


def _question_json(saved: SavedQuestion) -> dict[str, Any]:
    return asdict(saved) | {"filters": filters_json(saved.filters)}


_ACTIONS: Mapping[str, Callable[[argparse.Namespace, SavedQuestions], int]] = {
    "add": _add,
    "list": _list,
    "remove": _remove,
    "run": _run,
    "show": _show,
}
