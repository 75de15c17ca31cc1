"""Speaks with an OpenID provider: where it is, its keys, its tokens (OpenID Connect Core 1.0)."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from vallum.app.guard.answers import TurnedAwayError
from vallum.app.guard.door import loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Provider", "ProviderError", "TokenError", "private"]

# signatures by a public key; `none` and those by a shared secret are not among them
_ALGORITHMS = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
)  # fmt: skip
_KEPT_S = 3600.0  # what the provider said of itself
_LEAST_S = 60.0  # between two looks for a new key, so that made-up tokens cause no traffic
_LEEWAY_S = 30  # between its clock and ours
_LONGEST = 16_384  # of a token
_WHERE = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class ProviderError(TurnedAwayError):
    """Raised where the provider can't be reached, or answers what it must not.

    Parameters
    ----------
    said, values
        As `TurnedAwayError`.
    """

    def __init__(self, said: str, /, **values: object) -> None:
        super().__init__(502, said, **values)


class TokenError(Exception):
    """Raised where a token is not one of the provider's for us, or a code is none."""


class Provider:
    """An OpenID provider, as its own description says.

    Parameters
    ----------
    issuer
        Its address, as its tokens write it; an attribute too.
    client_id, client_secret
        What this service is to it; no secret where it is a public client.
    http
        Makes what sends requests.
    clock
        Tells the time, s since 1970.
    """

    def __init__(
        self,
        issuer: str,
        client_id: str,
        client_secret: str | None,
        http: Callable[[], httpx.AsyncClient] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.issuer = issuer
        self._id, self._secret = client_id, client_secret
        self._http = http or _client
        self._clock = clock
        self._turn = asyncio.Lock()
        self._said: tuple[float, Mapping[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    async def said(self) -> Mapping[str, Any]:
        """Give its description (OpenID Connect Discovery 1.0); raises `ProviderError`."""
        if self._said is not None and self._clock() - self._said[0] < _KEPT_S:
            return self._said[1]
        found = await self._get(self.issuer.rstrip("/") + "/.well-known/openid-configuration")
        if found.get("issuer") != self.issuer:
            raise ProviderError(
                "the provider names another issuer than --oidc-issuer: try again in a while"
            )
        for name in _WHERE:
            if not private(found.get(name)):
                raise ProviderError(
                    "the provider's {name} is no address with HTTPS: try again in a while",
                    name=name,
                )
        self._said = (self._clock(), found)
        return found

    async def login_url(self, back: str, state: str, nonce: str, verifier: str, scope: str) -> str:
        """Say where a browser logs in.

        Parameters
        ----------
        back
            Where the provider sends it then.
        state, nonce
            That the way back, and the token, have to carry.
        verifier
            Whose hash goes ahead (PKCE, RFC 7636).
        scope
            What is asked for.
        """
        said = await self.said()
        url = prepare_grant_uri(
            said["authorization_endpoint"], self._id, "code", back, scope, state,
            nonce=nonce, code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )  # fmt: skip
        return str(url)

    async def redeem(self, code: str, back: str, verifier: str, nonce: str) -> Mapping[str, Any]:
        """Change a code for an ID token, and give its claims.

        Raises
        ------
        ProviderError
            If it can't be reached.
        TokenError
            If it refuses the code, or its token is not good.
        """
        said = await self.said()
        url, way = said["token_endpoint"], self._way(said)
        body = prepare_token_request(
            "authorization_code", redirect_uri=back, code=code, code_verifier=verifier
        )
        headers = {"Accept": "application/json"}
        url, headers, body = ClientAuth(self._id, self._secret, way).prepare(
            "POST", url, headers, body
        )
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            async with self._http() as client:
                answer = await client.post(url, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise _unreached(error) from None
        if answer.status_code >= 500:
            raise _failing(answer)
        tokens = _object(answer)
        if answer.status_code != 200 or not isinstance(tokens.get("id_token"), str):
            raise TokenError("the provider gave no token for the code")
        return await self.claims(tokens["id_token"], nonce, tokens.get("access_token"))

    async def claims(
        self, token: str, nonce: str | None = None, access: str | None = None
    ) -> Mapping[str, Any]:
        """Read an ID token that the provider signed for us, and that is good now.

        Parameters
        ----------
        token
            As it came.
        nonce
            That it has to carry; None where a program brings it, which asked by itself.
        access
            The access token that came with it.

        Raises
        ------
        ProviderError
            If its keys can't be read.
        TokenError
            If it is not good.
        """
        if len(token) > _LONGEST:
            raise TokenError("it is too long")
        read = _read(token, await self._signers(fresh=False))
        if read is None:  # the provider may have taken a new key
            read = _read(token, await self._signers(fresh=True))
        if read is None:
            raise TokenError("it is not signed by the provider")
        options = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self._id},
        }
        given = {"nonce": nonce, "client_id": self._id, "access_token": access}
        claims = CodeIDToken(read.claims, read.header, options, given)
        try:
            claims.validate(now=int(self._clock()), leeway=_LEEWAY_S)
        except (JoseError, ValueError, TypeError) as error:
            raise TokenError(f"it is not good: {error}") from None
        return dict(claims)

    async def _signers(self, *, fresh: bool) -> KeySet:
        """Give its keys; read anew where they are old, or where another one is looked for."""
        async with self._turn:
            held = self._keys
            most = _LEAST_S if fresh else _KEPT_S
            if held is not None and self._clock() - held[0] < most:
                return held[1]
            said = await self._get((await self.said())["jwks_uri"])
            try:
                keys = KeySet.import_key_set({"keys": list(said["keys"])})
            except (JoseError, ValueError, KeyError, TypeError):
                raise ProviderError(
                    "the provider's keys can't be read: try again in a while"
                ) from None
            self._keys = (self._clock(), keys)
            return keys

    async def _get(self, url: str) -> Mapping[str, Any]:
        try:
            async with self._http() as client:
                answer = await client.get(url, headers={"Accept": "application/json"})
        except httpx.HTTPError as error:
            raise _unreached(error) from None
        found = _object(answer)
        if answer.status_code != 200:
            raise _failing(answer)
        return found

    def _way(self, said: Mapping[str, Any]) -> str:
        """Choose how this service says who it is: as the provider takes it."""
        if self._secret is None:
            return "none"
        taken = said.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        basic = "client_secret_basic" in taken or "client_secret_post" not in taken
        return "client_secret_basic" if basic else "client_secret_post"


def private(url: object) -> bool:
    """Whether nobody on the way reads what goes to an address: HTTPS, or this machine.

    Parameters
    ----------
    url
        Anything; only a text can be one.
    """
    if not isinstance(url, str):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = parts.hostname or ""
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and loopback(host)))


def _read(token: str, keys: KeySet) -> jwt.Token | None:
    """Read a token that one of the keys signed; None where none did."""
    try:
        return jwt.decode(token, keys, algorithms=_ALGORITHMS)
    except (JoseError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None  # what is no token at all fails in many ways


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=10.0)  # it follows no redirect


def _unreached(error: httpx.HTTPError) -> ProviderError:
    return ProviderError(
        "the provider can't be reached ({kind}): try again in a while", kind=type(error).__name__
    )


def _failing(answer: httpx.Response) -> ProviderError:
    return ProviderError(
        "the provider answers {status}: try again in a while", status=answer.status_code
    )


def _object(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ProviderError("the provider answers something else than JSON: try again in a while")
    return found
