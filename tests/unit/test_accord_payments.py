"""Bargaining, payments, leaving, the partner, and the whole account."""

from __future__ import annotations

import math
from itertools import combinations

import pytest

from vallum import accord
from vallum.accord.partner import Partner, Ranged, with_partner
from vallum.accord.payments import Payment, leaving, transfers
from vallum.accord.settle import settle
from vallum.errors import InfeasibleError, InputError


def game(names, *amounts):
    """Give coalitions their amounts: by size, then by name."""
    some = [frozenset(k) for size in range(1, len(names) + 1) for k in combinations(names, size)]
    return dict(zip(some, amounts, strict=True))


TWO = game("ab", 1.0, 4.0, 11.0)


def test_a_bargain_splits_the_surplus():
    assert dict(accord.bargain(TWO)) == {"a": 4.0, "b": 7.0} == dict(accord.shapley(TWO))
    assert dict(accord.bargain(TWO, power={"a": 1.0, "b": 2.0})) == {"a": 3.0, "b": 8.0}


def test_an_outside_option_counts_only_where_it_is_better():
    nothing = {"a": 0.0, "b": 0.0}
    assert dict(accord.bargain(TWO, fallback=nothing)) == {"a": 5.5, "b": 5.5}
    better = {"a": 0.0, "b": 7.0}
    assert dict(accord.bargain(TWO, fallback=nothing, outside=better)) == {"a": 4.0, "b": 7.0}
    all_of_it = {"a": 4.0, "b": 7.0}
    assert dict(accord.bargain(TWO, fallback=nothing, outside=all_of_it)) == all_of_it


def test_a_bargain_of_three_pours_round_outside_options():
    value = game("abc", 0, 0, 0, 0, 0, 0, 9)
    found = accord.bargain(value, outside={"a": 5.0, "b": 1.0, "c": 0.0})
    assert dict(found) == {"a": 5.0, "b": 2.0, "c": 2.0}


def test_nothing_to_bargain_over():
    with pytest.raises(InfeasibleError, match="2 less than their outside"):
        accord.bargain(game("ab", 3, 4, 5))
    with pytest.raises(InfeasibleError, match="fallbacks"):
        accord.bargain(TWO, fallback={"a": 8.0, "b": 8.0})


def test_faults_of_a_bargain():
    with pytest.raises(InputError) as error:
        accord.bargain(
            TWO,
            fallback={"a": 1.0},
            outside={"a": math.nan, "b": 0.0, "c": 1.0},
            power={"a": 0.0, "b": 1.0},
        )
    assert len(error.value.faults) == 4


def test_costs_by_use():
    costs = {"north": 6.0, "east": 3.0}
    users = {"north": frozenset("ab"), "east": frozenset("a")}
    assert dict(accord.by_use(costs, users)) == {"a": 6.0, "b": 3.0}
    with pytest.raises(InputError) as error:
        accord.by_use({"north": -1.0, "east": 1.0}, {"north": frozenset("a"), "west": frozenset()})
    assert len(error.value.faults) == 3
    with pytest.raises(InputError, match="nothing"):
        accord.airport({})


def test_payments_realise_shares():
    paid = transfers({"a": 4.0, "b": 4.0, "c": 2.0}, {"a": 9.0, "b": 2.0, "c": -1.0})
    assert dict(paid.net) == {"a": -5.0, "b": 2.0, "c": 3.0}
    assert paid.payments == (Payment("a", "c", 3.0), Payment("a", "b", 2.0))
    assert transfers({"a": 1.0}, {"a": 1.0}).payments == ()


def test_payments_need_what_falls_to_each():
    with pytest.raises(InputError, match="3 more than"):
        transfers({"a": 1.0, "b": 1.0}, {"a": 4.0, "b": 1.0})
    with pytest.raises(InputError, match="those of the shares"):
        transfers({"a": 1.0, "b": 1.0}, {"a": 2.0})
    with pytest.raises(InputError, match="finite"):
        transfers({"a": 1.0}, {"a": math.nan})


