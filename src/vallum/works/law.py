"""What the law and this project's policy bar, whatever the settings and whoever asks.

Mines of any kind are listed in the catalogue because the proposal lists them; they are priced and
never placed. Nor is anything else that kills by itself whoever comes by. `barred` says by which
rule, `refuse` raises when a setting asks for it. What is owed to people who must pass the line is
in `vallum.works.duties`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

import pandas as pd

from vallum.errors import BarredError, Fault, InputError
from vallum.kernel.figures import read_toml
from vallum.works.duties import Duty, bound_duties, read_duties

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from vallum.works.catalogue import Item

__all__ = [
    "WEAPONS",
    "Law",
    "Rule",
    "Status",
    "barred",
    "bound",
    "check_states",
    "legal_status",
    "load_law",
    "refuse",
]

_BUILT_IN = Path(__file__).with_name("law.toml")

# classes of weapon that the rules know; an item that carries any other is barred like these
WEAPONS = ("anti_personnel", "anti_vehicle", "booby_trap", "cluster_munition", "lethal_current")
# roles of works that close the ground, so that gates are owed with them
_CLOSING = frozenset({"barrier"})


@dataclass(frozen=True)
class Rule:
    """A rule that bars a class of weapon.

    Attributes
    ----------
    id
        Short name.
    instrument, article
        The treaty (or this project's policy) and the place in it.
    text
        What it says, in our words.
    weapons
        The classes of weapon it bars.
    applies
        "mine_ban", "cluster_ban": where a state concerned is party to the Mine Ban Convention, the
        Convention on Cluster Munitions; "always"; "restricts": it bars nothing outright.
    source
        Address.
    """

    id: str
    instrument: str
    article: str
    text: str
    weapons: frozenset[str]
    applies: str
    source: str

    @property
    def name(self) -> str:
        """Instrument and article."""
        return f"{self.instrument}, {self.article}"


@dataclass(frozen=True)
class Status:
    """What binds one state.

    Attributes
    ----------
    state
        ISO 3166-1 alpha-3.
    mine_ban, cluster_ban
        Date from which the Mine Ban Convention, the Convention on Cluster Munitions binds it; None
        where it is not a party.
    ccw_ap2
        Its standing under the CCW's Amended Protocol II, in words.
    note
        What else to know, in words.
    source, cluster_source
        Address; the second of what is said of cluster munitions.
    """

    state: str
    mine_ban: date | None
    cluster_ban: date | None
    ccw_ap2: str
    note: str
    source: str
    cluster_source: str


@dataclass(frozen=True)
class Law:
    """The rules.

    Attributes
    ----------
    rules
        Those that bar, in the order in which they are tried; the last bars what no other names.
    restrictions
        Others that bear on weapons, for the legal page.
    status
        The states' standing by ISO3 code; a state that is not there is not known.
    duties
        What is owed to people who must pass the line.
    """

    rules: tuple[Rule, ...]
    restrictions: tuple[Rule, ...]
    status: Mapping[str, Status]
    duties: tuple[Duty, ...] = ()


@cache  # frozen, and asked for again and again while works are priced
def load_law() -> Law:
    """Read the built-in rules. They are no setting: there is no other file to give."""
    raw = read_toml(_BUILT_IN)
    status = cast("dict[str, dict[str, str]]", raw["status"])
    return Law(
        rules=_rules(raw["rule"]),
        restrictions=_rules(raw["restriction"]),
        status=MappingProxyType({state: _status(state, entry) for state, entry in status.items()}),
        duties=read_duties(raw["duty"]),
    )


def _rules(raw: object) -> tuple[Rule, ...]:
    entries = cast("list[dict[str, object]]", raw)
    return tuple(
        Rule(**{**entry, "weapons": frozenset(cast("list[str]", entry["weapons"]))})  # type: ignore[arg-type]
        for entry in entries
    )


def _status(state: str, entry: dict[str, str]) -> Status:
    return Status(
        state=state,
        mine_ban=_date(entry["mine_ban"]),
        cluster_ban=_date(entry["cluster_ban"]),
        ccw_ap2=entry["ccw_ap2"],
        note=entry.get("note", ""),
        source=entry["source"],
        cluster_source=entry["cluster_source"],
    )


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def bound(
    states: Sequence[str], law: Law | None = None, *, treaty: str = "mine_ban"
) -> tuple[str, ...]:
    """Give those of the states that are known to be party to a convention.

    Parameters
    ----------
    states
        ISO3 codes.
    law
        The rules; read from the package if not given.
    treaty
        "mine_ban" or "cluster_ban".
    """
    status = (law or load_law()).status
    return tuple(s for s in states if s in status and getattr(status[s], treaty) is not None)


def barred(item: Item, states: Sequence[str], law: Law | None = None) -> Rule | None:
    """Say which rule bars an item.

    Parameters
    ----------
    item
        From the catalogue.
    states
        ISO3 codes of the members and partners: one party among them binds them all, for a party
        may not assist another in what is barred to it.
    law
        The rules; read from the package if not given.

    Returns
    -------
    Rule or None
        None for an item that is lawful. An item of the role mine, or one that carries a weapon of
        whatever class, is never lawful, whatever its role: where no treaty bars it to these
        states, the project's own policy does.
    """
    if item.role != "mine" and not item.weapon:
        return None
    law = law or load_law()
    weapon = item.weapon or "anti_personnel"  # a mine that doesn't say which: the strictest
    for rule in law.rules:
        if weapon in rule.weapons and _reaches(rule, states, law):
            return rule
    return law.rules[-1]


def _reaches(rule: Rule, states: Sequence[str], law: Law) -> bool:
    return rule.applies == "always" or bool(bound(states, law, treaty=rule.applies))


def refuse(items: Sequence[Item], states: Sequence[str], *, where: str) -> None:
    """Refuse items that are barred.

    Parameters
    ----------
    items
        What a setting asks for.
    states
        ISO3 codes of the members and partners.
    where
        The setting that asks, for the message.

    Raises
    ------
    BarredError
        Naming the rule, for every barred item.
    InputError
        When a state's code is not an ISO3 code.
    """
    check_states(states)
    law = load_law()
    faults = []
    for item in items:
        rule = barred(item, states, law)
        if rule is not None:
            treaty = "cluster_ban" if rule.applies == "cluster_ban" else "mine_ban"
            parties = ", ".join(bound(states, law, treaty=treaty)) or "none of these states"
            mend = (
                "leave it out: no setting allows it; the plan shows the lawful works that delay as "
                "much and what they cost"
            )
            text = rule.text.rstrip(".")
            found = f"{item.id} is barred by {rule.name} ({rule.id}; party: {parties}). {text}"
            faults.append(Fault("works", f"{where}: {item.id}", found, mend))
    if faults:
        raise BarredError(faults)


def check_states(states: Sequence[str]) -> None:
    """Refuse codes that are not three capital letters, and a string where a sequence is due.

    Raises
    ------
    InputError
        With each of them.
    """
    mend = "give a sequence of ISO 3166-1 alpha-3 codes, such as MLI"
    asked: list[object] = list(states)
    faults = [
        Fault("works", "states", repr(state), mend)
        for state in asked
        if not (isinstance(state, str) and len(state) == 3 and state.isalpha() and state.isupper())
    ]
    if faults:
        raise InputError(faults)


def legal_status(
    items: Iterable[Item], states: Sequence[str], law: Law | None = None, *, on: date | None = None
) -> pd.DataFrame:
    """Give the standing of every item in every state.

    Parameters
    ----------
    items
        From the catalogue.
    states
        ISO3 codes, each looked at by itself: together the strictest among them holds (`barred`).
    law
        The rules; read from the package if not given.
    on
        The day; None counts every instrument that has not ceased to bind, whenever it began.

    Returns
    -------
    DataFrame
        Indexed by item and state. `status`: "barred" (never placed, by `rule`), "lawful with
        duties" (works that close the ground, by the gates that `duties` owe) or "lawful". `rule`:
        what bars it, empty else. `by_treaty`: what the state's treaties alone, without this
        project's policy, say of it: "barred", "restricted" or "nothing read". `instruments`: those
        that bar or restrict it, or oblige to gates; `source`: the rule's address.

    Raises
    ------
    InputError
        When a state's code is not an ISO3 code.
    """
    check_states(states)
    law = law or load_law()
    rows = [_row(item, state, law, on) for item in items for state in states]
    columns = ["item", "state", "status", "rule", "by_treaty", "instruments", "source"]
    return pd.DataFrame(rows, columns=columns).set_index(["item", "state"])


def _row(item: Item, state: str, law: Law, on: date | None) -> tuple[str, ...]:
    """One row of `legal_status`."""
    rule = barred(item, [state], law)
    if rule is None:
        owed = bound_duties(law.duties, [state], on=on) if item.role in _CLOSING else ()
        status = "lawful with duties" if owed else "lawful"
        names = "; ".join(duty.name for duty in owed)
        return item.id, state, status, "", "nothing read", names, ""
    treaties = [r for r in law.rules if r.applies != "always" and item.weapon in r.weapons]
    reaching = [r for r in treaties if bound([state], law, treaty=r.applies)]
    limits = [r for r in law.restrictions if item.weapon in r.weapons and _limits(r, state, law)]
    say = "barred" if reaching else "restricted" if limits else "nothing read"
    names = "; ".join(r.name for r in (*reaching, *limits))
    return item.id, state, "barred", rule.id, say, names, rule.source


def _limits(rule: Rule, state: str, law: Law) -> bool:
    """Whether a restriction reaches a state: custom all, a treaty its parties, a law its own."""
    prefix, _, rest = rule.id.partition("_")
    if prefix == "nat":
        return rest[:3].upper() == state
    if prefix == "ap2":
        return state in law.status and law.status[state].ccw_ap2.startswith("party")
    return True
