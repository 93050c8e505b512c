"""Heaps of the C library, counted by itself in a process of their own."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

_COUNTS = """
import ctypes, threading
from qa.heaps import share_heaps
if {shared}:
    share_heaps()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
barrier = threading.Barrier(16)
def allocate():
    barrier.wait()
    for _ in range(200):
        libc.malloc(3000)
    barrier.wait()
threads = [threading.Thread(target=allocate) for _ in range(16)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
libc.fopen.restype = ctypes.c_void_p
libc.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
libc.fclose.argtypes = [ctypes.c_void_p]
file = libc.fopen(b"/dev/stdout", b"w")
libc.malloc_info(0, file)
libc.fclose(file)
"""


def heaps(*, shared: bool) -> int:
    done = subprocess.run(
        [sys.executable, "-c", _COUNTS.format(shared=shared)], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout.count("<heap nr=")


@pytest.mark.skipif(sys.platform != "linux", reason="heaps are counted as glibc does it")
def test_many_threads_share_a_few_heaps() -> None:
    assert heaps(shared=True) <= 3 < heaps(shared=False)
