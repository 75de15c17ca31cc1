"""The gate: who comes in to page, websocket and API, and with what."""

from __future__ import annotations

import asyncio
import logging
import re
from types import SimpleNamespace

import httpx
import panel as pn
import pytest
from argon2 import PasswordHasher
from bokeh.util.token import generate_jwt_token, generate_session_id
from fastapi import FastAPI, Request
from fastapi.responses import Response
from panel.io.fastapi import add_applications

from vallum.app.guard.carried import HEADER, carried, page_user, session_options
from vallum.app.guard.gate import guard
from vallum.app.guard.sockets import Lasting
from vallum.app.model import LOCAL, User
from vallum.app.settings import AppSettings, Quotas
from vallum.errors import InputError, RefusedError

# Panel's own, on Tornado 6.6
pytestmark = pytest.mark.filterwarnings("ignore:The .* HTTPServerRequest:DeprecationWarning")
SECRET, OWN = b"s" * 32, "http://127.0.0.1:5006"
ANA, BEN = ("ana", "a long password"), ("ben é", "another långword")
MOST = 2_001_000  # bytes: what may be uploaded, and a form


@pytest.fixture(scope="module")
def users(tmp_path_factory):
    file = tmp_path_factory.mktemp("users") / "users"
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    file.write_text("".join(f"{name.split()[0]}:{quick.hash(word)}\n" for name, word in (ANA, BEN)))
    file.chmod(0o600)
    return file


class World:
    """The guard before a page of Panel's, a websocket and an API."""

    def __init__(self, users=None, sockets=(2, 3), **settings):
        self.refused, self.seen = [], []
        self.settings = AppSettings(
            auth="basic" if users else "none", users=users, admins=("ana",),
            quotas=Quotas(upload_bytes=1000), **settings,
        )  # fmt: skip
        app = FastAPI()

        @app.api_route("/api/me", methods=["GET", "POST", "PUT", "DELETE", "OPTIONS"])
        async def me(request: Request):
            size = len(await request.body())
            user, inner = request.scope["state"]["user"], request.headers.getlist(HEADER)
            return {"name": user.name, "admin": user.admin, "inner": inner, "size": size}

        @app.get("/api/file")
        def file():
            return Response("<p>", headers={"Content-Security-Policy": "sandbox allow-scripts"})

        def page():
            user = page_user(pn.state.curdoc.session_context)
            assert user == page_user(pn.state.headers)
            self.seen.append(user)
            return pn.pane.Str("a page")

        add_applications({"/": page}, app=app, **session_options(SECRET))
        self.gate = guard(
            app, self.settings, secret=SECRET, sockets=sockets,
            refused=lambda name, address: self.refused.append((name, address)),
        )  # fmt: skip

    def client(self, auth=None, base=OWN):
        transport = httpx.ASGITransport(self.gate)
        return httpx.AsyncClient(transport=transport, base_url=base, auth=auth)

    async def token(self, auth):
        async with self.client(auth) as client:
            page = await client.get("/", headers={"accept": "text/html"})
        assert page.status_code == 200, page.text
        return re.search(r'"token":"([^"]+)"', page.text)[1], page.text


class Socket:
    """A websocket as a browser opens it, and what came back."""

    def __init__(self, world, token, auth=None, said=True, **headers):
        given = {"host": "127.0.0.1:5006", "origin": OWN} | headers
        if auth:
            request = httpx.Request("GET", OWN)
            given["authorization"] = next(httpx.BasicAuth(*auth).auth_flow(request)).headers[
                "authorization"
            ]
        self.scope = {
            "type": "websocket", "path": "/ws", "query_string": b"", "scheme": "ws",
            "headers": [(one.encode(), value.encode()) for one, value in given.items() if value],
            "subprotocols": ["bokeh", token] if token else [], "client": ("192.0.2.7", 1),
            "extensions": {"websocket.http.response": {}} if said else {},
        }  # fmt: skip
        self.world, self.sent, self.coming = world, [], asyncio.Queue()
        self.coming.put_nowait({"type": "websocket.connect"})

    async def send(self, message):
        self.sent.append(message)

    async def __aenter__(self):
        self.task = asyncio.ensure_future(self.world.gate(self.scope, self.coming.get, self.send))
        for _ in range(300):
            await asyncio.sleep(0.01)
            if self.task.done() or len(self.sent) >= 2:
                break
        return self

    async def __aexit__(self, *_):
        self.coming.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await self.task

    @property
    def status(self):
        """101 where it is open."""
        first = self.sent[0]
        return 101 if first["type"] == "websocket.accept" else first.get("status", 0)


