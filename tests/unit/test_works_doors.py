"""What gets in at no door: mines by other names, barred fittings, settings that leave nothing."""

from __future__ import annotations

import math
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as tried
from hypothesis import strategies as st

from vallum.brief import explained_record, explained_words
from vallum.errors import BarredError, InfeasibleError, InputError
from vallum.works import WorksSettings, bill_of, explain, load_catalogue, plain_ground, price
from vallum.works.compose import check, lawful
from vallum.works.entries import item_faults
from vallum.works.ground import Ground, GroundClass
from vallum.works.sight import flat_cover
from vallum.works.table import status

STATES = ["MLI", "MRT", "MAR"]
CATALOGUE = load_catalogue()
ITEMS = CATALOGUE.items
FEW = WorksSettings(
    include=("fence", "ditch", "tower_radar", "track", "fort_company"), where_short="use"
)


def refused(key, text):
    entry = {"role": "barrier", "text": text}
    faults = item_faults("file", f"item.{key}", entry, ("foot",), ())
    return [fault for fault in faults if "mine or explosive" in fault.found]


@pytest.mark.parametrize("text", [
    "mined belt", "anti-personnel belt", "antipersonnel and anti-tank belt", "landmined strip",
    "bande minée", "terrain miné", "champ miné antipersonnel", "MINEBELT", "PMN-2 belt",
    "UXO belt", "pressure plates with charges", "tripwire shotgun", "mine field", "Mine\u2010belt",
    "mi\u00adned strip", "zone piégée", "anti-vehicle belt", "ceinture anti-char", "TM-62 rows",
    "unexploded ordnance left in place", "trip-wire charges", "AP-mine rows", "OZM72 rows",
])  # fmt: skip
def test_mines_by_other_words_are_refused(text):
    (fault,) = refused("belt", text)
    assert "other words" in fault.mend


@pytest.mark.parametrize("key", ["minebelt", "ap_mined", "belt_of_mines", "landmine", "pmn2"])
def test_mines_by_their_id_are_refused(key):
    assert refused(key, "a belt")


@pytest.mark.parametrize("text", [
    "wall whose height we determine", "undermined bank", "examined fence", "mineral earth bank",
    "anti-tank ditch", "anti-vehicle bollards", "fossé antichar", "solar charger mast",
    "wall of the old famine road", "wire that trips nobody", "plates of steel under pressure",
])  # fmt: skip
def test_innocent_words_pass(text):
    assert not refused("wall", text)


def test_the_built_in_words_pass():
    assert not [key for key, i in ITEMS.items() if i.role != "mine" and refused(key, i.text)]


def arming(**changes):
    """A catalogue made in Python, which no door of files has seen."""
    items = {key: replace(item, **changes.get(key, {})) for key, item in ITEMS.items()}
    return replace(CATALOGUE, items=MappingProxyType(items))


@tried(max_examples=30, deadline=None)
@given(
    weapon=st.sampled_from(["booby_trap", "anti_personnel", "something new"]),
    key=st.sampled_from(["fitting", "role", "wadi"]),
    states=st.lists(st.sampled_from(["MLI", "MRT", "MAR", "USA"]), unique=True),
)
def test_what_brings_a_barred_fitting_is_no_more_lawful_than_it(weapon, key, states):
    if key == "wadi":
        made = arming(ditch={"wadi": "mine_ap"})
        gone = {"ditch"}
    else:
        change = {"weapon": weapon} if key == "fitting" else {"role": "mine"}
        made = arming(culvert=change)
        gone = {"culvert", *(i.id for i in ITEMS.values() if i.wadi == "culvert")}
    kept = {item.id for item in lawful(made, states)}
    assert not kept & gone
    assert kept == {item.id for item in lawful(CATALOGUE, states)} - gone
    brings = next(iter(gone - {"culvert"}))
    with pytest.raises(BarredError):
        check(WorksSettings(include=(brings,)), made, states)


def gullied():
    land = GroundClass("soil", wadis_per_km=2.0)
    return Ground((land,), np.zeros((1, 1), np.int32), flat_cover())


@pytest.mark.parametrize("change", [{"ditch": {"wadi": "mine_ap"}}, {"culvert": {"role": "mine"}}])
def test_no_bill_has_a_barred_fitting(change):
    asked = asking(standard=0.3)
    made = arming(**change)
    open_ = WorksSettings(standard=0.3, exclude=("aerostat",))
    works = price(gullied(), settings=open_, states=STATES, catalogue=made)
    km = np.ones(1)
    bill = bill_of(works, open_, length_km=km, built_km=km)
    assert not any(made.items[key].role == "mine" for key in bill.items.index)
    why = explain(works, 0, 0, open_, states=STATES).others.set_index("item")["why"]
    assert why["ditch"].startswith("its fitting is barred")
    # works that were priced with what is lawful, and a catalogue that was changed under them
    works = price(gullied(), settings=asked, states=STATES)
    with_ditch = replace(works.choices[0], barriers=("ditch",))
    armed = replace(works, catalogue=made, choices=(with_ditch, *works.choices[1:]))
    with pytest.raises(BarredError, match="barred by"):
        bill_of(armed, asked, length_km=km, built_km=km)


