"""Civilian crossings beside what was counted, by others and not used in the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vallum.kernel.paths import passage
from vallum.threat.civilians.crossings import civilians
from vallum.threat.civilians.settings import CiviliansSettings
from vallum.worth import WorthSettings, value

if TYPE_CHECKING:
    import pytest

    from vallum.theatre import Theatre

# vehicles a day at Diboli-Kidira, both ways (JICA 2012, read in
# http://borderlesswa.com/resources/bamako-%C2%AD%E2%80%90dakar-corridor-road-governance-report);
# the model has the same corridor's lorries and tonnes of 2020 as its low end, not this count
KIDIRA_A_DAY = 440


def test_trade_between_mali_and_senegal_beside_the_count_at_kidira(
    sahel: Theatre, capsys: pytest.CaptureFixture[str]
) -> None:
    worth = value(sahel, WorthSettings())
    found = civilians(sahel, worth, CiviliansSettings(), passage=passage)
    table = found.crossings_of_borders
    both = table["from"].isin(["MLI", "SEN"]) & table["to"].isin(["MLI", "SEN"])
    own = table[both & (table["kind"] == "traders")][["low", "mid", "high"]].sum()
    counted = KIDIRA_A_DAY * 365
    with capsys.disabled():
        print(
            f"\nMali-Senegal, vehicles of trade a year: {own['mid']:,.0f} "
            f"({own['low']:,.0f} to {own['high']:,.0f}); counted at one post {counted:,}"
        )
    # one post of several can't see more than crosses at the most
    assert counted <= own["high"]
