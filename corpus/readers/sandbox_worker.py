"""The process in which files are parsed that may have been made to hang or to fill the memory: its own side.

It is asked over its standard input, one line of JSON and the file's bytes or path, and answers with lines of JSON: an
article, something that could not be read, and at last how it ended. It ends by itself when a file takes too long, even
within one call of a parser, and when the asking process is gone.
"""

import contextlib
import faulthandler
import io
import json
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from corpus.errors import ReadError
from corpus.readers import registry
from corpus.readers.open_file import OpenFile


def serve(time_limit_s: float, memory_limit: int) -> None:
    """Answer until the input ends. time_limit_s: for a file, or from one of its articles to the next."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the asking process, which lets the file in hand end
    _limit_memory(memory_limit)
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    silence = os.open(os.devnull, os.O_RDWR)
    os.dup2(silence, sys.stdout.fileno())  # what a library prints must not be taken for an answer
    while line := questions.readline():
        asked = json.loads(line)
        for answer in _answers(asked, questions.read(asked.pop("size")), time_limit_s, silence):
            faulthandler.cancel_dump_traceback_later()  # the asking process may take its time to take the answer
            answers.write(json.dumps(answer).encode() + b"\n")
            answers.flush()
            if answer.get("end") == "memory":
                return
            faulthandler.dump_traceback_later(time_limit_s, exit=True, file=silence)
        faulthandler.cancel_dump_traceback_later()


def _answers(asked: dict[str, Any], data: bytes, time_limit_s: float, silence: int) -> Iterator[dict[str, Any]]:
    """Yield the answers to one question."""
    bad: list[ReadError] = []
    kind, path = (asked.pop(name) for name in ("format", "path"))
    faulthandler.dump_traceback_later(time_limit_s, exit=True, file=silence)
    try:
        with Path(path).open("rb") if path is not None else io.BytesIO(data) as stream:
            file = OpenFile(stream=stream, name="", on_bad=bad.append, is_isolated=True, **asked)
            for article in registry.read_as(next(each for each in registry.FORMATS if each.name == kind), file):
                yield from _told(bad)
                yield {"article": asdict(article)}
        yield from _told(bad)
        yield {"end": "read"}
    except ReadError as error:
        yield from _told([*bad, error])
        yield {"end": "read"}
    except MemoryError:
        yield {"end": "memory"}
    except Exception as error:  # noqa: BLE001 - one document of a batch: the asking process says so and goes on
        yield from _told(bad)
        yield {"end": type(error).__name__}


def _told(bad: list[ReadError]) -> Iterator[dict[str, Any]]:
    """Yield what could not be read since the last time."""
    for error in bad:
        yield {"bad": [error.where, error.why]}
    bad.clear()


def _limit_memory(limit: int) -> None:
    """Let this process have no more memory than `limit` bytes, where the system can say so."""
    try:
        import resource
    except ImportError:  # Windows
        return
    with contextlib.suppress(ValueError, OSError):  # macOS knows the limit and may refuse to set it
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
