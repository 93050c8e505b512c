"""Citewire's command line."""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import date
from importlib import import_module
from typing import Any

from corpus import __version__
from corpus.errors import CitewireError

_MODULES = {"add": "add", "watch": "watch", "ask": "ask", "questions": "ask"}
"""Where in `qa/cli/` a command is; the others are in `commands.py`. Importing all would slow down `citewire ask`."""

_OVERRIDES = {
    "source": "the outlet",
    "author": "the author",
    "published": "the date (ISO 8601)",
    "url": "the address",
    "title": "the title",
    "language": "the language (two letters)",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, 1 for a failure, 2 for wrong use."""
    options = parser().parse_args(arguments)
    try:
        module = import_module(f"qa.cli.{_MODULES.get(options.command, 'commands')}")
        return int(getattr(module, f"{options.command}_command")(options))
    except CitewireError as error:
        print(f"citewire: {error}", file=sys.stderr)
        return error.exit_code
    except MemoryError:
        print("citewire: there is not enough memory: close other programs, or do less at a time", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("citewire: stopped; what was reported as done is kept", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Whoever reads our output (`| head`) has closed the pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    top = argparse.ArgumentParser(
        prog="citewire", description="Answers questions about news articles in quoted, cited words."
    )
    top.add_argument("--version", action="version", version=f"citewire {__version__}")
    commands = top.add_subparsers(metavar="COMMAND", required=True)

    add = _command(
        commands, "add", "add articles: files, folders, addresses of pages and feeds, or - for standard input"
    )
    add.add_argument("paths", nargs="+", metavar="PATH")
    add.add_argument("--again", action="store_true", help="read also what has not changed since it was added")
    add.add_argument(
        "--ray", metavar="auto|ADDRESS", help="spread reading and encoding over a Ray cluster (HOST:PORT of its head)"
    )
    add.add_argument(
        "--prune-folders", action="store_true", help="as --prune, also for folders that are gone or empty themselves"
    )
    _adding_options(add)
    _json_option(add)

    watch = _command(commands, "watch", "keep adding what changes in folders, feeds and pages, until Ctrl-C")
    watch.add_argument("paths", nargs="+", metavar="FOLDER|URL")
    watch.add_argument(
        "--interval", type=float, default=300, metavar="S", help="seconds between two looks at each (default: 300)"
    )
    watch.set_defaults(again=False)
    _adding_options(watch)

    remove = _command(commands, "remove", "remove articles with all their versions")
    remove.add_argument("ids", nargs="*", metavar="ID")
    remove.add_argument(
        "--purge", action="store_true", help="rebuild the word index, so that no word of what was removed is left"
    )

    list_ = _command(commands, "list", "list the articles")
    _filter_options(list_)
    _json_option(list_)

    show = _command(commands, "show", "show an article")
    show.add_argument("id", metavar="ID")
    show.add_argument("--version", metavar="V", dest="article_version", help="an earlier version, by its hash")
    _json_option(show)

    ask = _command(commands, "ask", "ask a question")
    ask.add_argument("question", nargs="?", metavar="QUESTION")
    ask.add_argument("--by", choices=["outlet", "month", "article"], help="ask each outlet, month or article by itself")
    ask.add_argument("--questions", metavar="FILE", help="ask all questions of this .txt, .csv or .jsonl file")
    ask.add_argument("--out", metavar="FILE", help="write their answers as a table: .csv, .xlsx, .md or .jsonl")
    ask.add_argument("--overwrite", action="store_true", help="replace that file where it is there already")
    ask.add_argument(
        "--at-once", type=int, default=1, metavar="N", help="questions of a file asked at the same time (default: 1)"
    )
    ask.add_argument("--turn", action="append", default=[], metavar="QUESTION", help="an earlier one, oldest first")
    ask.add_argument("--article", metavar="ID", help="ask this article alone")
    _filter_options(ask)
    _json_option(ask)
    _model_options(ask)
    _reader_options(ask)

    _questions_commands(commands)

    serve = _command(commands, "serve", "open the chat in the browser")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this computer only)")
    serve.add_argument("--port", type=int, default=7860, help="port to listen on (default: %(default)s)")
    serve.add_argument("--share", action="store_true", help="ask Gradio for a public link")
    serve.add_argument("--open", action="store_true", help="open the browser")
    serve.add_argument(
        "--allow-changes", action="store_true", help="let people add and remove articles where the page is public"
    )
    serve.add_argument("--public-address", metavar="URL", help="where people reach the page, behind a proxy")
    serve.add_argument("--auth-file", metavar="FILE", help="ask for a login; the file has `citewire password` lines")
    serve.add_argument(
        "--questions-per-minute", type=int, metavar="N", help="of one client; 0: any (default: 30 where it is public)"
    )
    serve.add_argument("--mcp", action="store_true", help="serve MCP at /mcp as well (needs the package mcp)")
    _model_options(serve)
    _reader_options(serve)
    serve.add_argument(
        "--llm-shared",
        action="store_true",
        help="let people of a public page ask the language model too, which costs your tokens",
    )

    mcp = _command(commands, "mcp", "speak MCP on standard input and output, for a desktop assistant")
    _model_options(mcp)
    _reader_options(mcp)

    password = commands.add_parser("password", help="print a line for the file of --auth-file")
    password.add_argument("name", metavar="NAME", help="the person's name")
    password.set_defaults(command="password")

    evaluate = _command(commands, "evaluate", "ask gold questions and measure the answers")
    evaluate.add_argument("gold", metavar="GOLD", help="gold questions (JSON Lines) or a SQuAD file")
    evaluate.add_argument(
        "--passages", choices=["given", "all"], help="SQuAD files: read the own paragraph, or find it"
    )
    evaluate.add_argument("--json", metavar="OUT", help="write all figures and questions to this file")
    evaluate.add_argument("--report", metavar="OUT", help="write a page with all figures and questions to this file")
    evaluate.add_argument("--compare", metavar="OLD", help="compare with an earlier --json file")
    _model_options(evaluate)
    _reader_options(evaluate)

    _command(commands, "feedback", "print the page's feedback as gold questions")

    _command(commands, "check", "verify the whole library: database, hashes and indexes")

    _command(commands, "repair", "make again what is damaged, and name what is lost")

    backup = _command(commands, "backup", "write the whole library to one file, also while it is in use")
    backup.add_argument("file", metavar="FILE")
    backup.add_argument("--overwrite", action="store_true", help="replace the file where it is there already")

    restore = _command(commands, "restore", "put a backup in the library's place")
    restore.add_argument("file", metavar="FILE")
    restore.add_argument("--overwrite", action="store_true", help="replace the library where there already is one")

    copy = commands.add_parser("copy", help="copy a library to another place of any kind, and verify it")
    copy.add_argument("source_library", metavar="FROM", help="a folder, milvus-lite:FILE or milvus+http://HOST/NAME")
    copy.add_argument("target_library", metavar="TO", help="another one; what it has already is left")
    copy.set_defaults(command="copy")

    info = _command(commands, "info", "say what the library holds")
    _json_option(info)
    return top


def _questions_commands(commands: Any) -> None:  # noqa: ANN401 - a private type
    """Add `citewire questions` with its actions."""
    what = "save questions, ask them again, and show what has changed"
    actions = commands.add_parser("questions", help=what, description=what).add_subparsers(
        metavar="ACTION", required=True
    )

    def action(name: str, description: str) -> argparse.ArgumentParser:
        made = _command(actions, name, description)
        made.set_defaults(command="questions", action=name)
        return made

    add = action("add", "save a question")
    add.add_argument("question", metavar="QUESTION")
    _filter_options(add)
    _json_option(add)

    _json_option(action("list", "list the saved questions"))

    remove = action("remove", "remove saved questions, with what was answered to them")
    remove.add_argument("numbers", nargs="+", type=int, metavar="N")

    run = action("run", "ask all saved questions, or those named, and show what has changed since the last time")
    run.add_argument("numbers", nargs="*", type=int, metavar="N")
    run.add_argument("--exit-code", action="store_true", help="exit with 3 where something has changed")
    _json_option(run)
    _model_options(run)
    _reader_options(run)

    show = action("show", "show what was answered to all saved questions, or those named, the last time or on a day")
    show.add_argument("numbers", nargs="*", type=int, metavar="N")
    show.add_argument("--on", type=_day, metavar="D", help="as it was at the end of this day (YYYY-MM-DD)")
    _json_option(show)


def _command(commands: Any, name: str, description: str) -> argparse.ArgumentParser:  # noqa: ANN401 - a private type
    command: argparse.ArgumentParser = commands.add_parser(name, help=description, description=description)
    command.add_argument(
        "--library",
        metavar="DIR",
        help="the library: a folder, or one in Milvus (default: $CITEWIRE_LIBRARY, else .citewire here)",
    )
    command.set_defaults(command=name)
    return command


def _json_option(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="print JSON and nothing else")


def _filter_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--source", action="append", default=[], metavar="S", help="only this outlet (repeatable)")
    command.add_argument("--after", type=_day, metavar="D", help="only articles of this day (YYYY-MM-DD) or later")
    command.add_argument("--before", type=_day, metavar="D", help="only articles of this day or earlier")


def _model_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--model", help="embedding model: a name of the hub or a folder (default: the bundled one)")
    kinds = ["auto", "int8", "bf16", "f32"]
    command.add_argument("--precision", choices=kinds, default="auto", help="of the computation (default: the fastest)")


def _reader_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--reader",
        help="who reads: built-in (the default), large (a second look with a larger network, slower), llm (the "
        "language model of --llm-url), or a question-answering model by its name on the hub or its folder",
    )
    command.add_argument(
        "--llm-url",
        metavar="URL",
        help="an OpenAI-compatible server, such as http://127.0.0.1:11434/v1. With --reader llm each question and the "
        "passages found for it are sent there, and nothing else; without it nothing is sent anywhere "
        "(default: $CITEWIRE_LLM_URL; a key is read from $CITEWIRE_LLM_KEY alone)",
    )
    command.add_argument("--llm-model", metavar="NAME", help="the language model (default: $CITEWIRE_LLM_MODEL)")
    command.add_argument("--llm-timeout", type=float, metavar="S", help="seconds it has for a question (default: 120)")
    command.add_argument(
        "--llm-passages", type=int, metavar="N", help="passages that a question sends at most (default: 10)"
    )


def _adding_options(command: argparse.ArgumentParser) -> None:
    for name, meaning in _OVERRIDES.items():
        command.add_argument(f"--{name}", help=f"{meaning}, whatever the files say")
    command.add_argument(
        "--map", metavar="F=N,...", help="names of fields in JSON and CSV files: text=body,published=date"
    )
    command.add_argument("--prune", action="store_true", help="remove the articles of files that are gone from folders")
    command.add_argument(
        "--limit", type=int, default=100, metavar="N", help="pages of a feed at most (default: %(default)s)"
    )
    command.add_argument(
        "--allow-private", action="store_true", help="fetch also from hosts of this network, at any port"
    )
    _model_options(command)


def _day(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{value!r} is no day: write it as 2023-03-06") from None


if __name__ == "__main__":
    sys.exit(main())
