"""Reading and encoding on the workers of a Ray cluster. Nothing else imports Ray.

Workers only do work that can be repeated. Only this process writes the library, in the order in which the files are
found. So a killed worker costs time and nothing else: Ray starts another, which repeats its task.
"""

import logging
import os
import signal
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np

from corpus import __version__
from corpus.article import Article
from corpus.errors import CitewireError, ModelError, ReadError, UsageError
from corpus.scan.changes import ComparedFile, read_changed
from corpus.scan.read import ReadOptions, file_status
from corpus.store.origins import Origin, ScannedOrigin
from embeddings.encoder.encoder import Encoder
from embeddings.encoder.openvino_network import FloatArray

AUTO, LOCAL = "auto", "local"
INSTALL = 'pip install "citewire[cluster]"'

_PIECE = 256  # most texts in one task: enough to use a GPU well
_SHORTEST_PIECE = 32
_PIECES_EACH = 4  # per worker and commit, so that a fast worker gets more than a slow one
_MOST_AT_ONCE = 16_384  # passages that wait here for a commit, however large the cluster

_LARGEST = 32_000_000  # bytes; larger files are streamed, and read in this process
_FILES_EACH = 16  # files waiting per processor

_RETRIES = 3  # retries of a dead worker's task
_ANSWER_S = 5.0
_START_S = 600.0  # seconds for all workers to load the model
_LOCAL_STORE = 256 << 20  # bytes of shared memory for data in transit


@dataclass(frozen=True, slots=True)
class FileRead:
    """Result of reading one file.

    bad: (where, why) of each error. same: the content has not changed. look, whole: what `end` and `whole` of
    ScannedOrigin returned.
    """

    articles: tuple[Article, ...] = ()
    bad: tuple[tuple[str, str], ...] = ()
    same: bool = False
    look: Origin | None = None
    whole: bool = False


def read_on_worker(compared: ComparedFile, read_options: ReadOptions) -> FileRead | None:
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


