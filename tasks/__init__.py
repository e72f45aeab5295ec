"""The work of Copydesk: read, cut, score, deduplicate and publish; one folder a stage."""

import os

# Before anything loads Arrow, here and in each process that is spawned. Its own allocator asks for
# huge pages, which the kernel clears before they are used, and keeps them: a run of 40,000 texts
# took 0.8 s more of the system's time with it, and 190 MB more memory.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")


def __getattr__(name: str) -> str:
    """``__version__``, asked of the installed package when somebody wants it.

    Asking takes 20 ms, of the 150 in which `copydesk --help` answers.
    """
    if name != "__version__":
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("copydesk")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0+unknown"
