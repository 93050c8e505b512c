"""One reader's side of `guided`: a process that libFuzzer gives inputs, and that tells it which code each one reached.

What raises is kept and the next is tried; what takes long ends the process, as libFuzzer does by itself.
"""

import hashlib
import sys
import time
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["corpus"], enable_loader_override=False):
    from benchmarks.faults.fuzz import SLOW_SECONDS, read_here
    from corpus.errors import CitewireError


def main() -> None:
    """Take inputs for the reader named until libFuzzer's options, which follow, say that it is enough."""
    program, kind, found, *options = sys.argv

    def one(data: bytes) -> None:
        started = time.process_time()
        try:
            read_here(kind, data)
            what = ""
        except CitewireError:
            what = ""
        except Exception as error:  # noqa: BLE001 - this is what is looked for
            what = type(error).__name__
        if not what and time.process_time() - started > SLOW_SECONDS:
            what = "slow"
        if what:
            Path(found, f"{what}-{hashlib.sha256(data).hexdigest()[:16]}").write_bytes(data)

    atheris.Setup([program, *options], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
