"""The reference of settings, made from the models that check them."""

from __future__ import annotations

import functools
import inspect
import re
import types
import typing
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from numpydoc.docscrape import NumpyDocString
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from vallum.brief.dictionary_settings import described
from vallum.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

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
    tables = {}
    for name, field in model.model_fields.items():
        own = _model_of(field.annotation)
        if own is not None:
            tables[name] = own
            continue
        key = f"{path}.{name}".lstrip(".")
        # the dictionary has no row for a list of tables, but for what is in them
        unit, meaning = told().get(key) or ("", _meaning(model, name))
        yield from _setting(key, field, unit, meaning)
    for name, own in tables.items():
        yield from _section(own, f"{path}.{name}".lstrip("."))


def _setting(key: str, field: FieldInfo, unit: str, meaning: str) -> Iterator[str]:
    """Write one setting: its type, default, limits and unit, then its meaning."""
    kind = _type(field.annotation)
    limits = _limits([*field.metadata, *_inner(field.annotation)])
    facts = [kind + (f", {limits}" if limits else ""), f"default {_default(field)}"]
    if unit:
        facts.append(f"unit: {unit}")
    yield f"[`{key}`]{{#setting-{key.replace('.', '-').replace('_', '-')}}}"
    yield f": {{.facts}}\n  {'; '.join(facts)}\n"
    yield f"  {meaning or '–'}\n"
    for model in _models_within(field.annotation):
        for below, inner in model.model_fields.items():
            said = (told().get(f"{key}.{below}") or ("", _meaning(model, below)))[1]
            yield f"  - `{below}`: *{_type(inner.annotation)}; default {_default(inner)}*. {said}"
        yield ""


def _meaning(model: type[BaseModel], name: str) -> str:
    """Read what a model's docstring says of an attribute."""
    for row in NumpyDocString(inspect.cleandoc(model.__doc__ or ""))["Attributes"]:
        if name in f"{row.name} {row.type}".replace(",", " ").split():
            return " ".join(" ".join(row.desc).split())
    return ""


@functools.cache
def told() -> dict[str, tuple[str, str]]:
    """Give unit and meaning by key, as the dictionary of a plan's files has them."""
    return {
        re.sub(r"^settings\.|\[\]|\.\{key\}", "", path): (unit, meaning)
        for path, _kind, unit, meaning in described()
    }


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
        return f"list of {_type(parts[0])}".replace("of table", "of tables") if parts else "list"
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
