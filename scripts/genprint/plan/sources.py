"""What source files say about themselves, read as text: nothing here imports what it reads.

Snakemake parses the workflow again for every job, so parsing must not import numpy, numba or torch to learn which
methods exist, and it does not see imported modules, so their content has to be part of a rule's parameters.
"""

import ast
import contextlib
import hashlib
import inspect
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

LIBRARY = Path(__file__).resolve().parents[1]
TEMPLATES = (".html", ".css", ".js")


def module_file(module: str) -> Path | None:
    """File of a module of this library, or None if the module is not one of ours."""
    package, *parts = module.split(".")
    if package != LIBRARY.name:
        return None
    path = LIBRARY.joinpath(*parts)
    candidates = (path.with_suffix(".py"), path / "__init__.py")
    return next((file for file in candidates if file.is_file()), None)


def _file(module: str) -> Path:
    file = module_file(module)
    if file is None:
        raise ValueError(f"{module} is not a module of {LIBRARY.name}")
    return file


def registered(package: str) -> dict[str, str]:
    """Methods of a package: ``{"gaussian-noise": "genprint.variants.gaussian_noise", ...}``, sorted by name.

    A method is a file of the package; files whose name starts with ``_`` are not methods.
    """
    folder = _file(package).parent
    stems = sorted(file.stem for file in folder.glob("[!_]*.py"))
    return {stem.replace("_", "-"): f"{package}.{stem}" for stem in stems}


@cache
def declared(module: str) -> dict:
    """Literal constants that a module assigns at its top level, e.g. ``{"PARAMETERS": {...}, "RANDOM": True}``.

    A literal may name a constant above it, or one that is imported from another module of this library, and a dict may
    begin with the items of such a constant (``{**TRAINING, ...}``).
    """
    constants: dict = {}
    imported: dict = {}
    for statement in _parsed(_file(module)).body:
        match statement:
            case ast.ImportFrom(module=str(other), names=names) if module_file(other):
                for alias in names:
                    if alias.name.isupper() and alias.name in declared(other):
                        imported[alias.asname or alias.name] = declared(other)[alias.name]
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name.isupper():
                # What is computed is nothing that the workflow may rely on.
                with contextlib.suppress(ValueError):
                    constants[name] = _literal(value, imported | constants)
    return constants


def defaults(parameters: Mapping[str, Mapping]) -> dict:
    """Return the default of every option, given the ``PARAMETERS`` of a module."""
    return {name: schema["default"] for name, schema in parameters.items()}


def options_of(function: Callable, parameters: Mapping[str, Mapping], given: Mapping | None = None) -> dict:
    """Return the options that a function takes among several that share ``PARAMETERS``: as given, or the default."""
    values = defaults(parameters) | dict(given or {})
    return {name: values[name] for name in inspect.signature(function).parameters if name in values}


def keys(module: str, constant: str) -> list[str]:
    """Keys of a dict that a module assigns at its top level, whatever its values are, e.g. the names of score rules."""
    for statement in _parsed(_file(module)).body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict(keys=found)) if name == constant:
                return [ast.literal_eval(key) for key in found if key]
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Dict(keys=found)) if name == constant:
                return [ast.literal_eval(key) for key in found if key]
    raise KeyError(f"{module} assigns no dict {constant}")


def code_version(*sources: str | Path) -> str:
    """SHA-256 (16 hex digits) over the given modules or script files and all modules of this library they import.

    Imports inside functions count too, and the templates beside the ``__init__.py`` of an imported package. A method
    loaded by name at run time is not found by following imports: name its module as one of the ``sources``.
    """
    waiting = [_file(source) if isinstance(source, str) else Path(source) for source in sources]
    files: set[Path] = set()
    while waiting:
        file = waiting.pop()
        if file not in files:
            files.add(file)
            waiting.extend(_imported_files(file))
    packages = {file.parent for file in files if file.name == "__init__.py"}
    files |= {file for package in packages for file in package.iterdir() if file.suffix in TEMPLATES}
    digest = hashlib.sha256()
    for file in sorted(files, key=lambda file: file.as_posix()):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _literal(node: ast.expr, known: Mapping) -> Any:
    match node:
        case ast.Name(id=name) if name in known:
            return known[name]
        case ast.Dict(keys=keys, values=values):
            found: dict = {}
            for key, value in zip(keys, values, strict=True):
                item = _literal(value, known)
                found |= {ast.literal_eval(key): item} if key else item
            return found
    return ast.literal_eval(node)


@cache
def _parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), filename=str(file))


@cache
def _imported_files(file: Path) -> tuple[Path, ...]:
    modules: list[str] = []
    for node in ast.walk(_parsed(file)):
        match node:
            case ast.Import(names=names):
                modules.extend(alias.name for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                above = file.parents[level - 1].relative_to(LIBRARY.parent).parts if level else ()
                module = ".".join([*above, *filter(None, [module])])
                modules.extend([module, *(f"{module}.{alias.name}" for alias in names)])
    # Importing a module runs the packages it is in. The library itself holds its version and no code.
    packages = [module.rsplit(".", cut)[0] for module in modules for cut in range(1, module.count("."))]
    return tuple(found for found in map(module_file, dict.fromkeys(modules + packages)) if found)
