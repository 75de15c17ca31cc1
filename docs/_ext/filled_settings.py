"""The reference of settings, made from the models that check them."""

from __future__ import annotations

import re
import types
import typing
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from numpydoc.docscrape import NumpyDocString
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from vallum.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

# units stand in names (docs/convention.md, rule 2); longer endings come first
UNITS = {
    "usd_per_person_yr": "USD per person and year", "usd_person_s": "USD per person",
    "usd_km_yr": "USD/km/yr", "usd_tkm": "USD per t-km", "usd_t_h": "USD/t/h", "usd_yr": "USD/yr",
    "usd_day": "USD per day", "usd": "USD", "per_1000_people": "men per 1,000 people",
    "per_1000_km2": "men per 1,000 km²", "t_yr": "t/yr", "km_yr": "km/yr", "km_h": "km/h",
    "per_yr": "1/yr", "km2": "km²", "km": "km", "h": "h", "s": "s", "m": "m", "mm": "mm",
    "days": "days", "months": "months", "month": "month", "years": "years", "yr": "years",
    "share": "share, 0 to 1", "people": "people", "men": "men", "t": "t",
}  # fmt: skip
WORDS = {
    float: "number", int: "whole number", str: "text", bool: "true or false",
    type(None): "none",
}  # fmt: skip
SIGNS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}


def settings(_given: str) -> str:
    """Write a section for every table of settings."""
    return "\n".join(_section(Settings, ""))


def _section(model: type[BaseModel], path: str) -> Iterator[str]:
    """Write the settings of a model, then the tables within it."""
    title = f"## `[{path}]`" if path else "## Of the whole plan"
    yield f"{title}\n"
    yield " ".join((model.__doc__ or "").split("\n\n")[0].split()) + "\n"
    meanings = _meanings(model)
    tables = {}
    for name, field in model.model_fields.items():
        own = _model_of(field.annotation)
        if own is not None:
            tables[name] = own
            continue
        # what has no entry of its own is named in that of another
        meaning = meanings.get(name) or next(
            (said for said in meanings.values() if f"`{name}`" in said), ""
        )
        yield from _setting(f"{path}.{name}".lstrip("."), name, field, meaning)
    for name, own in tables.items():
        yield from _section(own, f"{path}.{name}".lstrip("."))


def _setting(key: str, name: str, field: FieldInfo, meaning: str) -> Iterator[str]:
    """Write one setting: its type, default, limits and unit, then its meaning."""
    kind = _type(field.annotation)
    limits = _limits([*field.metadata, *_inner(field.annotation)])
    facts = [kind + (f", {limits}" if limits else ""), f"default {_default(field)}"]
    unit = unit_of(name)
    if unit:
        facts.append(f"unit: {unit}")
    yield f"[`{key}`]{{#setting-{key.replace('.', '-').replace('_', '-')}}}"
    yield f": {{.facts}}\n  {'; '.join(facts)}\n"
    yield f"  {meaning or '–'}\n"
    for model in _models_within(field.annotation):
        of_each = _meanings(model)
        for below, inner in model.model_fields.items():
            said = of_each.get(below, "")
            yield f"  - `{below}`: *{_type(inner.annotation)}; default {_default(inner)}*. {said}"
        yield ""


def unit_of(name: str) -> str:
    """Give the unit that a name ends in, or nothing."""
    for ending, unit in UNITS.items():
        if name == ending or name.endswith(f"_{ending}"):
            return unit
    return ""


def _meanings(model: type[BaseModel]) -> dict[str, str]:
    """Read what a model's docstring says of each attribute."""
    found: dict[str, str] = {}
    for row in NumpyDocString(_dedented(model.__doc__ or ""))["Attributes"]:
        # names that stand together share a meaning; a long row of names may run over two lines
        for name in re.split(r",\s*", f"{row.name} {row.type}".strip()):
            found[name.strip(" ,")] = " ".join(" ".join(row.desc).split())
    return _joined(found)


def _joined(found: dict[str, str]) -> dict[str, str]:
    """Give names without a meaning that of the next: they stood on one line too many."""
    meaning = ""
    whole = {}
    for name in reversed(found):
        meaning = found[name] or meaning
        whole[name] = meaning
    return whole


def _dedented(text: str) -> str:
    """Take a docstring's indent away."""
    import inspect  # noqa: PLC0415

    return inspect.cleandoc(text)


def _bare(kind: Any) -> Any:  # noqa: ANN401  (a type)
    """Take `Annotated` off a type."""
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _inner(kind: Any) -> list[Any]:  # noqa: ANN401
    """Give limits that stand within a type, as that of a number that may be none."""
    found = list(get_args(kind)[1:]) if get_origin(kind) is Annotated else []
    if get_origin(kind) in {Union, types.UnionType}:
        for part in get_args(kind):
            found += _inner(part)
    return found


def _model_of(kind: Any) -> type[BaseModel] | None:  # noqa: ANN401
    """Give the model that a field is a table of."""
    bare = _bare(kind)
    return bare if isinstance(bare, type) and issubclass(bare, BaseModel) else None


def _models_within(kind: Any) -> list[type[BaseModel]]:  # noqa: ANN401
    """Give models that a list or table holds."""
    own = _model_of(kind)
    if own is not None:
        return [own]
    return [model for part in get_args(_bare(kind)) for model in _models_within(part)]


def _type(kind: Any) -> str:  # noqa: ANN401
    """Say a type in words."""
    kind = _bare(kind)
    origin, parts = get_origin(kind), get_args(kind)
    if kind in WORDS:
        return WORDS[kind]
    if origin is Literal:
        return " or ".join(f"`{part}`" if part is not None else "none" for part in parts)
    if origin in {Union, types.UnionType}:
        return " or ".join(_type(part) for part in parts)
    if origin in {dict, typing.Mapping} or getattr(origin, "__name__", "") == "Mapping":
        return f"table of {_type(parts[1])} by name"
    if origin in {tuple, list, set, frozenset}:
        return _sequence(parts)
    own = _model_of(kind)
    return f"table ({own.__name__})" if own else getattr(kind, "__name__", str(kind))


def _sequence(parts: tuple[Any, ...]) -> str:
    """Say in words what a list holds."""
    if not parts or parts[-1] is Ellipsis or len(parts) == 1:
        return f"list of {_type(parts[0])}" if parts else "list"
    kinds = {_type(part) for part in parts}
    return f"list of {len(parts)}: {', '.join(sorted(kinds))}"


def _limits(metadata: list[Any]) -> str:
    """Say a field's limits."""
    said = []
    for item in metadata:
        for part in getattr(item, "metadata", None) or [item]:
            for sign, words in SIGNS.items():
                value = getattr(part, sign, None)
                if value is not None:
                    said.append(f"{words} {value:,.10g}")
    return ", ".join(dict.fromkeys(said))


def _default(field: FieldInfo) -> str:
    """Write a default as TOML has it; none is said in words."""
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is PydanticUndefined:
        return "none: it must be given"
    return "none" if value is None else f"`{_toml(value)}`"


def _toml(value: object) -> str:
    """Write a value as TOML has it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, BaseModel):
        return _toml(value.model_dump())
    if isinstance(value, dict) or hasattr(value, "items"):
        rows = [f"{key} = {_toml(own)}" for key, own in dict(value).items()]  # type: ignore[call-overload]
        return "{" + ", ".join(rows) + "}"
    if isinstance(value, tuple | list | set | frozenset):
        return "[" + ", ".join(_toml(part) for part in value) + "]"
    return str(value)
