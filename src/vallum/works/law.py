"""What the law and this project's policy bar, whatever the settings and whoever asks.

Mines of any kind are listed in the catalogue because the proposal lists them; they are priced and
never placed. `barred` says by which rule, `refuse` raises when a setting asks for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from vallum.errors import BarredError, Fault, InputError
from vallum.kernel.figures import read_toml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vallum.works.catalogue import Item

__all__ = ["Law", "Rule", "Status", "barred", "bound", "load_law", "refuse"]

_BUILT_IN = Path(__file__).with_name("law.toml")


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
        "mine_ban": where a state concerned is party to the Mine Ban Convention; "always";
        "restricts": it bars nothing outright.
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
    mine_ban
        Date from which the Mine Ban Convention binds it; None where it is not a party.
    ccw_ap2
        Its standing under the CCW's Amended Protocol II, in words.
    note
        What else to know, in words.
    source
        Address.
    """

    state: str
    mine_ban: date | None
    ccw_ap2: str
    note: str
    source: str


@dataclass(frozen=True)
class Law:
    """The rules.

    Attributes
    ----------
    rules
        Those that bar, in the order in which they are tried.
    restrictions
        Others that bear on mines, for the legal page.
    status
        The states' standing by ISO3 code; a state that is not there is not known.
    """

    rules: tuple[Rule, ...]
    restrictions: tuple[Rule, ...]
    status: Mapping[str, Status]


def load_law() -> Law:
    """Read the built-in rules. They are no setting: there is no other file to give."""
    raw = read_toml(_BUILT_IN)
    status = cast("dict[str, dict[str, str]]", raw["status"])
    return Law(
        rules=_rules(raw["rule"]),
        restrictions=_rules(raw["restriction"]),
        status=MappingProxyType(
            {
                state: Status(
                    state=state,
                    mine_ban=date.fromisoformat(entry["mine_ban"]) if entry["mine_ban"] else None,
                    ccw_ap2=entry["ccw_ap2"],
                    note=entry.get("note", ""),
                    source=entry["source"],
                )
                for state, entry in status.items()
            }
        ),
    )


def _rules(raw: object) -> tuple[Rule, ...]:
    entries = cast("list[dict[str, object]]", raw)
    return tuple(
        Rule(**{**entry, "weapons": frozenset(cast("list[str]", entry["weapons"]))})  # type: ignore[arg-type]
        for entry in entries
    )


def bound(states: Sequence[str], law: Law | None = None) -> tuple[str, ...]:
    """Give those of the states that are known to be party to the Mine Ban Convention."""
    status = (law or load_law()).status
    return tuple(s for s in states if s in status and status[s].mine_ban is not None)


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
        None for an item that is lawful. An item of the role mine is never lawful: where no treaty
        bars it to these states, the project's own policy does.
    """
    if item.role != "mine" and not item.weapon:
        return None
    law = law or load_law()
    for rule in law.rules:
        reaches = rule.applies == "always" or bool(bound(states, law))
        if item.weapon in rule.weapons and reaches:
            return rule
    return law.rules[-1]


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
            parties = ", ".join(bound(states, law)) or "none of these states"
            mend = (
                "leave it out: no setting allows it; the plan shows the lawful works that delay as "
                "much and what they cost"
            )
            found = f"{item.id} is barred by {rule.name} ({rule.id}; party: {parties}). {rule.text}"
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
