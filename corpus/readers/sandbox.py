"""Reading in a process of its own, so that a file made to hang or to fill the memory costs one line of the report.

The process is started with the first such file and used for many. Each thread that reads has its own.
"""

import contextlib
import faulthandler
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from corpus.article import Article
from corpus.errors import ReadError
from corpus.readers.open_file import OpenFile

TIME_LIMIT_S = 60.0  # for a file, or from one of its articles to the next
MEMORY_LIMIT = 3 << 30  # bytes of address space, of which the libraries take a part
LARGEST_SENT = 200_000_000  # bytes of a file that is no file of the disk, as a member of an archive
_FILES_EACH = 500  # files that a process reads before another takes its place: parsers keep memory

_PROGRAM = (
    "import sys; sys.path[:] = {path!r}; from corpus.readers import registry, sandbox; "
    "sandbox.serve(registry.read_here, {time!r}, {memory!r})"
)


class Parser:
    """One process that parses. time_limit_s and memory_limit: for each file."""

    def __init__(self, time_limit_s: float = TIME_LIMIT_S, memory_limit: int = MEMORY_LIMIT) -> None:
        self.time_limit_s = time_limit_s
        self.memory_limit = memory_limit
        self.files = 0
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, kind: str, file: OpenFile) -> Iterator[Article]:
        """Yield the articles of a file, read by the format of this name. Raises ReadError as it does."""
        path, data = _sendable(file)
        request: dict[str, Any] = {"format": kind, "path": path, "size": len(data), "mapped": dict(file.mapped)}
        request |= {"where": file.where, "charset": file.charset, "url": file.url, "depth": file.depth}
        process = self._running()
        self.files += 1
        assert process.stdin is not None
        assert process.stdout is not None
        ended = False
        try:
            with contextlib.suppress(OSError):  # from a process that ended while it was asked
                process.stdin.write(json.dumps(request).encode() + b"\n")
                process.stdin.write(data)
                process.stdin.flush()
                while line := process.stdout.readline():
                    answer: dict[str, Any] = json.loads(line)
                    if "article" in answer:
                        yield Article(**answer["article"])
                    elif "bad" in answer:
                        file.on_bad(ReadError(*answer["bad"]))
                    else:
                        ended = True
                        return
            why = (
                f"it takes more than {self.time_limit_s:g} s to be read, or is damaged in a way that breaks its parser"
            )
            raise ReadError(file.where, f"{why}: save its text as .txt and add that")
        finally:
            if not ended:
                self.close()

    def close(self) -> None:
        """End the process; the next file starts another."""
        process, self._process, self.files = self._process, None, 0
        if process is not None:
            process.kill()
            process.communicate()

    def _running(self) -> subprocess.Popen[bytes]:
        """Return the process, a new one where there is none or it has read enough files."""
        if self._process is not None and (self.files >= _FILES_EACH or self._process.poll() is not None):
            self.close()
        if self._process is None:
            code = _PROGRAM.format(path=sys.path, time=self.time_limit_s, memory=self.memory_limit)
            environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
            self._process = subprocess.Popen(
                [sys.executable, "-c", code],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
            )
        return self._process


_idle: list[Parser] = []


def read_isolated(kind: str, file: OpenFile) -> Iterator[Article]:
    """Yield the articles of a file, read in another process by the format of this name."""
    try:
        parser = _idle.pop()
    except IndexError:
        parser = Parser()
    try:
        yield from parser.read(kind, file)
    finally:
        _idle.append(parser)


def _sendable(file: OpenFile) -> tuple[str | None, bytes]:
    """Return the path of a file of the disk, else its bytes."""
    stream = file.stream
    if isinstance(getattr(stream, "raw", None), io.FileIO) and isinstance(stream.name, str):
        return os.path.abspath(stream.name), b""  # noqa: PTH100 - resolve() would follow links
    data = stream.read(LARGEST_SENT + 1)
    if len(data) > LARGEST_SENT:
        raise ReadError(file.where, f"it is larger than {LARGEST_SENT // 1_000_000} MB: add it as a file of its own")
    return None, data


def serve(read: Callable[[str, OpenFile], Iterator[Article]], time_limit_s: float, memory_limit: int) -> None:
    """Answer as the process that parses, until the input ends. read: yields the articles by the format of a name.

    It is asked over its standard input, one line of JSON and the file's bytes or path. It answers with lines of JSON:
    an article, something that could not be read, and at last that this is the end. It ends by itself when a file takes
    too long, even within one call of a parser, and when the asking process is gone.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the asking process, which lets the file in hand end
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows knows no such limit, and macOS may refuse it
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory_limit, memory_limit))
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    silence = os.open(os.devnull, os.O_RDWR)
    os.dup2(silence, sys.stdout.fileno())  # what a library prints must not be taken for an answer

    def tell(**answer: object) -> None:
        faulthandler.cancel_dump_traceback_later()  # the asking process may take its time to take the answer
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()
        faulthandler.dump_traceback_later(time_limit_s, exit=True, file=silence)

    def tell_bad(error: ReadError) -> None:
        tell(bad=[error.where, error.why])

    while line := requests.readline():
        request = json.loads(line)
        kind, path, data = request.pop("format"), request.pop("path"), requests.read(request.pop("size"))
        faulthandler.dump_traceback_later(time_limit_s, exit=True, file=silence)
        try:
            with Path(path).open("rb") if path is not None else io.BytesIO(data) as stream:
                file = OpenFile(stream=stream, name="", on_bad=tell_bad, is_isolated=True, **request)
                for article in read(kind, file):
                    tell(article=asdict(article))
        except ReadError as error:
            tell_bad(error)
        except MemoryError:
            why = f"it needs more than {memory_limit >> 30} GB of memory to be read: split it or save its text as .txt"
            tell(bad=[request["where"], why])
        except Exception as error:  # noqa: BLE001 - one document of a batch: the asking process says so and goes on
            why = f"it could not be read ({type(error).__name__}): save the article as .txt and add that"
            tell(bad=[request["where"], why])
        tell(end=True)
        faulthandler.cancel_dump_traceback_later()
