"""The programme of building, by hand: dates, seasons, limits, refusals."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from tests.programme_checker import check

from vallum.errors import InfeasibleError, InputError
from vallum.forces.calendar import RAINS, month_of, open_months, rains_of
from vallum.forces.packages_model import Inner, Packages, Piece, pieces_of
from vallum.forces.programme import schedule
from vallum.forces.programme_bound import bound
from vallum.forces.programme_model import made, stretch
from vallum.forces.programme_resources import Pool, Purse, Resources
from vallum.forces.programme_settings import ProgrammeSettings

SETTINGS = ProgrammeSettings(horizon_years=4, cover_months=2, days_per_month=25.0)


def table(*rows: dict) -> pd.DataFrame:
    """Make packages: 50 company-days, a million dollars and no floods unless said otherwise."""
    plain = {
        "state": "AAA",
        "length_km": 50.0,
        "company_days": 50.0,
        "capital_usd": 1e6,
        "value_usd_yr": 12e6,
    }
    frame = pd.DataFrame([{"sector": n, **plain, **row} for n, row in enumerate(rows)])
    for name in ("rains", "after"):
        if name in frame:
            frame[name] = pd.Series([row.get(name, ()) for row in rows], dtype=object)
    if "floods" in frame:
        frame["floods"] = [row.get("floods", False) for row in rows]
    return frame


def packages(*rows: dict) -> Packages:
    frame = table(*rows)
    return Packages(frame, pieces_of(frame))


def joint(companies: int, **more) -> Resources:
    return Resources((Pool("joint", companies),), **more)


def test_months_of_a_calendar():
    assert month_of(date(2027, 1, 1), 0) == date(2027, 1, 1)
    assert month_of(date(2027, 5, 1), 20) == date(2029, 1, 1)
    assert open_months((6, 7), date(2027, 5, 1), 4).tolist() == [True, False, False, True]
    assert stretch(np.array([], bool)) == 0
    assert stretch(np.array([False, True, True, False, True])) == 2


def test_rains_by_climate_and_hemisphere():
    assert rains_of("Aw", 11.0, {}) == (6, 7, 8, 9, 10)
    assert rains_of("Aw", -11.0, {}) == (1, 2, 3, 4, 12)
    assert rains_of("Cfb", 50.0, {}) == ()
    assert rains_of("Cfb", -50.0, {"Cfb": (2, 1)}) == (1, 2)
    assert all("http" in rains.source for _, rains in RAINS)


def test_one_sector_takes_what_it_takes():
    # 50 company-days, two companies at 25 days a month: one month, and two more until covered
    found = schedule(packages({}), joint(2), SETTINGS)
    row = found.table.iloc[0]
    assert (row["start_month"], row["built_month"], row["covered_month"]) == (0, 1, 3)
    assert found.first_covered == found.all_covered == date(2027, 4, 1)
    assert found.loss_usd == pytest.approx(3e6)
    assert found.status == "optimal"
    assert found.gap == 0.0


def test_the_more_valuable_for_its_work_comes_first():
    # one company: Smith's rule. 12 M/yr for 2 months, 20 M/yr for 4 months, 3 M/yr for 1 month
    packs = packages(
        {},
        {"company_days": 100.0, "value_usd_yr": 20e6},
        {"company_days": 25.0, "value_usd_yr": 3e6},
    )
    found = schedule(packs, joint(1), SETTINGS)
    assert found.table["sector"].tolist() == [0, 1, 2]
    assert found.loss_usd == pytest.approx(1e6 * (4 + (20 * 8 + 3 * 9) / 12))
    assert found.status == "optimal"
    check(found, packs, joint(1), SETTINGS)


def test_a_piece_counts_when_its_whole_line_is_covered():
    # alone, 0 and 1 would come first (13 M against 12 M a year each for the same work); but 2 and 3
    # close one piece of 24 M together, 0 needs 1 to close and is worth nothing by itself
    frame = table({}, {}, {}, {})
    packs = Packages(frame, (Piece("a", 13e6, (0, 1)), Piece("b", 24e6, (2, 3))))
    found = schedule(packs, joint(1), SETTINGS)
    assert set(found.table["sector"].tolist()[:2]) == {2, 3}
    assert found.protected["share"].tolist() == pytest.approx([0.0, 24 / 37, 1.0])
    assert found.stops["piece"].tolist() == ["b", "a"]
    check(found, packs, joint(1), SETTINGS)


def test_ground_that_floods_is_closed_in_the_rains():
    settings = SETTINGS.model_copy(update={"start": date(2027, 6, 1)})
    packs = packages({"floods": True, "rains": (6, 7, 8, 9)})
    found = schedule(packs, joint(1), settings)
    assert found.table.iloc[0]["start"] == date(2027, 10, 1)
    check(found, packs, joint(1), settings)


def test_a_long_sector_is_cut_into_stages_that_fit_the_dry_season():
    # 400 company-days at two companies: eight months, and only seven are dry
    packs = packages({"company_days": 400.0, "floods": True, "rains": (6, 7, 8, 9, 10)})
    found = schedule(packs, joint(2), SETTINGS)
    assert found.table.iloc[0]["stages"] == 8
    assert found.table.iloc[0]["built"] == date(2028, 2, 1)  # five by June, three from November
    check(found, packs, joint(2), SETTINGS)


def test_money_by_the_year_delays():
    packs = packages({}, {}, {})
    resources = joint(9, purses=(Purse("pot", 1.5e6),))
    found = schedule(packs, resources, SETTINGS)
    assert sorted(row.year for row in found.table["start"]) == [2027, 2028, 2029]
    assert found.cash.groupby("year")["capital_usd"].sum().tolist() == [1e6, 1e6, 1e6]
    assert found.status == "optimal"
    check(found, packs, resources, SETTINGS)


def test_stone_and_hauling_slow_a_sector_down():
    packs = packages({"t_stone": 300.0}, {"haul_tkm": 100.0})
    packs.table[["t_stone", "haul_tkm"]] = packs.table[["t_stone", "haul_tkm"]].fillna(0.0)
    resources = joint(4, materials_t_month={"stone": 100.0}, haul_tkm_month=50.0)
    found = schedule(packs, resources, SETTINGS)
    built = found.table.set_index("sector")["built_month"]
    assert (built[0], built[1]) == (3, 2) if built[0] == 3 else built[0] <= 4
    check(found, packs, resources, SETTINGS)


def test_each_state_builds_with_its_own_and_the_partner_helps_both():
    packs = packages({"company_days": 200.0}, {"state": "BBB"})
    own = Resources((Pool("AAA", 1, states=("AAA",)), Pool("BBB", 1, states=("BBB",))))
    helped = Resources((*own.pools, Pool("partner", 4)))
    alone, with_help = (schedule(packs, each, SETTINGS) for each in (own, helped))
    assert alone.all_covered == date(2027, 11, 1)
    assert with_help.loss_usd < alone.loss_usd
    for each, resources in ((alone, own), (with_help, helped)):
        check(each, packs, resources, SETTINGS)


def test_no_more_companies_at_work_than_there_is_plant_for():
    resources = Resources((Pool("joint", 8, plant=1),))
    packs = packages({}, {})
    found = schedule(packs, resources, SETTINGS)
    assert found.stages["companies"].max() == 1
    check(found, packs, resources, SETTINGS)


def test_what_comes_after_waits():
    packs = packages({"after": (1,), "value_usd_yr": 99e6}, {"value_usd_yr": 0.0})
    found = schedule(packs, joint(4), SETTINGS)
    assert found.table["sector"].tolist() == [1, 0]
    check(found, packs, joint(4), SETTINGS)


def inner(capital: float, running: float = 0.0) -> Packages:
    """Make a long outer line, and a short inner one that protects most of what it does."""
    frame = table({"company_days": 800.0}, {"company_days": 50.0})
    small = table({"company_days": 50.0, "capital_usd": capital, "sector": 9})
    return Packages(
        frame,
        (Piece("land", 12e6, (0, 1)),),
        (Inner("small", small, Piece("heart", 9e6, (1, 9)), "land", running),),
    )


def test_an_inner_line_first_where_it_pays():
    for capital, running, name in ((1e6, 0.0, "small"), (50e6, 0.0, ""), (1e6, 9e6, "")):
        packs = inner(capital, running)
        found = schedule(packs, joint(1), SETTINGS)
        assert found.inner == name
        assert len(found.tried) == 2
        check(found, packs, joint(1), SETTINGS)
    assert found.tried["outcome"].iloc[1] == "costs more a year than it protects"


def test_an_inner_line_is_weighed_by_time_against_money():
    packs = inner(1e6)
    found = schedule(packs, joint(1), SETTINGS)
    # inner 2 + 2 months and 2 to cover: 6; outer 34 months of work in all, and 2 to cover: 36
    assert found.loss_usd == pytest.approx(9e6 * 6 / 12 + 3e6 * 38 / 12 + 1e6)
    assert found.table.set_index("sector")["temporary"].to_dict() == {0: False, 1: False, 9: True}


def test_nothing_to_build():
    found = schedule(Packages(table({}).iloc[:0], ()), joint(1), SETTINGS)
    assert found.status == "nothing to build"
    assert found.all_covered is None


def test_land_of_no_value_and_no_land():
    packs = packages({"value_usd_yr": 0.0}, {"value_usd_yr": 0.0})
    found = schedule(packs, joint(1), SETTINGS)
    assert (found.loss_usd, found.gap, found.status) == (0.0, 0.0, "optimal")
    bare = schedule(Packages(packs.table, ()), joint(1), SETTINGS)
    assert bare.first_covered is None
    assert bare.all_covered is not None


def refusal(packs: Packages, resources: Resources, settings=SETTINGS) -> str:
    with pytest.raises(InfeasibleError) as error:
        schedule(packs, resources, settings)
    return str(error.value)


def test_refused_without_companies_on_the_ground():
    text = refusal(packages({}, {"state": "BBB"}), Resources((Pool("a", 3, states=("AAA",)),)))
    assert "sectors 1 (BBB): 50 company-days" in text.replace("]", "").replace("[", "")
    assert "short by one company: USD 2,000,000 a year" in text


def test_refused_without_engineers_in_the_dry_season():
    packs = packages({"floods": True, "rains": (6, 7, 8)})
    text = refusal(packs, Resources((Pool("a", 3, months=(6, 7)),)))
    assert "companies are there in [6, 7]" in text
    assert "short by 50 company-days of the dry season: keep one company in month 1" in text


def test_refused_with_less_money_than_the_smallest_package():
    text = refusal(packages({}), joint(1, purses=(Purse("pot", 400_000.0),)))
    assert "short by USD 100,000 a year: give 500,000" in text


def test_refused_without_a_material():
    packs = packages({"t_steel": 10.0})
    text = refusal(packs, joint(1, materials_t_month={"steel": 0.0}))
    assert "none a month of steel" in text


def test_refused_where_time_is_short_with_the_cheapest_relaxation_first():
    packs = packages(*[{"company_days": 100.0}] * 4)
    settings = SETTINGS.model_copy(update={"horizon_years": 1})
    text = refusal(packs, joint(1), settings)
    assert "needs 16 company-months, there is 12. Mend: short by 4 company-months" in text
    assert (
        "the cheapest relaxation: 1 more companies (USD 2,000,000 in all); or 1 more years" in text
    )
    schedule(packs, joint(2), settings)  # and it does mend it


def test_faults_are_collected():
    frame = table({"after": (7,)}, {"after": (2,)}, {"after": (1,), "floods": True, "rains": ()})
    frame.loc[0, "company_days"] = -1.0
    with pytest.raises(InputError) as error:
        schedule(Packages(frame, (Piece("a", 1.0, (0,)),)), joint(1), SETTINGS)
    assert "company_days, sector 0" in str(error.value)
    assert "rains, sector 2" in str(error.value)
    good = table({"after": (7,)}, {"after": (2,)}, {"after": (1,)})
    with pytest.raises(InputError) as error:
        schedule(Packages(good, (Piece("a", 1.0, (0, 5)),)), joint(1), SETTINGS)
    for part in ("unknown sectors [5]", "unknown sectors [7]", "a circle among sectors [1, 2]"):
        assert part in str(error.value)
    with pytest.raises(InputError, match="paid for by two"):
        schedule(packages({}), joint(1, purses=(Purse("a", 1.0), Purse("b", 1.0))), SETTINGS)
    with pytest.raises(InputError, match="no column"):
        pieces_of(good.drop(columns="value_usd_yr"))


def test_the_bound_is_smiths_rule_with_one_resource():
    # one company, no seasons: 12 M for 2 months, 20 M for 4, 3 M for 1, two months until covered
    packs = packages(
        {},
        {"company_days": 100.0, "value_usd_yr": 20e6},
        {"company_days": 25.0, "value_usd_yr": 3e6},
    )
    problem = made(packs.table, packs.pieces, joint(1), SETTINGS)
    assert bound(problem) == pytest.approx(1e6 * (4 + (20 * 8 + 3 * 9) / 12), rel=1e-6)
