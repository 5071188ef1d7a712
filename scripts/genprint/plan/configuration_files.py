"""Configuration files before anything is made of them: YAML that says something twice, or without end."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

MOST_VALUES = 100_000
"""What aliases may add up to; a configuration has hundreds of values."""


def refuse(files: Iterable[str | Path]) -> None:
    """Refuse configuration files in which a key stands twice or aliases multiply.

    YAML keeps the last of two equal keys and says nothing, and a few lines of aliases can stand for millions of values.

    Raises:
        ValueError: every such key with its line, and every file of too many values.
    """
    lines = [line for file in files for line in _faults(Path(file))]
    if lines:
        raise ValueError("\n".join(lines))


def _faults(file: Path) -> Iterator[str]:
    try:
        with file.open(encoding="utf-8") as text:
            root = yaml.compose(text, Loader=yaml.SafeLoader)
    except (OSError, ValueError, yaml.YAMLError):
        return  # Snakemake has read it, or has said why not
    if root is None:
        return
    yield from dict.fromkeys(_twice(file, root, set()))
    try:
        count = _values(root, {}, set())
    except RecursionError:
        yield f"{file}: is nested without end; write out what it refers to"
        return
    if count > MOST_VALUES:
        yield f"{file}: stands for more than {MOST_VALUES} values through its aliases (*name); write out what is meant"


def _twice(file: Path, node: yaml.Node, seen: set[int]) -> Iterator[str]:
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        keys: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if isinstance(key, yaml.ScalarNode) and key.value in keys:
                before = keys[key.value]
                yield f"{file}, line {line}: {key.value} stands in line {before} already; leave one of them out"
            elif isinstance(key, yaml.ScalarNode):
                keys[key.value] = line
            yield from _twice(file, value, seen)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _twice(file, value, seen)


def _values(node: yaml.Node, counts: dict[int, int], above: set[int]) -> int:
    """Count the values that a node stands for, those of aliases each time; a node inside itself has no end."""
    if isinstance(node, yaml.ScalarNode):
        return 1
    if id(node) in above:
        raise RecursionError
    if id(node) not in counts:
        pairs = node.value if isinstance(node, yaml.SequenceNode) else [part for pair in node.value for part in pair]
        counts[id(node)] = 1 + sum(_values(part, counts, above | {id(node)}) for part in pairs)
    return counts[id(node)]
