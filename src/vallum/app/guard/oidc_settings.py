"""Builds the login by OpenID from the service's settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vallum.app.guard.cookies import Jar, secure_by
from vallum.app.guard.oidc import LOGIN_S, SESSION_S, Oidc
from vallum.app.guard.provider import Provider, private
from vallum.errors import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from vallum.app.guard.hosts import Names
    from vallum.app.settings import AppSettings

__all__ = ["DEFAULT", "OidcOptions", "oidc_login"]


@dataclass(frozen=True)
class OidcOptions:
    """What the service's settings do not say.

    Attributes
    ----------
    claim
        Which claim is a user's name: `sub`, or another that the provider gives to nobody else.
    http
        Makes what sends requests to the provider; None: httpx as it comes.
    """

    claim: str = "sub"
    http: Callable[[], httpx.AsyncClient] | None = None


DEFAULT = OidcOptions()


def oidc_login(
    settings: AppSettings,
    names: Names,
    secret: bytes,
    refused: Callable[[str, str], None],
    options: OidcOptions,
) -> Oidc:
    """Make what finds who somebody is.

    Parameters
    ----------
    settings
        Of the service.
    names
        Under which it answers.
    secret
        With which cookies are signed.
    refused
        Told of each failure.
    options
        More.

    Raises
    ------
    InputError
        If the issuer or the client is missing, or what is said to the issuer could be read.
    """
    faults = []
    issuer, client = settings.oidc_issuer, settings.oidc_client_id
    if not private(issuer):
        found = "none" if issuer is None else f"{issuer!r} has no HTTPS"
        mend = "give the provider's address, as its description names it: https://…"
        faults.append(Fault("--oidc-issuer", "", found, mend))
    if not client:
        mend = "give the id that the provider knows this service by"
        faults.append(Fault("--oidc-client-id", "", "none", mend))
    if issuer is None or client is None or faults:
        raise InputError(faults)
    secure = secure_by(settings)
    return Oidc(
        provider=Provider(issuer, client, settings.oidc_client_secret, options.http),
        session=Jar("vallum", secret, SESSION_S, secure),
        started=Jar("vallum-login", secret, LOGIN_S, secure),
        origin=names.origin,
        admins=settings.admins,
        refused=refused,
        claim=options.claim,
    )
