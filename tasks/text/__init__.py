"""Pure functions of one page: no I/O, no Prefect, no lake."""
