"""Prefect flows of Copydesk, their settings and the `copydesk` command."""
