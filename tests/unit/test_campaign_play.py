"""The campaign played: by hand, by counting, and whoever dies."""

from __future__ import annotations

import os
import signal
from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tests.campaign_world import DULL, PLAIN, line, mixture, nothing, world

from vallum.campaign import CampaignSettings, draws, gravity, play, runs, seeds
from vallum.campaign.model import Chosen, Played
from vallum.errors import CertificateError, InputError
from vallum.kernel.pool import Pool

TRIPLES = {
    "reach": (0.3, 0.6, 0.9), "range_h": (6.0, 12.0, 24.0), "effect": (0.5, 1.0, 1.4),
    "lost": (0.1, 0.2, 0.4), "deaths": (0.5, 1.0, 2.0), "lost_usd": (0.5, 1.0, 2.0),
    "displaced": (0.5, 1.0, 2.0),
}  # fmt: skip
SETTINGS = CampaignSettings(draws=50)


def as_bytes(made):
    return b"".join(getattr(made, field.name).tobytes() for field in fields(Played))


def all_bytes(made):
    return b"".join(as_bytes(each) for each in made.played)


def run(made, *, settings=SETTINGS, pool=None, **more):
    means = [nothing(made), line(made), mixture(made)]
    pool = Pool() if pool is None else pool
    return runs.run(made, means, settings, TRIPLES, years=(1, 2), seed=3, pool=pool, **more)


def test_poisson_numbers_are_those_of_scipy_up_to_large_rates():
    chances = np.random.default_rng(5).random(400)
    for rate in (1e-3, 0.2, 1.0, 7.5, 60.0, 599.0, 601.0, 1000.0, 20_000.0):
        ours = [seeds.poisson(rate, chance) for chance in chances]
        np.testing.assert_array_equal(ours, stats.poisson(rate).ppf(chances))
    assert seeds.poisson(0.0, 0.999) == 0


def test_uniform_numbers_are_even_in_every_part_of_their_address():
    for vary in range(4):
        address = [4, 5, 6, 7]
        seen = []
        for value in range(4000):
            address[vary] = value
            seen.append(seeds.uniform(seeds.key(*address[:3]), address[3]))
        assert stats.kstest(seen, "uniform").pvalue > 1e-3
        assert abs(np.corrcoef(seen[1:], seen[:-1])[0, 1]) < 0.06
        assert min(seen) >= 0.0
        assert max(seen) < 1.0


def test_the_hash_is_that_of_splitmix64():
    # the first two numbers of splitmix64 from state 1234567, as its author gives them
    state = np.uint64(1234567)
    assert [int(np.uint64(seeds.mixed(state, n))) for n in range(2)] == [
        6457827717110365317, 3203168211198807973,
    ]  # fmt: skip


def test_two_bases_and_two_targets_are_fitted_by_hand():
    # exp(-C/D) is 1 on one diagonal and 1/2 on the other; all sums are 3: 2 and 1
    cost = np.array([[0.0, np.log(2.0)], [np.log(2.0), 0.0]])
    made = gravity.fit(cost, np.array([3.0, 3.0]), np.array([0.5, 0.5]), 1.0)
    np.testing.assert_allclose(made.journeys, [[2, 1], [1, 2]], rtol=1e-9)
    assert made.moved == made.cut_off == 0.0


def test_targets_that_no_base_reaches_are_struck_from_within():
    made = world(3)
    made.direct[:, -1] = np.inf
    made.into[:, -1] = np.inf
    found = gravity.before(made, PLAIN)
    attacks = made.targets["attacks_yr"].to_numpy()
    assert found.cut_off == pytest.approx(PLAIN.reach * attacks[-1])
    assert found.resident[-1] == attacks[-1]
    np.testing.assert_allclose(found.journeys.sum(axis=0) + found.resident, attacks, rtol=1e-9)


def test_a_base_with_too_few_targets_sends_what_it_can_and_it_is_said():
    cost = np.array([[1.0, np.inf], [1.0, 1.0]])
    made = gravity.fit(cost, np.array([1.0, 3.0]), np.array([0.9, 0.1]), 1.0)
    np.testing.assert_allclose(made.journeys.sum(axis=0), [1.0, 3.0])
    assert made.journeys[0, 0] == pytest.approx(1.0, abs=1e-3)
    assert made.moved == pytest.approx(0.65, abs=1e-3)
    apart = np.array([[1.0, np.inf], [np.inf, 1.0]])  # two islands
    made = gravity.fit(apart, np.array([1.0, 3.0]), np.array([0.5, 0.5]), 1.0)
    np.testing.assert_allclose(made.journeys, [[1, 0], [0, 3]])
    assert made.moved == pytest.approx(0.25)


