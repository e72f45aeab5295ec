"""Template twins: stories from one template that differ in names and numbers."""


def find_twin_reason(a_text: str, b_text: str) -> str | None:
    """Why two texts that share most words are still two stories; None where they are copies."""
    return None
