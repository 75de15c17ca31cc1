"""The gate: who comes in to page, websocket and API, and with what."""

from __future__ import annotations

import asyncio
import logging
import re
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from tests.app_gate_world import ANA, OWN, SECRET, Socket, World, write_users

from vallum.app.guard.carried import HEADER, LANGUAGE, carried, page_language, page_user
from vallum.app.guard.gate import Limits, guard
from vallum.app.model import LOCAL, User
from vallum.app.settings import AppSettings
from vallum.errors import InputError, RefusedError

# Panel's own, on Tornado 6.6
pytestmark = pytest.mark.filterwarnings("ignore:The .* HTTPServerRequest:DeprecationWarning")
MOST = 2_000_000  # bytes of a form


@pytest.fixture(scope="module")
def users(tmp_path_factory):
    return write_users(tmp_path_factory.mktemp("users"))


def test_the_page_its_websocket_and_the_api_know_one_user(users) -> None:
    async def run():
        world = World(users)
        async with world.client() as client:  # nothing without a login, Panel's files neither
            for path in (
                "/",
                "/api/me",
                "/static/js/bokeh.min.js",
                "/component-resources/x",
                "/no",
            ):
                answer = await client.get(path)
                assert answer.status_code == 401
                assert answer.headers["www-authenticate"].startswith("Basic")
        async with world.client(ANA) as client:
            told = {"x-vallum-request": "1", HEADER: "ben;admin", "Bokeh-Session-Id": "x"}
            found = (await client.post("/api/me", headers=told)).json()
            assert found == {"name": "ana", "admin": True, "inner": ["ana;admin"], "size": 0}
            assert (await client.get("/static/js/bokeh.min.js")).status_code == 200
        token, page = await world.token(ANA)
        assert world.seen == [User("ana", admin=True)]
        for secret in (ANA[1], "YW5hOm"):
            assert secret not in page
        async with Socket(world, token, ANA) as socket:
            assert socket.status == 101
            assert '"ACK"' in socket.sent[1]["text"]
        assert world.refused == []

    asyncio.run(run())


def test_no_page_opens_another_s_session(users) -> None:
    async def run():
        world = World(users)
        async with world.client(ANA) as client:
            for query in ("bokeh_session_id=x", "a=1&BOKEH%5Fsession_id=", "bokeh_session_id"):
                assert (await client.get(f"/?{query}")).status_code == 400

    asyncio.run(run())


CHANGES = [
    ({"origin": OWN}, 200),
    ({"x-vallum-request": "1"}, 200),
    ({"authorization": "Bearer x"}, 200),
    ({}, 403),
    ({"origin": "null"}, 403),
    ({"origin": "https://evil.example", "x-vallum-request": "1"}, 403),
    ({"origin": "https://evil.example", "authorization": "Bearer x"}, 403),
    ({"origin": "http://127.0.0.1:5007"}, 403),
    ({"origin": "https://127.0.0.1:5006"}, 403),
    ({"origin": "http://127.0.0.1.evil.example:5006"}, 403),
    ({"origin": "http://x@127.0.0.1:5006"}, 403),
    ({"x-vallum-request": "1", "sec-fetch-site": "cross-site"}, 403),
]


@pytest.mark.parametrize(("headers", "status"), CHANGES)
def test_no_foreign_page_changes_anything(headers, status) -> None:
    async def run():
        async with World().client() as client:
            for method in ("POST", "PUT", "DELETE", "PATCH", "MADEUP"):
                answer = await client.request(method, "/api/me", headers=headers)
                known = method in {"POST", "PUT", "DELETE"}
                assert answer.status_code == (status if known or status == 403 else 405)

    asyncio.run(run())


def test_no_foreign_page_has_pages_built_but_a_link_leads_here() -> None:
    async def run():
        async with World().client() as client:
            image = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
            frame = {"sec-fetch-site": "same-site", "sec-fetch-mode": "navigate",
                     "sec-fetch-dest": "iframe"}  # fmt: skip
            link = frame | {"sec-fetch-dest": "document"}
            for headers, status in ((image, 403), (frame, 403), (link, 200)):
                assert (await client.get("/api/me", headers=headers)).status_code == status

    asyncio.run(run())


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:5006", 200), ("localhost", 200), ("[::1]:5006", 200), ("LOCALHOST:1", 200),
        ("evil.example", 400), ("localhost.evil.example", 400), ("127.0.0.1@evil.example", 400),
        ("127.0.0.1:x", 400), ("192.0.2.7", 400), ("", 400), ("127.0.0.1, evil.example", 400),
        ("vallum.example.org", 400),
    ],
)  # fmt: skip
def test_at_home_only_this_machine_s_own_names_count(host, status) -> None:
    async def run():
        async with World().client() as client:
            answer = await client.get("/api/me", headers={"host": host})
            assert answer.status_code == status
            if status == 200:
                assert answer.json()["name"] == LOCAL.name

    asyncio.run(run())