def test_who_leaves_and_when():
    alone = {frozenset("a"): [2.0] * 4, frozenset("b"): [0.0] * 4, frozenset("ab"): [1.0] * 4}
    stay = {"a": [5.0, 4.0, 1.0, 1.0], "b": [1.0, 1.0, 1.0, 1.0]}
    (only,) = leaving(alone, stay, 0.0)
    # from year 1 on: 6 alone against 6, so it stays; from year 2 on 4 against 2
    assert (only.coalition, only.year, only.gain) == (frozenset("a"), 2, 2.0)
    (only,) = leaving(alone, stay, 0.5)
    assert only.year == 2
    assert only.gain == pytest.approx(1 + 1 / 1.5)
    with pytest.raises(InputError) as error:
        leaving({frozenset("c"): [1.0]}, {"a": [1.0, math.nan]}, -1.0)
    assert len(error.value.faults) == 4


SOURCE = "judgement: an example"
NOTHING = Ranged(0.0, 0.0, 0.0, SOURCE)
HELPER = Partner(
    "p", Ranged(1, 2, 3, SOURCE), Ranged(0, 1, 4, SOURCE), Ranged(1, 1, 2, SOURCE), NOTHING
)


def test_the_partner_is_a_player():
    helped = {k: v + 3.0 for k, v in TWO.items()}
    part = {frozenset("a"): 0.5, frozenset("b"): 0.5, frozenset("ab"): 1.0}
    mid = with_partner(TWO, helped, HELPER, part)
    assert mid[frozenset("p")] == 0.0
    assert mid[frozenset("abp")] == 14.0 + (2.0 - 2.0)
    assert with_partner(TWO, helped, HELPER, part, "low")[frozenset("ap")] == 4.0 + 0.5 * (1 - 3)
    assert with_partner(TWO, helped, HELPER, part, "high")[frozenset("abp")] == 14.0 + (6 - 1)
    assert sum(accord.nucleolus(mid).values()) == pytest.approx(14.0)
    void = with_partner(TWO, {**helped, frozenset("a"): None}, HELPER, part)
    assert void[frozenset("ap")] is None


def test_faults_of_a_partner():
    odd = Partner(
        "a", Ranged(-1, 2, 3, SOURCE), Ranged(2, 1, 3, SOURCE), NOTHING, Ranged(0, 0, 0, "")
    )
    with pytest.raises(InputError) as error:
        with_partner(TWO, {}, odd, dict.fromkeys(TWO, 2.0))
    assert len(error.value.faults) == 10


def test_the_account_of_two_states():
    found = settle(
        TWO, own={"a": -1.0, "b": 12.0}, gains={"a": 5.0, "b": 14.0}, owed={"a": 6.0, "b": 2.0}
    )
    assert [rule.name for rule in found.rules] == ["shapley", "nucleolus", "bargain", "use"]
    assert found.rule("shapley").transfers.payments == (Payment("b", "a", 5.0),)
    assert found.rule("shapley").in_core
    use = found.rule("use")
    assert [one.coalition for one in use.leave] == [frozenset("a")]
    text = "\n".join(found.said)
    assert "before payments a has -1" in text
    assert "under the rule use, a loses 1 against having no accord" in text
    assert "under the rule use, a would leave" in text


def test_the_account_hides_nothing():
    found = settle(game("abc", None, 1.0, 0.0, 0.5, 0.0, 1.0, 0.2))
    assert found.core is not None
    assert found.core.empty
    assert found.infeasible == (frozenset("a"),)
    assert found.value[0] == (frozenset("a"), None)
    assert "a" in found.losers
    assert {rule.name for rule in found.rules} == {"shapley", "nucleolus"}
    text = "\n".join(found.said)
    for words in (
        "a has no feasible plan",
        "not superadditive",
        "only loses",
        "core is empty",
        "no bargain",
        "prenucleolus",
        "would leave",
    ):
        assert words in text, words


def test_the_account_of_an_accord_without_plan():
    found = settle(game("ab", 1.0, 2.0, None))
    assert found.core is None
    assert found.rules == ()
    assert any("nothing can be shared" in sentence for sentence in found.said)


def test_faults_of_an_account():
    with pytest.raises(InputError, match="one without the other"):
        settle(TWO, gains={"a": 1.0, "b": 1.0})
    with pytest.raises(InputError, match="adds up to 2"):
        settle(TWO, own={"a": 1.0, "b": 1.0})
