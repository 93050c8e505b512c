"""The main measures in one go: `make bench`. Each also runs alone, as the lines printed say."""

import argparse
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
MEASURES = (
    "-m benchmarks.encoding",
    "-m benchmarks.adding",
    "-m benchmarks.sentences",
    "-m benchmarks.days",
    "-m benchmarks.speakers",
    "-m benchmarks.copies",
    "app.py evaluate qa/evaluation/gold/bundled.jsonl",
    "-m benchmarks.scale",
    "-m benchmarks.scale_words",
    "-m benchmarks.peers",
)


def main() -> int:
    """Run every measure and return 1 when one failed."""
    failed = []
    for measure in MEASURES:
        print(f"\n== python {measure}", flush=True)
        if subprocess.run([sys.executable, *shlex.split(measure)], cwd=ROOT, check=False).returncode:
            failed.append(measure)
    if failed:
        print(f"failed: {'; '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    sys.exit(main())