def test_two_headers_of_what_comes_once_are_refused() -> None:
    async def run():
        async with World().client() as client:
            for name in ("Host", "Origin", "Authorization"):
                twice = [(name, "127.0.0.1:5006"), (name, "evil.example")]
                assert (await client.get("/api/me", headers=twice)).status_code == 400

    asyncio.run(run())


def test_a_body_is_counted_as_it_comes() -> None:
    async def run():
        told = {"x-vallum-request": "1"}
        async with World().client() as client:

            async def pieces(count, seen):
                for _ in range(count):
                    seen.append(1)
                    yield b"x" * 1000

            seen = []
            full = await client.post("/api/me", headers=told, content=pieces(MOST // 1000, seen))
            assert full.json()["size"] == MOST
            seen.clear()
            over = await client.post("/api/me", headers=told, content=pieces(9000, seen))
            assert over.status_code == 413
            assert over.json()["title"]
            assert len(seen) < 2100  # no more is read
            said = await client.post("/api/me", headers=told, content=b"x" * (MOST + 1))
            assert said.status_code == 413
            # a file may be larger than a form; a little more, so that the route says what is wrong
            for path, most in (("/api/uploads/size", MOST + 1000), ("/api/uploadssize", MOST)):
                over = await client.post(path, headers=told, content=b"x" * (most + 1))
                assert over.status_code == 413
            file = b"x" * (MOST + 1000)
            found = await client.post("/api/uploads/size", headers=told, content=file)
            assert found.json()["size"] == len(file)
            for wrong in ("-1", "1e3", "x"):
                bad = await client.post("/api/me", headers=told | {"content-length": wrong})
                assert bad.status_code == 400

    asyncio.run(run())


def test_nobody_has_pages_built_without_end() -> None:
    async def run():
        async with World(limits=Limits(loads=4)).client() as client:
            loads = [(await client.get("/?bokeh_session_id=x")).status_code for _ in range(6)]
            assert set(loads) == {400}  # what is refused counts for nothing
            codes = [(await client.get("/")).status_code for _ in range(6)]
            assert codes == [200] * 4 + [429] * 2
            assert (await client.get("/api/me")).status_code == 200

    asyncio.run(run())


def test_every_answer_carries_what_holds_a_browser_to_it(users) -> None:
    async def run():
        async with World(users).client(ANA) as client:
            page = await client.get("/")
            policy = page.headers["content-security-policy"]
            assert policy.startswith("default-src 'none'; script-src 'self'")
            for part in ("frame-ancestors 'none'", "connect-src 'self'", "base-uri 'none'"):
                assert part in policy.split("; ")
            assert not re.search(r"https?:|\*", policy)
            answers = [page, await client.get("/api/me"), await client.get("/none"),
                       await client.get("/api/me", auth=("ana", "x"))]  # fmt: skip
            for answer in answers:
                assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
                assert answer.headers["x-content-type-options"] == "nosniff"
                assert answer.headers["referrer-policy"] == "no-referrer"
                assert answer.headers["cache-control"] == "no-store"
            file = await client.get("/api/file")
            own = file.headers.get_list("content-security-policy")
            assert own == ["sandbox allow-scripts", "frame-ancestors 'none'"]
            assert "access-control-allow-origin" not in page.headers

    asyncio.run(run())


def test_many_wrong_passwords_are_told_to_wait_and_lock_no_open_page_out(users) -> None:
    async def run():
        world = World(users)
        async with world.client() as client:
            assert (await client.get("/api/me", auth=ANA)).status_code == 200
            wrong = [await client.get("/api/me", auth=("ana", f"wrong{n}")) for n in range(6)]
            assert [one.status_code for one in wrong] == [401] * 4 + [429] * 2
            assert 0 < int(wrong[-1].headers["retry-after"]) <= 300
            page = await client.get("/", auth=("ana", "wrong"), headers={"accept": "text/html"})
            assert "wait" in page.text
            assert (await client.get("/api/me", auth=ANA)).status_code == 200
        assert world.refused == [("ana", "127.0.0.1")] * 5

    asyncio.run(run())


def test_the_access_log_says_who_and_holds_no_credentials(users, caplog) -> None:
    async def run():
        async with World(users).client(ANA) as client:
            await client.get("/api/me?code=told&token=told")
            await client.get("/a%0Ab")

    with caplog.at_level(logging.INFO, logger="vallum.access"):
        asyncio.run(run())
    lines = [one.getMessage() for one in caplog.records if one.name == "vallum.access"]
    assert lines[0].startswith("ana GET /api/me 200 ")
    assert lines[1].startswith("ana GET /a%0Ab 404 ")
    assert not re.search("told|password|YW5h", caplog.text)


FRENCH = {"accept": "text/html", "accept-language": "fr-FR,fr;q=0.9,en;q=0.5"}


def test_who_is_turned_away_reads_why_in_the_language_of_their_browser(users) -> None:
    async def run():
        evil, foreign = {"host": "evil.example"}, {"origin": "https://evil.example"}
        async with World(users, limits=Limits(loads=1)).client() as client:

            async def said(path="/", method="GET", status=401, **more):
                answer = await client.request(method, path, **({"headers": FRENCH} | more))
                assert answer.status_code == status
                return answer.text

            page = await said()
            assert '<html lang="fr">' in page
            assert "<h1>Connectez-vous d’abord</h1>" in page
            assert "donnez votre nom et votre mot de passe" in page
            page = await said("/?lang=en")
            assert '<html lang="en">' in page
            assert "give your name and your password" in page
            assert "ne répond pas à ce nom\u202f:" in await said(status=400, headers=FRENCH | evil)
            refused = await said("/", "POST", 403, headers=FRENCH | foreign)
            assert "<h1>Accès refusé</h1>" in refused
            assert "bokeh_session_id est refusé" in await said("/?bokeh_session_id=x", status=400)
            long = FRENCH | {"x-vallum-request": "1"}
            over = await said("/x", "POST", 413, headers=long, content=b"x" * (MOST + 1), auth=ANA)
            assert "dépasse 2\u202f000\u202f000 octets" in over
            await said(status=200, auth=ANA)
            assert "vous chargez les pages plus vite" in await said(status=429, auth=ANA)
            for n in range(4):
                await said(auth=("ana", f"wrong{n}"))
            late = await said(status=429, auth=("ana", "wrong"))
            assert re.search("attendez [0-9]+ secondes, puis réessayez", late)
            for path, headers in (("/api/me", FRENCH), ("/", FRENCH | {"accept": "*/*"})):
                answer = await client.get(path, headers=headers)
                assert answer.headers["content-type"] == "application/problem+json"
                problem = answer.json()
                assert problem["title"] == "Unauthorized"
                assert problem["detail"] == "give your name and your password"

    asyncio.run(run())


def test_a_websocket_is_refused_in_english(users) -> None:
    async def run():
        world = World(users)
        async with Socket(world, "x", ANA, **FRENCH) as socket:
            assert b"token is not of this server" in socket.sent[1]["body"]

    asyncio.run(run())


def test_the_page_speaks_the_language_that_the_guard_read(users) -> None:
    async def run():
        world = World(users)
        async with world.client(ANA) as client:
            for path, headers in (
                ("/", FRENCH),
                ("/?lang=en", FRENCH),
                ("/?lang=fr", {}),
                ("/", {LANGUAGE: "fr"}),  # none but the guard's own word counts
            ):
                assert (await client.get(path, headers=headers)).status_code == 200
        assert world.spoken == ["fr", "en", "fr", "en"]

    asyncio.run(run())
    assert page_language({}) == "en"


def test_a_page_s_user_comes_from_its_token_alone() -> None:
    for user in (User("ana;admin"), User("Zoé ü%;"), LOCAL):
        assert page_user({"x-vallum-user": carried(user)}) == user
        context = SimpleNamespace(request=SimpleNamespace(headers={HEADER: carried(user)}))
        assert page_user(context) == user
        assert page_user(context.request) == user
    for headers in ({}, {HEADER: ""}, {"x": "ana"}):
        with pytest.raises(RefusedError):
            page_user(headers)


def test_what_is_not_safe_does_not_start(tmp_path) -> None:
    for settings in (
        AppSettings(host="192.0.2.1"),
        AppSettings(public_url="https://vallum.example.org"),
        AppSettings(auth="basic"),
        AppSettings(auth="basic", users=tmp_path / "none"),
    ):
        with pytest.raises(InputError):
            guard(FastAPI(), settings, secret=SECRET, refused=print)
