"""What each role takes in each sector: men, and skills and equipment that are scarce."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from vallum.errors import Fault, InputError
from vallum.forces.tasks_settings import ROLES

if TYPE_CHECKING:
    from vallum.forces.tasks_settings import TasksSettings

__all__ = ["NEEDS", "check_sectors", "demands"]

NEEDS = ("men", "engineer_companies", "plant_sets", "trainers", "medics", "air_sets")
COLUMNS = (
    "sector", "line", "state", "length_km", "men_guard", "reaction_bases", "company_days",
    "previous", "next", "lon", "lat",
)  # fmt: skip
COUNTS = ("length_km", "men_guard", "reaction_bases", "company_days")


def check_sectors(sectors: pd.DataFrame, members: tuple[str, ...]) -> pd.DataFrame:
    """Check the table of sectors.

    Parameters
    ----------
    sectors
        One row per sector: sector, line, state (whose ground it is), length_km, men_guard (on
        duty), reaction_bases, company_days, previous and next (neighbours along the line; missing
        at an end), lon and lat of its middle; `gates` where their number is known.
    members
        States that may have sectors.

    Returns
    -------
    sectors
        The same, with the sectors' names as text and None where there is no neighbour.

    Raises
    ------
    InputError
        With every fault.
    """
    where = "sectors"
    missing = [name for name in COLUMNS if name not in sectors]
    if missing:
        raise InputError(
            [Fault(where, name, "the column is missing", f"add '{name}'") for name in missing]
        )
    sectors = sectors.reset_index(drop=True)
    for name in ("sector", "previous", "next"):
        sectors[name] = pd.Series([_text(one) for one in sectors[name]], dtype=object)
    names = sectors["sector"]
    faults = []
    if sectors.empty:
        faults.append(Fault(where, "", "no sectors", "there is no line to hold"))
    faults += [
        Fault(where, name, "more than one row", "name every sector once")
        for name in sorted(set(names[names.duplicated()]))
    ]
    for name in (*COUNTS, *(("gates",) if "gates" in sectors else ())):
        bad = ~(np.isfinite(sectors[name].astype(float)) & (sectors[name].astype(float) >= 0))
        faults += [
            Fault(where, f"{sector}, {name}", "not a number from 0 up", "correct it")
            for sector in names[bad]
        ]
    for name, most in (("lon", 180.0), ("lat", 90.0)):
        bad = ~(sectors[name].astype(float).abs() <= most)
        faults += [Fault(where, f"{s}, {name}", "no place", "give degrees") for s in names[bad]]
    faults += [
        Fault(where, f"{sector}, state", f"'{state}' is no member", "sectors lie on members' land")
        for sector, state in zip(names, sectors["state"], strict=True)
        if state not in members
    ]
    faults += _neighbours(sectors, names)
    if faults:
        raise InputError(faults)
    return sectors


def _text(name: Any) -> str | None:  # noqa: ANN401 - whatever a cell holds
    """Write a sector's name as text; a number that pandas made a float of, as it was."""
    if name is None or pd.isna(name):
        return None
    return f"{name:.0f}" if isinstance(name, float) else str(name)


def _neighbours(sectors: pd.DataFrame, names: pd.Series[str]) -> list[Fault]:
    """Name the neighbours that are no sectors, or do not name one another."""
    after = dict(zip(names, sectors["next"], strict=True))
    before = dict(zip(names, sectors["previous"], strict=True))
    out = []
    for here, there, back in (("next", after, before), ("previous", before, after)):
        for name, other in there.items():
            if other is None:
                continue
            if other not in after:
                out.append(Fault("sectors", f"{name}, {here}", f"no sector '{other}'", "name one"))
            elif back[other] != name:
                found = f"'{other}' does not name it back"
                out.append(Fault("sectors", f"{name}, {here}", found, "make the two agree"))
    return out


def demands(sectors: pd.DataFrame, settings: TasksSettings) -> pd.DataFrame:
    """Work out what each role takes in each sector.

    With arms on duty are guards `g`, `b` reaction bases of `reaction_men`, and those at gates. All
    men on duty are paid `rotation` times over; trainers and engineers' companies are counted as
    they are.

    Parameters
    ----------
    sectors
        As `check_sectors` has it.
    settings
        Rates.

    Returns
    -------
    demands
        Index (sector, role), all of `ROLES` in their order: `men` (paid), `engineer_companies`,
        `plant_sets`, `trainers`, `medics`, `air_sets`.
    """
    paid = settings.rotation
    length, guard, days = (
        sectors[name].to_numpy(float) for name in ("length_km", "men_guard", "company_days")
    )
    reaction = sectors["reaction_bases"].to_numpy(float) * settings.reaction_men
    gates = sectors["gates"].to_numpy(float) if "gates" in sectors else length / settings.gate_km
    at_gates = gates * settings.gate_men
    armed = guard + reaction + at_gates
    companies = days / (settings.company_days_yr * settings.build_yr)
    trainers = paid * (guard + reaction) / (settings.train_every_yr * settings.men_per_trainer)
    medics = paid * armed * settings.medics_per_man
    air = length / settings.air_km
    none = np.zeros(len(sectors))
    men = {
        "guard": paid * guard,
        "reaction": paid * reaction,
        "engineering": paid * companies * settings.company_men,
        "training": trainers,
        "intelligence": paid * air * settings.air_men,
        "supply": paid * armed * settings.supply_men,
        "medical": medics,
        "liaison": none + paid * settings.liaison_men,
        "gates": paid * at_gates,
    }
    scarce = {
        "engineering": {"engineer_companies": companies, "plant_sets": companies},
        "training": {"trainers": trainers},
        "medical": {"medics": medics},
        "intelligence": {"air_sets": air},
    }
    index = pd.MultiIndex.from_product([sectors["sector"], ROLES], names=["sector", "role"])
    columns = {
        need: np.stack(
            [men[r] if need == "men" else scarce.get(r, {}).get(need, none) for r in ROLES], axis=1
        ).ravel()
        for need in NEEDS
    }
    return pd.DataFrame(columns, index=index)
