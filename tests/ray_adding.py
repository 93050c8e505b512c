"""Adding on Ray, and finding the processes that do it: what the tests and `benchmarks/faults` share."""

import contextlib
import os
from pathlib import Path

from corpus.errors import ReadError
from corpus.scan.changes import NoOrigins
from corpus.scan.read import ReadOptions
from embeddings.encoder.encoder import Encoder
from embeddings.library.library import create_library
from embeddings.library.protocol import AddReport
from embeddings.ray.cluster import Cluster
from qa.cli.sources import FileSource, Problems


def add(library: Path, folder: Path, cluster: Cluster | None, encoder: Encoder) -> tuple[AddReport, list[ReadError]]:
    """Make a library of a folder's files, on a cluster or here; return the report and the files that were bad."""
    problems = Problems()
    files = FileSource(folder, ReadOptions())
    with create_library(library, encoder=encoder) as opened:
        if cluster is None:
            report = opened.add_from(files.scan(NoOrigins(), problems))
        else:
            scanned = files.scan(NoOrigins(), problems, cluster)
            report = opened.add_from(scanned, encoder=cluster, at_once=64)
    return report, problems.bad


def holding(cluster: Cluster) -> list[int]:
    """Return the processes of the workers that hold the model."""
    import ray

    found: list[int] = ray.get([actor.__ray_call__.remote(lambda _: os.getpid()) for actor in cluster.actors])
    return found


def parent_of(process: int) -> int:
    """Return the parent of a process."""
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def children(parent: int, name: bytes) -> list[int]:
    """Return a process's children whose command line begins so."""
    found: list[int] = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (entry / "cmdline").read_bytes().startswith(name) and parent_of(int(entry.name)) == parent:
                found.append(int(entry.name))
    return sorted(found)
