"""Reading and encoding on the workers of a Ray cluster. Nothing else imports Ray.

Workers only do work that can be repeated. Only this process writes the library, in the order in which the files are
found. So a killed worker costs time and nothing else: Ray starts another, which repeats its task.
"""

import logging
import os
import signal
import socket
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np

from corpus import __version__
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
_PIECES_EACH = 4  # per worker and commit
_MOST_AT_ONCE = 16_384  # passages that wait here for a commit, however large the cluster

_LARGEST = 32_000_000  # bytes; larger files are streamed, and read in this process
_FILES_EACH = 16  # files waiting per processor

_RETRIES = 3  # retries of a dead worker's task
_ANSWER_S = 5.0
_START_S = 600.0  # seconds for all workers to load the model
_LOCAL_STORE = 256 << 20  # bytes of shared memory for data in transit


ReadHere = tuple[ScannedOrigin, list[tuple[str, str]], bool]


def read_on_worker(compared: ComparedFile, read_options: ReadOptions) -> ReadHere | None:
    """Read a whole file. Return it with (where, why) of each error, and whether its content has not changed.

    None for a file that does not look the same here: this may be another machine.
    """
    try:
        if file_status(Path(compared.file.path)) != compared.file:
            return None
    except OSError:
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
    end, whole = reading.end(), reading.whole()
    return replace(reading, articles=articles, end=lambda: end, whole=lambda: whole), bad, bool(same)


class Cluster:
    """A connection to a Ray cluster: an encoder whose workers hold the embedding model. Close it when done.

    address: HOST:PORT of the cluster's head. "local" starts a cluster on this machine and ends it. "auto" takes the one
    that runs here or that $RAY_ADDRESS names, else does as "local". make: loads the model on a worker. workers: how
    many load it; by default one per GPU, or without GPUs one per machine. Raises UsageError or CitewireError.
    """

    def __init__(self, address: str, make: Callable[[], Encoder], *, workers: int | None = None) -> None:
        ray = self._ray = _connect(address)
        self._read = ray.remote(read_on_worker).options(num_cpus=1, max_retries=_RETRIES)
        self._processors = max(1, int(ray.cluster_resources().get("CPU", 1)))
        self.actors = _start_workers(ray, make, workers)
        self.at_once = min(_MOST_AT_ONCE, _PIECES_EACH * _PIECE * len(self.actors))
        """Number of passages to encode and commit together."""
        try:
            models = set(self._result([actor.model.remote() for actor in self.actors], timeout=_START_S))
        except ray.exceptions.RayError as error:
            raise CitewireError(
                f"a worker of the Ray cluster did not start in {_START_S / 60:.0f} minutes ({_first_line(error)}): see "
                "whether its GPUs and machines are busy"
            ) from error
        if {version for version, *_ in models} != {__version__} or len(models) != 1:
            raise CitewireError(
                f"the workers of the Ray cluster have another Citewire than this {__version__}, or different models by "
                "the same name: install the same on all"
            )
        ((_, self.name, self.fingerprint, self.dimension),) = models

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
                read: ReadHere | None = self._result(task) if task is not None else None
            except self._ray.exceptions.RayError:  # the file ends every worker; it is read again the next time
                why = "the processes that were to read it ended: save its text as .txt"
                on_bad(ReadError(compared.file.path, why))
                unread = Origin(location=compared.file.location)
                return ScannedOrigin(unread.location, (), lambda: unread, lambda: False)
            if read is None:
                return read_changed(compared, read_options, on_bad=on_bad, on_same=on_same)
            scanned, bad, same = read
            for where, why in bad:
                on_bad(ReadError(where, why))
            if same:
                on_same()
            return scanned

        for compared in files:
            large = compared.file.size > _LARGEST
            waiting.append((compared, None if large else self._read.remote(compared, read_options)))
            if len(waiting) > _FILES_EACH * self._processors:
                yield oldest()
        while waiting:
            yield oldest()

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return the passages' vectors, (n, dimension), rows of unit length, in the order given. Raises ModelError."""
        size = min(_PIECE, max(_SHORTEST_PIECE, -(-len(texts) // len(self.actors))))
        pieces = [list(texts[start : start + size]) for start in range(0, len(texts), size)]
        tasks = [actor.encode.remote(piece) for actor, piece in zip(cycle(self.actors), pieces, strict=False)]
        try:
            return np.concatenate([np.empty((0, self.dimension), dtype=np.float32), *self._result(tasks)])
        except self._ray.exceptions.RayError as error:
            raise ModelError(
                f"a worker of the Ray cluster ended again and again while it encoded: {_first_line(error)}"
            ) from error

    def encode_question(self, question: str) -> FloatArray:
        """Return the question's vector, (dimension,), of unit length."""
        vector: FloatArray = self._result(self.actors[0].encode_question.remote(question))
        return vector

    def _result(self, given: Any, *, timeout: float | None = None) -> Any:  # noqa: ANN401
        """Wait for results. An exception of a worker is raised here as it is."""
        try:
            return self._ray.get(given, timeout=timeout)
        except self._ray.exceptions.RayTaskError as error:
            raise error.cause from None

    def close(self) -> None:
        """Release the workers, and end a cluster that was started here."""
        self._ray.shutdown()


class Worker:
    """The embedding model on a worker, loaded at the first use."""

    def __init__(self, make: Callable[[], Encoder]) -> None:
        self._make = make

    def model(self) -> tuple[str, str, str, int]:
        """Return the worker's version of Citewire, and the model's name, fingerprint and dimension."""
        encoder = self._encoder
        return __version__, encoder.name, encoder.fingerprint, encoder.dimension

    def encode(self, texts: list[str]) -> FloatArray:
        """Return the vectors of the texts."""
        return self._encoder.encode(texts)

    def encode_question(self, question: str) -> FloatArray:
        """Return the vector of a question."""
        return self._encoder.encode_question(question)

    @cached_property
    def _encoder(self) -> Encoder:
        return self._make()


def _connect(address: str) -> Any:  # noqa: ANN401 - Ray is imported late
    """Connect to a cluster, or start one here, and return Ray. Raises CitewireError."""
    if address not in (AUTO, LOCAL):
        host, _, port = address.rpartition(":")
        if not host or "/" in host or not port.isdecimal():
            raise UsageError(f"--ray {address}: give HOST:PORT of a cluster's head, auto or local")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=_ANSWER_S).close()
        except (OSError, ValueError, OverflowError) as error:
            raise CitewireError(
                f'--ray {address}: no Ray cluster answers there ({error}): see "ray status" there for its address'
            ) from error
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # otherwise Ray reports over the network
    try:
        import ray
    except ImportError:
        raise CitewireError(f"--ray needs a package that is not installed: {INSTALL}") from None
    options = {"logging_level": logging.ERROR, "log_to_driver": False, "include_dashboard": False}
    if address == LOCAL:
        options |= {"object_store_memory": _LOCAL_STORE}
    on_sigterm = signal.getsignal(signal.SIGTERM)
    try:
        ray.init(address=None if address == AUTO else address, **options)
    except Exception as error:  # Ray raises plain Exceptions
        raise CitewireError(
            f'Ray cannot be used (--ray {address}): {_first_line(error)}; "ray status" says more of a running cluster, '
            '"ray start --head" of one that does not start'
        ) from error
    signal.signal(signal.SIGTERM, on_sigterm)  # Ray's own handler ends the process at once
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


def _first_line(error: Exception) -> str:
    """Return the first line of an error's message."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
