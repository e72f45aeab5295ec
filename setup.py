"""What is compiled: hot loops in Cython, each beside the Python module whose twin it is.

All else stands in pyproject.toml. Where there is no C compiler, or Python's headers are missing,
installing goes on without them: the Python modules give the same results, more slowly.
"""

import os
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

DIRECTIVES = {
    "language_level": 3,
    "boundscheck": False,
    "wraparound": False,
    "cdivision": True,
    "initializedcheck": False,
}


def twins() -> list[Extension]:
    """An extension for each ``tasks/STAGE/_NAME.pyx``."""
    arguments = ["-O3", "-g0", "-ffp-contract=off"]  # sums are to be those of Python
    sources = sorted(Path("tasks").glob("*/_*.pyx"))
    names = [".".join(source.with_suffix("").parts) for source in sources]
    found: list[Extension] = cythonize(
        [
            Extension(name, [str(source)], extra_compile_args=arguments)
            for name, source in zip(names, sources, strict=True)
        ],
        build_dir="build/cython",
        compiler_directives=DIRECTIVES,
    )
    for extension in found:
        extension.optional = True
    return found


setup(ext_modules=twins(), options={"build_ext": {"parallel": os.cpu_count() or 1}})
