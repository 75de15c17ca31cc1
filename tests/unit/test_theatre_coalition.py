"""A theatre of some of its members."""

from __future__ import annotations

import json

import numpy as np
import pytest

import vallum
from vallum import brief
from vallum.errors import InputError
from vallum.theatre.coalition import only


def test_the_others_become_neighbours(sahel):
    alone = only(sahel, {"MLI"})
    assert alone.members == ("MLI",)
    assert alone.countries.loc["MRT", "role"] == "flank"
    assert np.array_equal(alone.member_mask, sahel.state_mask("MLI"))
    assert sahel.members == ("MRT", "MLI")  # what was given stays
    assert vallum.load_theatre("sahel", cell_km=25.0, coalition=["MLI"]).members == ("MLI",)


def test_all_members_are_the_theatre(sahel):
    assert only(sahel, sahel.members).countries.equals(sahel.countries)


def test_every_state_that_is_no_member_is_told(sahel):
    with pytest.raises(InputError) as caught:
        only(sahel, ["MLI", "MRO", "SEN"])
    assert [fault.place for fault in caught.value.faults] == ["MRO", "SEN"]
    assert "MRT" in caught.value.faults[0].mend
    with pytest.raises(InputError, match="nobody is named"):
        only(sahel, [])


def test_a_plan_of_one_member(shelf, tmp_path):
    plan = shelf.plan(
        vallum.load_settings(
            assignments=[
                "theatre.cell_km=40", "robust.draws=0", "campaign.draws=10", "line.refine=0",
                'theatre.coalition=["MLI"]', "dividend.draws=400", "dividend.sobol=32",
            ]
        )
    )  # fmt: skip
    assert plan.theatre.members == ("MLI",)
    land = plan.line.plans.entry >= 0
    assert not (land & plan.theatre.state_mask("MRT")).any()
    assert all(set().union(*game.value) <= {"MLI", "MAR"} for game in plan.accord.games)
    folder = brief.write(plan, tmp_path / "plan").parent
    told = json.loads((folder / "plan.json").read_text("utf-8"))
    assert told["settings"]["theatre"]["coalition"] == ["MLI"]
