"""Runs tests as each other kind of processor that this one can play: `python tests/as_each_processor.py FILES`.

These are the tests with the mark "processor": they compute in what the processor is fastest at.

A processor with AVX512 plays one without, one with bf16 one that has only VNNI, and so on. What oneDNN may use is set
in the environment, so each kind needs a process of its own. This processor's own kind is left to `make test`.
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from repository import ROOT

ISA_LIMIT = "ONEDNN_MAX_CPU_ISA"
KINDS = ("AVX2", "AVX512_CORE_VNNI", "AVX512_CORE_BF16", "AVX512_CORE_AMX")
ASK = "from embeddings.encoder.precision import this_processor; print(this_processor())"


def kinds() -> dict[str, str]:
    """Return what each kind that differs from this processor and from the others may use, by oneDNN's name for it."""
    seen = {_ask(None)}
    found = {}
    for kind in KINDS:
        if (uses := _ask(kind)) not in seen:
            seen.add(uses)
            found[kind] = uses
    return found


def _ask(kind: str | None) -> str:
    done = subprocess.run([sys.executable, "-c", ASK], cwd=ROOT, env=_played(kind), stdout=subprocess.PIPE, check=True)
    return done.stdout.decode().strip()


def _played(kind: str | None) -> dict[str, str]:
    others = {name: value for name, value in os.environ.items() if name != ISA_LIMIT}
    return others if kind is None else {**others, ISA_LIMIT: kind}


def main(arguments: list[str]) -> int:
    """Run pytest with the arguments as each kind, two kinds at once; return an exit code that is not 0 if one fails."""
    played = kinds()
    with ThreadPoolExecutor(2) as pool:
        runs = pool.map(lambda kind: _run(kind, arguments), played)
        codes = [_tell(f"as {kind}: {uses}", run) for (kind, uses), run in zip(played.items(), runs, strict=True)]
    if not codes:
        sys.stdout.write("this processor can play no other kind\n")
    return max(codes, default=0)


def _run(kind: str, arguments: list[str]) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-m", "processor and not long", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=_played(kind), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8"
    )


def _tell(heading: str, run: "subprocess.CompletedProcess[str]") -> int:
    sys.stdout.write(f"{heading}\n{run.stdout}")
    sys.stdout.flush()
    return run.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
