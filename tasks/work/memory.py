"""Memory that is free, given back to the system."""

import ctypes

import pyarrow as pa


def give_back() -> None:
    """Let go of what a step needed and the next does not: C's allocator and Arrow's keep it.

    After the decision on 400,000 articles 200 MB. Does nothing where the C library is not GNU's.
    """
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
