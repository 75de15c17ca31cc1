"""Neutralisation by hand, by closed forms, by simulation."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from vallum.errors import InputError
from vallum.works import Opponent, WorksSettings, load_catalogue
from vallum.works.catalogue import Range
from vallum.works.clash import fort_neutralisation, neutralisation, neutralisation_range


def test_one_against_one_is_the_next_shot():
    assert neutralisation(1, 1, exchange=3, breaks_at=1) == pytest.approx(3 / 4)
    assert neutralisation(1, 1, exchange=3, breaks_at=1, law="linear") == pytest.approx(3 / 4)


def test_two_against_one_by_hand():
    """Square: 2/3 at once, or lose one (1/3) and then 1/2. Linear: 1/2, or 1/2 and then 1/2."""
    assert neutralisation(2, 1, exchange=1, breaks_at=1) == pytest.approx(2 / 3 + 1 / 6)
    assert neutralisation(2, 1, exchange=1, breaks_at=1, law="linear") == pytest.approx(3 / 4)


@pytest.mark.parametrize("men", [1, 2, 7, 30])
@pytest.mark.parametrize("law", ["square", "linear"])
@pytest.mark.parametrize("breaks_at", [0.2, 0.5, 1])
def test_alike_they_win_as_often(men, law, breaks_at):
    assert neutralisation(men, men, exchange=1, breaks_at=breaks_at, law=law) == pytest.approx(0.5)


@pytest.mark.parametrize(("ours", "theirs", "exchange"), [(3, 5, 1.0), (10, 4, 0.5), (20, 20, 1.3)])
def test_linear_law_is_the_negative_binomial(ours, theirs, exchange):
    """Theirs lose their last man before ours lose theirs: fewer than `ours` misses among shots."""
    p = exchange / (exchange + 1)
    closed = sum(
        math.comb(theirs - 1 + lost, lost) * p**theirs * (1 - p) ** lost for lost in range(ours)
    )
    got = neutralisation(ours, theirs, exchange=exchange, breaks_at=1, law="linear")
    assert got == pytest.approx(closed, abs=1e-12)


@pytest.mark.parametrize(("ours", "theirs"), [(1, 2), (2, 1), (3, 4), (8, 6), (12, 15)])
def test_square_law_to_the_last_man_is_the_sum_of_powers(ours, theirs):
    """P(m, n) = Σ_k (−1)^(m−k) C(m+n, m−k) k^(m+n) / (m+n)!, by the decoupled waiting times.

    Theirs last Σ_j E_j j and ours Σ_i E_i i, with E exponential of mean 1: the partial fractions of
    the sum over ours, at −1/k, give the terms; Kingman and Volkov (2003) use the same decoupling.
    """
    m, n = ours, theirs
    closed = sum(
        Fraction((-1) ** (m - k) * math.comb(m + n, m - k) * k ** (m + n), math.factorial(m + n))
        for k in range(1, m + 1)
    )
    assert neutralisation(m, n, exchange=1, breaks_at=1) == pytest.approx(float(closed), abs=1e-12)


def test_a_small_fight_in_fractions():
    """2 against 3 under the square law, r = 2, giving up after half (1 and 2 casualties).

    Ours gives up at the first casualty. Two of theirs must fall before: 4/(4+3) · 4/(4+2).
    """
    expected = Fraction(4, 7) * Fraction(4, 6)
    got = neutralisation(2, 3, exchange=2, breaks_at=0.5)
    assert got == pytest.approx(float(expected), abs=1e-12)


@pytest.mark.parametrize("law", ["square", "linear"])
def test_simulated_fights_end_alike(law):
    rng = np.random.default_rng(5)
    ours, theirs, exchange, share, runs = 14, 11, 0.8, 0.4, 200_000
    q = 1 if law == "square" else 0
    m, n = np.full(runs, ours), np.full(runs, theirs)
    stop_m, stop_n = ours - 6, theirs - 5  # 0.4 of 14 and of 11, rounded up
    while True:
        on = (m > stop_m) & (n > stop_n)
        if not on.any():
            break
        mine, yours = exchange * m.astype(float) ** q, n.astype(float) ** q
        hit = rng.random(runs) < mine / (mine + yours)
        n = np.where(on & hit, n - 1, n)
        m = np.where(on & ~hit, m - 1, m)
    expected = neutralisation(ours, theirs, exchange=exchange, breaks_at=share, law=law)
    error = math.sqrt(expected * (1 - expected) / runs)
    assert np.mean(n == stop_n) == pytest.approx(expected, abs=4.5 * error)


def test_between_whole_numbers_it_is_linear():
    def won(m, n):
        return neutralisation(m, n, exchange=1.5, breaks_at=0.4)

    assert won(7.25, 9) == pytest.approx(0.75 * won(7, 9) + 0.25 * won(8, 9))
    assert won(7, 9.5) == pytest.approx(0.5 * won(7, 9) + 0.5 * won(7, 10))
    assert won(0, 3) == 0
    assert won(0.5, 3) == pytest.approx(0.5 * won(1, 3))


def test_every_fault_is_named():
    with pytest.raises(InputError) as caught:
        neutralisation(-1, 0.5, exchange=math.nan, breaks_at=0, law="cubic")
    assert [fault.place for fault in caught.value.faults] == [
        "ours", "theirs", "exchange", "breaks_at", "law"
    ]  # fmt: skip


def test_a_fort_takes_it_from_its_men_its_own_figure_or_the_settings():
    forts = [i for i in load_catalogue().items.values() if i.role == "fort"]
    manned = replace(forts[0], responders=Range(8, 12, 16))
    bare = replace(forts[0], responders=None, neutralisation=Range(0.2, 0.3, 0.4))
    threat, plain = Opponent(), WorksSettings()
    by_hand = neutralisation(
        12, threat.men.mode, exchange=threat.exchange.mode, breaks_at=threat.breaks_at.mode
    )
    assert fort_neutralisation(manned, threat, plain) == by_hand
    assert fort_neutralisation(bare, threat, plain) == 0.3
    assert neutralisation_range(bare, threat, plain) == Range(0.2, 0.3, 0.4)
    fixed = WorksSettings(neutralisation=0.9)
    assert fort_neutralisation(manned, threat, fixed) == 0.9
    assert neutralisation_range(manned, threat, fixed).low == 0.9


def test_the_range_is_the_root_of_the_sum_of_squared_swings():
    fort = next(i for i in load_catalogue().items.values() if i.role == "fort")
    fort = replace(fort, responders=Range(10, 12, 12))
    threat = Opponent(men=Range(12, 12, 14), exchange=Range(1, 1, 1), breaks_at=Range(0.5, 0.5, 1))

    def won(m=12, n=12, share=0.5, law="square"):
        return neutralisation(m, n, exchange=1, breaks_at=share, law=law)

    found = neutralisation_range(fort, threat, WorksSettings())
    fall = math.hypot(won(m=10) - won(), won(n=14) - won())
    assert found.mode == pytest.approx(0.5)
    assert found.low == pytest.approx(0.5 - fall)  # share and law change nothing between equals
    assert found.high == pytest.approx(0.5)
