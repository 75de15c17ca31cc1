"""Checks who does what without the code that decides it: needs, limits, ground, cost anew."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vallum.forces.regimes import Regime
    from vallum.forces.tasks_settings import TasksSettings

ROLES = (
    "guard", "reaction", "engineering", "training", "intelligence", "supply", "medical",
    "liaison", "gates",
)  # fmt: skip
HUBS = {"engineering", "training", "intelligence", "supply", "medical"}
BROUGHT = {
    "engineering": "engineer_companies", "training": "trainers", "intelligence": "air_sets",
}  # fmt: skip


class World:
    """A case, with everything worked out in plain Python."""

    def __init__(
        self,
        sectors: pd.DataFrame,
        forces: pd.DataFrame,
        bases: pd.DataFrame,
        offer: pd.DataFrame,
        settings: TasksSettings,
        *,
        members: tuple[str, ...],
        man: float,
    ) -> None:
        self.s, self.man, self.members = settings, man, members
        self.rows = {str(row["sector"]): dict(row) for _, row in sectors.iterrows()}
        self.have = {(r["state"], r["item"]): float(r["mode"]) for _, r in forces.iterrows()}
        self.offer = {(r["item"], r["figure"]): float(r["mode"]) for _, r in offer.iterrows()}
        self.have |= {tuple(k.split(".")): v for k, v in settings.means.items()}  # type: ignore[misc]
        self.offer |= {tuple(k.split(".")): v for k, v in settings.offer.items()}  # type: ignore[misc]
        self.partner = offer["state"].iloc[0] if len(offer) else ""
        self.bases = bases
        self.far: dict[tuple[str, str], float] = {}
        self.takes: dict[tuple[str, ...], dict[str, float]] = {}

    def limit(self, state: str, need: str) -> float:
        if state == self.partner:
            return self.offer.get((need, "number"), math.inf)
        most = self.have.get((state, need), math.inf)
        if need == "men":
            most *= self.have.get((state, "line_share"), 1.0)
        return most

    def km(self, sector: str, state: str) -> float:
        if (sector, state) not in self.far:
            self.far[sector, state] = self._km(sector, state)
        return self.far[sector, state]

    def _km(self, sector: str, state: str) -> float:
        row = self.rows[sector]
        own = self.bases[self.bases["state"] == state]
        out = []
        for _, base in own.iterrows():
            a, b = (
                np.array(
                    [
                        math.cos(math.radians(p["lat"])) * math.cos(math.radians(p["lon"])),
                        math.cos(math.radians(p["lat"])) * math.sin(math.radians(p["lon"])),
                        math.sin(math.radians(p["lat"])),
                    ]
                )
                for p in (row, base)
            )
            out.append(6371.0 * math.atan2(float(np.linalg.norm(np.cross(a, b))), float(a @ b)))
        return min(out, default=0.0)

    def need(self, sector: str, role: str, mode: str, state: str) -> dict[str, float]:
        """What one role takes of whoever does it."""
        key = (sector, role, mode, state)
        if key not in self.takes:
            self.takes[key] = self._need(*key)
        return self.takes[key]

    def _need(self, sector: str, role: str, mode: str, state: str) -> dict[str, float]:
        row, s = self.rows[sector], self.s
        guard, reaction = float(row["men_guard"]), float(row["reaction_bases"]) * s.reaction_men
        gates = float(row.get("gates", row["length_km"] / s.gate_km)) * s.gate_men
        armed, paid, length = guard + reaction + gates, s.rotation, float(row["length_km"])
        companies = float(row["company_days"]) / s.company_days_yr / s.build_yr
        theirs = state == self.partner
        rate = self.offer["trainers", "men_each"] if theirs else s.men_per_trainer
        fewer = 1.0
        fewer *= 1 - self.offer["trainers", "effect"] if "trained" in mode else 1.0
        fewer *= 1 - self.offer["sensors", "effect"] if "watched" in mode else 1.0
        trainers = paid * (guard + reaction) / s.train_every_yr / rate
        medics = paid * armed * s.medics_per_man
        plant = 0.0 if theirs else companies
        return {
            "guard": {"men": paid * guard * fewer, "sensors": length * ("watched" in mode)},
            "reaction": {"men": paid * reaction},
            "engineering": {
                "men": companies * s.company_men * paid,
                "engineer_companies": companies,
                "plant_sets": plant,
            },
            "training": {"men": trainers, "trainers": trainers},
            "intelligence": {
                "men": length / s.air_km * s.air_men * paid,
                "air_sets": length / s.air_km,
            },
            "supply": {"men": paid * armed * s.supply_men},
            "medical": {"men": medics, "medics": medics},
            "liaison": {"men": paid * s.liaison_men},
            "gates": {"men": paid * gates},
        }[role]

    def sums(self, done: dict[tuple[str, str], tuple[str, str]]) -> dict[str, Any]:
        """Cost, use and relaxation of a sharing: (sector, role) → (state, mode)."""
        used: dict[tuple[str, str], float] = {}
        cost = relax = 0.0
        for (sector, role), (state, mode) in done.items():
            more, over = self._one(used, (sector, role), state, mode)
            cost, relax = cost + more, relax + over
        cost += self._staffs(used, done) + self._posts(used, done)
        return {"cost": cost, "used": used} | self._over(used, relax)

    def _one(
        self,
        used: dict[tuple[str, str], float],
        key: tuple[str, str],
        state: str,
        mode: str,
    ) -> tuple[float, float]:
        """Cost and relaxation of one choice; what it uses is added up."""
        (sector, role), s = key, self.s
        takes = self.need(sector, role, mode, state)
        theirs = state == self.partner
        far = self.km(sector, self.rows[sector]["state"] if theirs else state)
        cost = takes["men"] * far * s.kg_man_day * 365 / 1000 * s.haul_usd_tkm
        watched = takes.get("sensors", 0.0)
        if watched:
            cost += watched * self.offer["sensors", "cost_usd_yr"]
            used[self.partner, "sensors"] = used.get((self.partner, "sensors"), 0.0) + watched
        if theirs:
            item = BROUGHT[role]
            used[state, item] = used.get((state, item), 0.0) + takes[item]
            return cost + takes[item] * self.offer[item, "cost_usd_yr"], 0.0
        for need in takes.keys() - {"sensors"}:
            used[state, need] = used.get((state, need), 0.0) + takes[need]
        beyond = max(far - s.reach_km, 0.0) * max(takes["men"], 1.0)
        return cost + takes["men"] * self.man, beyond * s.forward_usd_man_km

    def _staffs(self, used: dict[tuple[str, str], float], done: dict[Any, Any]) -> float:
        """Cost of the staffs; their men are added up."""
        staffs = {(state, role) for (_, role), (state, _) in done.items() if role in HUBS}
        for state, _ in staffs:
            if state != self.partner:
                used[state, "men"] += self.s.staff_men
        return len(staffs) * self.s.staff_men * self.man

    def _posts(self, used: dict[tuple[str, str], float], done: dict[Any, Any]) -> float:
        """Cost of the handover posts; their men are added up."""
        men, cost = self.s.rotation * self.s.handover_men, 0.0
        for sector, row in self.rows.items():
            after = sector if pd.isna(row["next"]) else str(row["next"])
            one, two = done[sector, "guard"][0], done[after, "guard"][0]
            for state in (one, two) if one != two else ():
                used[state, "men"] += men
                cost += men * self.man
        return cost

    def _over(self, used: dict[tuple[str, str], float], relax: float) -> dict[str, Any]:
        """What is used beyond the limits, at its price."""
        man, s = self.man * self.s.recruit, self.s
        each = {
            "men": man,
            "engineer_companies": man * max(s.company_men, 1.0),
            "plant_sets": s.plant_usd_yr,
            "trainers": man * s.skilled,
            "medics": man * s.skilled,
            "air_sets": s.air_usd_yr,
        }
        barred = False
        for (state, need), amount in used.items():
            over = amount - self.limit(state, need)
            if over > 1e-6 * max(self.limit(state, need), 1.0):
                barred |= state == self.partner
                relax += over * each.get(need, math.inf)
        return {"relax": relax, "barred": barred}

    def spread(self, used: dict[tuple[str, str], float]) -> float:
        shares = [
            used.get((m, "men"), 0.0) / self.limit(m, "men")
            for m in self.members
            if 0 < self.limit(m, "men") < math.inf
        ]
        return max(shares) - min(shares) if len(shares) > 1 else 0.0

    def joint(self, sector: str) -> bool:
        row = self.rows[sector]
        if sector in self.s.joint_sectors or self.s.joint == "all":
            return True
        beside = [str(row[n]) for n in ("previous", "next") if not pd.isna(row[n])]
        other = any(self.rows[n]["state"] != row["state"] for n in beside)
        return self.s.joint == "border" and other

    def choices(self, regime: str, sector: str, role: str) -> list[tuple[str, str]]:
        """Who may do a role, and how, under a regime."""
        owner = self.rows[sector]["state"]
        who = [owner]
        if regime != "alone" and (self.joint(sector) or role in self.s.abroad):
            who = list(self.members)
        modes = ["plain"]
        helped = regime == "joint_with_partner" and self.partner
        if helped and role == "guard":
            trained, watched = (self._offered(i) for i in ("trainers", "sensors"))
            modes += ["trained"] * trained + ["watched"] * watched
            modes += ["trained and watched"] * (trained and watched)
        out = [(state, mode) for state in who for mode in modes]
        if helped and role in self.s.partner_roles and self._offered(BROUGHT.get(role, "")):
            out.append((self.partner, "plain"))
        return out

    def _offered(self, item: str) -> bool:
        return self.offer.get((item, "number"), 0.0) > 0


def alone(world: World) -> dict[tuple[str, str], tuple[str, str]]:
    """Share out by ground alone."""
    return {(n, r): (row["state"], "plain") for n, row in world.rows.items() for r in ROLES}


def sharing(regime: Regime) -> dict[tuple[str, str], tuple[str, str]]:
    """Read a regime's table."""
    return {
        (row["sector"], row["role"]): (row["state"], row["mode"])
        for _, row in regime.table.iterrows()
    }


