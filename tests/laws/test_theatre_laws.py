"""What must hold of the ground at every cell size."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vallum.theatre import Theatre, load
from vallum.theatre.states import EDGE_CELLS
from vallum.theatre.store import TABLES, folder

COPIES = (  # hosts that show copies of other people's pages: never a source
    "appwritefunc.yet-another-testing-domain.com", "askwikinow.com", "azureedge.net", "dweb.link",
    "eth.limo", "eudic.net", "everything.explained.today", "fanyv88.com", "franco.wiki",
    "frwiki.wiki", "googleweblight.com", "hmong.in.th", "hyperlinked.wiki", "iiab.me", "ipfs.io",
    "k8s.renker.it", "kampuspedia.com", "kiwix", "memim.com", "other.wiki", "perceptiode.com",
    "profilpelajar.com", "rsistest.ramsar.org", "sagapedia.com", "svsu.edu",
    "the-uncensored-wiki.com", "vvikipidea.org", "wiki.li", "wiki.tr.io.vn", "wikial.top",
    "wikibrief.org", "wikiclassic.com", "wikiland.org", "wikimili.com", "wikisum.wiki",
    "wikizero.com", "wonilvalve.com",
)  # fmt: skip


def holds(theatre: Theatre) -> None:
    """Check every law on one theatre."""
    ground = theatre.ground
    state = ground["state"].to_numpy()
    land = state >= 0
    assert set(np.unique(state)) <= set(range(-1, len(theatre.countries)))

    member = theatre.member_mask
    rim = np.ones_like(member)
    rim[EDGE_CELLS:-EDGE_CELLS, EDGE_CELLS:-EDGE_CELLS] = False
    assert not (member & rim).any()

    people, urban = ground["people"].to_numpy(), ground["urban_people"].to_numpy()
    assert (urban >= 0).all()
    assert (people >= urban * (1 - 1e-12)).all()
    assert people[~land].sum() == 0
    for iso3, row in theatre.countries.iterrows():
        total = people[theatre.state_mask(str(iso3))].sum()
        assert total == pytest.approx(row["people_on_grid"], rel=1e-9)
        if row["rural_on_grid"] == 1:
            assert total == pytest.approx(row["people"], rel=1e-9)

    region = ground["region"].to_numpy()
    owner = theatre.regions["iso3"].to_numpy()[np.where(region < 0, 0, region)]
    names = theatre.countries.index.to_numpy()[np.where(land, state, 0)]
    assert (owner == names)[region >= 0].all()
    assert (region[member] >= 0).all()
    assert (region[~land] < 0).all()

    for name in ("elevation_m", "relief_m", "slope"):
        assert np.isfinite(ground[name].to_numpy()).all(), name
    assert (ground["relief_m"].to_numpy() >= 0).all()
    assert ((ground["surface"].to_numpy() == 0) == ~land).all()
    assert ((ground["climate"].to_numpy() == 0) == ~land).all()
    for name in ("road", "rail", "river", "coast", "disputed"):
        assert not ground[name].to_numpy()[~land].any(), name
    assert not (ground["disputed"].to_numpy() & member).any()


@pytest.mark.parametrize("cell_km", [2, 10, 50])
def test_at_the_usual_sizes(cell_km: float) -> None:
    holds(load("sahel", cell_km=cell_km))


@settings(max_examples=4, deadline=None, derandomize=True)
@given(cell_km=st.floats(4, 50))
def test_at_any_size(cell_km: float) -> None:
    holds(load("sahel", cell_km=cell_km))


def test_the_same_every_time() -> None:
    one, two = (load("sahel", cell_km=20) for _ in range(2))
    assert one.fingerprint == two.fingerprint
    assert one.ground.identical(two.ground)
    assert one.fingerprint != load("sahel", cell_km=25).fingerprint


def test_areas_of_the_members_at_every_size() -> None:
    areas = [load("sahel", cell_km=size).member_mask.sum() * size**2 for size in (5, 10, 25)]
    assert areas == pytest.approx([2_289_000] * 3, rel=0.004)


def addresses() -> list[tuple[str, str]]:
    """List every address in the tables, with its place."""
    found = []
    for name in TABLES:
        table = pd.read_csv(folder("sahel") / f"{name}.csv", keep_default_na=False, dtype=str)
        for column in table:
            for row, text in table[column].drop_duplicates().items():
                place = f"{name}.csv, column {column}, row {int(str(row)) + 2}"
                found += [(place, url) for url in re.findall(r"\w+://[^\s,;\"]*", str(text))]
    return found


def test_every_address_is_one_of_the_web_and_of_the_page_itself() -> None:
    found = addresses()
    assert len(found) > 300
    for place, address in found:
        parts = urlsplit(address)
        assert parts.scheme in ("http", "https"), f"{place}: {address}"
        assert parts.hostname, f"{place}: {address}"
        assert "." in parts.hostname, f"{place}: {address}"
        assert not re.fullmatch(r"[\d.]+", parts.hostname), f"{place}: {address}"
        assert not any(copy in parts.hostname for copy in COPIES), f"{place}: {address}"
