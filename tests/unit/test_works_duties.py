"""What is barred whatever its role, what binds each state, and what is owed to people."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from vallum.errors import BarredError, InputError
from vallum.works import load_catalogue
from vallum.works.duties import KINDS, bound_duties, duty_table, refuse_closing
from vallum.works.law import WEAPONS, barred, bound, legal_status, load_law, refuse

ITEMS = load_catalogue().items
# the states of the built-in theatre
SAHEL = {"MRT", "MLI", "MAR", "DZA", "SEN", "GMB", "GNB", "GIN", "SLE", "LBR", "CIV", "BFA", "NER",
         "GHA", "TGO", "BEN", "SAH"}  # fmt: skip


@pytest.mark.parametrize("weapon", [*WEAPONS, "acid"])
@pytest.mark.parametrize("role", ["barrier", "sensor", "fort", "gate", "fitting", "mine"])
def test_whatever_its_role_an_item_that_carries_a_weapon_is_barred(weapon, role):
    item = replace(ITEMS["sand_wall"], role=role, weapon=weapon)
    rule = barred(item, ["MAR"])
    assert rule is not None
    assert rule.id == ("vallum_no_mines" if weapon.startswith("anti_") else "vallum_no_traps")
    with pytest.raises(BarredError, match=rule.id):
        refuse([item], ["MAR"], where="include")


def test_cluster_munitions_are_barred_by_treaty_where_one_state_is_party():
    item = replace(ITEMS["sand_wall"], weapon="cluster_munition")
    rule = barred(item, ["MAR", "MRT"])
    assert rule is not None
    assert rule.id == "ccm_1"
    assert bound(["MAR", "MRT", "MLI", "LBR"], treaty="cluster_ban") == ("MRT", "MLI")
    with pytest.raises(BarredError, match="party: MRT"):
        refuse([item], ["MAR", "MRT"], where="include")


def test_dates_of_the_convention_on_cluster_munitions():
    """Those that a source gives, against article 17 (2): the sixth month after ratification's."""
    status = load_law().status
    assert status["MRT"].cluster_ban == date(2012, 8, 1)  # ratified in February
    assert status["TGO"].cluster_ban == date(2012, 12, 1)  # in June
    assert status["MLI"].cluster_ban == date(2010, 12, 1)  # in June, after it was in force
    assert status["MAR"].cluster_ban is status["DZA"].cluster_ban is None
    assert all(state.cluster_source for state in status.values())
    in_force = date(2010, 8, 1)
    assert all(s.cluster_ban >= in_force for s in status.values() if s.cluster_ban)


def test_the_standing_of_every_item_in_every_state():
    items = [ITEMS["sand_wall"], ITEMS["mine_ap"], ITEMS["mine_av"], ITEMS["fort_company"]]
    table = legal_status(items, ["MLI", "MAR", "XXX"])
    assert list(table["status"].unstack()["MLI"]) == [
        "lawful" if n == "fort_company" else "barred" if "mine" in n else "lawful with duties"
        for n in table["status"].unstack().index
    ]
    assert table.loc[("mine_ap", "MLI"), "by_treaty"] == "barred"
    assert table.loc[("mine_ap", "MAR"), "rule"] == "vallum_no_mines"
    assert table.loc[("mine_ap", "MAR"), "by_treaty"] == "nothing read"
    assert table.loc[("mine_av", "MLI"), "by_treaty"] == "restricted"
    assert "Article 9" in table.loc[("mine_av", "MLI"), "instruments"]
    assert "Article 9" not in table.loc[("mine_av", "XXX"), "instruments"]
    assert "article 33" in table.loc[("sand_wall", "MAR"), "instruments"]
    with pytest.raises(InputError, match="alpha-3"):
        legal_status(items, ["Mali"])


def test_every_instrument_says_where_it_was_read_and_whom_it_serves():
    law = load_law()
    assert set(law.status) == SAHEL
    for duty in law.duties:
        assert duty.serves <= set(KINDS)
        assert duty.serves
        assert "http" in duty.source or duty.id.startswith("vallum_")
        assert duty.dated
        assert duty.only or set(duty.bound) == SAHEL
        for standing in duty.bound.values():
            assert standing.since is None or date(1951, 7, 28) < standing.since < date(2026, 1, 1)
            assert (
                standing.until is None
                or standing.since is None
                or (standing.until > standing.since)
            )
    assert law.rules[-1].applies == "always"


def test_who_is_bound_to_let_people_pass():
    duties = load_law().duties
    table = duty_table(duties, ["MRT", "MLI", "MAR", "XXX"])
    assert list(table.loc["rc_33"]) == ["1987-05-05", "1973-02-02", "1956-11-07", "not read"]
    assert list(table.loc["kampala_4"]) == ["2015-03-17", "2012-11-26", "no", "not read"]
    assert table.loc["oau_2", "MRT"] == "party"
    assert list(table.loc["mli_mrt_transhumance"]) == ["party", "party", "no", "no"]
    assert list(table.loc["vallum_gates_open"]) == ["all"] * 4


def test_mali_left_ecowas_and_its_duty_to_others_herders_with_it():
    duties = load_law().duties
    names = {day: {d.id for d in bound_duties(duties, ["MLI"], serves="herders", on=day)}
             for day in (date(2025, 1, 28), date(2025, 1, 29), None)}  # fmt: skip
    assert "ecowas_transhumance" in names[date(2025, 1, 28)]
    assert "ecowas_transhumance" not in names[date(2025, 1, 29)] | names[None]
    assert "mli_mrt_transhumance" in names[None]
    assert "ecowas_transhumance" in {d.id for d in bound_duties(duties, ["SEN"], serves="herders")}


def test_a_duty_binds_from_its_day_on():
    duties = {duty.id: duty for duty in load_law().duties}
    mauritania = duties["rc_33"].bound["MRT"]
    assert not mauritania.binds(date(1987, 5, 4))
    assert mauritania.binds(date(1987, 5, 5))
    assert not duties["kampala_4"].bound["MAR"].binds()


@pytest.mark.parametrize("states", [[], ["MAR"], ["MLI", "MRT", "MAR"]])
def test_gates_for_people_fleeing_are_never_closed(states):
    duties = load_law().duties
    with pytest.raises(BarredError, match="Policy of this project"):
        refuse_closing(("herders", "fleeing"), duties, states)
    refuse_closing(("herders", "road", "traders"), duties, states)
    with pytest.raises(InputError, match="did you mean 'herders'"):
        refuse_closing(("herder",), duties, states)
    with pytest.raises(InputError, match="sequence"):
        refuse_closing("road", duties, states)
    if "MLI" in states:
        with pytest.raises(BarredError, match="Kampala"):
            refuse_closing(("fleeing",), duties, states)


def test_the_table_of_the_page_is_the_programs(root):
    """Dates of conventions by state, as `docs/method/works-law.md` has them."""
    law = load_law()
    page = (root / "docs/method/works-law.md").read_text("utf-8")
    rows = {
        cells[0]: cells[1:]
        for cells in ([c.strip() for c in line.strip("|").split("|")] for line in page.split("\n"))
        if cells[0] in SAHEL and len(cells) == 10
    }
    columns = ["rc_33", "rp_1", "oau_2", "kampala_4", "iccpr_12", "ecowas_transhumance"]
    table = duty_table(law.duties, sorted(SAHEL)).T[columns]
    for state, status in law.status.items():
        bans = [str(status.mine_ban or "no"), str(status.cluster_ban or "no"), status.ccw_ap2]
        assert rows[state] == [*bans, *table.loc[state]]
