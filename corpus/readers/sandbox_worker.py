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
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from corpus.errors import ReadError
from corpus.readers import registry
from corpus.readers.hints import Hints


def serve(time_limit_s: float, memory_limit: int) -> None:
    """Answer until the input ends. time_limit_s: for a file, or from one of its articles to the next."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the asking process, which lets the file in hand end
    _limit_memory(memory_limit)
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    silence = os.open(os.devnull, os.O_RDWR)
    os.dup2(silence, sys.stdout.fileno())  # what a library prints must not be taken for an answer
    while line := questions.readline():
        asked = json.loads(line)
        for answer in _answers(asked, questions.read(asked["size"]), time_limit_s, silence):
            faulthandler.cancel_dump_traceback_later()  # the asking process may take its time to take the answer
            answers.write(json.dumps(answer).encode() + b"\n")
            answers.flush()
            if answer.get("end") == "memory":
                return
            faulthandler.dump_traceback_later(time_limit_s, exit=True, file=silence)
        faulthandler.cancel_dump_traceback_later()


def _answers(asked: Mapping[str, Any], data: bytes, time_limit_s: float, silence: int) -> Iterator[dict[str, Any]]:
    """Yield the answers to one question."""
    where = asked["where"]
    bad: list[ReadError] = []
    faulthandler.dump_traceback_later(time_limit_s, exit=True, file=silence)
    try:
        with _opened(asked["path"], data) as file:
            kind = registry.format_named(asked["format"])
            hints = registry.with_inside(Hints(**asked["hints"], is_isolated=True))
            for article in kind.read(file, where=where, hints=hints, on_bad=bad.append):
                yield from _told(bad)
                yield {"article": asdict(article)}
        yield from _told(bad)
        yield {"end": "read"}
    except ReadError as error:
        yield from _told(bad)
        yield {"bad": [error.where, error.why]}
        yield {"end": "read"}
    except MemoryError:
        yield {"end": "memory"}
    except Exception as error:  # noqa: BLE001 - one document of a batch: the asking process says so and goes on
        yield from _told(bad)
        yield {"end": type(error).__name__}


def _opened(path: str | None, data: bytes) -> BinaryIO:
    return Path(path).open("rb") if path is not None else io.BytesIO(data)


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
