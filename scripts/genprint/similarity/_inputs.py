"""What similarities refuse: everything that is wrong in one error, and what to do about it."""

from numbers import Real

import numpy as np


def problems_with_options(name: str, parameters: dict, options: dict) -> list[str]:
    """What is wrong with the options of a method whose PARAMETERS are given."""
    problems = []
    for option, value in options.items():
        schema = parameters.get(option)
        if schema is None:
            known = f"write one of {', '.join(parameters)}" if parameters else "leave it out"
            problems.append(f"{name} has no option {option!r}; {known}")
        elif "enum" in schema and value not in schema["enum"]:
            problems.append(f"{option} is {value!r}; write one of {', '.join(schema['enum'])}")
        elif schema["type"] == "number" and not np.ndim(value):
            lowest = schema.get("exclusiveMinimum", -np.inf)
            if not isinstance(value, Real) or not lowest < value < np.inf:
                problems.append(f"{option} is {value!r}; write a number" + " above 0" * (lowest == 0))
    return problems


def problems_with_sets(name: str, accepts: tuple[str, ...], a: np.ndarray, b: np.ndarray) -> list[str]:
    """What is wrong with the shapes and types of two sets for a method with the given ACCEPTS."""
    problems = []
    for label, images in (("a", a), ("b", b)):
        if images.ndim not in (2, 3):
            problems.append(f"{label} has shape {images.shape}; give (N, H, W) images or (N, D) vectors")
        elif not images.size:
            problems.append(f"{label} has shape {images.shape} and is empty; give at least one")
        if images.dtype not in (np.bool_, np.uint8, np.float16, np.float32, np.float64):
            problems.append(f"{label} is {images.dtype}; convert it to uint8 or a floating point type")
    if problems:
        return problems
    kind = {2: "vector", 3: "image"}[a.ndim]
    if a.shape[1:] != b.shape[1:]:
        return [f"a has shape {a.shape} but b {b.shape}; bring both to one size"]
    if kind not in accepts:
        return [f"{name} does not compare {kind}s; give {' or '.join(f'{other}s' for other in accepts)}"]
    return []


def refuse_small(images: np.ndarray, side: int) -> None:
    """Raise a ValueError if images (N, H, W) are smaller than a square window."""
    height, width = images.shape[1:]
    if min(height, width) < side:
        raise ValueError(f"images of {height} x {width} are smaller than the window of {side} x {side}; enlarge them")


def refuse_not_finite(a: np.ndarray, b: np.ndarray) -> None:
    """Raise a ValueError that names every image or vector with NaN or infinite values."""
    problems = []
    for label, images in (("a", a), ("b", b)):
        if images.dtype.kind == "f":
            bad = [str(i) for i, image in enumerate(images) if not np.isfinite(image).all()]
            if bad:
                problems.append(f"{label} has NaN or infinite values at index {', '.join(bad)}; leave these out")
    if problems:
        raise ValueError("; ".join(problems))
