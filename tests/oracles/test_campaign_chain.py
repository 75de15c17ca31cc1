"""The play against the exact chain, and the chain against every band followed by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from tests.campaign_world import DULL, line, mixture, nothing, world

from vallum.campaign import chain, play

WORLDS = range(700, 720)
YEARS = (2, 8)
DRAWS = 30
LEVEL = 1e-3


def test_what_is_played_is_what_is_expected():
    # nothing is learnt and no strength lost: each count of what bands end as is a Poisson number
    square, parts = 0.0, 0
    for seed in WORLDS:
        made = world(seed, attacks=200.0)
        for means in (nothing(made), line(made, seed), mixture(made, seed, 1)):
            exact = chain.expected_over(made, means, DULL, years=YEARS)
            counts = [np.zeros_like(each) for each in ends(exact)]
            for number in range(DRAWS):
                found = play.play(made, means, DULL, years=YEARS, seed=seed, number=number)
                for part, each in enumerate(ends(found)):
                    counts[part] += each * np.array(YEARS)[:, None]
            for count, mean in zip(counts, ends(exact), strict=True):
                due = mean * np.array(YEARS)[:, None] * DRAWS
                assert not count[due < 1e-9].any()
                kept = due > 30  # enough for a normal law
                square += float(((count - due)[kept] ** 2 / due[kept]).sum())
                parts += int(kept.sum())
    assert parts > 1000
    tail = stats.chi2(parts)
    assert tail.sf(square) > LEVEL / 2
    assert tail.cdf(square) > LEVEL / 2  # nor is it too good to be true


def ends(made):
    """Give what bands end as; each band ends once, so these are independent."""
    return made.arrived, made.resident, made.forts_attacked, made.ended[:, None]


def test_entries_are_tried_as_often_as_expected():
    worst = []
    for seed in WORLDS:
        made = world(seed, attacks=400.0)
        means = mixture(made, seed)
        exact = chain.expected_over(made, means, DULL, years=(5,))
        found = [
            play.play(made, means, DULL, years=(5,), seed=seed, number=number)
            for number in range(40)
        ]
        for name in ("tried", "stopped", "through", "waited"):
            seen = np.array([getattr(each, name)[0] for each in found])
            gap = seen.mean(axis=0) - getattr(exact, name)[0]
            error = seen.std(axis=0, ddof=1) / np.sqrt(len(found))
            worst.append(np.max(np.abs(gap) / np.maximum(error, 1e-9)))
    # Student's t of 39 degrees, 20 worlds of 16 counts: one test of all by Bonferroni's rule
    assert max(worst) < stats.t(39).isf(LEVEL / (2 * 20 * 16))


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_the_chain_agrees_with_every_path_written_out(seed):
    made = world(seed, bases=1, targets=3, entries=3)
    means = mixture(made, seed)
    chosen = replace(DULL, risk=1.7, again=0.6)
    exact = chain.expected(made, means, chosen, phase=0)
    arrived, forts, set_out = by_paths(made, means, chosen)
    np.testing.assert_allclose(exact.arrived[0], arrived, rtol=1e-9)
    np.testing.assert_allclose(exact.forts_attacked[0], forts, rtol=1e-9)
    assert exact.set_out[0] == pytest.approx(set_out, rel=1e-9)


def by_paths(made, means, chosen):
    """Follow the bands of one base by the formulas as written."""
    reach, span, theta = chosen.reach, chosen.range_h, made.theta
    journeys = reach * made.targets["attacks_yr"].to_numpy()
    length = made.entries["length_km"].to_numpy()
    omega = length / length.sum()
    held = (made.targets["side"] == "held").to_numpy()
    covered = means.covered_phase <= 0
    risk = np.where(covered, chosen.hearsay, 0.0)

    def cost(target, believed):
        if np.isfinite(made.direct[0, target]):
            return made.direct[0, target], None
        time = made.out[0] + made.into[:, target] - chosen.risk * span * np.log(1 - believed)
        parts = omega * np.exp(-theta * time)
        return -np.log(parts.sum()) / theta, parts / parts.sum()

    before = np.array([cost(t, 0 * risk)[0] for t in range(3)])
    mass = journeys * np.exp(before / span)  # one base: B_t M_t up to a factor
    stay = chosen.still / (1 - chosen.still) * (mass * np.exp(-before / span)).sum()
    now = [cost(t, risk) for t in range(3)]
    go = np.array([mass[t] * np.exp(-now[t][0] / span) for t in range(3)])
    fort = chosen.fort_pull * mass[held].sum() * np.exp(-made.out[0] / span)
    fort = np.where(covered, fort * means.forts / means.forts.sum(), 0.0)
    gate = (made.entries["kind"] == "gate").to_numpy()
    stop = means.stop_entry * np.where(gate, 1 - chosen.bought, chosen.effect) * covered
    new = journeys.sum() * (1 - chosen.persist * chosen.still) / (1 - chosen.still)
    new *= means.origin_factor[0]
    all_ = go.sum() + fort.sum()
    ready, waiting = 0.0, new
    for _ in range(200):  # quarters of persistence
        ready += waiting
        waiting *= chosen.persist * stay / (stay + all_)
    set_out = bands = ready * all_ / (stay + all_)
    arrived, forts = np.zeros(3), np.zeros(3)
    for _ in range(4):
        back = 0.0
        forts += bands * fort / all_
        for target in range(3):
            through = 1.0 - means.stop_target[target]
            if now[target][1] is not None:
                past = (1 - stop) * (1 - means.stop_way[:, target])
                through *= (now[target][1] * past).sum()
            arrived[target] += bands * go[target] / all_ * through
            back += bands * go[target] / all_ * (1 - through)
        bands = back * chosen.again
    return arrived, forts, set_out
