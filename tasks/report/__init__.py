"""Counts turned into text, tables and pages for people."""
