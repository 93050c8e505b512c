"""Adding an archive takes no more memory the larger it is: measured as the benchmark does, each size by itself."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from repository import ROOT
from tiny_models import Tiny, save_tiny

GROWTH = 1.25
"""What eight times the files may take: the FAISS index is held while it is written, 0.8 kB a passage."""


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="the heaps that grow with the threads are glibc's")
def test_eight_times_the_files_take_about_the_same_memory(tmp_path: Path) -> None:
    model = save_tiny(tmp_path / "tiny", Tiny())
    peak(1500, model)  # converts the model
    assert peak(12_000, model) < GROWTH * peak(1500, model)


def peak(files: int, model: Path) -> float:
    """Return the most memory, in MB, that adding so many files took."""
    command = [sys.executable, "-m", "benchmarks.archive", "--files", str(files), "--model", str(model)]
    done = subprocess.run(
        command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, "HF_HUB_OFFLINE": "1"}
    )
    added = next(line for line in done.stdout.splitlines() if line.startswith("added "))
    found = re.search(r"([\d.]+) MB", added)
    assert found is not None
    return float(found[1])
