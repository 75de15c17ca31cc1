"""What the API takes and gives, as JSON."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator

from vallum.app.model import LOCAL, User

__all__ = [
    "Asker",
    "Id",
    "Problem",
    "Saved",
    "Shared",
    "Text",
    "ToLook",
    "ToPlan",
    "ToScore",
    "asker",
    "local",
]

_MOST_UNKNOWN = 20
_MOST_POINTS = 5_000
TOML = '[scenario]\nname = "Kayes first"\n'
# at the first wrong number the rest is left: a list of a million would make as many faults
_Position = Annotated[list[float], Field(min_length=2, max_length=4, fail_fast=True)]
_Ring = Annotated[list[_Position], Field(max_length=_MOST_POINTS, fail_fast=True)]
Id = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="32 hexadecimal digits")]


def local(request: Request) -> User:
    """Give the user that the guard let in; where there is no guard, the machine's own."""
    found = request.scope.get("state", {}).get("user", LOCAL)
    if not isinstance(found, User):
        raise TypeError("the guard put something else than a user there")
    return found


def asker(request: Request) -> User:
    """Give who asks, as the API was told to find out."""
    found: User = request.app.state.user_of(request)
    return found


Asker = Annotated[User, Depends(asker)]


class _Form(BaseModel):
    """Nothing beside what is named."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _known(cls, given: Any) -> Any:  # noqa: ANN401  (whatever JSON can say)
        """Refuse many unknown names by one fault: one for each takes 100 times their size."""
        if isinstance(given, dict) and len(given) > len(cls.model_fields) + _MOST_UNKNOWN:
            raise ValueError(f"{len(given):,} names, of which few are known here")
        return given


class Text(_Form):
    """A scenario."""

    text: str = Field(
        max_length=200_000,
        description="TOML: settings of a plan, and a table `scenario` beside them",
        examples=[TOML],
    )


class Saved(Text):
    """A scenario's next version."""

    seen: int | None = Field(default=None, ge=1, description="Version that was changed")


class Shared(_Form):
    """Whether others may read it."""

    shared: bool


class ToPlan(_Form):
    """What a plan is asked for by: a kept scenario, or a text."""

    scenario: str | None = Field(default=None, pattern="^[0-9a-f]{32}$")
    text: str | None = Field(default=None, max_length=200_000, examples=[TOML])
    language: Literal["en", "fr"] = "en"


class ToLook(Text):
    """A step of a scenario's frontier."""

    step: int = Field(ge=0, le=32_767)


class ToScore(Text):
    """A scenario, and a line or area drawn by hand."""

    drawn: Geometry = Field(description="GeoJSON, longitude and latitude in degrees")
    holding: list[tuple[float, float]] = Field(
        default=[],
        max_length=50,
        fail_fast=True,
        description="Places (longitude, latitude) on the side that a line holds; without any, "
        "each part of the land holds a member's largest town",
    )


class Geometry(_Form):
    """A GeoJSON LineString, or a Polygon without holes."""

    type: Literal["LineString", "Polygon"]
    coordinates: _Ring | Annotated[list[_Ring], Field(max_length=50, fail_fast=True)] = Field(
        min_length=1, examples=[[[-10.0, 14.0], [-8.0, 14.5]]]
    )


class Wrong(_Form):
    """One fault."""

    where: str
    place: str
    found: str
    mend: str


class Problem(_Form):
    """What went wrong (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    faults: list[Wrong] = []


ToScore.model_rebuild()
