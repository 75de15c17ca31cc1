"""Interruption against a simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vallum.works import interruption


def simulated(rng, tasks, communication, response_s, response_sd_s, runs=400_000):
    """Share of simulated crossings that the response meets in time."""
    share = {"begin": 1.0, "middle": 0.5, "end": 0.0}
    seen_at = np.full(runs, -1)
    for n, (detection, *_rest) in enumerate(tasks):
        now = (seen_at < 0) & (rng.random(runs) < detection)
        seen_at[now] = n
    delay = np.array([rng.normal(t, s, runs) for _, t, s, _ in tasks])
    left = np.zeros(runs)
    for n, (*_rest, place) in enumerate(tasks):
        here = share[place] * delay[n] + delay[n + 1 :].sum(axis=0)
        left = np.where(seen_at == n, here, left)
    arrival = rng.normal(response_s, response_sd_s, runs)
    heard = rng.random(runs) < communication
    return float(np.mean((seen_at >= 0) & heard & (arrival < left)))


@pytest.mark.parametrize("seed", range(6))
def test_interruption_is_what_simulated_crossings_give(seed):
    rng = np.random.default_rng(seed)
    tasks = [
        (
            float(rng.uniform(0, 1)),
            float(rng.uniform(10, 300)),
            float(rng.uniform(1, 60)),
            str(rng.choice(["begin", "middle", "end"])),
        )
        for _ in range(int(rng.integers(1, 7)))
    ]
    case = {
        "communication": float(rng.uniform(0.7, 1)),
        "response_s": float(rng.uniform(50, 600)),
        "response_sd_s": float(rng.uniform(5, 120)),
    }
    runs = 400_000
    expected = interruption(tasks, **case)
    error = math.sqrt(max(expected * (1 - expected), 1e-6) / runs)
    assert simulated(rng, tasks, **case, runs=runs) == pytest.approx(expected, abs=4.5 * error)
