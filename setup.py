"""What is compiled: hot loops in Cython, each beside the Python module whose twin it is.

All else stands in pyproject.toml. Where there is no C compiler, or Python's headers are missing,
installing goes on without them: the Python modules give the same results, more slowly.
"""

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
    found = []
    for source in sorted(Path("tasks").glob("*/_*.pyx")):
        name = ".".join(source.with_suffix("").parts)
        arguments = ["-O3", "-ffp-contract=off"]  # sums are to be those of Python
        found.append(Extension(name, [str(source)], extra_compile_args=arguments, optional=True))
    return found


setup(ext_modules=cythonize(twins(), build_dir="build/cython", compiler_directives=DIRECTIVES))