def asking(**changes):
    return FEW.model_copy(update=changes)


def test_a_fitting_is_not_left_out_by_itself():
    with pytest.raises(InputError) as caught:
        check(WorksSettings(exclude=("culvert",)), CATALOGUE, STATES)
    (fault,) = caught.value.faults
    assert "comes with the items that need it" in fault.found
    for item in ITEMS.values():
        assert (item.id in fault.mend.replace(",", "").split()) == (item.wadi == "culvert")


def test_a_catalogue_without_mines_bars_nothing():
    items = {key: item for key, item in ITEMS.items() if item.role != "mine"}
    peaceful = replace(CATALOGUE, items=MappingProxyType(items))
    with_mines = price(plain_ground([[3]]), settings=FEW, states=STATES)
    works = price(plain_ground([[3]]), settings=FEW, states=STATES, catalogue=peaceful)
    for name in ("barred", "equivalents"):
        empty, full = getattr(works, name), getattr(with_mines, name)
        assert empty.empty
        assert [*empty.columns] == [*full.columns]
    found = explain(works, 0, 0, FEW, states=STATES)
    assert "never placed" not in explained_words(found)


def test_settings_that_leave_no_place_for_an_item_are_said_to():
    open_ = WorksSettings(
        max_barriers=0, sensor_spacings_km=(), exclude=("aerostat",), where_short="use"
    )
    works = price(plain_ground([[3]]), settings=open_, states=STATES)
    why = explain(works, 0, 0, open_, states=STATES).others.set_index("item")
    assert why.loc["fence", "why"] == "the settings leave no place for it"
    assert why.loc["fence", "composition"] == ""
    assert math.isnan(why.loc["fence", "p_e"])


def cliffs():
    """A cliff on which nothing stands beside level soil, then water."""
    land = (GroundClass("soil", slope=3.0), GroundClass("soil"))
    return Ground(land, np.array([[0, 1, -1]], np.int32), flat_cover())


def test_ground_too_steep_for_a_post_is_not_called_water():
    works = price(cliffs(), settings=FEW, states=STATES)
    assert works.barren.tolist() == [[True, False, False]]
    assert works.composition[0, 0] == works.composition[0, 2] == -1
    cliff, level, water = (explain(works, 0, col, FEW, states=STATES) for col in range(3))
    assert (cliff.bank, cliff.barren) == (False, True)
    assert (water.bank, water.barren) == (True, False)
    assert (level.bank, level.barren) == (False, False)
    assert "No post can stand on ground this steep" in explained_words(cliff)
    assert "open water" not in explained_words(cliff)
    assert "open water" in explained_words(water)
    assert explained_record(cliff)["barren"]


@pytest.mark.parametrize("short", ["avoid", "use"])
def test_land_of_nothing_but_cliffs_is_refused(short):
    asked = asking(where_short=short, standard=0.1)
    with pytest.raises(InfeasibleError, match="no fort can stand on any of it"):
        price(cliffs(), settings=asked, states=STATES, where=np.array([[True, False, False]]))
    some = price(cliffs(), settings=asked, states=STATES, where=np.array([[True, True, False]]))
    assert some.buildable.tolist()[0][:2] == [False, True]
    price(cliffs(), settings=asked, states=STATES, where=np.array([[False, False, True]]))


@pytest.mark.parametrize(
    ("barren", "said"),
    [(1, "50 %"), (9999, "over 99 %"), (3, "75 %"), (0, "ok")],
)
def test_shares_are_said_in_per_cent(barren, said):
    made = price(plain_ground([[3]]), settings=FEW, states=STATES).compositions
    met = made.assign(standard_met=True, cells=1)
    assert said in status(met, FEW, barren)
    none = made.assign(standard_met=False, cells=1)
    assert "on 100 % of the land, on parts of: soil" in status(none, FEW)
    few = made.assign(standard_met=True, cells=4999)
    assert "on under 0.1 % of the land" in status(few, FEW, 1)


def test_how_much_less_lawful_works_delay_is_said_in_seconds():
    works = price(plain_ground([[4]]), settings=FEW, states=STATES)
    found = explain(works, 0, 0, FEW, states=STATES)
    one = found.barred.iloc[:1]
    less = explained_words(replace(found, barred=one.assign(short_s=90.0)))
    assert "would delay up to 90 seconds less, for" in less
    none = explained_words(replace(found, barred=one.assign(short_s=0.0)))
    assert "would delay as long, for" in none
