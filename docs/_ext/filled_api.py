"""The reference of a package: what it exports, then what the pages name of its modules."""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType


DOCS = Path(__file__).parents[1]
# packages whose modules are all of use by themselves
WHOLE = "vallum.kernel"


def api(given: str) -> str:
    """Write the reference of a package; `given` is its name, and those below it left out."""
    name, *without = given.split()
    return "\n".join(_package(name, without))


def _package(name: str, without: list[str]) -> Iterator[str]:
    """Write what a package exports, and then its modules."""
    home = importlib.import_module(name)
    yield _module(name)
    seen: set[int] = set()
    yield from _members(home, seen)
    for module in _modules(home, without):
        rest = [own for own in exports(module) if id(getattr(module, own)) not in seen]
        if not rest or not (module.__name__.startswith(WHOLE) or module.__name__ in named()):
            continue
        yield f"\n## `{module.__name__}`\n"
        yield f"{' '.join((module.__doc__ or '').split())}\n"
        if not _hidden(module.__name__):
            yield _module(module.__name__)
        yield from _members(module, seen)


@functools.cache
def named() -> frozenset[str]:
    """Give the modules from which the pages name a function, a type or a constant."""
    text = "\n".join(page.read_text("utf-8") for page in sorted(DOCS.rglob("*.md")))
    found = set()
    for path in re.findall(r"`(vallum(?:\.\w+)+)", text):
        parts = path.split(".")
        found |= {".".join(parts[:count]) for count in range(2, len(parts) + 1)}
    return frozenset(found)


def _hidden(name: str) -> bool:
    """Whether the package exports something else by a module's name."""
    home, _, leaf = name.rpartition(".")
    return leaf in exports(importlib.import_module(home))


def _module(name: str) -> str:
    """Name a module, so that it can be linked to."""
    return f"```{{eval-rst}}\n.. py:module:: {name}\n```\n"


def exports(module: ModuleType) -> list[str]:
    """Give what a module exports."""
    return list(getattr(module, "__all__", []))


def _modules(home: ModuleType, without: list[str]) -> list[ModuleType]:
    """Give the modules of a package, in order of name; a module alone has none."""
    if not hasattr(home, "__path__"):
        return []
    names = sorted(
        found.name
        for found in pkgutil.walk_packages(home.__path__, f"{home.__name__}.")
        if not any(found.name == left or found.name.startswith(f"{left}.") for left in without)
    )
    return [importlib.import_module(name) for name in names]


def _members(module: ModuleType, seen: set[int]) -> Iterator[str]:
    """Write a directive for each thing that a module exports and that was not written before."""
    for name in exports(module):
        found = getattr(module, name)
        if id(found) in seen or name == "__version__":
            continue
        seen.add(id(found))
        path = f"{module.__name__}.{name}"
        if inspect.isclass(found):
            yield f"```{{eval-rst}}\n.. autoclass:: {path}\n   :members:\n```\n"
        # a function, or one that is compiled when it is first called
        elif inspect.isroutine(inspect.unwrap(found)) or hasattr(found, "py_func"):
            yield f"```{{eval-rst}}\n.. autofunction:: {path}\n```\n"
        else:
            yield f"```{{eval-rst}}\n.. py:data:: {name}\n   :module: {module.__name__}\n```\n"
