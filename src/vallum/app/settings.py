"""How the service runs: nothing here changes a plan."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  (pydantic needs it when the program runs)

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["AppSettings", "Quotas"]


class Quotas(BaseModel):
    """What one person may use, and how much a sheet may ask for on a shared machine.

    Judgements for a machine of two cores and 24 GiB. What a sheet may ask for is not limited
    where nobody has to log in, since the machine is the asker's own then.

    Attributes
    ----------
    plans_at_once
        Plans of one person that wait or run.
    plans_kept
        Plans of one person that have ended, however they did, and are kept.
    plan_hours
        How long one plan may be made, hours; what is longer is stopped, and can be resumed from its
        last whole stage.
    bytes_kept
        Size of all files of their plans, and of all versions of their scenarios.
    scenarios
        Scenarios of one person.
    versions
        Versions of one scenario; it can be made private beyond that.
    changes_per_minute
        New frontiers asked for by one person; and as many looks at the later stages.
    upload_bytes
        Largest file that may be brought.
    least_cell_km
        Finest cells that may be asked for, km.
    most_draws
        Draws, resamples and simulations of any one kind, other than the next two.
    most_robust_draws
        Draws with a frontier each (`robust.draws`).
    most_campaign_draws
        Draws of the campaign (`campaign.draws`).
    most_workers
        Processes that one stage may start.
    most_listed
        Entries of any list or table of the settings.
    effort
        How many times its default a setting may be that makes a stage work longer, as
        `forces.forts.most_pieces`; and the default how many times a step that makes it finer.
    full_depth
        Whether `depth = "full"` may be asked for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    plans_at_once: int = Field(default=2, ge=1)
    plans_kept: int = Field(default=50, ge=1)
    plan_hours: float = Field(default=6.0, gt=0.0, le=10_000.0)
    bytes_kept: int = Field(default=5_000_000_000, ge=1_000_000)
    scenarios: int = Field(default=200, ge=1)
    versions: int = Field(default=1_000, ge=1)
    changes_per_minute: int = Field(default=60, ge=1)
    upload_bytes: int = Field(default=20_000_000, ge=1_000)
    least_cell_km: float = Field(default=5.0, ge=1.0)
    most_draws: int = Field(default=10_000, ge=100)
    most_robust_draws: int = Field(default=200, ge=0)
    most_campaign_draws: int = Field(default=2_000, ge=10)
    most_workers: int = Field(default=2, ge=0)
    most_listed: int = Field(default=200, ge=1)
    effort: float = Field(default=2.0, ge=1.0)
    full_depth: bool = False


class AppSettings(BaseModel):
    """One frozen object for the whole service.

    Attributes
    ----------
    theatre
        What is opened: a built-in theatre's name, or the folder of a theatre.
    opened
        TOML of the settings that the page starts with; empty: the defaults.
    host, port
        Where it listens.
    store
        A folder, or `postgresql://…`.
    scheduler
        Address of a dask scheduler; None: processes of this machine.
    workers
        Processes that find frontiers; one more makes plans.
    auth
        "none" (on the machine itself only), "basic" or "oidc".
    users
        File of users for "basic".
    oidc_issuer, oidc_client_id, oidc_client_secret
        For "oidc".
    oidc_claim
        Which claim of an ID token is a user's name: `sub`, or another that the issuer gives to
        nobody else; `email` counts where it was verified.
    public_url
        The address under which people reach it, where a proxy stands before it.
    tls_cert, tls_key
        Files for HTTPS.
    come_back_s
        How long a page may be without its connection before its session ends, s.
    admins
        Names of those who may read the whole audit trail.
    quotas
        Per person.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    theatre: str = "sahel"
    opened: str = ""
    host: str = "127.0.0.1"
    port: int = Field(default=5006, ge=0, le=65_535)
    store: str = "vallum-store"
    scheduler: str | None = None
    workers: int = Field(default=2, ge=1, le=64)
    auth: str = Field(default="none", pattern="^(none|basic|oidc)$")
    users: Path | None = None
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: str | None = None
    oidc_claim: str = Field(default="sub", min_length=1)
    public_url: str | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    come_back_s: float = Field(default=60.0, ge=0.1)
    admins: tuple[str, ...] = ()
    quotas: Quotas = Field(default_factory=Quotas)
