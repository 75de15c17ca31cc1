"""The forecast on the shared UCDP data: its page's table, and a second program for its scores."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

from vallum.theatre import build_theatre, load
from vallum.threat import ThreatSettings
from vallum.threat.intensity.density import of_theatre
from vallum.threat.intensity.forecast import BASELINES, Forecast, forecast, verdict

if TYPE_CHECKING:
    from pathlib import Path

    from vallum.theatre import Theatre

pytestmark = [pytest.mark.shared, pytest.mark.slow]
SETTINGS = ThreatSettings()


@pytest.fixture(scope="module")
def built(root: Path, shared: Path, tmp_path_factory) -> Theatre:
    assert shared
    config = root / "tests" / "theatres" / "shared_10km.toml"
    return load(str(build_theatre(config, tmp_path_factory.mktemp("forecast") / "10km")))


@pytest.fixture(scope="module")
def found(built) -> Forecast:
    made = forecast(built, SETTINGS)
    print(f"\n{verdict(made)}\n{made.means.to_string()}\n{made.against.to_string()}")
    return made


def test_the_pages_table_is_what_is_measured(root, found):
    page = (root / "docs" / "method" / "threat-intensity.md").read_text("utf-8")
    means = found.means.set_index("model")
    for model in ("default", *BASELINES):
        said = re.search(rf"^\| {model} \| ([\d.]+) \| ([\d.]+) \|", page, re.MULTILINE)
        assert said is not None
        assert means["log_score"][model] == pytest.approx(float(said[1]), rel=0.01)
        assert means["crps"][model] == pytest.approx(float(said[2]), rel=0.01)
    assert f"{len(found.splits)} splits from 1994 to 2020" in page
    assert ("beats all three by both scores" in page) == found.beats_all
    assert found.splits[0].startswith("1994")


def test_same_as_last_year_is_scored_alike_by_a_program_of_its_own(built, found):
    """Counts from single events, scipy's law, and a simplex search in place of our gradient."""
    events = built.events
    names = built.regions[["iso3", "name"]].drop_duplicates()
    names = names[names["iso3"].isin(found.states)]
    index = pd.MultiIndex.from_frame(names)
    old = events[events["year"] <= 2020]
    counts = pd.crosstab([old["iso3"], old["region"]], old["year"].astype(int))
    table = (
        counts.rename_axis(index=["iso3", "name"]).reindex(index).reindex(columns=range(1989, 2021))
    )
    table = table.fillna(0.0)
    before = np.concatenate([table[y - 1].to_numpy() for y in range(1992, 2020)])
    after = np.concatenate([table[y].to_numpy() for y in range(1992, 2020)])
    middle = np.array([np.log(0.25), np.log(1 / 12), 0.5])

    def logs(x: np.ndarray, last: np.ndarray, seen: np.ndarray) -> np.ndarray:
        mean = last + np.exp(x[0])
        size = np.exp(x[1]) * mean ** x[2]
        return stats.nbinom.logpmf(seen, size, size / (size + mean))

    best = optimize.minimize(
        lambda x: -logs(x, before, after).sum() + 0.5 * ((x - middle) ** 2).sum(),
        middle,
        method="Nelder-Mead",
        options={"xatol": 1e-5, "fatol": 1e-7},
    )
    score = -logs(best.x, table[2019].to_numpy(), table[2020].to_numpy()).mean()
    rows = found.table.set_index(["split", "model"])
    ours = rows.loc[("2020-01-01", "same_as_last_year")]
    assert ours["n"] == len(index)
    assert ours["log_score"] == pytest.approx(score, rel=1e-4)


def test_the_kernel_foretells_places_better_than_people_do(built):
    settings = SETTINGS.intensity
    density = of_theatre(built, settings, interval=0.9)
    assert density is not None
    land = built.ground["state"].to_numpy() >= 0
    best = density.scores["log_likelihood"].max()
    rows = built.events["row"].to_numpy(), built.events["col"].to_numpy()
    people = np.where(land, built.ground["people"].to_numpy(), 0.0) + 1.0
    by_people = np.log(people[rows] / people.sum() / built.grid.cell_km2).mean()
    print(f"\nnats per event: kernel {best:.2f}, people {by_people:.2f}; {density.bandwidth_km} km")
    assert best > by_people
    assert (density.per_km2_yr * built.grid.cell_km2).sum() == pytest.approx(
        (density.events + 1) / density.years, rel=1e-3
    )
