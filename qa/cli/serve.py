"""The commands for serving: the page, MCP over stdio, and password lines for the page."""

import argparse
import getpass
import sys
from pathlib import Path

from corpus.errors import UsageError
from qa.cli.opening import opened_assistant
from qa.reader.llm.reader import NAME as LLM


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
        public=public_address(options.public_address) if options.public_address else None,
    )
    may_ask_llm = serving.is_private or options.llm_shared
    if options.reader == LLM and not may_ask_llm:
        raise UsageError(
            "other people reach this page, and each of their questions would cost your tokens: add --llm-shared "
            "to allow that, or leave out --reader llm"
        )
    with opened_assistant(options, offer_llm=may_ask_llm) as assistant:
        serve(assistant, serving)
    return 0


def mcp_command(options: argparse.Namespace) -> int:
    """Serve MCP on standard input and output until the client closes them."""
    from qa.service.mcp_server import make_mcp_server

    with opened_assistant(options) as assistant:
        make_mcp_server(assistant).run("stdio")
    return 0


def password_command(options: argparse.Namespace) -> int:
    """Ask for a password, twice on a terminal, and print its line for the password file."""
    from qa.page.security.passwords import password_line

    if sys.stdin.isatty():
        password = getpass.getpass(f"Password for {options.name}: ")
        if getpass.getpass("The same again: ") != password:
            raise UsageError("the two passwords differ: run the command again")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    print(password_line(options.name, password))
    return 0