async def opened(*args, **more):
    async with Socket(*args, **more) as socket:
        return socket.status


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


def test_a_websocket_belongs_to_the_page_of_the_one_who_opens_it(users) -> None:
    async def run():
        world, now = World(users), {"secret_key": SECRET, "signed": True}
        ben = ("ben", BEN[1])
        token, _ = await world.token(ben)
        session = generate_session_id(**now)
        inner = {"headers": {HEADER: "ana;admin"}}
        forged = generate_jwt_token(session, b"t" * 32, signed=True, extra_payload=inner)
        stale = generate_jwt_token(session, **now, extra_payload=inner, expiration=-1)
        bare = generate_jwt_token(session, **now)
        unsigned = generate_jwt_token(session, signed=False, extra_payload=inner)
        for bad in (
            token,
            forged,
            stale,
            bare,
            unsigned,
            token + "x",
            "x",
            "e30.x",
            "",
            "A" * 20_000,
        ):
            assert await opened(world, bad, ANA) == 403, bad[:20]
        assert await opened(world, token, ben) == 101
        assert await opened(world, token) == 401
        assert await opened(world, token, ("ben", "wrong")) == 401
        assert await opened(world, token, ben, origin="https://evil.example") == 403
        assert await opened(world, token, ben, origin="null") == 403
        assert await opened(world, token, ben, origin=None) == 403
        assert await opened(world, token, ben, host="evil.example:5006") == 400
        async with Socket(world, token, ben, said=False, origin="null") as socket:
            assert socket.sent == [
                {"type": "websocket.close", "code": 1008, "reason": socket.sent[0]["reason"]}
            ]
        assert world.refused == [("ben", "192.0.2.7")]

    asyncio.run(run())


def test_no_page_opens_another_s_session(users) -> None:
    async def run():
        world = World(users)
        async with world.client(ANA) as client:
            for query in ("bokeh_session_id=x", "a=1&BOKEH%5Fsession_id=", "bokeh_session_id"):
                assert (await client.get(f"/?{query}")).status_code == 400

    asyncio.run(run())


def test_open_pages_are_limited_and_it_is_said(users) -> None:
    async def run():
        world = World(users)
        token, _ = await world.token(ANA)
        async with Socket(world, token, ANA), Socket(world, token, ANA):
            async with Socket(world, token, ANA) as third:
                assert third.status == 429
                assert b"close one" in third.sent[1]["body"]
            async with world.client(ANA) as client:
                page = await client.get("/", headers={"accept": "text/html"})
                assert page.status_code == 429
                assert "2 of your pages are open" in page.text
                assert (await client.get("/api/me")).status_code == 200
            ben = ("ben", BEN[1])
            other, _ = await world.token(ben)
            async with Socket(world, other, ben) as fine:
                assert fine.status == 101
                assert await opened(world, other, ben) == 503
        assert await opened(world, token, ANA) == 101

    asyncio.run(run())


def test_a_websocket_ends_with_its_login() -> None:
    async def run():
        sent, holds, coming = [], [True], asyncio.Queue()

        async def send(message):
            sent.append(message)

        lasting = Lasting(coming.get, send, lambda: holds[0], every=0.01)
        coming.put_nowait({"type": "websocket.connect"})
        assert (await lasting.receive())["type"] == "websocket.connect"
        waiting = asyncio.ensure_future(lasting.receive())
        await asyncio.sleep(0.05)
        assert not waiting.done()
        coming.put_nowait({"type": "websocket.receive", "text": "a"})  # none is lost in waiting
        assert (await waiting)["text"] == "a"
        holds[0] = False
        assert (await lasting.receive())["type"] == "websocket.disconnect"
        assert [one["type"] for one in sent] == ["websocket.close"]
        with pytest.raises(OSError, match="login has ended"):
            await lasting.send({"type": "websocket.send"})
        lasting.leave()

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
            for wrong in ("-1", "1e3", "x"):
                bad = await client.post("/api/me", headers=told | {"content-length": wrong})
                assert bad.status_code == 400

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
