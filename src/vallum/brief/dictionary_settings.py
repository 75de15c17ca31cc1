"""What each setting means, read from the classes that hold them: they say it once."""

from __future__ import annotations

import re
import types
from collections.abc import Mapping
from inspect import cleandoc
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from vallum.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["described"]

_UNITS = (  # longest first: a name ends in its unit (docs/convention.md)
    ("usd_person_yr", "USD/person/yr"), ("usd_man_km", "USD/man/km"), ("usd_km_yr", "USD/km/yr"),
    ("usd_per_person_yr", "USD/person/yr"), ("kg_man_day", "kg/man/day"),
    ("l_man_day", "l/man/day"),
    ("usd_tkm", "USD/t/km"), ("usd_th", "USD/t/h"), ("usd_yr", "USD/yr"), ("usd_l", "USD/l"),
    ("man_year_usd", "USD/yr"), ("days_yr", "days/yr"), ("per_km2", "1/km2"), ("t_yr", "t/yr"),
    ("usd", "USD"), ("km", "km"), ("kms", "km"), ("km2", "km2"), ("share", "share"), ("h", "h"),
    ("yr", "years"), ("years", "years"), ("days", "days"), ("months", "months"), ("men", "men"),
    ("people", "people"), ("draws", "draws"), ("rate", "share/yr"),
)  # fmt: skip
_KINDS = {bool: "true or false", int: "integer", float: "number", str: "text"}


def described() -> Iterator[tuple[str, str, str, str]]:
    """Describe every setting of a plan.

    Yields
    ------
    tuple of str
        Path in `plan.json`, type, unit and meaning.
    """
    yield from _section(Settings, "settings")


def _section(model: type[BaseModel], path: str) -> Iterator[tuple[str, str, str, str]]:
    """Describe the settings of one class, and of those within it."""
    said = _attributes(model)
    for name, field in model.model_fields.items():
        beside = (text for text in said.values() if f"`{name}`" in text)
        told = said.get(name) or next(beside, "")
        yield from _field(field.annotation, f"{path}.{name}", name, told)


def _field(
    annotation: Any,  # noqa: ANN401  (whatever stands in a class)
    path: str,
    name: str,
    meaning: str,
) -> Iterator[tuple[str, str, str, str]]:
    """Describe one setting: a value, a list, a table, or a section of its own."""
    kind = _plain(annotation)
    origin, within = get_origin(kind), get_args(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield from _section(kind, path)
    elif origin in {tuple, list}:
        yield from _field(within[0], f"{path}[]", name, meaning)
    elif isinstance(origin, type) and issubclass(origin, Mapping):
        yield from _field(within[1], f"{path}.{{key}}", name, meaning)
    else:
        yield path, _type(kind), _unit(name), meaning


def _plain(annotation: Any) -> Any:  # noqa: ANN401
    """Take away what only limits a type: None beside it, and bounds."""
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation = get_args(annotation)[0]
        elif origin in {Union, types.UnionType}:
            annotation = next(one for one in get_args(annotation) if one is not types.NoneType)
        else:
            return annotation


def _type(kind: Any) -> str:  # noqa: ANN401
    if get_origin(kind) is Literal:
        return "text"
    return _KINDS.get(kind, "text")


def _unit(name: str) -> str:
    """Read a unit from the end of a name.

    Examples
    --------
    >>> _unit("least_piece_km2"), _unit("solver")
    ('km2', '')
    """
    return next((unit for end, unit in _UNITS if f"_{name}".endswith(f"_{end}")), "")


def _attributes(model: type[BaseModel]) -> dict[str, str]:
    """Read the attributes of a class from its docstring (numpydoc): meaning by name."""
    lines = cleandoc(model.__doc__ or "").splitlines()
    if "Attributes" not in lines:
        return {}
    found: dict[str, str] = {}
    names: list[str] = []
    for line in lines[lines.index("Attributes") + 2 :]:
        if line and not line.startswith(" "):
            begun = names if names and names[-1] == "" else []  # a list of names over two lines
            names = [*begun[:-1], *(one.strip() for one in line.split(","))]
        else:
            text = line.strip()
            found |= {
                name: f"{found.get(name, '')} {text}".strip()
                for name in names
                if re.fullmatch(r"\w+", name)
            }
    return found
