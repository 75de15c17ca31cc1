"""An independent check of a programme: everything is counted again from its published tables."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from vallum.forces.packages_model import Packages
    from vallum.forces.programme import Programme
    from vallum.forces.programme_resources import Resources
    from vallum.forces.programme_settings import ProgrammeSettings


def ahead(first: date, months: int) -> date:
    """Count months forward one by one, as on a wall calendar."""
    year, month = first.year, first.month
    for _ in range(months):
        month += 1
        if month == 13:
            year, month = year + 1, 1
    return first.replace(year=year, month=month)


def check(  # noqa: C901, PLR0912, PLR0915  (one long list of rules, each by itself)
    programme: Programme,
    packages: Packages,
    resources: Resources,
    settings: ProgrammeSettings,
) -> None:
    """Assert that no limit is exceeded and that all dates and sums agree."""
    first = settings.start
    packs = {int(row["sector"]): row for row in packages.table.to_dict("records")}
    for inner in packages.inner:
        if inner.name == programme.inner:
            packs |= {int(row["sector"]): row for row in inner.table.to_dict("records")}
    pools = {pool.name: pool for pool in resources.pools}
    table = {int(row["sector"]): row for row in programme.table.to_dict("records")}
    assert set(table) == set(packs)

    at_work: dict[tuple[str, int], int] = {}
    tonnes: dict[tuple[str, int], float] = {}
    spent: dict[tuple[str, int], float] = {}
    ends: dict[int, list[int]] = {sector: [] for sector in packs}
    done = dict.fromkeys(packs, 0.0)
    stages = programme.stages.sort_values(["sector", "stage"]).to_dict("records")
    for row in stages:
        sector, start, months = int(row["sector"]), int(row["start_month"]), int(row["months"])
        pack, pool = packs[sector], pools[row["pool"]]
        assert row["start"] == ahead(first, start)
        assert row["end"] == ahead(first, start + months)
        assert start >= max(ends[sector], default=0), "stages follow one another"
        assert 1 <= row["companies"] <= settings.sector_companies
        assert pool.states is None or pack["state"] in pool.states
        count = sum(int(each["sector"]) == sector for each in stages)
        for month in range(start, start + months):
            of_year = ahead(first, month).month
            if pack.get("floods"):
                assert of_year not in pack["rains"], f"sector {sector} is worked on in the rains"
            assert pool.months is None or of_year in pool.months
            at_work[pool.name, month] = at_work.get((pool.name, month), 0) + row["companies"]
            for name in (*resources.materials_t_month, "haul"):
                need = pack.get("haul_tkm" if name == "haul" else f"t_{name}", 0.0)
                tonnes[name, month] = tonnes.get((name, month), 0.0) + need / count / months
        for purse in resources.purses:
            if purse.states is None or pack["state"] in purse.states:
                key = purse.name, start // 12
                spent[key] = spent.get(key, 0.0) + pack["capital_usd"] / count
        done[sector] += row["companies"] * months * settings.days_per_month
        ends[sector].append(start + months)
    for (name, month), number in at_work.items():
        limit = pools[name].companies if pools[name].plant is None else pools[name].plant
        assert number <= min(limit, pools[name].companies), f"{name} in month {month}"
    for (name, month), amount in tonnes.items():
        cap = resources.haul_tkm_month if name == "haul" else resources.materials_t_month[name]
        assert amount <= cap * (1 + 1e-9), f"{name} in month {month}"
    usd = {purse.name: purse.usd_yr for purse in resources.purses}
    for (name, year), amount in spent.items():
        assert amount <= usd[name] * (1 + 1e-9), f"{name} in year {year}"

    for sector, pack in packs.items():
        row, own = table[sector], ends[sector]
        assert done[sector] >= pack["company_days"] - 1e-6, f"sector {sector} is not finished"
        assert row["built_month"] == max(own)
        assert row["covered_month"] == row["built_month"] + settings.cover_months
        assert row["covered_month"] <= 12 * settings.horizon_years
        for kind in ("start", "built", "covered"):
            assert row[kind] == ahead(first, row[f"{kind}_month"])
        for other in pack.get("after") or ():
            assert row["start_month"] >= table[other]["built_month"], f"{sector} before {other}"

    covered = {sector: row["covered_month"] for sector, row in table.items()}
    pieces = {piece.name: piece for piece in packages.pieces}
    dates, loss, extra = {}, 0.0, 0.0
    for piece in packages.pieces:
        dates[piece.name] = max(covered[sector] for sector in piece.sectors)
        loss += piece.value_usd_yr * dates[piece.name] / 12
    for inner in packages.inner:
        if inner.name == programme.inner:
            early = max(covered[sector] for sector in inner.piece.sectors)
            sooner = (dates[inner.within] - early) / 12
            loss -= (inner.piece.value_usd_yr - inner.running_usd_yr) * sooner
            extra = float(inner.table["capital_usd"].sum())
            dates[inner.piece.name] = early
    assert math.isclose(programme.loss_usd, loss + extra, rel_tol=1e-9, abs_tol=1e-6)
    assert programme.bound <= programme.loss_usd
    assert math.isclose(
        programme.gap,
        (programme.loss_usd - programme.bound) / max(programme.loss_usd, 1e-300),
        abs_tol=1e-9,
    )
    assert programme.first_covered == ahead(first, min(dates.values()))
    assert programme.all_covered == ahead(first, max(covered.values()))
    whole = sum(piece.value_usd_yr for piece in pieces.values())
    assert math.isclose(programme.protected["value_usd_yr"].iloc[-1], whole, rel_tol=1e-9)
    for row in programme.protected.iloc[1:].to_dict("records"):
        held = sum(
            piece.value_usd_yr
            for name, piece in pieces.items()
            if ahead(first, dates[name]) <= row["date"]
        )
        assert row["value_usd_yr"] >= held - 1e-6
    paid = sum(pack["capital_usd"] for pack in packs.values())
    assert abs(programme.cash["capital_usd"].sum() - paid) <= len(stages), "but for whole dollars"
    for row in programme.stops.to_dict("records"):
        under_way = any(each["start"] < row["date"] < each["end"] for each in stages)
        assert row["clean"] == (not under_way)
        so_far = sum(each["money_usd"] for each in stages if each["start"] < row["date"])
        assert math.isclose(row["spent_usd"], so_far)