class Cluster:
    """A connection to a Ray cluster, with workers that hold the embedding model. Close it when done.

    address: HOST:PORT of the cluster's head. "local" starts a cluster on this machine and ends it. "auto" takes the one
    that runs here or that $RAY_ADDRESS names, else does as "local". make: loads the model on a worker. workers: how
    many load it; by default one per GPU, or without GPUs one per machine. Raises UsageError or CitewireError.
    """

    def __init__(self, address: str, make: Callable[[], Encoder], *, workers: int | None = None) -> None:
        _require_address(address)
        with _signals_kept():
            ray = self._ray = _connect(address)
        self._read = ray.remote(read_on_worker).options(num_cpus=1, max_retries=_RETRIES)
        self._processors = max(1, int(ray.cluster_resources().get("CPU", 1)))
        self.actors = _start_workers(ray, make, workers)
        self.at_once = min(_MOST_AT_ONCE, _PIECES_EACH * _PIECE * len(self.actors))
        """Number of passages to encode and commit together."""

    def encoder(self) -> "RayEncoder":
        """Return an encoder that uses all workers, once each has loaded the model. Raises CitewireError."""
        return RayEncoder(self._ray, self.actors)

    def scan(
        self,
        files: Iterable[ComparedFile],
        read_options: ReadOptions,
        *,
        on_bad: Callable[[ReadError], None],
        on_same: Callable[[], None],
    ) -> Iterator[ScannedOrigin]:
        """Yield the articles of files, in order. A worker reads those that it can see; the others are read here."""
        waiting: deque[tuple[ComparedFile, Any]] = deque()

        def oldest() -> ScannedOrigin:
            compared, task = waiting.popleft()
            try:
                read: FileRead | None = None if task is None else _result(self._ray, task)
            except self._ray.exceptions.RayError:  # the file ends every worker; it is read again the next time
                why = "the processes that were to read it ended: save its text as .txt"
                read = FileRead(bad=((compared.file.path, why),), look=Origin(location=compared.file.location))
            if read is None:
                return read_changed(compared, read_options, on_bad=on_bad, on_same=on_same)
            for where, why in read.bad:
                on_bad(ReadError(where, why))
            if read.same:
                on_same()
            return ScannedOrigin(compared.file.location, read.articles, lambda: read.look, lambda: read.whole)

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

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class RayEncoder:
    """An encoder that runs on the workers of a cluster."""

    def __init__(self, ray: Any, actors: Sequence[Any]) -> None:  # noqa: ANN401 - Ray is imported late
        self._ray = ray
        self._actors = actors
        try:
            about = _result(ray, [actor.about.remote() for actor in actors], timeout=_START_S)
        except ray.exceptions.GetTimeoutError:
            raise CitewireError(
                f"the workers of the Ray cluster have not started in {_START_S / 60:.0f} minutes: see whether its "
                "GPUs and machines are busy"
            ) from None
        except ray.exceptions.RayError as error:
            raise CitewireError(f"a worker of the Ray cluster did not start: {_first_line(error)}") from error
        other = {version for version, *_ in about} - {__version__}
        if other:
            raise CitewireError(
                f"a worker of the Ray cluster has Citewire {min(other)}, this is {__version__}: install the same on all"
            )
        if len({model for _, _, model, _ in about}) != 1:
            raise ModelError("the workers of the Ray cluster have different models by this name: name another")
        _, self.name, self.fingerprint, self.dimension = about[0]

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return the passages' vectors, (n, dimension), rows of unit length, in the order given. Raises ModelError."""
        from ray.util import ActorPool

        size = min(_PIECE, max(_SHORTEST_PIECE, -(-len(texts) // len(self._actors))))
        pieces = [(start, list(texts[start : start + size])) for start in range(0, len(texts), size)]
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        try:
            done = ActorPool(self._actors).map_unordered(lambda actor, piece: actor.encode.remote(*piece), pieces)
            for start, rows in done:
                vectors[start : start + len(rows)] = rows
        except self._ray.exceptions.RayTaskError as error:
            raise error.cause from None
        except self._ray.exceptions.RayError as error:
            raise ModelError(
                f"a worker of the Ray cluster ended again and again while it encoded: {_first_line(error)}"
            ) from error
        return vectors

    def encode_question(self, question: str) -> FloatArray:
        """Return the question's vector, (dimension,), of unit length."""
        vector: FloatArray = _result(self._ray, self._actors[0].encode_question.remote(question))
        return vector


class Worker:
    """The embedding model on a worker, loaded at the first use."""

    def __init__(self, make: Callable[[], Encoder]) -> None:
        self._make = make

    def about(self) -> tuple[str, str, str, int]:
        """Return the worker's version of Citewire, and the model's name, fingerprint and dimension."""
        encoder = self._encoder
        return __version__, encoder.name, encoder.fingerprint, encoder.dimension

    def encode(self, start: int, texts: list[str]) -> tuple[int, FloatArray]:
        """Return `start` and the vectors of the texts."""
        return start, self._encoder.encode(texts)

    def encode_question(self, question: str) -> FloatArray:
        """Return the vector of a question."""
        return self._encoder.encode_question(question)

    @cached_property
    def _encoder(self) -> Encoder:
        return self._make()


def _require_address(address: str) -> None:
    """Raise UsageError for an invalid address, CitewireError if nothing answers there."""
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


def _connect(address: str) -> Any:  # noqa: ANN401 - Ray is imported late
    """Connect to a cluster, or start one here, and return Ray. Raises CitewireError."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # otherwise Ray reports over the network
    try:
        import ray
    except ImportError:
        raise CitewireError(f"--ray needs a package that is not installed: {INSTALL}") from None
    options = {"logging_level": logging.ERROR, "log_to_driver": False, "include_dashboard": False}
    if address == LOCAL:
        options |= {"object_store_memory": _LOCAL_STORE}
    try:
        ray.init(address=None if address == AUTO else address, **options)
    except Exception as error:  # Ray raises plain Exceptions
        raise CitewireError(
            f'Ray cannot be used (--ray {address}): {_first_line(error)}; "ray status" says more of a running cluster, '
            '"ray start --head" of one that does not start'
        ) from error
    return ray


def _start_workers(ray: Any, make: Callable[[], Encoder], workers: int | None) -> list[Any]:  # noqa: ANN401
    """Start the workers that hold the model, spread over the machines."""
    gpus = int(ray.cluster_resources().get("GPU", 0))
    count = workers or gpus or sum(node["Alive"] for node in ray.nodes())
    worker = ray.remote(Worker).options(
        num_cpus=0,  # so that reading tasks do not wait for it
        num_gpus=min(gpus, 1),
        max_restarts=-1,
        max_task_retries=_RETRIES,
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


def _result(ray: Any, given: Any, *, timeout: float | None = None) -> Any:  # noqa: ANN401
    """Wait for results. An exception of a worker is raised here as it is."""
    try:
        return ray.get(given, timeout=timeout)
    except ray.exceptions.RayTaskError as error:
        raise error.cause from None


def _first_line(error: Exception) -> str:
    """Return the first line of an error's message."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
