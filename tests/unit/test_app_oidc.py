"""Login by OpenID: against a little provider that holds us to the protocol."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import time
from datetime import timedelta
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from vallum.app.guard.cookies import Jar
from vallum.app.guard.gate import guard
from vallum.app.guard.oidc import inside
from vallum.app.guard.oidc_settings import OidcOptions
from vallum.app.guard.provider import Provider, TokenError
from vallum.app.guard.visit import visit_of
from vallum.app.settings import AppSettings
from vallum.errors import InputError

ISSUER, CLIENT, SECRET = "https://id.example.org", "vallum", b"s" * 32
OWN = "http://127.0.0.1:5006"
PAGE = {"accept": "text/html"}
SETTINGS = AppSettings(
    auth="oidc", oidc_issuer=ISSUER, oidc_client_id=CLIENT, oidc_client_secret="told",  # noqa: S106
    admins=("ana",),
)  # fmt: skip
KEYS = [RSAKey.generate_key(2048, {"kid": name, "use": "sig", "alg": "RS256"}) for name in "ab"]


class World:
    """A provider, and the guard before an app that says who asks."""

    def __init__(self, settings=SETTINGS, **options):
        self.key, self.codes, self.changed, self.asked = KEYS[0], {}, {}, []
        self.down, self.refused = False, []
        self.idp = self._provider()
        self.gate = guard(
            self._app(), settings, secret=SECRET,
            refused=lambda name, address: self.refused.append((name, address)),
            oidc=OidcOptions(http=self.http, **options),
        )  # fmt: skip

    def http(self):
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.idp))

    def client(self, base=OWN):
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.gate), base_url=base)

    def token(self, key=None, alg="RS256", **changed):
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": CLIENT, "sub": "ana", "iat": now, "exp": now + 300}
        claims = {
            # from now: between reading this file and running it, an hour can go by
            name: now + int(one.total_seconds()) if isinstance(one, timedelta) else one
            for name, one in (claims | changed).items()
            if one is not None
        }
        key = key or self.key
        return jwt.encode({"alg": alg, "kid": key.kid or "a"}, claims, key, algorithms=[alg])

    def agree(self, url):
        """Do what the provider's own page does: give a code for what was asked."""
        self.asked.append({name: one for name, (one,) in parse_qs(urlsplit(url).query).items()})
        code = f"code{len(self.codes)}"
        self.codes[code] = self.asked[-1]
        return code, self.asked[-1]["state"]

    def _provider(self):
        idp = FastAPI()

        @idp.middleware("http")
        async def fall(request, call_next):
            return JSONResponse({}, 503) if self.down else await call_next(request)

        @idp.get("/.well-known/openid-configuration")
        def said():
            names = ("authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint")
            where = {name: f"{ISSUER}/{name}" for name in names}
            return {"issuer": ISSUER, **where}

        @idp.get("/jwks_uri")
        def keys():
            strange = {"kty": "new", "kid": "z"}
            return {"keys": [strange, self.key.as_dict(private=False)]}

        @idp.post("/token_endpoint")
        async def token(request: Request):
            form = {name: one for name, (one,) in parse_qs((await request.body()).decode()).items()}
            asked = self.codes.pop(form["code"], None)
            hashed = hashlib.sha256(form["code_verifier"].encode()).digest()
            challenge = base64.urlsafe_b64encode(hashed).decode().rstrip("=")
            known = base64.b64encode(b"vallum:told").decode()
            if (
                asked is None
                or asked["code_challenge"] != challenge
                or asked["redirect_uri"] != form["redirect_uri"]
                or form["grant_type"] != "authorization_code"
                or request.headers["authorization"] != f"Basic {known}"
            ):
                return JSONResponse({"error": "invalid_grant"}, 400)
            claims = {"nonce": asked["nonce"], **self.changed}
            return {"access_token": "x", "token_type": "bearer", "id_token": self.token(**claims)}

        return idp

    @staticmethod
    def _app():
        app = FastAPI()

        @app.api_route("/{path:path}", methods=["GET", "POST"])
        def who(request: Request):
            user = request.scope["state"]["user"]
            return {"name": user.name, "admin": user.admin}

        return app


