"""Settings of the test of the claim: which land, by which way, and what would count."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = ["ClaimSettings", "Rival"]


class Rival(BaseModel):
    """Another way by which violence may have come.

    Attributes
    ----------
    name
        What the page calls it.
    regions
        Regions by name, or by state and name as `MLI/Mopti`; a spelling that the theatre doesn't
        have is passed over, so that both of two spellings may stand here.
    states
        Whole states, iso3.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    regions: tuple[str, ...] = ()
    states: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _known(cls, given: object) -> object:
        """Name the keys that a rival does not have."""
        keys = sorted(set(given) - set(cls.model_fields)) if isinstance(given, dict) else []
        if keys:
            raise ValueError(f"a rival has no {', '.join(keys)}: only name, regions, states")
        return given

    @model_validator(mode="after")
    def _somewhere(self) -> Rival:
        """Refuse a way that leads through nowhere."""
        if not self.regions and not self.states:
            raise ValueError(f"rival '{self.name}' names neither regions nor states")
        return self


RIVALS = (
    Rival(
        name="central and northern Mali",
        regions=(
            "Mopti", "Bandiagara", "Douentza", "Ségou", "San", "Timbuktu", "Tombouctou",
            "Taoudénit", "Gao", "Ménaka", "Kidal",
        ),
    ),
    Rival(name="the south", states=("BFA", "CIV", "GIN", "SEN")),
)  # fmt: skip


class ClaimSettings(BaseModel):
    """The claim that violence came into some regions through some state, and how it is tested.

    All that is a judgement here was fixed before the test was first run on real events.

    Attributes
    ----------
    claimed
        Regions into which violence is said to have come; by name, whatever their accents, or by
        state and name as `MLI/Kayes`.
    through
        States by which it is said to have come, iso3.
    rivals
        The other ways.
    first_year
        Events before this year are left out. 2007: the incidents of Al-Qaeda in the Islamic
        Maghreb in Mauritania run from 2007 to 2011 (CTC Sentinel 2018,
        https://ctc.westpoint.edu/?p=44516); what came before belongs to other conflicts.
    windows_km, windows_days
        An earlier event is a *precursor* if it lies within so many km and days. All pairs are
        tried, and the p-value pays for it. Judgement: from a night's ride to the width of the
        regions, and from a month to half a year.
    main_km, main_days
        The window in which counts and ratios are shown, and in which spread is planted for the
        power; one of the above. Judgement: the middle ones.
    episode_km, episode_days
        Events that follow each other within so many km and days are one episode, which *arrives*
        with its first. Judgement: one operation and its replies.
    alpha
        Chance of finding a spread that is not there.
    power_wanted
        Chance of finding one that is, below which silence says nothing (0.8: the convention).
    share_of_interest
        The least share of arrivals through a way that would matter. Judgement: under a quarter, a
        line along that way is not the first need.
    planted
        Shares for which the power is computed.
    leaves_event, leaves_low, leaves_high
        Share of passages through `through` that leave an event on the way. No source gives it.
        Judgement: groups that cross thinly held desert avoid contact; Mauritania stayed free of
        attacks after 2011 but "hardly free of terrorist activity" (CTC Sentinel 2018, as above).
        For rivals it is 1: there violence itself is what spreads.
    kept_share, kept_low, kept_high
        Share of events that happened which the table holds. Judgement: tables are samples of a
        record that needs a report of deaths.
    permutations, simulations
        Random shifts behind each p-value; simulations behind each power.
    interval
        Probability inside the ranges.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    claimed: tuple[str, ...] = Field(default=("Kayes", "Koulikoro", "Sikasso"), min_length=1)
    through: tuple[str, ...] = Field(default=("MRT",), min_length=1)
    rivals: tuple[Rival, ...] = RIVALS
    first_year: int = Field(default=2007, ge=1900, le=2100)
    windows_km: tuple[float, ...] = Field(default=(150.0, 300.0, 600.0), min_length=1)
    windows_days: tuple[int, ...] = Field(default=(30, 90, 180), min_length=1)
    main_km: float = 300.0
    main_days: int = 90
    episode_km: float = Field(default=50.0, ge=0.0)
    episode_days: int = Field(default=14, ge=0)
    alpha: float = Field(default=0.05, gt=0.0, lt=0.5)
    power_wanted: float = Field(default=0.8, gt=0.0, lt=1.0)
    share_of_interest: float = Field(default=0.25, gt=0.0, le=1.0)
    planted: tuple[float, ...] = (0.1, 0.25, 0.5)
    leaves_event: float = Field(default=0.1, ge=0.0, le=1.0)
    leaves_low: float = Field(default=0.02, ge=0.0, le=1.0)
    leaves_high: float = Field(default=0.5, ge=0.0, le=1.0)
    kept_share: float = Field(default=0.5, ge=0.0, le=1.0)
    kept_low: float = Field(default=0.2, ge=0.0, le=1.0)
    kept_high: float = Field(default=0.9, ge=0.0, le=1.0)
    permutations: int = Field(default=999, ge=99, le=100_000)
    simulations: int = Field(default=400, ge=50, le=100_000)
    interval: float = Field(default=0.9, gt=0.0, lt=1.0)

    @model_validator(mode="after")
    def _sound(self) -> ClaimSettings:
        """Refuse ranges without their value, windows without the main one, names twice."""
        for name, low, value, high in [
            ("leaves_event", self.leaves_low, self.leaves_event, self.leaves_high),
            ("kept_share", self.kept_low, self.kept_share, self.kept_high),
        ]:
            if not low <= value <= high:
                raise ValueError(f"{name}={value} lies outside its range {low} to {high}")
        for name, main, windows in [
            ("main_km", self.main_km, self.windows_km),
            ("main_days", float(self.main_days), self.windows_days),
        ]:
            if min(windows) <= 0:
                raise ValueError(f"the windows of {name} must be above 0")
            if main not in windows:
                raise ValueError(f"{name}={main:g} is none of the windows {list(windows)}")
        if any(not 0.0 < share <= 1.0 for share in self.planted):
            raise ValueError(f"planted={list(self.planted)}: shares lie above 0 and up to 1")
        names = [rival.name for rival in self.rivals]
        if len(set(names)) < len(names) or {"inside", "elsewhere"} & set(names):
            raise ValueError("rivals need names of their own, other than 'inside', 'elsewhere'")
        return self

    @property
    def recorded(self) -> dict[str, float]:
        """Share of precursors that leave an event which the table holds, `low` to `high`.

        For `through`; that of a `rival` counts beside.
        """
        return {
            "low": self.leaves_low * self.kept_low,
            "mid": self.leaves_event * self.kept_share,
            "high": self.leaves_high * self.kept_high,
            "rival": self.kept_share,
        }
