"""Bad input led by what it reaches: libFuzzer, through atheris, changes inputs that reached code no other one had.

It begins with inputs of `fuzz` and goes on, run after run, from those that were worth keeping. Whatever a reader did
not take well is tried once more without the instruments, which slow it down, before it is called a finding.

    python -m benchmarks.faults guided --seconds 3600
"""

import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from benchmarks.faults.fuzz import LONGEST, SLOW_SECONDS, TARGETS, draw, pieces, read_here, well_made
from corpus.errors import CitewireError

ROOT = Path(__file__).parents[2]
KEPT = ROOT / ".benchmarks-cache" / "guided"
FIRST_INPUTS = 200
_HANG_S = 120
_GRACE_S = 300.0


@dataclass(frozen=True, slots=True)
class Led:
    """One reader: inputs tried, and places in the code (edges between its lines) reached by the first and by all."""

    kind: str
    tried: int
    at_first: int
    reached: int

    def __str__(self) -> str:
        return f"{self.kind} {self.tried:,} inputs, {self.at_first:,} -> {self.reached:,} places"


@dataclass(slots=True)
class Guided:
    """What was tried, and what was found: nothing, or this raises."""

    readers: list[Led] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    not_tried: str = ""

    def __str__(self) -> str:
        if self.not_tried:
            return f"not tried: {self.not_tried}"
        readers = "; ".join(map(str, self.readers))
        total = sum(led.tried for led in self.readers)
        found = "".join(f"\n  {what}" for what in self.findings)
        return f"{total:,} inputs ({readers}); {len(self.findings)} findings{found}"


def guided(place: Path, *, seconds: float, seed: int = 1, kept: Path = KEPT) -> Guided:
    """Try inputs for so long on every core; findings stay in the folder `fuzz-findings` and are named.

    kept: the folder of the inputs that reached something new, from which the next run goes on.
    """
    if find_spec("atheris") is None:
        return Guided(not_tried="no atheris (it has wheels for Linux on x86-64 and Python 3.11 to 3.13)")
    dictionary = place / "words"
    dictionary.write_text("".join(f'"{word}"\n' for word in _words()), "ascii")
    at_once = min(os.cpu_count() or 1, len(TARGETS))
    each = max(1, round(seconds * at_once / len(TARGETS)))

    def lead(kind: str) -> tuple[Led, list[str]]:
        inputs, found = kept / kind, place / f"found-{kind}"
        inputs.mkdir(parents=True, exist_ok=True)
        found.mkdir()
        drawn = random.Random(f"{kind} {seed}")
        if not any(inputs.iterdir()):
            (inputs / "first").write_text(well_made(kind), "utf-8")
            for number in range(FIRST_INPUTS):
                (inputs / f"first-{number}").write_bytes(draw(kind, drawn))
        options = [f"-max_total_time={each}", f"-max_len={LONGEST}", f"-timeout={_HANG_S}", "-rss_limit_mb=0"]
        options += [f"-dict={dictionary}", f"-artifact_prefix={found}/", f"-seed={seed}", "-print_final_stats=1"]
        command = [sys.executable, "-m", "benchmarks.faults.guided_reader", kind, str(found), *options, str(inputs)]
        with tempfile.TemporaryFile("w+") as said:
            subprocess.run(
                command,
                cwd=ROOT,
                stdout=said,
                stderr=said,
                env={**os.environ, "OMP_NUM_THREADS": "1"},
                timeout=each + _HANG_S + _GRACE_S,
                check=False,
            )
            said.seek(0)
            output = said.read()
        return _led(kind, output), list(_confirmed(kind, found))

    done = Guided()
    with ThreadPoolExecutor(at_once) as pool:
        for led, findings in pool.map(lead, TARGETS):
            done.readers.append(led)
            done.findings += findings
    return done


def _led(kind: str, output: str) -> Led:
    """Return what libFuzzer said at the end. Raises AssertionError where it did not come so far."""
    tried = re.search(r"number_of_executed_units: *(\d+)", output)
    reached = [int(number) for number in re.findall(r"\bcov: (\d+)", output)]
    assert tried is not None, f"{kind}: {output[-1000:]}"
    assert reached, f"{kind}: {output[-1000:]}"
    return Led(kind, int(tried[1]), reached[0], reached[-1])


def _confirmed(kind: str, found: Path) -> Iterator[str]:
    """Keep and name the inputs that are still not taken well, one for each kind of fault and place."""
    seen = set[str]()
    for file in sorted(found.iterdir()):
        data = file.read_bytes()
        what, started = "", time.process_time()
        if file.name.startswith("timeout-"):
            what = f"no end in {_HANG_S} s"
        else:
            try:
                read_here(kind, data)
            except CitewireError:
                pass
            except Exception as error:  # noqa: BLE001 - this is what is looked for
                what = f"{type(error).__name__} in {_place(error)}: {error}"[:200]
            took = time.process_time() - started
            what = what or (f"slow: {took:.1f} s for {len(data):,} bytes" if took > SLOW_SECONDS else "")
        name = what.split(": ")[0]
        if what and name not in seen:
            seen.add(name)
            Path("fuzz-findings").mkdir(exist_ok=True)
            kept = Path("fuzz-findings", f"{kind}-{file.name}")
            kept.write_bytes(data)
            yield f"{kind}: {what} ({kept})"


def _place(error: BaseException) -> str:
    """Return the file and line that raised it."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace is not None else "?"


def _words() -> Iterator[str]:
    """Yield the pieces of all formats as libFuzzer's dictionaries write them; long ones it would not take."""
    for piece in {piece for some in pieces().values() for piece in some}:
        data = piece.encode()
        if 0 < len(data) <= 64:
            yield "".join(f"\\x{byte:02x}" for byte in data)
