"""The lake: Delta tables, lock, redo log, recovery."""
