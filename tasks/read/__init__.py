"""Where pages come from, what is new, and the formats they come in."""
