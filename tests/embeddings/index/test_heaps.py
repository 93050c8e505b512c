"""Heaps of the C library, counted by itself in a process of their own."""

import subprocess
import sys

import pytest
from repository import ROOT

_COUNTS = """
import ctypes, threading
from embeddings.index.heaps import share_heaps
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


@pytest.mark.skipif(sys.platform != "linux", reason="what is free in a heap is counted as glibc does it")
def test_what_is_free_goes_back_to_the_system() -> None:
    code = (
        "import ctypes; from pathlib import Path; from embeddings.index.heaps import give_back;"
        "libc = ctypes.CDLL(None); libc.malloc.restype = ctypes.c_void_p; libc.free.argtypes = [ctypes.c_void_p];"
        "resident = lambda: int(Path('/proc/self/statm').read_text().split()[1]) * 4096;"
        "kept = [libc.malloc(100_000) for _ in range(1000)];"
        "[ctypes.memset(place, 1, 100_000) for place in kept];"
        "[libc.free(place) for place in kept[:-1]];"
        "before = resident(); give_back(); print(before - resident())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    assert int(done.stdout) > 50_000_000
