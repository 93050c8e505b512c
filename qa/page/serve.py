"""Serving the page: the address is checked, the models are warmed, and only then is the page announced."""

import contextlib
import errno
import io
import ipaddress
import signal
import socket
import sys
import threading
import webbrowser
from typing import Any

from corpus.errors import CitewireError, UsageError
from embeddings.library import LocalLibrary
from embeddings.models import cache_folder
from qa.assistant import Assistant
from qa.page.desk import Desk
from qa.page.environment import settle_environment

FIRST_QUESTION = "Who said what?"
"""Asked before the page is announced, so that nobody waits for the models."""


def serve(
    assistant: Assistant, *, host: str, port: int, share: bool, open_browser: bool, allow_changes: bool = False
) -> None:
    """Serve the page until Ctrl-C or SIGTERM.

    port: 0 takes a free one. Articles can be added and removed through the page when it is on this computer alone, or
    with `allow_changes`, and the library is the user's own and not read-only. Raises CitewireError where the address
    cannot be had.
    """
    chosen = free_port(host, port)
    why_not = why_not_change(assistant, is_private=is_this_computer(host) and not share, allowed=allow_changes)
    desk = Desk(assistant, may_change=why_not is None, why_not=why_not or "")
    warm(assistant)
    settle_environment()
    from qa.page.application import build, launch_settings

    blocks = build(desk)
    stopping = _stop_on_signals()
    try:
        local, public = _launch(blocks, host, chosen, share, launch_settings(desk))
        _announce(local, public, host=host, share=share, may_change=desk.may_change)
        if open_browser:
            webbrowser.open(public or local)
        stopping.wait()
    except KeyboardInterrupt:
        pass
    finally:
        blocks.close(verbose=False)
    _say("stopped")


def warm(assistant: Assistant) -> None:
    """Load all that the first question would wait for."""
    if isinstance(assistant.library, LocalLibrary):
        assistant.library.warm()
    assistant.ask(FIRST_QUESTION)


def is_this_computer(host: str) -> bool:
    """Return whether an address is reached from this computer alone."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.casefold() == "localhost"


def why_not_change(assistant: Assistant, *, is_private: bool, allowed: bool) -> str | None:
    """Return why the library may not be changed through the page, or None where it may."""
    library = assistant.library
    if isinstance(library, LocalLibrary):
        if library.read_only:
            return "the library may only be read"
        if library.folder.name.startswith("bundled-") and library.folder.parent == cache_folder(None):
            return "this is the bundled collection; `citewire add FOLDER` makes a library of your own articles"
    if not is_private and not allowed:
        return "the page is open to other people, and was not started with --allow-changes"
    return None


def free_port(host: str, port: int) -> int:
    """Return the port, or for 0 a free one. Raises UsageError or CitewireError where it cannot be listened on."""
    if not 0 <= port <= 65_535:
        raise UsageError(f"{port} is no port: name one from 1 to 65535, or 0 for a free one")
    try:
        family, kind, _, _, address = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, UnicodeError):
        raise UsageError(f"{host} is no address of this computer: use 127.0.0.1, or 0.0.0.0 for all of them") from None
    with socket.socket(family, kind) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(address)
        except OSError as error:
            raise CitewireError(_refusal(host, port, error)) from error
        return int(tried.getsockname()[1])


def _refusal(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is in use: stop the program that has it, or name another with --port"
    if error.errno == errno.EACCES:
        return f"port {port} may not be used without more rights: name one above 1023 with --port"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is no address of this computer: use 127.0.0.1, or 0.0.0.0 for all of them"
    return f"port {port} of {host} cannot be listened on ({error.strerror}): name another with --host and --port"


def _launch(blocks: Any, host: str, port: int, share: bool, settings: dict[str, Any]) -> tuple[str, str | None]:  # noqa: ANN401 - Gradio has no types
    """Serve the page, and return its local address and the public one that Gradio gave, if it gave one."""
    if share:
        _say("asking Gradio for a public link")
    name = f"[{host}]" if ":" in host and not host.startswith("[") else host
    # Gradio prints its own account of why there is no link; ours is one sentence.
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            _, local, public = blocks.launch(
                server_name=name, server_port=port, share=share, inbrowser=False, **settings
            )
        except OSError as error:
            raise CitewireError(
                f"the page cannot be served on port {port} of {host}: name another with --port"
            ) from error
    return local, public


def _announce(local: str, public: str | None, *, host: str, share: bool, may_change: bool) -> None:
    if public:
        _say(f"public link, for everybody who has it, while this runs: {public}")
    elif share:
        _say(
            "no public link could be had (Gradio's server or its tunnel program could not be reached); "
            "the page is served on this computer all the same"
        )
    reach = "" if is_this_computer(host) else " and from other computers that can reach this one"
    changes = "" if may_change else "; it answers questions and cannot change the library"
    _say(f"the page is at {local}{reach}{changes} (Ctrl-C stops it)")


def _stop_on_signals() -> threading.Event:
    """Return what is set when the process is asked to end; Ctrl-C keeps raising KeyboardInterrupt."""
    stopping = threading.Event()
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    return stopping


def _say(message: str) -> None:
    sys.stderr.write(f"citewire: {message}\n")
    sys.stderr.flush()
