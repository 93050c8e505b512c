"""Reading and encoding on the workers of a Ray cluster. Only this module and `encoder` import Ray.

Workers only do work that can be repeated. Only this process writes the library, in the order in which the files are
found. So a killed worker costs time and nothing else: Ray starts another, which repeats its task.
"""

import logging
import os
import signal
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from corpus.article import Article
from corpus.errors import CitewireError, ReadError, UsageError
from corpus.scan.changes import FileChange, ReadOptions, read_changed
from corpus.scan.files import file_status
from corpus.store.origins import Origin, ScannedSource
from embeddings.encoder.encoder import Encoder
from embeddings.ray.encoder import PIECE, RayEncoder, Worker, first_line, got


@dataclass(frozen=True, slots=True)
class FileRead:
    """Result of reading one file.

    bad: (where, why) of each error. same: the content has not changed. look, whole: what `end` and `whole` of
    ScannedSource returned.
    """

    articles: tuple[Article, ...] = ()
    bad: tuple[tuple[str, str], ...] = ()
    same: bool = False
    look: Origin | None = None
    whole: bool = False


def read_on_worker(compared: FileChange, read_options: ReadOptions) -> FileRead | None:
    """Read a whole file. None for one that does not look the same here: this may be another machine."""
    seen = compared.file
    try:
        here = file_status(Path(seen.path))
    except OSError:
        return None
    if (here.location, here.size, here.modified_ns) != (seen.location, seen.size, seen.modified_ns):
        return None
    bad: list[tuple[str, str]] = []
    same: list[bool] = []
    reading = read_changed(
        compared,
        read_options,
        on_bad=lambda error: bad.append((error.where, error.why)),
        on_same=lambda: same.append(True),
    )
    articles = tuple(reading.articles)
    return FileRead(articles, tuple(bad), bool(same), reading.end(), reading.whole())


AUTO, LOCAL = "auto", "local"
INSTALL = 'pip install "citewire[cluster]"'

_PIECES_EACH = 4  # per worker and commit, so that a fast worker gets more than a slow one
_MOST_AT_ONCE = 16_384  # passages that wait here for a commit, however large the cluster

_LARGEST = 32_000_000  # bytes; larger files are streamed, and read in this process
_FILES_EACH = 16  # files waiting per processor

_AGAIN = 3  # retries of a dead worker's task
_ANSWER_S = 5.0
_LOCAL_STORE = 256 << 20  # bytes of shared memory for data in transit


