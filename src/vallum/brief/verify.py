"""Check a finished plan from the files of its folder alone: no data, no stage, no solver runs."""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import rasterio
from rasterio.errors import RasterioError

from vallum.brief.certificate import NAME, Stored, digest, read_certificate
from vallum.brief.verify_steps import (
    EQUAL,
    Failed,
    ceilings,
    counted,
    nested,
    optimal,
    read_steps,
)
from vallum.errors import Fault, InputError, VallumError
from vallum.kernel.cut import TOLERANCE

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["NOT_CHECKED", "Check", "Report", "verify"]

NOT_CHECKED = (
    "whether benefits, costs and prices are true: see the ledger for where they are from",
    "bounds that a search proved (`bound` of refined steps): only that they lie below the ceiling",
    "people and output held, ranges, threat, works, bill: only that their files are as written",
    "the plan `at_equal_cost` for the other objective",
    "who made the folder: whoever can write all of its files can write another sound plan",
)
_WRONG = (
    Failed, VallumError, OSError, RasterioError, ValueError, TypeError, KeyError, IndexError,
    AttributeError, OverflowError, RecursionError, MemoryError,
)  # fmt: skip


@dataclass(frozen=True)
class Check:
    """One thing that was checked: its name, whether it holds, and what was found."""

    name: str
    ok: bool
    found: str


@dataclass(frozen=True)
class Report:
    """All checks of a folder, in order; the plan is verified if every one holds."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether every check holds."""
        return all(check.ok for check in self.checks)


def verify(folder: Path | str) -> Report:
    """Check a plan's folder.

    Parameters
    ----------
    folder
        As `vallum.brief.write` leaves it.

    Returns
    -------
    Report
        What was checked, and what was found; what is not is in `NOT_CHECKED`.

    Raises
    ------
    InputError
        If there is no such folder, or no plan in it. Whatever is wrong inside is in the report.
    """
    folder = Path(folder)
    if not (folder / "plan.json").is_file():
        mend = "give the folder of a plan, as `vallum plan` wrote it"
        raise InputError([Fault(str(folder), "", "no plan in it", mend)])
    checks: list[Check] = []

    def check(name: str, told: Callable[[], Any]) -> Any:  # noqa: ANN401  (whatever was read)
        """Note whether something holds; give what it found."""
        try:
            found = told()
        except _WRONG as error:
            checks.append(Check(name, ok=False, found=str(error) or type(error).__name__))
            return None
        text = found[0] if isinstance(found, tuple) else found
        checks.append(Check(name, ok=True, found=text))
        return found

    read = check("the certificate can be read", lambda: _stored(folder))
    plan = check("plan.json can be read", lambda: _plan(folder))
    if read is None or plan is None:
        return Report(tuple(checks))
    stored: Stored = read[1]
    record, table = plan[1], plan[2]
    check("files are as they were written", lambda: _files(folder, stored))
    check("certificate and plan are of one another", lambda: _same(stored, record))
    check("frontier.csv is the table of plan.json", lambda: _csv(folder, table))
    proved = check(
        "every exact step is an optimum, and none is left out",
        lambda: optimal(stored, table, float(record["settings"]["line"]["step"])),
    )
    if proved is not None:
        check("ceilings follow from the proof", lambda: ceilings(stored, table, proved[1]))
    check("steps are nested", lambda: nested(stored, table))
    check("every number of a step is right", lambda: counted(stored, table))
    check("entry.tif is what is proved", lambda: _raster(folder, stored))
    check("the chosen step is the best asked for", lambda: _chosen(record, table))
    return Report(tuple(checks))


def _stored(folder: Path) -> tuple[str, Stored]:
    """Read the certificate."""
    stored = read_certificate(folder / NAME)
    megabytes = (folder / NAME).stat().st_size / 1e6
    return f"{stored.problem.cells.size:,} cells, {megabytes:.1f} MB", stored


def _plan(folder: Path) -> tuple[str, dict[str, Any], pd.DataFrame]:
    """Read the record and its steps."""
    record = json.loads((folder / "plan.json").read_text("utf-8"))
    table = read_steps(record["frontier"])
    return f"{len(table)} steps", record, table