async def log_in(world, client, path="/"):
    """Log in as a browser does, and give the answer of the last step."""
    first = await client.get(path, headers=PAGE)
    began = await client.get(first.headers["location"])
    code, state = world.agree(began.headers["location"])
    return await client.get("/callback", params={"code": code, "state": state})


def test_a_person_logs_in_by_code_and_pkce_and_leaves() -> None:
    async def run():
        world = World()
        async with world.client() as client:
            back = await log_in(world, client, "/?a=1")
            assert (back.status_code, back.headers["location"]) == (303, "/?a=1")
            asked = world.asked[0]
            assert (asked["response_type"], asked["scope"]) == ("code", "openid")
            assert (asked["client_id"], asked["code_challenge_method"]) == (CLIENT, "S256")
            assert asked["redirect_uri"] == f"{OWN}/callback"
            kept = next(one for one in back.headers.get_list("set-cookie") if "vallum=" in one)
            assert "HttpOnly; SameSite=Lax" in kept
            assert (await client.get("/api/me")).json() == {"name": "ana", "admin": True}
            # a link, or another site, logs nobody out
            assert "<button>" in (await client.get("/logout", headers=PAGE)).text
            foreign = await client.post("/logout", headers={"origin": "https://evil.example"})
            assert foreign.status_code == 403
            copied = {"cookie": f"vallum={client.cookies['vallum']}"}
            assert (await client.post("/logout", headers={"origin": OWN})).status_code == 200
            assert "vallum" not in client.cookies
        async with world.client() as thief:
            assert (await thief.get("/api/me", headers=copied)).status_code == 401
        assert world.refused == []

    asyncio.run(run())


BAD = {
    "another issuer": {"iss": "https://other.example.org"},
    "another audience": {"aud": "other"},
    "another audience, for us": {"aud": "other", "azp": CLIENT},
    "two audiences, no party": {"aud": [CLIENT, "other"]},
    "another party": {"aud": [CLIENT, "other"], "azp": "other"},
    "over": {"exp": timedelta(seconds=-60)},
    "without an end": {"exp": None},
    "not yet": {"nbf": timedelta(seconds=900)},
    "nobody": {"sub": None},
    "a name of signs": {"sub": "a\nb"},
    "another's key": {"key": KEYS[1]},
    "a shared secret": {"key": OctKey.import_key("told" * 8), "alg": "HS256"},
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("what", BAD)
def test_a_token_that_is_not_the_provider_s_for_us_lets_nobody_in(what) -> None:
    async def run():
        world = World()
        async with world.client() as client:
            good = {"authorization": f"Bearer {world.token(sub='ben')}"}
            assert (await client.get("/api/me", headers=good)).json()["name"] == "ben"
            bad = {"authorization": f"Bearer {world.token(**BAD[what])}"}
            answer = await client.get("/api/me", headers=bad)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert world.refused == [("(unknown)", "127.0.0.1")]

    asyncio.run(run())


def test_an_unsigned_token_lets_nobody_in_and_many_are_told_to_wait() -> None:
    async def run():
        world = World()
        head, body, _ = world.token().split(".")
        none = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
        async with world.client() as client:
            told = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"a"}').decode().rstrip("=")
            pem = KEYS[0].as_pem(private=False)  # the public key, taken for a shared secret
            sign = hmac.digest(pem, f"{told}.{body}".encode(), "sha256")
            mixed = f"{told}.{body}.{base64.urlsafe_b64encode(sign).decode().rstrip('=')}"
            deep = base64.urlsafe_b64encode(b"[" * 8_000).decode().rstrip("=")
            listed = base64.urlsafe_b64encode(b"[]").decode().rstrip("=")
            for token in (
                mixed,
                f"{deep}.{body}.x",
                f"{listed}.{body}.x",
                f"{none}.{body}.",
                f"{head}.{body}.",
                "x",
                "a.b.c",
                "é",
                "x" * 20_000,
            ):
                told = {"authorization": f"Bearer {token}".encode()}
                assert (await client.get("/api/me", headers=told)).status_code == 401, token
            for _ in range(11):
                await client.get("/api/me", headers={"authorization": "Bearer x"})
            late = await client.get("/api/me", headers={"authorization": "Bearer x"})
            assert late.status_code == 429
            assert 0 < int(late.headers["retry-after"]) <= 300
            assert len(world.refused) == 20
            good = {"authorization": f"Bearer {world.token()}"}
            assert (await client.get("/api/me", headers=good)).status_code == 200

    asyncio.run(run())


