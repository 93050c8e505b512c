"""The short commands. A command takes the parsed options, prints, and returns its exit code; CitewireError ends it."""

import argparse
import getpass
import json
import sys
from pathlib import Path
from typing import Any

from corpus import __version__
from corpus.errors import CitewireError, ReadError, UsageError
from corpus.store.records import EVERYTHING, Counts
from embeddings.encoder.encoder import load_encoder
from embeddings.encoder.model_files import DEFAULT_MODEL
from embeddings.library.library import LocalLibrary
from embeddings.opening import open_library_at, open_or_create_library_at
from qa.cli.opening import (
    create_in_empty_folder,
    filters_of,
    library_address,
    library_folder,
    opened_assistant,
    opened_library,
    temporary_assistant,
)
from qa.cli.terminal import print_json, progress_bar, write_text
from qa.filters import meant_filters
from qa.output.plain_text import plural, say
from qa.reader.llm.endpoint import NAME as LLM
from qa.service import article_json, info_json


def serve_command(options: argparse.Namespace) -> int:
    """Serve the page until Ctrl-C."""
    from qa.page.serve import Serving, public_address, serve

    serving = Serving(
        host=options.host,
        port=options.port,
        share=options.share,
        open_browser=options.open,
        allow_changes=options.allow_changes,
        mcp=options.mcp,
        auth_file=Path(options.auth_file) if options.auth_file else None,
        questions_per_minute=options.questions_per_minute,
        public=public_address(options.public_address) if options.public_address else "",
    )
    may_ask_llm = serving.is_private or options.llm_shared
    if options.reader == LLM and not may_ask_llm:
        raise UsageError(
            "other people reach this page, and each of their questions would cost your tokens: add --llm-shared "
            "to allow that, or leave out --reader llm"
        )
    create_in_empty_folder(options)
    with opened_assistant(options, offer_llm=may_ask_llm) as assistant:
        serve(assistant, serving)
    return 0


def mcp_command(options: argparse.Namespace) -> int:
    """Serve MCP on standard input and output until the client closes them."""
    from qa.service import make_mcp_server

    with opened_assistant(options) as assistant:
        make_mcp_server(assistant).run("stdio")
    return 0


def password_command(options: argparse.Namespace) -> int:
    """Ask for a password, twice on a terminal, and print its line for the password file."""
    from qa.page.security.sessions import password_line

    if sys.stdin.isatty():
        password = getpass.getpass(f"Password for {options.name}: ")
        if getpass.getpass("The same again: ") != password:
            raise UsageError("the two passwords differ: run the command again")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    print(password_line(options.name, password))
    return 0


def remove_command(options: argparse.Namespace) -> int:
    """Remove the named articles. Return 1 if one is unknown."""
    if not options.ids and not options.purge:
        raise UsageError('no article is named: "citewire list" shows the ids')
    with open_library_at(library_address(options)) as library:
        report = library.remove(options.ids, purge=options.purge)
    print(f"Removed {plural(len(report.removed), 'article')}.")
    if report.missing:
        raise CitewireError(
            f"not in the library: {', '.join(report.missing)}; `citewire list` shows the ids of those that are"
        )
    return 0


def list_command(options: argparse.Namespace) -> int:
    """Print the articles, newest first."""
    with opened_library(options) as library, library.snapshot() as snapshot:
        filters = meant_filters(filters_of(options), snapshot)
        articles = snapshot.articles(filters)
    if options.json:
        print_json([info_json(info) for info in articles])
        return 0
    for info in articles:
        day, outlet = (info.published or "no date")[:10], info.source or "outlet unknown"
        print(f"{info.id}  {day:10}  {outlet:24.24}  {info.heading}")
    print(plural(len(articles), "article"), file=sys.stderr)
    return 0


def show_command(options: argparse.Namespace) -> int:
    """Print the text of an article, or with --json everything about it."""
    with opened_library(options) as library, library.snapshot() as snapshot:
        stored = snapshot.article(options.id, options.article_version)
        passages = snapshot.passages_of(options.id) if stored.info.current else []
    if options.json:
        print_json(article_json(stored, passages))
        return 0
    info = stored.info
    facts = [info.source, info.author, info.published, info.place, info.url]
    print(info.heading, " | ".join(fact for fact in facts if fact), "", stored.text, sep="\n")
    print(f"\n{info.version}{'' if info.current else ' (an earlier version)'}")
    return 0


