"""`citewire watch`: goes on adding what changes in folders, and what feeds and pages bring, until Ctrl-C."""

import argparse
import random
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from corpus.errors import UsageError
from embeddings.index.heaps import share_heaps
from qa.cli.add import check_addresses, existing_or_new, way_of
from qa.cli.changed_files import ChangedFiles
from qa.cli.sources import Files
from qa.cli.stopping import stopping
from qa.cli.watching import Watching
from qa.cli.web_source import Net, Web, is_address

_JITTER = 0.1  # of the interval: many who begin at the full hour do not all ask at the same second
_MOST_BACK_OFF = 16  # intervals that a source which fails is left alone for at most


def watch(options: argparse.Namespace) -> int:
    """Add what is there, then what changes, one line a change; 0 when stopped by Ctrl-C."""
    check_addresses(options)
    if options.interval < 1:
        raise UsageError(f"--interval {options.interval:g}: give at least one second")
    for path in options.paths:
        if not is_address(path) and not Path(path).is_dir():
            raise UsageError(f"{path} is no folder: watch folders, and addresses of feeds and pages")
    way = way_of(options)
    share_heaps()
    with (
        stopping("stopping after the articles in hand") as stop,
        closing(Net(stop, allow_private=options.allow_private)) as net,
        existing_or_new(options) as library,
    ):
        sources: Sequence[Files | Web] = [
            Web(path, way, net, options.limit) if is_address(path) else Files(Path(path), way) for path in options.paths
        ]
        watching = Watching(library, stop.is_set, prune=options.prune)
        due = [0.0] * len(sources)
        failures = [0] * len(sources)
        print(f"Watching {', '.join(source.name for source in sources)}; Ctrl-C stops.", flush=True)
        folders = [source.path for source in sources if isinstance(source, Files)]
        with ChangedFiles(folders, stop) as changed:
            while not stop.is_set():
                for number, source in enumerate(sources):
                    if due[number] > time.monotonic() or stop.is_set():
                        continue
                    asked = watching.look(source)
                    failures[number] = 0 if asked is None else failures[number] + 1
                    due[number] = time.monotonic() + next_look(options.interval, failures[number], asked or 0.0)
                watching.take([Files(path, way) for path in changed.settled()])
    print(f"citewire: stopped; {watching.summary()}", file=sys.stderr)
    return 0


def next_look(interval: float, failures: int, asked: float) -> float:
    """Return the seconds until a source is looked at again.

    asked: those that its server asked for. After failures it is left alone for longer, up to sixteen intervals.
    """
    spread = interval * (1 + random.uniform(-_JITTER, _JITTER))
    return max(spread * min(2.0**failures, _MOST_BACK_OFF), asked)
