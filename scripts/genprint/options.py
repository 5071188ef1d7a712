"""What a configured method is called with."""


def method_options(entry: dict) -> dict:
    """Options of a configured method: the entry without the name of its method and what is not the method's own."""
    return {key: value for key, value in entry.items() if key not in ("method", "shortlist")}