def test_a_login_that_was_not_begun_here_ends_nowhere() -> None:
    async def run():
        world = World()
        async with world.client() as ana, world.client() as eve:
            began = await eve.get("/login")
            code, state = world.agree(began.headers["location"])
            for asked in (
                {"code": code, "state": state},  # eve's code in ana's browser
                {"code": code},
            ):
                assert (await ana.get("/callback", params=asked)).status_code == 400
            await ana.get("/login")
            assert (
                await ana.get("/callback", params={"code": code, "state": state})
            ).status_code == 400
            twice = f"/callback?code={code}&state=x&state={state}"
            assert (await eve.get(twice)).status_code == 400
            denied = await eve.get("/callback", params={"error": "<b>", "state": state})
            assert denied.status_code == 403
            assert "<b>" not in denied.text
            assert (await ana.get("/api/me")).status_code == 401
            # the token of another login: its nonce is not ours
            world.changed = {"nonce": "another"}
            assert (await log_in(world, eve)).status_code == 403
            world.changed = {}
            back = await log_in(world, eve)
            again = {"code": "code1", "state": world.asked[-1]["state"]}
            assert back.status_code == 303
            assert (await eve.get("/callback", params=again)).status_code == 400
        assert world.refused == [("(unknown)", "127.0.0.1")]

    asyncio.run(run())


def test_a_provider_that_is_down_or_another_is_said_in_words() -> None:
    async def run():
        world = World()
        world.down = True
        async with world.client() as client:
            for path, headers in (("/login", PAGE), ("/x", {"authorization": "Bearer x"})):
                answer = await client.get(path, headers=headers)
                assert answer.status_code == 502
                assert "the provider answers 503" in answer.text
        other = World(SETTINGS.model_copy(update={"oidc_issuer": ISSUER + "/"}))
        async with other.client() as client:
            assert "another issuer" in (await client.get("/login")).text

    asyncio.run(run())


def test_the_login_s_own_pages_are_in_the_language_of_the_browser() -> None:
    async def run():
        french, world = PAGE | {"accept-language": "fr"}, World()
        async with world.client() as client:
            lost = (await client.get("/callback?state=x", headers=french)).text
            assert '<html lang="fr">' in lost
            assert "<h1>La connexion n’a pas abouti</h1>" in lost
            assert "n’a pas commencé dans ce navigateur" in lost
            assert ">Se reconnecter</a>" in lost
            asks = (await client.get("/logout", headers=french)).text
            assert "<h1>Se déconnecter\u202f?</h1>" in asks
            # the form goes to the address that it stands at: its language goes with it
            assert '<form method="post"><button>' in asks
            assert "<h1>Log out?</h1>" in (await client.get("/logout?lang=en", headers=french)).text
            left = (await client.post("/logout", headers=french | {"origin": OWN})).text
            assert "<h1>La session est fermée.</h1>" in left
            assert "Se déconnecter aussi chez le fournisseur d’identité" in left
            foreign = await client.post("/x", headers=french | {"origin": OWN})
            assert "envoyez un jeton d’identité" in foreign.text
        other = World(SETTINGS.model_copy(update={"oidc_issuer": ISSUER + "/"}))
        async with other.client() as client:
            down = (await client.get("/login", headers=french)).text
            assert "nomme un autre émetteur que --oidc-issuer\u202f:" in down
            told = {"authorization": "Bearer x", "accept-language": "fr"}
            problem = (await client.get("/api/me", headers=told)).json()
            assert problem["detail"].startswith("the provider names another issuer")

    asyncio.run(run())