class Cluster:
    """A connection to a Ray cluster, with workers that hold the embedding model. Close it when done.

    address: HOST:PORT of the cluster's head. "local" starts a cluster on this machine and ends it. "auto" takes the one
    that runs here or that $RAY_ADDRESS names, else does as "local". make: loads the model on a worker. workers: how
    many load it; by default one per GPU, or without GPUs one per machine. Raises UsageError or CitewireError.
    """

    def __init__(self, address: str, make: Callable[[], Encoder], *, workers: int | None = None) -> None:
        _check(address)
        ray = self._ray = _import_ray()
        with _signals_kept():
            _connect(ray, address)
        self._read = ray.remote(read_on_worker).options(num_cpus=1, max_retries=_AGAIN)
        self._processors = max(1, int(ray.cluster_resources().get("CPU", 1)))
        self.actors = _start_workers(ray, make, workers)
        self.at_once = min(_MOST_AT_ONCE, _PIECES_EACH * PIECE * len(self.actors))
        """Number of passages to encode and commit together."""

    def encoder(self) -> RayEncoder:
        """Return an encoder that uses all workers, once each has loaded the model. Raises CitewireError."""
        return RayEncoder(self._ray, self.actors)

    def scan(
        self,
        files: Iterable[FileChange],
        read_options: ReadOptions,
        *,
        on_bad: Callable[[ReadError], None],
        on_same: Callable[[], None],
    ) -> Iterator[ScannedSource]:
        """Yield the articles of files, in order. A worker reads those that it can see; the others are read here."""
        waiting: deque[tuple[FileChange, Any]] = deque()

        def oldest() -> ScannedSource:
            compared, task = waiting.popleft()
            read = self._result(compared, task)
            if read is None:
                return read_changed(compared, read_options, on_bad=on_bad, on_same=on_same)
            for where, why in read.bad:
                on_bad(ReadError(where, why))
            if read.same:
                on_same()
            return ScannedSource(compared.file.location, read.articles, lambda: read.look, lambda: read.whole)

        for compared in files:
            large = compared.file.size > _LARGEST
            waiting.append((compared, None if large else self._read.remote(compared, read_options)))
            if len(waiting) > _FILES_EACH * self._processors:
                yield oldest()
        while waiting:
            yield oldest()

    def close(self) -> None:
        """Release the workers, and end a cluster that was started here."""
        with _signals_kept():
            self._ray.shutdown()

    def _result(self, compared: FileChange, task: Any) -> FileRead | None:  # noqa: ANN401 - Ray is imported late
        """Wait for a file. One that ends every worker is reported as unreadable."""
        try:
            read: FileRead | None = None if task is None else got(self._ray, task)
        except self._ray.exceptions.RayError:
            file, why = compared.file, "the processes that were to read it ended: save its text as .txt"
            return FileRead(bad=((file.path, why),), look=Origin(location=file.location))  # read again next time
        return read

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _check(address: str) -> None:
    """Check the address. Raises UsageError for an invalid one, CitewireError if nothing answers there."""
    if address in (AUTO, LOCAL):
        return
    host, _, port = address.rpartition(":")
    if not host or "/" in host or not port.isdecimal():
        raise UsageError(f"--ray {address}: give HOST:PORT of a cluster's head, auto or local")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_ANSWER_S).close()
    except (OSError, OverflowError) as error:
        raise CitewireError(
            f'no Ray cluster answers at {address} ({error}): see "ray status" there for its address'
        ) from error


def _import_ray() -> Any:  # noqa: ANN401 - Ray is imported late
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # otherwise Ray reports over the network
    try:
        import ray
    except ImportError:
        raise CitewireError(f"--ray needs a package that is not installed: {INSTALL}") from None
    return ray


def _connect(ray: Any, address: str) -> None:  # noqa: ANN401
    """Connect to a cluster, or start one here. Raises CitewireError."""
    quiet = {"logging_level": logging.ERROR, "log_to_driver": False}
    named = os.environ.get("RAY_ADDRESS") if address == AUTO else address
    if address != LOCAL:
        try:
            ray.init(address=address, **quiet)
            return
        except Exception as error:  # Ray raises plain Exceptions
            if named or not isinstance(error, ConnectionError):
                raise CitewireError(
                    f"the Ray cluster {named or address} cannot be used: {first_line(error)}"
                ) from error
    try:
        ray.init(address=LOCAL, include_dashboard=False, object_store_memory=_LOCAL_STORE, **quiet)
    except Exception as error:
        raise CitewireError(
            'Ray does not start on this machine, which may be too busy: "ray start --head" says more '
            f"({first_line(error)})"
        ) from error


def _start_workers(ray: Any, make: Callable[[], Encoder], workers: int | None) -> list[Any]:  # noqa: ANN401
    """Start the workers that hold the model, spread over the machines."""
    gpus = int(ray.cluster_resources().get("GPU", 0))
    count = workers or gpus or sum(node["Alive"] for node in ray.nodes())
    worker = ray.remote(Worker).options(
        num_cpus=0,  # so that reading tasks do not wait for it
        num_gpus=min(gpus, 1),
        max_restarts=-1,
        max_task_retries=_AGAIN,
        scheduling_strategy="SPREAD",
    )
    return [worker.remote(make) for _ in range(count)]


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Restore our handlers of Ctrl-C and SIGTERM after Ray replaced them: Ray's end the process at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
