"""A scenario as people write it: TOML of settings, with a table `scenario` beside them."""

from __future__ import annotations

import json
import tomllib
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Self

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from vallum.app.toml_keys import MOST_PARTS, too_deep
from vallum.errors import Fault, InputError
from vallum.settings import settings_from

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.settings import Settings

__all__ = ["Drawn", "Sheet", "read", "unseen", "write"]

WHERE = "scenario"
MOST_TEXT = 200_000  # characters
MOST_POINTS = 5_000  # of a line
MOST_DRAWN = 50
MOST_HELD = 50  # points in what a line is to hold
LonLat = tuple[
    Annotated[float, Field(ge=-180.0, le=180.0)], Annotated[float, Field(ge=-90.0, le=90.0)]
]


@dataclass(frozen=True)
class Drawn:
    """A line or an area that somebody drew on the map.

    Attributes
    ----------
    points
        (lon, lat) in order, at least two.
    closed
        Whether it is the edge of an area, and its last point joins its first.
    holding
        (lon, lat) of points in the parts of the land that a line is to hold; the parts with the
        states' largest towns where no line of a scenario has any.
    """

    points: tuple[tuple[float, float], ...]
    closed: bool
    holding: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Sheet:
    """What a scenario says.

    Attributes
    ----------
    name
        1 to 120 characters.
    theatre
        Built-in name, or the folder that the service was opened with.
    settings
        Of the plan.
    drawn
        What was drawn by hand, to be scored; empty where nothing was.
    note
        Free text, at most 4,000 characters.
    """

    name: str
    theatre: str
    settings: Settings
    drawn: tuple[Drawn, ...] = ()
    note: str = ""


def read(text: str, *, theatre: str = "sahel") -> Sheet:
    """Read a scenario.

    Parameters
    ----------
    text
        TOML: the settings of a plan as `vallum plan --config` reads them, and a table `scenario`
        with `name`, `theatre`, `note` and `drawn` (each with `points`, `closed` and `holding`).
    theatre
        Where the text names none.

    Returns
    -------
    Sheet
        Checked.

    Raises
    ------
    InputError
        With every fault of the text.
    """
    if len(text) > MOST_TEXT:
        mend = f"keep it under {MOST_TEXT:,} characters"
        raise InputError([Fault(WHERE, "", f"{len(text):,} characters", mend)])
    if (line := too_deep(text)) is not None:
        mend = f"name settings by at most {MOST_PARTS} words with dots between them"
        raise InputError([Fault(WHERE, f"line {line}", "a key that goes too deep", mend)])
    try:
        tree = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a number of thousands of digits too
        raise InputError([Fault(WHERE, "", f"{error}", "mend the TOML there")]) from None
    if (place := _huge(tree)) is not None:
        raise InputError([Fault(WHERE, place, "a number that no setting can have", "mend it")])
    own = tree.pop("scenario", {})
    faults: list[Fault] = []
    head: _Head | None = None
    try:
        head = _Head.model_validate(own)
    except ValidationError as error:
        for detail in error.errors():
            place = ".".join(str(part) for part in ("scenario", *detail["loc"]))
            said = str(detail["msg"]).removeprefix("Value error, ")
            faults.append(Fault(WHERE, place, said, "change it there"))
    settings: Settings | None = None
    try:
        settings = settings_from(tree, where=WHERE)
    except InputError as error:
        faults += error.faults
    if faults or head is None or settings is None:
        raise InputError(faults)
    return Sheet(
        name=head.name,
        theatre=head.theatre or theatre,
        settings=settings,
        drawn=tuple(Drawn(one.points, one.closed, one.holding) for one in head.drawn),
        note=head.note,
    )


def write(sheet: Sheet) -> str:
    """Write a scenario, so that `read` gives it back.

    Parameters
    ----------
    sheet
        What it says.

    Returns
    -------
    str
        TOML: what differs from the defaults, the table `scenario` first and drawings last.

    Raises
    ------
    InputError
        Where it would be longer than `read` takes.
    """
    head: dict[str, Any] = {"name": sheet.name, "theatre": sheet.theatre}
    if sheet.note:
        head["note"] = sheet.note
    changed = sheet.settings.model_dump(mode="json", exclude_defaults=True)
    text = tomli_w.dumps({"scenario": head, **without_none(changed)})
    text += "".join(_written(one) for one in sheet.drawn)
    if len(text) > MOST_TEXT:  # `read` would not have it back
        found = f"{len(text):,} characters, and at most {MOST_TEXT:,} are read"
        raise InputError([Fault(WHERE, "scenario.drawn", found, "draw with fewer points")])
    return text


def _written(one: Drawn) -> str:
    """Write a drawing with its points on one line, where a line each would be twice as long."""
    rows = ["", "[[scenario.drawn]]", f"closed = {json.dumps(one.closed)}"]
    rows.append(f"points = {json.dumps(one.points)}")
    if one.holding:
        rows.append(f"holding = {json.dumps(one.holding)}")
    return "\n".join([*rows, ""])


def _huge(tree: object) -> str | None:
    """Find a whole number beyond 64 bits: many a library can't write it."""
    left: list[tuple[str, object]] = [("", tree)]
    while left:
        place, value = left.pop()
        if isinstance(value, dict):
            left += [(f"{place}.{key}".lstrip("."), each) for key, each in value.items()]
        elif isinstance(value, list):
            left += [(place, each) for each in value]
        elif isinstance(value, int) and abs(value) >= 2**63:
            return place
    return None


def without_none(tree: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what isn't given, for which TOML has no word."""
    return {
        key: without_none(value) if isinstance(value, dict) else value
        for key, value in tree.items()
        if value is not None
    }


def unseen(sign: str) -> bool:
    """Tell a sign that shows as nothing, other than the ends of lines and tabs."""
    return sign not in "\n\t" and unicodedata.category(sign) in {"Cc", "Cs"}


class _Line(BaseModel):
    """A drawn line, as it is written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    points: tuple[LonLat, ...] = Field(min_length=2, max_length=MOST_POINTS)
    closed: bool = False
    holding: tuple[LonLat, ...] = Field(default=(), max_length=MOST_HELD)

    @model_validator(mode="after")
    def _sided(self) -> Self:
        """Refuse sides of what has none."""
        if self.closed and self.holding:
            raise ValueError("an area holds what is in it: leave holding out")
        return self


class _Head(BaseModel):
    """The table `scenario`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(default="Untitled", min_length=1, max_length=120)
    theatre: str | None = Field(default=None, min_length=1, max_length=500)
    note: str = Field(default="", max_length=4_000)
    drawn: tuple[_Line, ...] = Field(default=(), max_length=MOST_DRAWN)

    @field_validator("name", "note", "theatre")
    @classmethod
    def _plain(cls, text: str | None) -> str | None:
        """Refuse characters that show as nothing, and names of blanks alone."""
        if text is None:
            return None
        if any(unseen(one) for one in text):
            raise ValueError("there are control characters in it")
        return text
