"""The dividend as plain values for `plan.json`, and as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from vallum.brief.record_plain import plain_rows, plain_value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from vallum.dividend import Dividend, DividendCase
    from vallum.plan import Plan

__all__ = ["TOP", "dividend_ranges", "dividend_table", "record_dividend", "write_dividend",
           "years_table"]  # fmt: skip

TOP = 5  # assumptions told of
ALL = "all"
_FIGURES = ("npv_usd", "bcr", "payback_yr")
_ENDS: Mapping[str, tuple[str, str]] = {
    "npv_usd": ("npv_low", "npv_high"),
    "bcr": ("bcr_low", "bcr_high"),
    "payback_yr": ("payback_low", "payback_high"),
}
_PARTS = (*_FIGURES, "pays_share", "people_left_outside", "decisive", "turns", "money", "sites",
          "streams", "said")  # fmt: skip
_GAINS = ("losses", "trade", "tourism", "projects")
_SUMS: Mapping[str, tuple[str, ...]] = {
    "spent": ("capital", "upkeep", "men", "gates", "clearance"),
    "harm": ("herding", "outside"),
}  # money that goes out, and what others of the members' people lose
_STREAMS = ["case", "kind", "title", "party", "counted", "npv_usd", "npv_low", "npv_high",
            "usd_yr"]  # fmt: skip
_YEARS = ["case", "party", "year", "low", "mid", "high"]
_RANGES = ["case", "party", "npv_usd", "npv_low", "npv_high", "bcr", "bcr_low", "bcr_high",
           "payback_yr", "payback_low", "payback_high", "pays_share"]  # fmt: skip


def record_dividend(plan: Plan) -> dict[str, Any]:
    """Put the dividend stage into plain values.

    Parameters
    ----------
    plan
        To record.

    Returns
    -------
    dict
        Keys as documented in docs/method/dividend.md: those of the first case, `status`, `draws`,
        `seed`, and all cases by name; None where nothing was asked.
    """
    found = plan.dividend
    if found is None:
        none = dict.fromkeys(_PARTS)
        return {**none, "status": "not asked", "draws": None, "seed": None, "cases": {}}
    members = plan.theatre.members
    cases = {case.name: _case(case, members) for case in found.cases}
    first = cases[found.cases[0].name] if found.cases else dict.fromkeys(_PARTS)
    return {
        **first,
        "status": found.status,
        "draws": found.draws,
        "seed": found.seed,
        "cases": cases,
    }


def _case(case: DividendCase, members: tuple[str, ...]) -> dict[str, Any]:
    """Put one case into plain values."""
    rows = {str(row["party"]): row for row in case.ranges.to_dict("records")}
    own = [iso3 for iso3 in members if iso3 in rows]
    mine = case.draws[own].sum(axis=1)
    low, high = mine.quantile([0.05, 0.95])
    told: dict[str, Any] = {
        **{
            figure: {
                party: dict(
                    zip(
                        ("low", "mid", "high"),
                        (
                            plain_value(row[name])
                            for name in (_ENDS[figure][0], figure, _ENDS[figure][1])
                        ),
                        strict=True,
                    )
                )
                for party, row in rows.items()
            }
            for figure in _FIGURES
        },
        "pays_share": {
            **{party: plain_value(row["pays_share"]) for party, row in rows.items()},
            "members": float((mine > 0).mean()),
        },
        "people_left_outside": float(case.people_left_outside),
        "decisive": {
            str(row["key"]): {
                str(name): plain_value(value) for name, value in row.items() if name != "key"
            }
            for row in case.decisive.head(TOP).to_dict("records")
        },
        "turns": _turns(case),
        "money": _money(case, own),
        "sites": _sites(case),
        "streams": [
            {str(name): plain_value(value) for name, value in row.items()}
            for row in case.streams.to_dict("records")
        ],
        "said": [{"kind": kind, "text": text} for kind, text in case.said],
    }
    told["npv_usd"]["members"] = {
        "low": float(low),
        "mid": float(sum(rows[iso3]["npv_usd"] for iso3 in own)),
        "high": float(high),
    }
    return told


def _turns(case: DividendCase) -> dict[str, Any]:
    """Give the assumptions that turn the answer, and the one that would be nearest to.

    Returns
    -------
    dict
        `within`: rows that do so in their range, those that decide most first; `nearest`: the one
        that would have to move least beyond it, None where there is none.
    """
    names = ["key", "value", "low", "high", "switch"]
    within = case.decisive[case.decisive["within"].astype(bool)]
    beyond = case.decisive[case.decisive["switch"].notna()]
    near = (
        beyond.iloc[[int(beyond["move"].astype(float).abs().to_numpy().argmin())]]
        if len(beyond)
        else beyond
    )
    return {
        "within": plain_rows(within[names].head(TOP)),
        "nearest": next(iter(plain_rows(near[names])), None),
    }


def _money(case: DividendCase, members: list[str]) -> dict[str, dict[str, float]]:
    """Add up the members' streams: each gain, what is spent, and what their people lose.

    What is spent and lost is given without its sign. Draws are not kept by stream: ends are added
    up as if they came together, which makes a range too wide rather than too narrow.
    """
    table = case.streams
    own = table[table["party"].isin(members) & table["counted"].astype(bool)]
    by = own.groupby("kind")[["npv_low", "npv_usd", "npv_high"]].sum()
    gains = {kind: by[by.index == kind].sum().tolist() for kind in _GAINS}
    sums = {
        name: [-end for end in reversed(by[by.index.isin(kinds)].sum().tolist())]
        for name, kinds in _SUMS.items()
    }
    return {
        name: {key: float(end) + 0.0 for key, end in zip(("low", "mid", "high"), ends, strict=True)}
        for name, ends in (gains | sums).items()
    }


def _sites(case: DividendCase) -> dict[str, int] | None:
    """Count heritage sites and parks, and those that can be reached safely."""
    table = case.tables.get("tourism.sites")
    if table is None or not len(table):
        return None
    before, after = (table[f"reachable_{when}"].astype(bool) for when in ("before", "after"))
    return {
        "all": len(table),
        "before": int(before.sum()),
        "after": int(after.sum()),
        "opened": int((after & ~before).sum()),
    }


def dividend_table(found: Dividend | None) -> pd.DataFrame:
    """Give a row per case, stream and party."""
    return _joined([c.streams.assign(case=c.name) for c in found.cases] if found else [], _STREAMS)


def years_table(found: Dividend | None) -> pd.DataFrame:
    """Give the net money of each year, by case and party."""
    return _joined([c.years.assign(case=c.name) for c in found.cases] if found else [], _YEARS)


def dividend_ranges(found: Dividend | None) -> pd.DataFrame:
    """Say what it is worth to whom, by case and party, with ranges."""
    return _joined([c.ranges.assign(case=c.name) for c in found.cases] if found else [], _RANGES)


def write_dividend(plan: Plan, folder: Path) -> None:
    """Write `dividend.csv` (streams by party) and `dividend_years.csv` (net money by year)."""
    dividend_table(plan.dividend).to_csv(folder / "dividend.csv", index=False)
    years_table(plan.dividend).to_csv(folder / "dividend_years.csv", index=False)


def _joined(tables: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    return (
        pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)
    )
