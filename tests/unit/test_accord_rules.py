"""The rules of the accord, on games worked by hand and on published ones."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

from vallum import accord
from vallum.accord.airport import use_values
from vallum.accord.game import read
from vallum.accord.nucleoli import levels, nucleolus, prenucleolus
from vallum.accord.stability import objections
from vallum.accord.values import burdens, clashes
from vallum.errors import CertificateError, InfeasibleError, InputError


def game(names, *amounts):
    """Give coalitions their amounts: by size, then by name."""
    some = [frozenset(k) for size in range(1, len(names) + 1) for k in combinations(names, size)]
    return dict(zip(some, amounts, strict=True))


def estate(left, **claims):
    """Make the game of heirs: a coalition has what the claims of the others leave over."""
    return {
        frozenset(k): max(0.0, left - sum(claims[p] for p in claims if p not in k))
        for size in range(1, len(claims) + 1)
        for k in combinations(claims, size)
    }


RUNWAYS = {"a": 8.0, "b": 11.0, "c": 13.0, "d": 18.0}
RUNWAY_COSTS = {
    frozenset(k): -max(RUNWAYS[p] for p in k)
    for size in range(1, 5)
    for k in combinations("abcd", size)
}
THREE = game("123", 1, 2, 0, 4, 3, 3, 6)  # the project's anchors
NO_CORE = game("123", 0, 0, 0, 1, 1, 1, 1)  # any two do as well as all


def test_the_airport_game():
    paid = {"a": 2, "b": 3, "c": 4, "d": 9}
    assert accord.shapley(RUNWAY_COSTS) == pytest.approx(
        {k: -v for k, v in paid.items()}, abs=1e-12
    )
    assert accord.airport(RUNWAYS) == pytest.approx(paid, abs=1e-12)
    # each km of runway by those who need it
    km = {"8": 8.0, "11": 3.0, "13": 2.0, "18": 5.0}
    users = {k: frozenset(p for p, need in RUNWAYS.items() if need >= float(k)) for k in km}
    assert accord.by_use(km, users) == pytest.approx(paid, abs=1e-12)
    assert use_values(km, users) == pytest.approx(RUNWAY_COSTS)


def test_the_nucleolus_of_the_airport_game():
    # by hand, in the way of Littlechild (1974): the least of c_k / (k + 1) is 13 / 4, against 8 / 2
    # and 11 / 3, and is what the first three pay; the last pays the rest
    found = nucleolus(RUNWAY_COSTS)
    assert found == pytest.approx({"a": -3.25, "b": -3.25, "c": -3.25, "d": -8.25}, abs=1e-12)


def test_the_three_player_game():
    assert accord.shapley(THREE) == pytest.approx({"1": 13 / 6, "2": 8 / 3, "3": 7 / 6}, abs=1e-12)
    core = accord.core(THREE)
    assert core
    assert accord.nucleolus(THREE) in core
    assert core.least == pytest.approx(-0.5)


PUBLISHED = {
    # https://search.r-project.org/CRAN/refmans/CoopGame/html/nucleolus.html
    "CoopGame 4": (
        game("1234", 0, 0, 0, 0, 5, 5, 8, 9, 10, 8, 13, 15, 16, 17, 21),
        {"1": 3.5, "2": 4.5, "3": 5.5, "4": 7.5},
    ),
    "Talmud 300": (estate(300.0, a=100.0, b=200.0, c=300.0), {"a": 50, "b": 100, "c": 150}),
    # https://search.r-project.org/CRAN/refmans/CoopGame/html/Prenucleolus.html
    "Talmud 200": (estate(200.0, a=100.0, b=200.0, c=300.0), {"a": 50, "b": 75, "c": 75}),
    # Aumann & Maschler (1985), the third line of the Mishna: equal division
    "Talmud 100": (estate(100.0, a=100.0, b=200.0, c=300.0), dict.fromkeys("abc", 100 / 3)),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_nucleoli(name):
    value, shares = PUBLISHED[name]
    assert nucleolus(value) == pytest.approx(shares, abs=1e-9)


def test_a_published_nucleolus_in_whole_numbers():
    # https://rdrr.io/cran/coopProductGame/man/nucleolus.html rounds what it prints
    found = nucleolus(game("123", 68, 102, 0, 170, 710, 762, 992))
    assert {p: round(x) for p, x in found.items()} == {"1": 149, "2": 192, "3": 651}


def test_nucleolus_and_prenucleolus_differ():
    # https://search.r-project.org/CRAN/refmans/CoopGame/html/Prenucleolus.html
    value = game("123", 0, 0, 0, 10, 0, 0, 2)
    assert prenucleolus(value) == pytest.approx({"1": 3, "2": 3, "3": -4}, abs=1e-12)
    assert nucleolus(value) == pytest.approx({"1": 1, "2": 1, "3": 0}, abs=1e-12)


def test_no_shares_give_everybody_what_it_has_alone():
    shares = nucleolus(game("ab", 3, 4, 5))
    assert shares == pytest.approx({"a": 2, "b": 3})
    assert any("prenucleolus" in sentence for sentence in shares.said)


def test_a_wrong_nucleolus_is_refused():
    found = read(THREE)
    right = levels(found, tuple(map(Fraction, (2.25, 2.5, 1.25))))
    assert [round(level.complaint, 9) for level in right] == [-0.5, -0.75]
    for level in right:
        for player in "123":
            total = sum(w for k, w in level.weights if player in k)
            assert total + dict(level.at_least).get(player, 0.0) == pytest.approx(1.0)
    with pytest.raises(CertificateError, match=r"not balanced|no proof"):
        levels(found, tuple(map(Fraction, (2.25, 2.375, 1.375))))
    with pytest.raises(CertificateError, match="add up"):
        levels(found, tuple(map(Fraction, (2.25, 2.5, 1.0))))
    with pytest.raises(CertificateError, match="less than alone"):
        levels(found, tuple(map(Fraction, (0.5, 4.0, 1.5))))


def test_an_empty_core_is_said_with_what_it_lacks():
    core = accord.core(NO_CORE)
    assert core.empty
    assert not core
    assert core.least == pytest.approx(1 / 3)
    assert core.subsidy == pytest.approx(0.5)
    assert len(core.corners) == 0
    assert core.least_corners == pytest.approx(np.full((1, 3), 1 / 3))
    assert any("empty" in sentence for sentence in core.said)
    assert dict(core.proof) == {frozenset(k): 0.5 for k in ("12", "13", "23")}
    assert {one.coalition for one in objections(NO_CORE, accord.shapley(NO_CORE))} == set(
        map(frozenset, ("12", "13", "23"))
    )


def test_the_subsidy_counts_single_players_too():
    core = accord.core(game("123", 0, 0, 0, 10, 0, 0, 2))
    assert core.subsidy == pytest.approx(8.0)
    assert core.least == pytest.approx(4.0)


def test_corners_of_two_and_three():
    two = accord.core(game("ab", 1, 2, 5))
    assert two.corners == pytest.approx(np.array([[1, 4], [3, 2]]))
    three = accord.core(game("abc", 0, 0, 0, 0, 0, 0, 6))
    assert sorted(map(tuple, np.round(three.corners, 9).tolist())) == [
        (0, 0, 6),
        (0, 6, 0),
        (6, 0, 0),
    ]
    assert three.frame == pytest.approx(np.eye(3) * 6)
    hexagon = accord.core(game("abc", 0, 0, 0, 1, 1, 1, 3)).corners
    sides = np.linalg.norm(hexagon - np.roll(hexagon, 1, axis=0), axis=1)
    assert len(hexagon) == 6
    assert np.allclose(sides, math.sqrt(2))  # in order: each is the neighbour of the next


def test_many_players_have_no_corners_but_a_core():
    value = {
        frozenset(k): float(size**2) for size in range(1, 7) for k in combinations("abcdef", size)
    }
    core = accord.core(value)
    assert core.corners is None
    assert not core.empty
    assert accord.nucleolus(value) == pytest.approx(dict.fromkeys("abcdef", 6.0))


def test_one_player():
    value = {frozenset("a"): 3.5}
    assert dict(accord.shapley(value)) == dict(accord.nucleolus(value)) == {"a": 3.5}
    assert accord.nucleolus(value) in accord.core(value)


def test_values_that_are_not_superadditive():
    assert clashes(THREE) == ()
    (only,) = clashes(game("ab", 3, 4, 5))
    assert (only.first, only.second, only.lost) == (frozenset("a"), frozenset("b"), 2.0)


def test_a_player_who_only_loses():
    assert burdens(read(game("ab", 3, -2, 0))) == ("b",)
    assert burdens(read(game("ab", 3, -2, 2))) == ("b",)
    assert burdens(read(game("ab", 3, -2, 4))) == ()
    assert burdens(read(game("ab", 0, 0, 0))) == ()


def test_infeasible_coalitions_do_what_their_members_do_apart():
    value = game("abc", None, 2.0, 1.0, -math.inf, 4.0, 3.0, 9.0)
    filled = game("abc", 0.0, 2.0, 1.0, 2.0, 4.0, 3.0, 9.0)
    for rule in (accord.shapley, accord.nucleolus):
        assert rule(value) == rule(filled)
        assert [sentence.split()[0] for sentence in rule(value).said] == ["a", "a+b"]
    assert read(value).infeasible == (frozenset("a"), frozenset("ab"))


def test_all_together_infeasible():
    value = game("ab", 1.0, 2.0, None)
    for rule in (accord.shapley, accord.nucleolus, accord.core, accord.bargain):
        with pytest.raises(InfeasibleError, match="no feasible plan"):
            rule(value)


def test_faults_of_values_come_all_at_once():
    value = {
        frozenset(): 1.0,
        frozenset("a"): math.nan,
        frozenset("b"): "much",
        frozenset("c"): math.inf,
        "ab": 1.0,
        frozenset({"a", 3}): 1.0,
        frozenset({"b", "c+d"}): True,
        frozenset({""}): 1.0,
    }
    with pytest.raises(InputError) as error:
        accord.shapley(value)
    assert len(error.value.faults) == 9
    with pytest.raises(InputError, match=r"a\+b.*no value"):
        accord.core({frozenset("a"): 1.0, frozenset("b"): 1.0})
    with pytest.raises(InputError, match="no player"):
        accord.nucleolus({})
    with pytest.raises(InputError, match="13 players"):
        accord.nucleolus({frozenset({str(k)}): 0.0 for k in range(13)})
    with pytest.raises(InputError, match="4074 more"):
        accord.nucleolus({frozenset("abcdefghijkl"): 0.0})
    with pytest.raises(InputError, match="mapping"):
        accord.shapley([1.0])


def test_numpy_numbers_and_a_given_empty_coalition_are_read():
    value = {frozenset(): 0, frozenset("a"): np.float32(1.5), frozenset("b"): np.int64(2)}
    value[frozenset("ab")] = np.float64(4)
    assert accord.shapley(value) == pytest.approx({"a": 1.75, "b": 2.25})


def test_shares_of_others_are_refused():
    with pytest.raises(InputError) as error:
        objections(THREE, {"1": 1.0, "2": math.nan, "4": 1.0})
    assert len(error.value.faults) == 3


def test_scale_does_not_matter():
    # USD/yr of states: hundreds of millions, with a surplus of some cents too
    for scale in (1e-6, 1.0, 1e9):
        shares = nucleolus({k: v * scale for k, v in THREE.items()})
        assert [shares[p] / scale for p in "123"] == pytest.approx([2.25, 2.5, 1.25], rel=1e-12)
    far = {k: v + 1e9 * len(k) for k, v in THREE.items()}
    assert nucleolus(far) == pytest.approx({"1": 1e9 + 2.25, "2": 1e9 + 2.5, "3": 1e9 + 1.25})
    flat = {k: sum({"1": 0.1, "2": 0.2, "3": 0.7}[p] for p in k) for k in THREE}
    assert not accord.core(flat).empty  # 0.1 + 0.2 is no reason to leave
