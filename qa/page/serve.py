"""Serving the page: the address is checked, the models are warmed, and only then is the page announced."""

import contextlib
import errno
import io
import ipaddress
import os
import re
import signal
import socket
import threading
import webbrowser
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from corpus.errors import CitewireError, UsageError
from embeddings.library.library import LocalLibrary
from qa.assistant import Assistant
from qa.output.plain_text import say
from qa.page.limits import PUBLIC_QUESTIONS, questions_per_minute
from qa.page.security.sessions import Sessions, read_passwords
from qa.page.site import Site, is_bundled

FIRST_QUESTION = "Who said what?"
"""Asked before the page is announced, so that nobody waits for the models."""
_SETTINGS = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1"}
_HEEDED = "GRADIO_TEMP_DIR"
"""Of Gradio's variables: others would open files, ports or a public link that nobody asked Citewire for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """How the page is served. Raises UsageError for options that do not go together.

    port: 0 takes a free one. public: its address (`public_address`), when a proxy passes it on. questions_per_minute:
    of each client, 0 for any number, None for 30 where other people reach the page.
    """

    host: str = "127.0.0.1"
    port: int = 7860
    share: bool = False
    open_browser: bool = False
    allow_changes: bool = False
    mcp: bool = False
    auth_file: Path | None = None
    questions_per_minute: int | None = None
    public: str = ""

    def __post_init__(self) -> None:
        if self.questions_per_minute is not None and self.questions_per_minute < 0:
            raise UsageError("--questions-per-minute takes a number from 0, which sets no limit")
        if self.share and self.public:
            raise UsageError("--share and --public-address are two ways to be reached: choose one")

    @property
    def is_private(self) -> bool:
        """Whether nobody but this computer's users reaches the page."""
        return is_this_computer(self.host) and not self.share and not self.public

    @property
    def hosts(self) -> tuple[str, ...] | None:
        """The names the page is asked for (see `RequestChecks`), unknown where it listens on other addresses."""
        if self.share or not is_this_computer(self.host):
            return None
        return (urlsplit(self.public).hostname or "",) if self.public else ()


def serve(assistant: Assistant, serving: Serving) -> None:
    """Serve the page until Ctrl-C or SIGTERM.

    Raises CitewireError where the address or the package for MCP cannot be had, or the password file cannot be used.
    """
    port = free_port(serving.host, serving.port)
    path = urlsplit(serving.public).path + "/"
    sessions = Sessions(read_passwords(serving.auth_file), cookie_path=path) if serving.auth_file else None
    why_not = why_not_change(assistant, is_private=serving.is_private, allowed=serving.allow_changes)
    usual = 0 if serving.is_private else PUBLIC_QUESTIONS
    per_minute = usual if serving.questions_per_minute is None else serving.questions_per_minute
    site = Site(
        assistant,
        may_change=why_not is None,
        why_not=why_not or "",
        question_limit=questions_per_minute(per_minute),
        has_login=sessions is not None,
    )
    settle_environment()
    from qa.page.application import build, launch_settings

    warm(assistant)
    blocks = build(site)
    settings = launch_settings(
        site, blocks, sessions=sessions, hosts=serving.hosts, root=serving.public, mcp=serving.mcp
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # it ends the page as Ctrl-C does
    host = serving.host.strip("[]")
    where: dict[str, Any] = {"server_name": f"[{host}]" if ":" in host else host, "server_port": port}
    if serving.share:
        say("asking Gradio for a public link")
    try:
        # Gradio prints its own account of why there is no link; ours is one sentence.
        with contextlib.redirect_stdout(io.StringIO()):
            _, local, shared = blocks.launch(share=serving.share, **where, **settings)
        _announce(local, shared, serving, may_change=site.may_change)
        if serving.open_browser:
            webbrowser.open(shared or local)
        threading.Event().wait()
    except KeyboardInterrupt:
        pass
    finally:
        blocks.close(verbose=False)
    say("stopped")


def warm(assistant: Assistant) -> None:
    """Load all that the first question would wait for."""
    if isinstance(assistant.library, LocalLibrary):
        assistant.library.warm()
    for reader in assistant.readers:
        if reader.notice is None:  # what is asked elsewhere costs something
            assistant.reading_with(reader.name).ask(FIRST_QUESTION)


def why_not_change(assistant: Assistant, *, is_private: bool, allowed: bool) -> str | None:
    """Return why the library may not be changed through the page, or None where it may."""
    library = assistant.library
    if isinstance(library, LocalLibrary):
        if library.read_only:
            return "the library may only be read"
        if is_bundled(library.folder):
            return "this is the bundled collection; `citewire add FOLDER` makes a library of your own articles"
    if not is_private and not allowed:
        return "the page is open to other people, and was not started with --allow-changes"
    return None


def _announce(local: str, shared: str | None, serving: Serving, *, may_change: bool) -> None:
    if shared:
        say(f"public link, for everybody who has it, while this runs: {shared}")
    elif serving.share:
        why = "Gradio's server or its tunnel program could not be reached"
        say(f"no public link could be had ({why}); the page is served on this computer all the same")
    if not serving.is_private and serving.auth_file is None:
        say("whoever reaches the page can ask and read without a password (--auth-file asks for one)")
    if serving.mcp:
        say(f"MCP is at {serving.public or (shared or local).rstrip('/')}/mcp")
    if serving.public:
        say(f"people reach the page at {serving.public}/ once a proxy passes it on")
    reach = "" if is_this_computer(serving.host) else " and from other computers that can reach this one"
    changes = "" if may_change else "; it answers questions and cannot change the library"
    say(f"the page is at {local}{reach}{changes} (Ctrl-C stops it)")


def settle_environment() -> None:
    """Switch off Gradio's reports and its own variables, and keep its calls to itself off any proxy."""
    for name in [name for name in os.environ if name.startswith("GRADIO_") and name != _HEEDED]:
        del os.environ[name]
    os.environ.update(_SETTINGS)
    if os.environ.get("SYSTEM") == "spaces":
        del os.environ["SYSTEM"]  # in a Hugging Face Space Gradio would watch the files, for which it lacks a package
    for name in ("NO_PROXY", "no_proxy"):
        hosts = [host for host in os.environ.get(name, "").split(",") if host]
        os.environ[name] = ",".join(dict.fromkeys([*hosts, "localhost", "127.0.0.1", "::1"]))


def public_address(url: str) -> str:
    """Return a public address without a slash at its end. Raises UsageError if it is not valid."""
    if not re.fullmatch(r"https?://[\w.-]+(:\d+)?(/[^?#\s]*)?", url, re.IGNORECASE):
        raise UsageError(f"{url!r} is no public address: write it as https://news.example/citewire")
    return url.rstrip("/")


def is_this_computer(host: str) -> bool:
    """Return whether an address is reached from this computer alone."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.casefold() == "localhost"


def free_port(host: str, port: int) -> int:
    """Return the port, or for 0 a free one. Raises UsageError or CitewireError where it cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.create_server((host.strip("[]"), port), family=family) as tried:
            return int(tried.getsockname()[1])
    except (OSError, OverflowError, UnicodeError) as error:
        why = f"port {port} of {host} cannot be listened on ({error})"
        is_taken = isinstance(error, OSError) and error.errno in (errno.EADDRINUSE, errno.EACCES)
        kind = CitewireError if is_taken else UsageError  # else no port, or no address of this computer
        raise kind(f"{why}: name another with --port or --host, such as 127.0.0.1") from error
