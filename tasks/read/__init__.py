"""Where pages come from, what is new, and the formats they come in."""

READER_VERSION = "3"
"""Raised whenever bytes already seen would be read otherwise: what was rejected is tried again."""
