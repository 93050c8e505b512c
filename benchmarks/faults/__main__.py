"""`python -m benchmarks.faults PART`: one part at the size its options say; with no part all of them, quickly."""

import argparse
import importlib
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PARTS: dict[str, dict[str, Any]] = {  # what each part may be told, and how much of it is tried by default
    "crash": {"kills": 20, "calls": 20},
    "damage": {"rounds": 1},
    "space": {},
    "many": {"minutes": 0.5, "readers": 8},
    "leaks": {"questions": 1000, "rounds": 100},
    "fuzz": {"seconds": 60.0},
    "guided": {"seconds": 60.0},
    "api": {"examples": 10},
    "workers": {"kills": 5},
}
LONG: dict[str, dict[str, Any]] = {
    "crash": {"kills": 200, "calls": 100},
    "damage": {"rounds": 5},
    "space": {},
    "many": {"minutes": 10.0, "readers": 8},
    "leaks": {"questions": 10_000, "rounds": 1_000},
    "fuzz": {"seconds": 3600.0},
    "guided": {"seconds": 3600.0},
    "api": {"examples": 100},
    "workers": {"kills": 50},
}


def main() -> int:
    """Run the part named, or every one, and print what was tried; an AssertionError says what did not hold."""
    top = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    top.add_argument("--long", action="store_true", help="every part at the size that the documents report")
    parts = top.add_subparsers(metavar="PART", dest="part")
    for name, options in PARTS.items():
        part = parts.add_parser(name)
        for option, usual in options.items():
            part.add_argument(f"--{option}", type=type(usual), default=usual)
        if name == "leaks":
            part.add_argument("--plot", type=Path, default=None, help="where the plot is written")
    told = vars(top.parse_args())
    is_long, chosen = told.pop("long"), told.pop("part")
    for name in [chosen] if chosen else PARTS:
        options = told if chosen else (LONG if is_long else PARTS)[name]
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="citewire-faults-") as place:
            done = getattr(importlib.import_module(f"benchmarks.faults.{name}"), name)(Path(place), **options)
        print(f"{name}: {done} ({time.monotonic() - started:.0f} s)", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
