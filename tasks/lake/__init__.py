"""The lake: Delta tables, their files, the lock, the redo log and its recovery.

Read in this order: ``layout`` (what lies where), ``tables`` (open and read), ``staging`` (what a
run has cut and not published), ``lock``, ``intent`` and ``commit`` (how it is published once).
"""