def test_a_new_key_is_taken_and_made_up_ones_cause_no_traffic() -> None:
    async def run():
        world, now, reads = World(), [time.time()], []

        def http():
            reads.append(now[0])
            return world.http()

        provider = Provider(ISSUER, CLIENT, "told", http, lambda: now[0])
        assert (await provider.claims(world.token()))["sub"] == "ana"
        world.key = KEYS[1]
        before = len(reads)
        for _ in range(5):
            with pytest.raises(TokenError):
                await provider.claims(world.token())
        assert len(reads) == before
        now[0] += 61.0
        assert (await provider.claims(world.token()))["sub"] == "ana"
        with pytest.raises(TokenError):  # the old one is good no more
            await provider.claims(world.token(key=KEYS[0]))

    asyncio.run(run())


def test_an_address_is_a_name_only_where_it_was_verified() -> None:
    async def run():
        world = World(claim="email")
        async with world.client() as client:
            for verified, status in ((True, 200), (False, 401), (None, 401), ("true", 401)):
                token = world.token(email="ana", email_verified=verified)
                told = {"authorization": f"Bearer {token}"}
                assert (await client.get("/x", headers=told)).status_code == status

    asyncio.run(run())


def test_behind_https_cookies_are_the_host_s_own_and_the_way_back_is_the_public_one() -> None:
    async def run():
        public = "https://vallum.example.org"
        world = World(SETTINGS.model_copy(update={"public_url": public}))
        async with world.client(public) as client:
            back = await log_in(world, client)
            assert world.asked[0]["redirect_uri"] == f"{public}/callback"
            kept = next(one for one in back.headers.get_list("set-cookie") if "vallum=" in one)
            assert kept.startswith("__Host-vallum=")
            assert kept.endswith("; Secure")
            assert (await client.get("/x")).status_code == 200

    asyncio.run(run())


def test_a_cookie_is_good_for_its_kind_its_secret_and_its_time() -> None:
    now = [1000.0]

    def jar(name="vallum", secret=SECRET):
        return Jar(name, secret, 60.0, secure=False, clock=lambda: now[0])

    def visit(line):
        pair = line.partition(";")[0].encode()
        scope = {"type": "http", "path": "/", "headers": [(b"cookie", b"vallum=x; " + pair)]}
        return visit_of(scope)

    line = jar().fill({"name": "ana"})
    assert jar().read(visit(line))["name"] == "ana"
    assert jar(secret=b"t" * 32).read(visit(line)) is None
    other = jar("vallum-login").fill({"name": "ana"}).replace("vallum-login=", "vallum=")
    assert jar().read(visit(other)) is None
    head, dot, sign = line.partition(";")[0].rpartition(".")
    assert jar().read(visit(head[:-1] + chr(ord(head[-1]) ^ 1) + dot + sign)) is None
    now[0] += 60.0
    assert jar().read(visit(line)) is None


@given(st.text(alphabet="/\\a.:@?#%\t\n \u2028é", max_size=12))
def test_a_login_leads_on_to_this_service_alone(wanted) -> None:
    path = inside(wanted)
    stripped = path.translate({9: None, 10: None, 13: None}).replace("\\", "/")  # as browsers do
    assert urlsplit(urljoin(OWN + "/login", stripped)).netloc == "127.0.0.1:5006"
    assert stripped == path


def test_a_login_leads_on_to_where_one_wanted_to_go() -> None:
    assert inside("/api/plans?most=3") == "/api/plans?most=3"
    for elsewhere in (
        "//evil.example",
        "/\\evil.example",
        "/\t/evil",
        "https://evil",
        "",
        "/logout?",
    ):
        assert inside(elsewhere) == "/"
    assert inside(None) == "/"


def test_settings_that_would_speak_in_the_clear_are_refused() -> None:
    for changed, count in (
        ({"oidc_issuer": None, "oidc_client_id": None}, 2),
        ({"oidc_issuer": "http://id.example.org"}, 1),
        ({"oidc_issuer": "id.example.org"}, 1),
    ):
        with pytest.raises(InputError) as caught:
            World(SETTINGS.model_copy(update=changed))
        assert len(caught.value.faults) == count
