"""Has a file read by a process of its own, and takes its answer as strictly as the file."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vallum.errors import Fault, InputError

__all__ = ["Points", "read_points"]

SECONDS = 40.0  # of waiting; the process has 15 of the processor
_MOST_ANSWER = 2_000_000
_SRC = Path(__file__).parents[3]  # what holds the package, which `-I` doesn't know
_PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from vallum.app.uploads.reader.main import main; "
    "sys.exit(main(sys.argv[2], sys.argv[3], int(sys.argv[4])))"
)
_WORLD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PROJ_NETWORK": "OFF"}
_MEND = "export it in QGIS as GeoJSON in EPSG:4326 (Export > Save Features As) and bring that"

LonLat = tuple[
    Annotated[float, Field(ge=-180.0, le=180.0, allow_inf_nan=False)],
    Annotated[float, Field(ge=-90.0, le=90.0, allow_inf_nan=False)],
]


class Points(BaseModel):
    """What was read: (lon, lat) in order, and whether they are the edge of an area."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    points: tuple[LonLat, ...] = Field(min_length=1)
    closed: bool


class _Answer(BaseModel):
    """What the process may say."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    points: tuple[LonLat, ...] = ()
    closed: bool = False
    faults: tuple[tuple[str, str, str], ...] = Field(default=(), max_length=20)


def read_points(
    data: bytes,
    kind: Literal["geojson", "geopackage"],
    wanted: Literal["drawn", "places"],
    *,
    most: int,
    where: str,
) -> Points:
    """Read the points of a file.

    Parameters
    ----------
    data
        All of the file; its kind was found by its content.
    kind
        What it is.
    wanted
        As what it is brought: one line or area, or places.
    most
        Points.
    where
        Its name, for the message.

    Returns
    -------
    Points
        In longitude and latitude.

    Raises
    ------
    InputError
        With what the process found; and where it ended otherwise: out of time or memory, or
        killed by what it read.
    """
    said = _said(data, [str(_SRC), kind, wanted, str(most)])
    if said is None:
        raise InputError([Fault(where, "", "it can't be read safely", _MEND)])
    try:
        answer = _Answer.model_validate_json(said)
    except ValidationError:
        raise InputError([Fault(where, "", "it can't be read safely", _MEND)]) from None
    if answer.faults:
        raise InputError([Fault(where, *_plain(fault)) for fault in answer.faults])
    if not 0 < len(answer.points) <= most:
        raise InputError([Fault(where, "", "no points, or too many", _MEND)])
    return Points(points=answer.points, closed=answer.closed)


def _said(data: bytes, asked: list[str]) -> bytes | None:
    """Start the process and wait; None where it ended otherwise than by an answer.

    It has files without names for what it reads and writes: nobody waits for a pipe, and what it
    may write is limited. It sees no environment, no folder of ours, and nothing of the user's.
    """
    with tempfile.TemporaryFile() as brought, tempfile.TemporaryFile() as answer:
        brought.write(data)
        brought.flush()
        brought.seek(0)
        try:
            ended = subprocess.run(  # noqa: S603  (our own program; the file is no argument)
                [sys.executable, "-I", "-B", "-c", _PROGRAM, *asked],
                stdin=brought,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                env=dict(_WORLD),
                cwd="/",
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return None
        answer.seek(0)
        said = answer.read(_MOST_ANSWER + 1)
    return said if ended.returncode == 0 and len(said) <= _MOST_ANSWER else None


def _plain(fault: tuple[str, str, str]) -> tuple[str, str, str]:
    """Make words of the file fit to be shown."""
    place, found, mend = ("".join(s if s.isprintable() else "�" for s in one) for one in fault)
    return place[:200], found[:300], mend[:300]
