"""Where the service may listen, and what has to stand before it there."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from vallum.errors import Fault

if TYPE_CHECKING:
    from vallum.app.settings import AppSettings

__all__ = ["door_faults", "loopback"]


def loopback(host: str) -> bool:
    """Whether only this machine reaches a host.

    Parameters
    ----------
    host
        A name or an address, without a port.

    Returns
    -------
    bool
        Names other than `localhost` are taken for outside: what they mean can change.
    """
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def door_faults(settings: AppSettings) -> tuple[Fault, ...]:
    """Find what makes an address unsafe to listen at.

    Parameters
    ----------
    settings
        Of the service.

    Returns
    -------
    tuple of Fault
        Empty where it is safe.
    """
    faults: list[Fault] = []
    if (settings.tls_cert is None) != (settings.tls_key is None):
        mend = "give both --tls-cert and --tls-key"
        faults.append(Fault("--tls-cert", "", "one file of two", mend))
    if settings.public_url is not None and not _private_name(settings.public_url):
        mend = "give the address that people open, as https://vallum.example.org/"
        found = f"{settings.public_url} is no address of HTTPS: passwords would pass in the clear"
        faults.append(Fault("--public-url", "", found, mend))
    if loopback(settings.host):
        if settings.auth == "none" and settings.public_url is not None:
            found = "a proxy would let everybody in, and nobody is asked who they are"
            mend = "leave --public-url away, or start with --auth basic or --auth oidc"
            faults.append(Fault("--public-url", "", found, mend))
        return tuple(faults)
    if settings.auth == "none":
        mend = (
            "leave --host away, or add people with `vallum serve-user NAME --users FILE` "
            "and start with --auth basic --users FILE, or with --auth oidc"
        )
        found = f"{settings.host} is reached from outside, and nobody is asked who they are"
        faults.append(Fault("--host", "", found, mend))
    if settings.tls_cert is None:  # whatever a proxy does: who goes round it is answered too
        mend = (
            "give --tls-cert and --tls-key; or put a proxy with HTTPS before it on this machine, "
            "leave --host away, and name its address: --public-url https://…"
        )
        faults.append(Fault("--host", "", "passwords would pass in the clear", mend))
    return tuple(faults)


def _private_name(url: str) -> bool:
    """Whether an address has a name, and is reached by HTTPS."""
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and bool(parts.hostname)
    except ValueError:
        return False
