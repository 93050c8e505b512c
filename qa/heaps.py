"""Heaps of the C library: each of many threads gets one of its own, and what is freed there stays with the process."""

import ctypes
import sys

_M_ARENA_MAX = -8  # of glibc's malloc.h
_HEAPS = 3  # the reading, the encoding and the writing thread: with fewer they wait for each other


def share_heaps() -> None:
    """Let the threads of this process share a few heaps where they are glibc's; where they are another's do nothing.

    Tantivy writes each shard in threads of its own. On two cores there would come to be sixteen heaps, each as large as
    one shard ever needed, and adding an archive would seem to need more memory the larger it is.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, _HEAPS)
