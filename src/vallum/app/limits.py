"""What a scenario may ask for on a machine that is shared: sizes, and no files of the machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from vallum.errors import Fault
from vallum.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vallum.app.settings import AppSettings, Quotas

__all__ = ["CAPPED", "COARSENED", "GROWN", "LISTED", "PATHS", "files_named", "refused", "too_much"]

WHERE = "scenario"
FILE = "file:"  # before a path, where a place is named
_POINTS = "points"  # corners of a line, for which a sheet has a limit of its own

PATHS = ("line.existing.file", "window.events", "window.ideal_points", "window.panel")
"""Settings of plain text that are paths; those of the type Path are found by their type."""

CAPPED = {
    "draws": "most_draws",
    "threat.intensity.resamples": "most_draws",
    "threat.passage.draws": "most_draws",
    "threat.claim.permutations": "most_draws",
    "threat.claim.simulations": "most_draws",
    "dividend.draws": "most_draws",
    "window.draws": "most_draws",
    "robust.draws": "most_robust_draws",
    "campaign.draws": "most_campaign_draws",
    "robust.workers": "most_workers",
    "campaign.workers": "most_workers",
}
"""Settings that a quota caps, by the quota's name."""

GROWN = (
    "threat.passage.most_sources",
    "threat.passage.most_targets",
    "threat.passage.most_cells",
    "threat.passage.most_cells_full",
    "threat.passage.corridors",
    "threat.civilians.most_blocks",
    "forces.forts.most_pieces",
    "forces.forts.most_nodes",
    "forces.forts.branch_pieces",
    "forces.forts.rounds",
    "forces.tasks.nodes",
    "forces.programme.tries",
    "forces.programme.horizon_years",
    "campaign.most_targets",
    "campaign.most_bases",
    "campaign.years",
    "dividend.sobol",
    "dividend.horizon",
    "works.max_barriers",
)
"""Settings that make a stage work longer the larger they are."""

COARSENED = (
    "line.step",
    "line.refine",
    "forces.forts.piece_km",
    "forces.forts.base_step_km",
    "threat.passage.block_km",
    "threat.civilians.block_km",
)
"""Settings that make a stage work longer the smaller they are."""

LISTED = (
    "threat.intensity.bandwidths_km",
    "threat.claim.windows_km",
    "threat.claim.windows_days",
    "threat.claim.planted",
    "works.fort_spacings_km",
    "works.sensor_spacings_km",
    "line.sector_km",
    "forces.tasks.men_factors",
    "campaign.reinforce",
    "window.ahead",
)
"""Lists that make a stage work longer with each entry."""

REACHING = ("campaign.reinforce", "window.ahead")
"""Those of them that do so the larger their numbers are, too."""

_OFF_AT_0 = frozenset({"line.refine"})


def too_much(settings: Settings, quotas: Quotas) -> list[Fault]:
    """Find what a scenario asks for that a shared machine doesn't give.

    Parameters
    ----------
    settings
        Of the scenario.
    quotas
        What is given.

    Returns
    -------
    list of Fault
        All of it; empty where all is well.
    """
    faults = []
    cell_km = settings.theatre.cell_km
    if cell_km is not None and cell_km < quotas.least_cell_km:
        faults.append(_fault("theatre.cell_km", cell_km, f"at least {quotas.least_cell_km:g}"))
    if settings.depth == "full" and not quotas.full_depth:
        faults.append(_fault("depth", "full", 'depth = "default"'))
    usual = Settings()
    faults += _capped(settings, usual, quotas)
    own = {place: int(len(_at(usual, place)) * quotas.effort) for place in LISTED}
    for place, count in _lengths(settings.model_dump()):
        most = min(own.get(place, quotas.most_listed), quotas.most_listed)
        if count > most and not place.endswith(_POINTS):
            faults.append(_fault(place, f"{count:,} entries", f"at most {most:,}"))
    return faults


def refused(settings: Settings, service: AppSettings) -> list[Fault]:
    """List all that a plan's settings ask for and a service does not give.

    Parameters
    ----------
    settings
        Of a plan.
    service
        Where nobody has to log in, the machine is the asker's own: nothing is refused.

    Returns
    -------
    list of Fault
        Empty where it may be asked for.
    """
    if service.auth == "none":
        return []
    return [*files_named(settings), *too_much(settings, service.quotas)]


def files_named(settings: Settings) -> list[Fault]:
    """Find settings that name files of the machine: nobody may read those through a scenario.

    Parameters
    ----------
    settings
        Of the scenario.

    Returns
    -------
    list of Fault
        All of them; empty where there is none. What they name isn't looked at.
    """
    mend = "leave it out: files of the machine can't be named here"
    return [
        Fault(WHERE, place, "a file", mend)
        for place, value in _leaves(settings.model_dump())
        if isinstance(value, Path)
        or (isinstance(value, str) and value.strip().lower().startswith(FILE))
        or (value is not None and _plain(place) in PATHS)
    ]


def _capped(settings: Settings, usual: Settings, quotas: Quotas) -> list[Fault]:
    """Find the single values that are too much."""
    faults = []
    for place, quota in CAPPED.items():
        most = getattr(quotas, quota)
        if (value := _at(settings, place)) is not None and value > most:
            faults.append(_fault(place, value, f"at most {most:,}"))
    for place in GROWN:
        most = _at(usual, place) * quotas.effort
        if (value := _at(settings, place)) > most:
            faults.append(_fault(place, value, f"at most {most:,g}"))
    for place in REACHING:
        most = max(_at(usual, place)) * quotas.effort
        if (value := max(_at(settings, place), default=0)) > most:
            faults.append(_fault(place, value, f"numbers of at most {most:,g}"))
    for place in COARSENED:
        least = _at(usual, place) / quotas.effort
        value = _at(settings, place)
        if value < least and not (value == 0 and place in _OFF_AT_0):
            faults.append(_fault(place, value, f"at least {least:g}"))
    return faults


def _fault(place: str, found: object, allowed: str) -> Fault:
    """Say what is too much, and what is not."""
    return Fault(WHERE, place, f"{found} is more than this shared machine gives", f"give {allowed}")


def _at(settings: Settings, place: str) -> Any:  # noqa: ANN401  (whatever the setting is)
    """Give the value of a setting."""
    value: Any = settings
    for part in place.split("."):
        value = getattr(value, part)
    return value


def _leaves(tree: Any, place: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401  (a tree)
    """Give each value of a tree with its place: names and numbers in lists, by dots."""
    for key, value in _inner(tree):
        inside = f"{place}.{key}" if place else key
        if isinstance(value, dict | list | tuple):
            yield from _leaves(value, inside)
        else:
            yield inside, value


def _lengths(tree: Any, place: str = "") -> Iterator[tuple[str, int]]:  # noqa: ANN401  (a tree)
    """Give the length of each list and table of a tree with its place."""
    for key, value in _inner(tree):
        inside = f"{place}.{key}" if place else key
        if isinstance(value, dict | list | tuple):
            yield inside, len(value)
            yield from _lengths(value, inside)


def _inner(tree: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401  (a tree)
    """Give what is right below."""
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree)
    return ((str(key), value) for key, value in pairs)


def _plain(place: str) -> str:
    """Leave numbers in lists out of a place."""
    return ".".join(part for part in place.split(".") if not part.isdecimal())