def check(world: World, regime: Regime) -> None:
    """Check a regime: every role once, ground, training, limits, balance, cost, what is short."""
    done = sharing(regime)
    assert len(done) == len(regime.table)
    assert set(done) == {(sector, role) for sector in world.rows for role in ROLES}
    for (sector, role), choice in done.items():
        assert choice in world.choices(regime.name, sector, role)
    for sector in world.rows:
        if done[sector, "guard"][1].startswith("trained"):
            assert done[sector, "training"][0] == world.partner
    sums = world.sums(done)
    assert not sums["barred"]
    assert math.isclose(regime.cost_usd_yr, sums["cost"], rel_tol=1e-9)
    assert math.isclose(regime.relax_usd_yr, sums["relax"], rel_tol=1e-6, abs_tol=1e-3)
    assert (regime.status == "short") == (sums["relax"] > 1e-3)
    assert regime.bound_usd_yr <= regime.cost_usd_yr + regime.relax_usd_yr
    assert 0 <= regime.gap <= 1
    least = world.spread(world.sums(alone(world))["used"])
    assert world.spread(sums["used"]) <= max(least, world.s.balance) + 1e-6
    for _, row in regime.loads.iterrows():
        if row["state"] != world.partner or row["used"]:
            used = sums["used"].get((row["state"], row["need"]), 0.0)
            assert math.isclose(row["used"], used, rel_tol=1e-9, abs_tol=1e-9)


