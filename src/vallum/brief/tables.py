"""What a stage found, as a table for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from vallum.brief.accord_files import coalitions_table
from vallum.brief.record_dividend import dividend_ranges
from vallum.brief.record_forces import forces_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from vallum.campaign import Campaign
    from vallum.theatre import Theatre

__all__ = ["campaign_changes", "ground", "tables"]


def tables(stage: str, results: dict[str, Any]) -> pd.DataFrame:
    """Summarise a stage.

    Parameters
    ----------
    stage
        Its name.
    results
        Of the stages up to it.

    Returns
    -------
    DataFrame
        One row per state, region, composition, item or step.
    """
    lay_out: dict[str, Callable[[dict[str, Any]], pd.DataFrame]] = {
        "theatre": lambda found: ground(found["theatre"]),
        "worth": _worth,
        "threat": lambda found: found["threat"].regions.drop(columns=["observed_yr"]),
        "works": lambda found: _works(found["works"].compositions),
        "line": lambda found: found["line"].plans.steps,
        "bill": lambda found: found["bill"].items.reset_index(),
        "forces": lambda found: forces_table(found["forces"]),
        "ranges": lambda found: found["line"].plans.steps[["cells"]].join(found["ranges"].steps),
        "robust": _robust,
        "campaign": lambda found: campaign_changes(found["campaign"]),
        "dividend": lambda found: dividend_ranges(found["dividend"]),
        "accord": lambda found: coalitions_table(found["accord"]),
        "window": lambda found: found["window"].scenarios,
    }
    return lay_out[stage](results)


def campaign_changes(found: Campaign) -> pd.DataFrame:
    """Say what each way to spend the money changes, by land; attacks and deaths a year.

    Parameters
    ----------
    found
        What was played.

    Returns
    -------
    DataFrame
        A row per case, means and outcome, as in `vallum.campaign.Case.change`.
    """
    told = ("held", "held_arrived", "outside", "neighbours", "all", "forts", "deaths")
    parts = [
        case.change[case.change["what"].isin(told)].assign(case=case.name, draws=case.played[0])
        for case in found.cases
    ]
    columns = ["case", "means", "what", "before", "after", "change", "change_low", "change_high",
               "error", "draws"]  # fmt: skip
    if not parts:
        return pd.DataFrame({name: [] for name in columns})
    return pd.concat(parts, ignore_index=True)[columns]


def _robust(results: dict[str, Any]) -> pd.DataFrame:
    """Give what stands at each step; no row without draws."""
    found = results["robust"]
    return pd.DataFrame({"step": []}) if found is None else found.steps


def _worth(results: dict[str, Any]) -> pd.DataFrame:
    """Sum up worth by member."""
    worth, theatre = results["worth"], results["theatre"]
    rows = [
        {
            "state": iso3,
            "gdp_usd_yr": worth.output[theatre.state_mask(iso3)].sum(),
            "at_sites_usd_yr": worth.site_output[theatre.state_mask(iso3)].sum(),
            "in_towns_usd_yr": worth.urban_output[theatre.state_mask(iso3)].sum(),
            "people": worth.people[theatre.state_mask(iso3)].sum(),
            "townspeople": worth.urban_people[theatre.state_mask(iso3)].sum(),
        }
        for iso3 in theatre.members
    ]
    return pd.DataFrame(rows)


def _works(table: pd.DataFrame) -> pd.DataFrame:
    """Put classes of ground with the same works together; figures are means over their cells."""
    used = table[table["cells"] > 0]
    means = ["cost_low_usd_km_yr", "cost_usd_km_yr", "cost_high_usd_km_yr", "men_paid_per_km",
             "p_e"]  # fmt: skip
    weighed = used.assign(**{name: used[name] * used["cells"] for name in means})
    by = weighed.groupby(["surface", "composition", "standard_met"], sort=False)
    out = by[["cells", *means]].sum()
    out[means] = out[means].div(out["cells"], axis=0)
    return out.reset_index().sort_values("cells", ascending=False, ignore_index=True)


def ground(theatre: Theatre) -> pd.DataFrame:
    """Summarise a theatre's layers."""
    rows = []
    for name, layer in theatre.ground.data_vars.items():
        values = layer.to_numpy()
        rows.append(
            {
                "layer": str(name),
                "units": str(layer.attrs.get("units", "")),
                "min": float(values.min()),
                "mean": float(values.mean()),
                "max": float(values.max()),
                "what": str(layer.attrs.get("long_name", "")),
            }
        )
    for name in ("settlements", "sites", "routes", "crossings", "rivers", "borders", "regions"):
        count = len(getattr(theatre, name))
        rows.append({"layer": name, "units": "rows", "min": None, "mean": None, "max": count})
    return pd.DataFrame(rows)
