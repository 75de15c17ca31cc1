"""A scenario as people write it: TOML of settings, with a table `scenario` beside them."""

from __future__ import annotations

import tomllib
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Self

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from vallum.errors import Fault, InputError
from vallum.settings import settings_from

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.settings import Settings

__all__ = ["Drawn", "Sheet", "read", "write"]

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
    try:
        tree = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError([Fault(WHERE, "", f"{error}", "mend the TOML there")]) from None
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
        TOML: what differs from the defaults, the table `scenario` first.
    """
    head: dict[str, Any] = {"name": sheet.name, "theatre": sheet.theatre}
    if sheet.note:
        head["note"] = sheet.note
    if sheet.drawn:
        head["drawn"] = [_written(one) for one in sheet.drawn]
    changed = sheet.settings.model_dump(mode="json", exclude_defaults=True)
    return tomli_w.dumps({"scenario": head, **without_none(changed)})


def _written(one: Drawn) -> dict[str, Any]:
    sides = {"holding": [list(at) for at in one.holding]} if one.holding else {}
    return {"closed": one.closed, "points": [list(at) for at in one.points], **sides}


def without_none(tree: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what isn't given, for which TOML has no word."""
    return {
        key: without_none(value) if isinstance(value, dict) else value
        for key, value in tree.items()
        if value is not None
    }


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
        if any(unicodedata.category(one) in {"Cc", "Cs"} for one in text.replace("\n", "")):
            raise ValueError("there are control characters in it")
        return text
