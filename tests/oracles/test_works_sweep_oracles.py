"""The sweep on boards of very uncertain delays, against every composition through interruption."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from vallum.works import interruption
from vallum.works.sweep import Board, sweep


def made(rng, late):
    """Make some sets of barriers of like means and unlike deviations, before a few heads."""
    sets, ways, kinds, paths = 16, 2, 2, 4
    towers, forts = 3, 3

    def watch(count, *, none):
        reach, found = rng.uniform(0, 8, (count, kinds)), rng.uniform(0, 0.6, (count, kinds))
        if none:
            reach[0], found[0] = 0, 0
        return reach, found

    tower, air, fort = watch(towers, none=True), watch(2, none=True), watch(forts, none=False)
    return Board(
        barrier_cost=rng.uniform(0, 9, sets).round(1),
        delay=rng.uniform(500, 1500, (sets, ways)),
        delay_var=rng.uniform(0, 900, (sets, ways)) ** 2,
        tower_cost=np.array([0.0, 2.0, 3.0]), tower_reach=tower[0], tower_found=tower[1],
        line_cost=np.array([0.0, 1.0]), line_found=np.array([0.0, 0.3]),
        air_cost=np.array([0.0, 4.0]), air_reach=air[0], air_found=air[1],
        track_cost=np.array([0.0, 1.5]), track_found=np.array([0.0, 0.2]),
        fort_cost=np.array([1.0, 2.5, 5.0]), fort_reach=fort[0], fort_found=fort[1],
        p_n=rng.uniform(0.4, 0.9, forts),
        response=late * rng.uniform(900, 2500, (2, forts)),
        response_var=rng.uniform(0, 1e5, (2, forts)),
        pace=rng.uniform(60, 300, kinds), pace_sd=rng.uniform(0, 60, kinds),
        path_approach=np.array([0, 0, 1, 1]), path_breach=np.array([0, 1, 0, 1]),
        path_run=rng.uniform(200, 900, paths), path_run_var=rng.uniform(0, 3e4, paths),
        communication=0.95,
    )  # fmt: skip


def every(board):
    """(cost, P_E) of each composition, by its tasks."""
    for b, t, n, a, k, f in itertools.product(
        *(range(len(part)) for part in (board.barrier_cost, board.tower_cost, board.line_cost,
                                        board.air_cost, board.track_cost, board.fort_cost))
    ):  # fmt: skip
        cost = board.barrier_cost[b] + board.tower_cost[t] + board.line_cost[n]
        cost += board.air_cost[a] + board.track_cost[k] + board.fort_cost[f]
        least = 1.0
        for path, kind in enumerate(board.path_approach):
            seen = sorted(
                [
                    (board.tower_reach[t, kind], board.tower_found[t, kind]),
                    (board.air_reach[a, kind], board.air_found[a, kind]),
                    (board.fort_reach[f, kind], board.fort_found[f, kind]),
                ],
                reverse=True,
            )
            # found out in the middle of its own reach
            ends = np.array([*(reach / 2 for reach, _ in seen), 0.0])
            tasks = [
                (found, km * board.pace[kind], square**0.5 * board.pace_sd[kind], "begin")
                for (_, found), km, square in zip(
                    seen, -np.diff(ends), -np.diff(ends**2), strict=True
                )
            ]
            way = board.path_breach[path]
            tasks += [
                (board.line_found[n], 0.0, 0.0, "begin"),
                (0.0, board.delay[b, way], np.sqrt(board.delay_var[b, way]), "begin"),
                (board.track_found[k], 0.0, 0.0, "end"),
                (0.0, board.path_run[path], np.sqrt(board.path_run_var[path]), "begin"),
            ]
            p_i = interruption(
                tasks,
                communication=board.communication,
                response_s=board.response[k, f],
                response_sd_s=np.sqrt(board.response_var[k, f]),
            )
            least = min(least, p_i)
        yield cost, least * board.p_n[f]


@pytest.mark.parametrize(("seed", "late"), [(0, 1), (2, 3)])
def test_the_sweep_leaves_out_nothing_worth_having(seed, late):
    """Where the response is in time more often than not, and where only uncertainty helps it."""
    board = made(np.random.default_rng(seed), late)
    found = sweep(board)
    worth = list(every(board))
    for n, number in enumerate(found.number):
        assert worth[number] == pytest.approx((found.cost[n], found.p_e[n]), abs=1e-12)
    stairs = []
    for cost, p_e in sorted(worth, key=lambda one: (one[0], -one[1])):
        if not stairs or (p_e > stairs[-1][1] + 1e-9 and cost > stairs[-1][0] + 1e-9):
            stairs.append((cost, p_e))
        elif p_e > stairs[-1][1] + 1e-9:  # as dear, but for rounding
            stairs[-1] = (cost, p_e)
    assert len(stairs) > 5
    assert found.cost == pytest.approx([cost for cost, _ in stairs], abs=1e-9)
    assert found.p_e == pytest.approx([p for _, p in stairs], abs=1e-9)