def test_a_fit_that_is_off_is_refused(monkeypatch):
    monkeypatch.setattr(gravity, "_SWEEPS", 1)
    with pytest.raises(CertificateError, match="do not add up"):
        gravity.before(world(1), PLAIN)


def test_bases_on_held_land_and_no_bases_at_all_send_nothing():
    made = world(2)
    made.bases["inside"] = [True, False, False, False]
    assert gravity.before(made, PLAIN).origin[0] == 0.0
    made.bases["inside"] = True
    played = play.play(made, nothing(made), PLAIN, years=(5,), seed=1, number=0)
    assert played.arrived.sum() == played.set_out.sum() == 0
    assert played.resident.sum() > 0
    assert played.strength.tolist() == [1.0]


def test_ways_are_those_of_the_formula():
    made = world(4, bases=1, targets=2, entries=2)
    found = gravity.ways(made)
    length = made.entries["length_km"].to_numpy()
    hours = made.out[0] + made.into[:, 0]
    weight = length / length.sum() * np.exp(-made.theta * hours)
    assert found.cost[0, 0] == pytest.approx(-np.log(weight.sum()) / made.theta)
    np.testing.assert_allclose(found.share[0, :, 0], weight / weight.sum())
    assert found.cost[0, 1] == made.direct[0, 1]
    assert not found.share[0, :, 1].any()


def test_cutting_an_entry_in_two_changes_nothing():
    made = world(6)
    order = [0, 0, 1, 2, 3, 4]
    entries = made.entries.iloc[order].reset_index(drop=True)
    entries.loc[[0, 1], "length_km"] *= [0.3, 0.7]
    cut = replace(made, entries=entries, out=made.out[:, order], into=made.into[order])
    np.testing.assert_allclose(gravity.ways(cut).cost, gravity.ways(made).cost, rtol=1e-12)


def test_gates_are_bought_and_lines_vary():
    made = world(1, entries=3)
    made.entries["kind"] = ["line", "gate", "line"]
    means = replace(nothing(made), stop_entry=np.array([0.4, 0.4, 0.9]))
    chosen = replace(PLAIN, effect=1.5, bought=0.25)
    np.testing.assert_allclose(play.chances(made, means, chosen), [0.6, 0.3, 0.999])


def test_bands_are_kept_count_of():
    made = world(8)
    played = play.play(made, mixture(made), PLAIN, years=(3, 7), seed=2, number=5)
    ends = played.arrived.sum(axis=1) + played.forts_attacked.sum(axis=1) + played.ended
    np.testing.assert_allclose(ends, played.set_out)
    np.testing.assert_allclose(played.stopped + played.through, played.tried)
    assert played.ended.min() > 0
    assert played.stopped.sum() > 0


def test_they_learn_to_go_where_nobody_stops_them():
    made = world(9)
    means = line(made, phase=0)
    wary = replace(DULL, hearsay=0.0, risk=4.0, hearsay_weight=2.0, memory=1.0)
    dull = replace(wary, hearsay_weight=1e12)
    learnt, not_learnt = (
        play.play(made, means, each, years=(2, 20), seed=1, number=0) for each in (wary, dull)
    )
    share = [each.stopped[1].sum() / each.tried[1].sum() for each in (learnt, not_learnt)]
    assert share[0] < 0.7 * share[1]


def test_losses_tell_until_recruits_come():
    made = world(10)
    means = line(made, phase=0)
    weak = replace(PLAIN, lost=0.5, bands_per_journey_yr=0.1, recruits=0.0, hearsay=0.0)
    lost = play.play(made, means, weak, years=(3, 3), seed=1, number=0)
    again = play.play(made, means, replace(weak, recruits=1.0), years=(3, 3), seed=1, number=0)
    assert lost.strength[1] <= lost.strength[0] < again.strength[0] < 1.0
    assert lost.set_out[1] < again.set_out[1]


def test_draws_lie_in_their_ranges_and_are_triangular():
    drawn = [draws.draw(SETTINGS, TRIPLES, seed=1, number=n) for n in range(800)]
    reach = [each.reach for each in drawn]
    assert stats.kstest(reach, stats.triang(0.5, 0.3, 0.6).cdf).pvalue > 1e-3
    mid = draws.mids(SETTINGS, TRIPLES)
    assert mid == Chosen(**{**mid.__dict__, "risk": 1.0, "reach": 0.6, "range_h": 12.0})
    assert len({each.still for each in drawn}) == 800
    assert abs(np.corrcoef(reach, [each.still for each in drawn])[0, 1]) < 0.15
    assert draws.triangular(2.0, 2.0, 2.0, 0.7) == 2.0


