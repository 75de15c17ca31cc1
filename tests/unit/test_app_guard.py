"""Where the service may listen."""

from __future__ import annotations

from pathlib import Path

import pytest

from vallum.app.guard.door import door_faults, loopback
from vallum.app.settings import AppSettings


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104  (that it is refused is what is tested)
        ("::", False),
        ("localhost.example.org", False),
        ("127.0.0.1.example.org", False),
    ],
)
def test_only_this_machine_is_loopback(host: str, own: bool) -> None:
    assert loopback(host) is own


def test_outside_needs_a_login_and_https() -> None:
    bare = AppSettings(host="192.0.2.1")
    assert len(door_faults(bare)) == 2
    assert "vallum serve-user" in door_faults(bare)[0].mend
    assert len(door_faults(bare.model_copy(update={"auth": "basic"}))) == 1
    proxied = {"auth": "basic", "public_url": "https://vallum.example.org"}
    assert door_faults(bare.model_copy(update=proxied)) == ()
    clear = {"auth": "basic", "public_url": "http://vallum.example.org"}
    assert len(door_faults(bare.model_copy(update=clear))) == 1


def test_half_a_certificate_is_refused_even_at_home() -> None:
    assert door_faults(AppSettings()) == ()
    assert len(door_faults(AppSettings(tls_cert=Path("cert.pem")))) == 1
