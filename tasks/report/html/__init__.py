"""The report of a run: one HTML file, made from what the lake holds."""