def evaluate_command(options: argparse.Namespace) -> int:
    """Ask gold questions and print scores."""
    from qa.evaluation.evaluate import evaluate
    from qa.evaluation.gold_questions import paragraph_articles, read_gold
    from qa.evaluation.report import (
        compare,
        comparison_text,
        figure_table,
        load_evaluation,
        question_lines,
        report_html,
    )

    try:
        gold = read_gold(Path(options.gold))
        earlier = load_evaluation(Path(options.compare)) if options.compare else None
    except ReadError as error:
        raise UsageError(str(error)) from error
    articles = paragraph_articles(gold.paragraphs) if options.passages == "all" else []
    opened = temporary_assistant(options, articles) if options.passages else opened_assistant(options)
    with opened as assistant, progress_bar("asking", "question") as progress:
        about = {
            "Citewire": __version__,
            "model": assistant.library.manifest.model_name,
            "reader": assistant.reader.name,
            "precision": options.precision,
        }
        evaluation = evaluate(assistant, gold, progress=progress, passages=options.passages or "library", about=about)
    now = evaluation.to_json()
    if options.json:
        write_text(Path(options.json), json.dumps(now, ensure_ascii=False, indent=1))
    print("\n".join(question_lines(evaluation.outcomes)))
    print(figure_table(evaluation))
    comparison = compare(earlier, now) if earlier else None
    if comparison:
        print(comparison_text(comparison))
    if options.report:
        write_text(Path(options.report), report_html(evaluation, comparison=comparison))
    return 0


def feedback_command(options: argparse.Namespace) -> int:
    """Print people's feedback as gold questions, one per line."""
    from corpus.store.activity import all_feedback
    from qa.evaluation.gold_questions import gold_rows

    with opened_library(options) as library:
        if not isinstance(library, LocalLibrary):
            raise UsageError("feedback is kept beside libraries in folders only")
        feedback = all_feedback(library.folder)
    for row in gold_rows(feedback):
        print(json.dumps(row, ensure_ascii=False))
    if open_ends := sum(one.verdict == "answer_wrong" and not one.words for one in feedback):
        say(f"{plural(open_ends, 'answer')} called wrong without the right one: left out")
    return 0


def info_command(options: argparse.Namespace) -> int:
    """Print the library's address, size, model and options."""
    with opened_library(options) as library, library.snapshot() as snapshot:
        counts, coverage, manifest = snapshot.counts(), snapshot.coverage(EVERYTHING), library.manifest
        files = library.folder.rglob("*") if isinstance(library, LocalLibrary) else ()
        size = sum(file.stat().st_size for file in files if file.is_file())
        facts: dict[str, Any] = {
            "library": library.address,
            "articles": counts.articles,
            "versions": counts.versions,
            "passages": counts.passages,
            "outlets": counts.sources,
            "from": coverage.first,
            "to": coverage.last,
            "bytes": size or None,
            "model": manifest.model_name,
            "dimension": manifest.dimension,
            "created_by": manifest.created_by,
            "schema_version": manifest.schema_version,
            "read_only": library.read_only,
        }
    if options.json:
        print_json(facts)
        return 0
    for name, value in facts.items():
        print(f"{name.replace('_', ' '):16} {'-' if value is None else value}")
    return 0


def check_command(options: argparse.Namespace) -> int:
    """Print the faults of the library, one per line. Return 1 if there are any."""
    from embeddings.library.maintenance import check_library

    folder = library_folder(options)
    faults = list(check_library(folder))
    for fault in faults:
        print(f"{fault.where}: {fault.what}")
    if not faults:
        print(f"{folder}: sound")
        return 0
    say(f'{folder} has {plural(len(faults), "fault")}: run "citewire repair", or restore the library from a backup')
    return 1


def repair_command(options: argparse.Namespace) -> int:
    """Repair the library. Return 1 if something is lost."""
    from embeddings.library.maintenance import repair_library

    folder = library_folder(options)
    report = repair_library(folder, lambda name: load_encoder(name or DEFAULT_MODEL))
    for what in report.healed:
        print(f"repaired: {what}")
    for what in report.lost:
        print(f"lost: {what}")
    if report.copy is not None:
        print(f"{report.copy} is the damaged database as it was: delete it when nothing in it is wanted any more")
    print(f"{folder}: " + ("sound now" if report.healed or report.lost else "sound, nothing to repair"))
    return 1 if report.lost else 0


def backup_command(options: argparse.Namespace) -> int:
    """Write the library to one file."""
    from corpus.store.backup import back_up

    counts = back_up(library_folder(options), Path(options.file), overwrite=options.overwrite)
    print(f"{options.file}: {_held(counts)}, verified")
    return 0


def restore_command(options: argparse.Namespace) -> int:
    """Restore the library from a backup."""
    from corpus.store.backup import restore

    folder = library_folder(options)
    counts = restore(Path(options.file), folder, overwrite=options.overwrite)
    print(f"{folder}: {_held(counts)}, verified")
    return 0


def _held(counts: Counts) -> str:
    return f"{counts.articles:,} articles in {counts.versions:,} versions, {counts.passages:,} passages"


def copy_command(options: argparse.Namespace) -> int:
    """Copy a library and verify the copy."""
    from embeddings.library.maintenance import copy_library

    if options.source_library == options.target_library:
        raise UsageError("both names are the same: name another place to copy to")
    with (
        open_library_at(options.source_library) as source,
        open_or_create_library_at(options.target_library, encoder=lambda: source.encoder) as target,
    ):
        done = copy_library(source, target)
    print(
        f"{options.target_library}: {done.copied:,} articles copied, {done.before:,} were there; "
        f"all verified, {done.origins:,} sources"
    )
    return 0
