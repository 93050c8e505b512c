"""Runs tests as each other kind of processor that this one can play: `python tests/as_each_processor.py FILES`.

A processor with AVX512 plays one without, one with bf16 one that has only VNNI, and so on. What oneDNN may use is set
in the environment, so each kind needs a process of its own. This processor's own kind is left to `make test`.
"""

import os
import subprocess
import sys

from repository import ROOT

PLAYED = "ONEDNN_MAX_CPU_ISA"
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
    others = {name: value for name, value in os.environ.items() if name != PLAYED}
    return others if kind is None else {**others, PLAYED: kind}


def main(arguments: list[str]) -> int:
    """Run pytest with the arguments as each kind, until one fails; return its exit code."""
    for kind, uses in kinds().items():
        sys.stdout.write(f"as {kind}: {uses}\n")
        sys.stdout.flush()
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
        if failed := subprocess.run(command, cwd=ROOT, env=_played(kind)).returncode:
            return failed
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
