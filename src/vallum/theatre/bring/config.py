"""Reading CONFIG.toml: every fault in it at once."""

from __future__ import annotations

import datetime as dt
import tomllib
import types
import typing
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from vallum.errors import Fault, InputError, nearest
from vallum.theatre.bring.sections import Config

__all__ = ["read_config"]

MENDS = {
    "values": 'say values = "count" (per pixel) or "density" (per km²): it is never guessed',
    "members": 'list the member states, as members = ["MRT", "MLI"]',
    "licence": "say under which terms the file was published",
    "source": "say who published it, and in which version",
    "address": "say where it was read",
    "date": "give its date, or the date it was read",
    "cell_km": "use a number from 1 to 50 km",
    "as_of": 'write a date, as as_of = "2026-01-31"',
}


def read_config(path: Path | str) -> Config:
    """Read a theatre's CONFIG.toml; the paths in it become absolute.

    Parameters
    ----------
    path
        Of the file.

    Returns
    -------
    Config
        Checked in itself; no file it names has been opened, but each is there.

    Raises
    ------
    InputError
        With every fault: unknown and missing keys, values out of range, states that play two
        parts, files that aren't there.
    """
    where = Path(path)
    tree, faults = _tree(where, ())
    unknown = _unknown(tree, Config, "")
    faults += [Fault(str(where), key, "no such key", mend) for key, mend in unknown]
    try:
        config = Config.model_validate(tree)
    except ValidationError as error:
        faults += [_fault(str(where), detail) for detail in error.errors() if _own(detail)]
        raise InputError(faults) from None
    faults += _parts(str(where), config)
    if faults:
        raise InputError(faults)
    return config


def _tree(where: Path, seen: tuple[Path, ...]) -> tuple[dict[str, Any], list[Fault]]:
    """Read the file, on top of the one it `extends`; the paths in each are relative to it."""
    try:
        tree = tomllib.loads(where.read_text("utf-8"))
    except OSError as error:
        mend = "give the path of a CONFIG.toml; `vallum theatre init` writes one"
        fault = Fault(str(where), "", f"it can't be read ({error.strerror or error})", mend)
        raise InputError([fault]) from None
    except ValueError as error:
        mend = "mend that place: each key and each [section] once, text in quotes, saved as UTF-8"
        fault = Fault(str(where), "", f"it can't be read as TOML ({error})", mend)
        raise InputError([fault]) from None
    faults = _find_files(tree, where)
    if "extends" not in tree:
        return tree, faults
    base = tree.pop("extends")
    if not isinstance(base, str) or (where.parent / base).resolve() in {*seen, where.resolve()}:
        mend = "give the path of another CONFIG.toml, relative to this one"
        return tree, [*faults, Fault(str(where), "extends", repr(base), mend)]
    under, found = _tree((where.parent / base).resolve(), (*seen, where.resolve()))
    # a table of both is merged key by key, so that one key of a layer can be changed
    merged = {
        key: {**under[key], **value}
        if isinstance(value, dict) and isinstance(under.get(key), dict)
        else value
        for key, value in tree.items()
    }
    return {**under, **merged}, faults + found


def _find_files(tree: dict[str, Any], config: Path) -> list[Fault]:
    """Turn every `file` into a list of absolute paths, in place; say which aren't there."""
    faults = []
    for key, section in tree.items():
        parts = section if isinstance(section, list) else [section]
        for number, part in enumerate(parts):
            if not isinstance(part, dict) or "file" not in part:
                continue
            place = f"{key}[{number + 1}].file" if isinstance(section, list) else f"{key}.file"
            given = part["file"] if isinstance(part["file"], list) else [part["file"]]
            found: list[Path] = []
            for name in given:
                if not isinstance(name, str) or not name or "\0" in name:
                    faults.append(Fault(str(config), place, repr(name), "give a path as text"))
                    continue
                paths = _paths(name, config.parent)
                if not paths:
                    mend = "give a path relative to the config file, or an absolute one"
                    if name.startswith("/vsi"):
                        mend = 'give the archive itself, as file = "borders.zip", or unpack it'
                    faults.append(Fault(str(config), place, f"no file '{name}'", mend))
                found += paths
            legend = part.get("legend")
            if isinstance(legend, str) and legend.lower().endswith(".csv"):
                part["legend"] = str(config.parent.resolve() / legend)
            # the missing are said here; a stand-in keeps the rest of the section checkable
            part["file"] = found or [Path(config.name)]
    return faults


