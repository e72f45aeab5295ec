"""The work of Copydesk: read, cut, score, deduplicate and publish; one folder a stage."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("copydesk")
except PackageNotFoundError:  # run from a checkout that was never installed
    __version__ = "0+unknown"
