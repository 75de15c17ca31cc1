"""What a browser keeps of a login: signed, so that nobody but this server can write it."""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from itsdangerous import BadData, URLSafeSerializer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vallum.app.guard.visit import Visit
    from vallum.app.settings import AppSettings

__all__ = ["Jar", "secure_by"]


@dataclass(frozen=True)
class Jar:
    """One kind of cookie.

    Attributes
    ----------
    name
        Of the cookie.
    secret
        Of the service; each kind is signed by a key of its own.
    seconds
        For how long it is good.
    secure
        Whether it goes over HTTPS alone. Then its name says so too, and no other host of the
        domain can set it.
    clock
        Tells the time, s since 1970.
    """

    name: str
    secret: bytes
    seconds: float
    secure: bool
    clock: Callable[[], float] = time.time

    def fill(self, held: Mapping[str, str]) -> str:
        """Write `Set-Cookie`: what is held can be read by its owner, and not changed."""
        ends = self.clock() + self.seconds
        value = self._signer().dumps({**held, "ends": ends})
        return self._line(str(value), int(self.seconds))

    def empty(self) -> str:
        """Write `Set-Cookie` so that the browser forgets it."""
        return self._line("", 0)

    def read(self, visit: Visit) -> Mapping[str, Any] | None:
        """Give what is held, and `ends` (s since 1970); None where there is none that is good."""
        for pair in visit.headers.get("cookie", "").split(";"):
            name, _, value = pair.strip().partition("=")
            if name != self._full():
                continue
            try:
                held: Mapping[str, Any] = self._signer().loads(value)
            except BadData:
                continue
            if held["ends"] > self.clock():
                return held
        return None

    def derived(self, what: str) -> str:
        """Give 64 digits that nobody else can tell, always the same for the same `what`."""
        return hmac.digest(self.secret, f"{self.name}:{what}".encode(), "sha256").hex()

    def _signer(self) -> URLSafeSerializer:
        # SHA-1 is its default
        how = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
        return URLSafeSerializer(self.secret, salt=f"vallum.{self.name}", signer_kwargs=how)

    def _full(self) -> str:
        return ("__Host-" if self.secure else "") + self.name

    def _line(self, value: str, seconds: int) -> str:
        secure = "; Secure" if self.secure else ""
        return f"{self._full()}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"


def secure_by(settings: AppSettings) -> bool:
    """Whether people reach the service by HTTPS alone."""
    return settings.tls_cert is not None or (settings.public_url or "").startswith("https://")
