"""What always holds of a programme of building."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given, settings, strategies
from tests.oracles.test_programme_oracles import TINY, tiny

from vallum.errors import InfeasibleError
from vallum.forces.programme import schedule


@given(tiny(), strategies.integers(1, 2))
@settings(max_examples=15, deadline=None, derandomize=True)
def test_more_companies_never_lose_more(case, more):
    packages, resources = case
    try:
        found = schedule(packages, resources, TINY)
    except InfeasibleError:
        assume(False)
    pool = resources.pools[0]
    larger = replace(resources, pools=(replace(pool, companies=pool.companies + more),))
    helped = schedule(packages, larger, TINY)
    assert found.status == helped.status == "optimal"
    assert helped.loss_usd <= found.loss_usd + 1e-6
    assert helped.bound <= found.bound + 1e-6