def _files(folder: Path, stored: Stored) -> str:
    """Compare every file with its digest."""
    files: dict[str, str] = stored.about["files"]
    bad = []
    for name, expected in files.items():
        path = folder / Path(name).name
        if not path.is_file():
            bad.append(f"{name} is missing")
        elif digest(path) != expected:
            bad.append(f"{name} was changed")
    if bad:
        raise Failed("; ".join(bad))
    return f"{len(files)} files"


def _same(stored: Stored, record: dict[str, Any]) -> str:
    """Compare what both say of the plan."""
    mine = {key: record[key] for key in ("objective", "theatre", "fingerprint")}
    mine["solver"] = record["settings"]["line"]["solver"]
    wrong = [key for key, value in mine.items() if stored.about.get(key) != value]
    if record["cell_km"] != stored.problem.cell_km:
        wrong.append("cell_km")
    if wrong:
        raise Failed(f"they differ in {', '.join(wrong)}")
    return f"{mine['theatre']}, {mine['objective']}"


def _csv(folder: Path, table: pd.DataFrame) -> str:
    """Compare the two tables of steps."""
    other = pd.read_csv(folder / "frontier.csv", dtype=str, keep_default_na=False)
    if list(other.columns) != list(table.columns) or len(other) != len(table):
        raise Failed("other columns or rows")
    for name in table.columns:
        mine, theirs = table[name].tolist(), other[name].tolist()
        number = name not in {"kind", "beyond"}
        if number:  # Python reads every float64 back as it was; pandas does not
            theirs = [float(text or "nan") for text in theirs]
        if not np.array_equal(np.array(mine), np.array(theirs), equal_nan=number):
            raise Failed(f"column {name} differs")
    return f"{len(table)} rows of {len(table.columns)} columns"


def _raster(folder: Path, stored: Stored) -> str:
    """Compare the raster with the certificate's chain."""
    problem = stored.problem
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a damaged file may have lost its place on the earth
        with rasterio.open(folder / "entry.tif") as file:
            if file.shape != problem.shape or file.count != 1:
                raise Failed(f"{file.count} bands of {file.shape}, not of {problem.shape}")
            side, nodata = problem.cell_km * 1000.0, file.nodata
            if not np.allclose([file.transform.a, -file.transform.e], side):
                raise Failed(f"cells of {file.transform.a:g} m, not {side:g}")
            values = file.read(1).ravel()
    wrong = int((values[problem.cells] != stored.entry).sum())
    outside = np.ones(values.size, bool)
    outside[problem.cells] = False
    wrong += int((~np.isin(values[outside], [-1, nodata])).sum())
    if wrong:
        raise Failed(f"{wrong} cells differ")
    return f"{problem.cells.size:,} cells"


def _chosen(record: dict[str, Any], table: pd.DataFrame) -> str:
    """Hold the chosen step against the price or the budget, and its figures against the table."""
    step, mu, budget = record["step"], record["mu"], record["budget_usd_yr"]
    row = table.iloc[step]
    told = {
        "held_km2": "held_km2", "line_km": "line_km", "cost_usd_yr": "cost_usd_yr",
        "holding_usd_yr": "holding", "closure_usd_yr": "closure",
    }  # fmt: skip
    if record["objective"] != "people":
        told["benefit_usd_yr"] = "benefit"
    for key, column in told.items():
        if not np.isclose(record[key], row[column], rtol=EQUAL, atol=0.0):
            raise Failed(f"{key} is {record[key]:.10g}, of the step {row[column]:.10g}")
    cost = table["cost_usd_yr"]
    if budget is not None:
        if row["cost_usd_yr"] > budget:
            raise Failed(f"it costs {row['cost_usd_yr']:.10g}, more than {budget:.10g} USD/yr")
        if (cost.iloc[step + 1 :] <= budget).any():
            raise Failed("a later step is within the budget too")
        return f"step {step}, the last that {budget:,.0f} USD/yr buys"
    worth = mu * table["benefit"] - cost
    best = float(worth.max())
    room = TOLERANCE * (mu * table["benefit"].iloc[-1] + cost.max())
    if record["status"] == "ok" and worth.iloc[step] < best - room:
        raise Failed(f"another step is worth {best - worth.iloc[step]:.4g} USD/yr more at {mu:g}")
    if record["status"] != "ok" and best > room:
        raise Failed("a step is worth holding, and the plan says that none is")
    return f"step {step}, the best at the price {mu:g}"