def line(states: Iterable[str], **columns: Any) -> pd.DataFrame:
    """Make sectors in a row, one for each state named."""
    owners = list(states)
    names = [f"s{n}" for n in range(len(owners))]
    table = {
        "sector": names,
        "line": 0,
        "state": owners,
        "length_km": 50.0,
        "men_guard": 100.0,
        "reaction_bases": 1,
        "company_days": 500.0,
        "previous": [None, *names[:-1]],
        "next": [*names[1:], None],
        "lon": [0.5 * n for n in range(len(owners))],
        "lat": 15.0,
    }
    return pd.DataFrame(table | columns)


def figures(rows: dict[tuple[str, ...], float], keys: tuple[str, ...]) -> pd.DataFrame:
    """Make a table of figures without a range."""
    return pd.DataFrame(
        [
            dict(zip(keys, key, strict=True))
            | {"low": v, "mode": v, "high": v, "unit": "1", "source": "judgement: a test"}
            for key, v in rows.items()
        ],
        columns=[*keys, "low", "mode", "high", "unit", "source"],
    )


def forces(rows: dict[tuple[str, ...], float]) -> pd.DataFrame:
    return figures(rows, ("state", "item"))


def offers(rows: dict[tuple[str, ...], float]) -> pd.DataFrame:
    return figures(rows, ("item", "figure")).assign(state="PPP")


def bases(**places: tuple[float, float]) -> pd.DataFrame:
    """Make one base of each state named, at (lon, lat)."""
    rows = [
        {"place": s, "lon": lon, "lat": lat, "state": s, "kind": "garrison", "source": "x"}
        for s, (lon, lat) in places.items()
    ]
    return pd.DataFrame(rows, columns=["place", "lon", "lat", "state", "kind", "source"])


HELP: dict[tuple[str, ...], float] = {
    ("trainers", "number"): 10, ("trainers", "cost_usd_yr"): 60_000, ("trainers", "men_each"): 12,
    ("trainers", "effect"): 0.15, ("engineer_companies", "number"): 1,
    ("engineer_companies", "cost_usd_yr"): 1e6, ("sensors", "number"): 60,
    ("sensors", "cost_usd_yr"): 5000, ("sensors", "effect"): 0.2, ("air_sets", "number"): 1,
    ("air_sets", "cost_usd_yr"): 1e5,
}  # fmt: skip
