"""A run's steps, put together from the stages: what ``steps.py`` wraps in Prefect tasks.

In the order of a run: ``plan`` (what there is to do), ``shard`` and ``pool`` (cut it, in worker
processes), ``finish`` (settle, decide, publish, under the lake's lock).
"""
