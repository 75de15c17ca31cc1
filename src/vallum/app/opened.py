"""What `vallum serve` is given: a theatre, or a finished plan to begin with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vallum import theatre as theatres
from vallum.app.sheet import Sheet, write
from vallum.errors import Fault, InputError, nearest
from vallum.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["opened"]

_THEATRE, _PLAN = "theatre.toml", "plan.json"


def opened(
    what: str,
    config: Path | None = None,
    assignments: Sequence[str] = (),
    overrides: Mapping[str, Any] | None = None,
) -> tuple[str, str]:
    """Find the theatre and the settings that the explorer begins with.

    Parameters
    ----------
    what
        A built-in theatre's name, the folder of a theatre, or the folder of a finished plan.
    config, assignments, overrides
        As `vallum.settings.load_settings` takes them; a plan's own settings come before them.

    Returns
    -------
    str
        Name or folder of the theatre.
    str
        TOML of the settings.

    Raises
    ------
    InputError
        If there is no such theatre or plan, or settings won't do.
    """
    folder = Path(what)
    base: Mapping[str, Any] = {}
    if what in theatres.names():
        theatre = what
    elif (folder / _THEATRE).is_file():
        theatre = str(folder.resolve())
    elif (folder / _PLAN).is_file():
        if config is not None:
            mend = "change single settings of the plan by --set, or open its theatre"
            raise InputError([Fault("--config", str(config), "a plan has its settings", mend)])
        theatre, base = _of_plan(folder / _PLAN)
    else:
        mend = f"{nearest(what, theatres.names())}, or give a folder with {_THEATRE} or {_PLAN}"
        raise InputError([Fault("theatre", what, "no such theatre or plan", mend)])
    settings = load_settings(config, assignments, overrides, base=base)
    name = f"{folder.resolve().name}, as planned" if base else "A new scenario"
    return theatre, write(Sheet(name[:120], theatre, settings))


def _of_plan(path: Path) -> tuple[str, Mapping[str, Any]]:
    """Read theatre and settings from a plan's record."""
    mend = "give the folder that `vallum plan` wrote"
    try:
        record = json.loads(path.read_text("utf-8"))
        theatre, settings = str(record["theatre"]), dict(record["settings"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        found = f"it is no plan's record ({type(error).__name__})"
        raise InputError([Fault(str(path), "", found, mend)]) from None
    if theatre not in theatres.names():
        found = f"its theatre, {theatre}, is not built in"
        mend = "open the theatre's own folder, and give the settings by --config or --set"
        raise InputError([Fault(str(path), "theatre", found, mend)])
    return theatre, settings