def test_ranges_that_are_none_are_all_said():
    wrong = {**TRIPLES, "reach": (0.5, 0.4, 0.6), "size": (0, 0, 0)}
    del wrong["lost"]
    with pytest.raises(InputError) as caught:
        draws.draw(SETTINGS, wrong, seed=1, number=0)
    assert {fault.place for fault in caught.value.faults} == {"reach", "size", "lost"}


def test_phases_and_means_that_can_not_be_played_are_refused():
    made = world(1)
    with pytest.raises(InputError, match="years"):
        play.play(made, nothing(made), PLAIN, years=(0,), seed=1, number=0)
    bad = replace(nothing(made), stop_way=np.zeros((2, 2)))
    with pytest.raises(InputError) as caught:
        runs.run(made, [bad], SETTINGS, TRIPLES, years=(), seed=1, pool=Pool())
    assert {fault.place for fault in caught.value.faults} == {"nothing.stop_way", "years"}
    with pytest.raises(InputError, match="give one at least"):
        runs.run(made, [], SETTINGS, TRIPLES, years=(1,), seed=1, pool=Pool())


def test_the_same_seed_gives_the_same_bytes_whatever_the_workers():
    made = world(1)
    here = run(made)
    assert here.made == here.asked == 50
    for workers in (0, 1, 2, 4):
        assert all_bytes(run(made, pool=Pool(workers))) == all_bytes(here)
    one = play.play(made, line(made), here.chosen[7], years=(1, 2), seed=3, number=7)
    np.testing.assert_array_equal(here.played[1].arrived[7], one.arrived)


def test_killing_a_worker_in_mid_run_changes_nothing(tmp_path, monkeypatch):
    mark, home, work = str(tmp_path / "killed"), os.getpid(), runs.play_batch

    def deadly(task, batch):
        if batch[0] == 10 and os.getpid() != home and not os.path.exists(mark):  # noqa: PTH110
            open(mark, "w").close()  # noqa: PTH123
            os.kill(os.getpid(), signal.SIGKILL)
        return work(task, batch)

    made = world(1)
    here = all_bytes(run(made))
    monkeypatch.setattr(runs, "play_batch", deadly)
    assert all_bytes(run(made, pool=Pool(2))) == here
    assert (tmp_path / "killed").exists()


def test_an_interrupted_run_goes_on_where_it_was(tmp_path, monkeypatch):
    made = world(1)
    here = all_bytes(run(made))

    def stop(done, _asked):
        if done >= 30:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(made, checkpoint=tmp_path, progress=stop)
    kept = sorted(tmp_path.glob("*/*"))
    assert [each.suffix for each in kept] == [".npz"] * 3
    kept[0].write_bytes(kept[0].read_bytes()[:-1000])  # cut short
    middle = bytearray(kept[1].read_bytes())
    middle[len(middle) // 2] ^= 1
    kept[1].write_bytes(middle)  # a bit has changed
    played, work = [], runs.play_batch
    monkeypatch.setattr(
        runs, "play_batch", lambda task, batch: played.append(batch) or work(task, batch)
    )
    seen = []
    again = run(made, checkpoint=tmp_path, progress=lambda *each: seen.append(each))
    assert all_bytes(again) == here
    assert played == [(0, 10), (10, 20), (30, 40), (40, 50)]
    assert seen[-1] == (50, 50)
    played.clear()
    assert all_bytes(run(made, checkpoint=tmp_path)) == here
    assert not played
    other = replace(made, theta=0.31)
    assert all_bytes(run(other, checkpoint=tmp_path)) != here
    assert len(played) == 5


def test_it_stops_once_precise_enough_at_the_same_draw_whatever_the_workers():
    made = world(1)
    settings = CampaignSettings(draws=200, precision=0.12)
    here = run(made, settings=settings)
    assert here.made in {50, 100, 150}
    assert len(here.chosen) == here.made == len(here.played[0].arrived)
    assert all_bytes(run(made, settings=settings, pool=Pool(2))) == all_bytes(here)


def test_what_a_history_depends_on_marks_it():
    made = world(1)
    chosen = (PLAIN,)
    marks = {
        runs.fingerprint(made, [nothing(made)], chosen, (1,), 1),
        runs.fingerprint(made, [nothing(made)], chosen, (2,), 1),
        runs.fingerprint(made, [nothing(made)], chosen, (1,), 2),
        runs.fingerprint(made, [nothing(made)], (DULL,), (1,), 1),
        runs.fingerprint(made, [line(made)], chosen, (1,), 1),
        runs.fingerprint(
            replace(made, targets=pd.DataFrame(made.targets).assign(attacks_yr=1.0)),
            [nothing(made)], chosen, (1,), 1,
        ),
    }  # fmt: skip
    assert len(marks) == 6
