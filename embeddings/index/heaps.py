"""Heaps of the C library: each of many threads gets one of its own, and what is freed there stays with the process."""

import ctypes
import sys
from collections.abc import Callable

_M_ARENA_MAX = -8  # of glibc's malloc.h
_HEAPS = 3  # the reading, the encoding and the writing thread: with fewer they wait for each other


def share_heaps() -> None:
    """Let the threads of this process share a few heaps where they are glibc's; where they are another's do nothing.

    Tantivy writes each shard in threads of its own. On two cores there would come to be sixteen heaps, each as large as
    one shard ever needed, and adding an archive would seem to need more memory the larger it is.
    """
    if mallopt := _glibc("mallopt"):
        mallopt(_M_ARENA_MAX, _HEAPS)


def give_back() -> None:
    """Give what the heaps hold free back to the system, where they are glibc's."""
    if malloc_trim := _glibc("malloc_trim"):
        malloc_trim(0)


def _glibc(name: str) -> Callable[..., int] | None:
    """Return a function of the C library, None where it is not glibc or has none of that name."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
