"""Serves a GGUF model over the OpenAI protocol on this machine: `python llm_process.py MODEL PORT`."""

import sys
import threading
from pathlib import Path

from xllamacpp import CommonParams, Server


def main(model: Path, port: int) -> None:
    """Serve until standard input ends."""
    settings = CommonParams()
    settings.model.path = str(model)
    settings.n_ctx = 8192
    settings.n_parallel = 1
    settings.port = port
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = 1
    server = Server(settings)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    threading.Thread(target=sys.stdin.read, daemon=True).run()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