def _paths(name: str, folder: Path) -> list[Path]:
    """Find the files that a name or pattern stands for, sorted."""
    whole = folder / name
    try:
        if whole.is_file():
            return [whole.resolve()]
        if any(sign in name for sign in "*?["):
            # the folder of the config may itself have signs of a pattern in its name
            rest = Path(name)
            start = Path(rest.anchor) if rest.is_absolute() else folder.resolve()
            pattern = str(rest.relative_to(rest.anchor)) if rest.is_absolute() else name
            return sorted(p for p in start.glob(pattern) if p.is_file())
    except (OSError, ValueError, NotImplementedError):
        return []
    return []


def _unknown(tree: dict[str, Any], model: type[BaseModel], place: str) -> list[tuple[str, str]]:
    """Find keys that a table doesn't have, with the nearest that it has."""
    known = {field.alias or name: field.annotation for name, field in model.model_fields.items()}
    out: list[tuple[str, str]] = []
    for key, value in tree.items():
        if key not in known:
            out.append((f"{place}{key}", nearest(key, sorted(known))))
            continue
        inner = _section_of(known[key])
        if inner is None:
            continue
        if isinstance(value, list):
            for number, part in enumerate(value):
                if isinstance(part, dict):
                    out += _unknown(part, inner, f"{place}{key}[{number + 1}].")
        elif isinstance(value, dict):
            named = typing.get_origin(known[key]) is dict
            for name, part in value.items() if named else [("", value)]:
                if isinstance(part, dict):
                    out += _unknown(part, inner, f"{place}{key}." + (f"{name}." if named else ""))
    return out


def _section_of(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - any annotation
    """Find the table that an annotation speaks of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    origin = typing.get_origin(annotation)
    if origin in {tuple, dict, typing.Union, types.UnionType}:
        found = [_section_of(part) for part in typing.get_args(annotation)]
        return next((part for part in found if part is not None), None)
    return None


def _own(detail: Any) -> bool:  # noqa: ANN401 - pydantic's dictionary
    """Leave out what was said already: unknown keys, and files that are not there."""
    loc = detail["loc"]
    return detail["type"] != "extra_forbidden" and not (
        loc and loc[-1] == "file" and detail["type"] == "too_short"
    )


def _fault(where: str, detail: Any) -> Fault:  # noqa: ANN401 - pydantic's dictionary
    """Turn one of pydantic's errors into a fault; rows count from 1."""
    loc = [part for part in detail["loc"] if part != "[key]"]
    place = ""
    for part in loc:
        place += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if place else str(part)
    if detail["type"] == "missing":
        return Fault(where, place, "it is missing", MENDS.get(str(loc[-1]), f"add {loc[-1]} = …"))
    message = str(detail["msg"]).removeprefix("Value error, ")
    given = detail.get("input")
    shown = "" if isinstance(given, dict | list | BaseModel) else f"{given!r}: "
    mend = MENDS.get(str(loc[-1]) if loc else "", "see `vallum theatre init` for what it may be")
    return Fault(where, place, f"{shown}{message}", mend)


def _parts(where: str, config: Config) -> list[Fault]:
    """Say which states play two parts, and which date is none."""
    faults = []
    partner = (config.partner,) if config.partner else ()
    played = [*dict.fromkeys(config.members), *partner, *dict.fromkeys(config.disputed)]
    for iso3 in sorted({state for state in played if played.count(state) > 1}):
        mend = "a state is a member, the partner or disputed, and only one of them"
        faults.append(Fault(where, "members", f"{iso3} plays two parts", mend))
    if len(set(config.members)) < len(config.members):
        mend = "name every member once"
        faults.append(Fault(where, "members", f"{list(config.members)}", mend))
    try:
        dt.date.fromisoformat(config.as_of)
    except ValueError:
        faults.append(Fault(where, "as_of", f"'{config.as_of}' is no date", MENDS["as_of"]))
    return faults
