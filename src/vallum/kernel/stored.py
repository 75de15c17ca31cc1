"""A problem of the line as arrays by name, and back: what a stored proof is a proof of."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from vallum.errors import Fault, InputError
from vallum.kernel.arrays import frozen
from vallum.kernel.territory import Instance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["problem_arrays", "problem_from"]

MOST = 2**31 - 1  # cells of the box with its rim: they are numbered in int32
_AMOUNTS = ("benefit", "holding", "border", "border_km", "closure")
_KINDS = {
    "shape": "i", "cell_km": "f", "cells": "i", **dict.fromkeys(_AMOUNTS, "f"), "must": "b",
    "project_value": "f", "project_size": "i", "project_cells": "i", "unearnable": "i",
}  # fmt: skip


def problem_arrays(problem: Instance) -> dict[str, NDArray[Any]]:
    """Give a problem as flat arrays by name.

    Parameters
    ----------
    problem
        From `vallum.kernel.territory.instance`.

    Returns
    -------
    arrays
        `shape` (rows, cols), `cell_km` (1,), by member cell `cells`, `benefit`, `holding`,
        `border`, `border_km`, `closure` and `must` as in `Instance`; by project `project_value`
        and `project_size`, their member cells one after another in `project_cells`; `unearnable`.
    """
    values = [value for value, _ in problem.projects]
    owned = [cells for _, cells in problem.projects]
    return {
        "shape": np.array(problem.shape, np.int64),
        "cell_km": np.array([problem.cell_km]),
        "cells": problem.cells,
        **{name: getattr(problem, name) for name in _AMOUNTS},
        "must": problem.must,
        "project_value": np.array(values, np.float64),
        "project_size": np.array([cells.size for cells in owned], np.int64),
        "project_cells": np.concatenate([np.zeros(0, np.int64), *owned]).astype(np.int64),
        "unearnable": np.array(problem.unearnable, np.int64),
    }


def problem_from(arrays: Mapping[str, NDArray[Any]]) -> Instance:
    """Make a problem of stored arrays, and refuse what can be none.

    Parameters
    ----------
    arrays
        As `problem_arrays` gives them; other names are ignored.

    Returns
    -------
    Instance
        The problem.

    Raises
    ------
    InputError
        With every fault: missing arrays, shapes that don't fit, negative amounts, cells off the
        grid.
    """
    faults = []
    for name, kind in _KINDS.items():
        if name not in arrays:
            faults.append(Fault("problem", name, "is missing", "store every array"))
        elif arrays[name].dtype.kind != kind or arrays[name].ndim != 1:
            found = f"{arrays[name].dtype} of {arrays[name].ndim} dimensions"
            faults.append(Fault("problem", name, found, "store what `problem_arrays` gives"))
    faults = faults or [
        Fault("problem", name, found, "store what `problem_arrays` gives")
        for name, found in _wrong(arrays)
    ]
    if faults:
        raise InputError(faults)
    ends = np.cumsum(arrays["project_size"])
    owned = np.split(arrays["project_cells"].astype(np.int64), ends[:-1]) if ends.size else []
    rows, cols = arrays["shape"].tolist()
    return Instance(
        shape=(rows, cols),
        cells=frozen(arrays["cells"].astype(np.int64)),
        **{name: frozen(arrays[name].astype(np.float64)) for name in _AMOUNTS},
        cell_km=float(arrays["cell_km"][0]),
        projects=tuple(zip(arrays["project_value"].tolist(), owned, strict=True)),
        unearnable=tuple(arrays["unearnable"].tolist()),
        must=frozen(arrays["must"].copy()),
    )


def _wrong(arrays: Mapping[str, NDArray[Any]]) -> list[tuple[str, str]]:
    """Say what is wrong with arrays of the right kinds: name, and what was found."""
    shape, cells = arrays["shape"], arrays["cells"]
    if shape.size != 2 or (shape < 1).any() or math.prod((shape + 4).tolist()) > MOST:
        return [("shape", f"{shape.tolist()[:3]}")]
    wrong = []
    size = math.prod(shape.tolist())
    if cells.size and (cells[0] < 0 or cells[-1] >= size or (np.diff(cells) <= 0).any()):
        wrong.append(("cells", "cells off the grid, or not in reading order"))
    wrong += [
        (name, f"{arrays[name].size} cells, not {cells.size}")
        for name in (*_AMOUNTS, "must")
        if arrays[name].size != cells.size
    ]
    for name in (*_AMOUNTS, "cell_km", "project_value"):
        amount = arrays[name]
        if not (amount >= 0).all() or (name != "closure" and not np.isfinite(amount).all()):
            wrong.append((name, "a negative, infinite or missing amount"))
    if arrays["cell_km"].size != 1 or not arrays["cell_km"][0] > 0:
        wrong.append(("cell_km", f"{arrays['cell_km'].tolist()[:3]}"))
    sizes, owned = arrays["project_size"], arrays["project_cells"]
    whole = (sizes >= 1).all() and (sizes <= owned.size).all()
    if sizes.size != arrays["project_value"].size or not whole or sizes.sum() != owned.size:
        wrong.append(("project_size", "does not fit the other arrays of projects"))
    if owned.size and (owned.min() < 0 or owned.max() >= cells.size):
        wrong.append(("project_cells", "cells that are none of the members'"))
    return wrong
