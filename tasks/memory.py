"""Memory that is free, given back to the system."""

import ctypes

import pyarrow as pa


def give_back() -> None:
    """Let go of what a step needed and the next does not: C's allocator and Arrow's keep it.

    Of 400,000 articles 200 MB after the decision, and 270 MB after the publication. Of another C
    library than GNU's it asks nothing.
    """
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
