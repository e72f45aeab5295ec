"""Fingerprints, the index across runs, and the verdicts on duplicates."""
