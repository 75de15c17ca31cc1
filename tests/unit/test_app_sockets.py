"""Websockets through the gate: whose page they belong to, how many, and until when."""

from __future__ import annotations

import asyncio
import re

import pytest
from bokeh.util.token import generate_jwt_token, generate_session_id
from tests.app_gate_world import ANA, BEN, SECRET, Socket, World, opened, write_users

from vallum.app.guard.carried import HEADER
from vallum.app.guard.sockets import Lasting

# Panel's own, on Tornado 6.6
pytestmark = pytest.mark.filterwarnings("ignore:The .* HTTPServerRequest:DeprecationWarning")


@pytest.fixture(scope="module")
def users(tmp_path_factory):
    return write_users(tmp_path_factory.mktemp("users"))


def test_a_websocket_belongs_to_the_page_of_the_one_who_opens_it(users) -> None:
    async def run():
        world, now = World(users), {"secret_key": SECRET, "signed": True}
        token, _ = await world.token(BEN)
        session = generate_session_id(**now)
        inner = {"headers": {HEADER: "ana;admin"}}
        forged = generate_jwt_token(session, b"t" * 32, signed=True, extra_payload=inner)
        stale = generate_jwt_token(session, **now, extra_payload=inner, expiration=-1)
        good = generate_jwt_token(session, **now, extra_payload=inner)
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
            "eyJzZXNzaW9uX2lkIjo1fQ.x",  # a session of no text
            "W10.é",
            "é.x",
            "",
            "A" * 20_000,
        ):
            assert await opened(world, bad, ANA) == 403, bad[:20]
        assert await opened(world, good, ANA) == 101
        assert await opened(world, token, BEN) == 101
        assert await opened(world, token) == 401
        assert await opened(world, token, ("ben", "wrong")) == 401
        assert await opened(world, token, BEN, origin="https://evil.example") == 403
        assert await opened(world, token, BEN, origin="null") == 403
        assert await opened(world, token, BEN, origin=None) == 403
        assert await opened(world, token, BEN, host="evil.example:5006") == 400
        async with Socket(world, token, BEN, said=False, origin="null") as socket:
            assert socket.sent == [
                {"type": "websocket.close", "code": 1008, "reason": socket.sent[0]["reason"]}
            ]
        assert world.refused == [("ben", "192.0.2.7")]

    asyncio.run(run())


def test_a_page_s_cookie_opens_its_websocket_and_nothing_else(tmp_path) -> None:
    async def run():
        file = write_users(tmp_path)
        world = World(file)
        async with world.client(ANA) as client:
            page = await client.get("/")
            assert "set-cookie" not in (await client.get("/api/me")).headers
        kept = page.headers["set-cookie"]
        assert "HttpOnly; SameSite=Lax" in kept
        cookie, token = kept.partition(";")[0], re.search(r'"token":"([^"]+)"', page.text)[1]
        assert await opened(world, token, cookie=cookie) == 101
        assert await opened(world, token, ("ana", "wrong"), cookie=cookie) == 401
        other, _ = await world.token(BEN)
        assert await opened(world, other, cookie=cookie) == 403
        async with world.client() as client:
            for path in ("/", "/api/me", "/ws"):
                assert (await client.get(path, headers={"cookie": cookie})).status_code == 401
        file.write_text("".join(file.read_text().splitlines(keepends=True)[1:]))  # ana goes
        assert await opened(world, token, cookie=cookie) == 401

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
            other, _ = await world.token(BEN)
            async with Socket(world, other, BEN) as fine:
                assert fine.status == 101
                assert await opened(world, other, BEN) == 503
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


def test_a_page_that_sends_what_ours_never_do_is_closed() -> None:
    async def run(*messages):
        sent, coming = [], asyncio.Queue()

        async def send(message):
            sent.append(message)

        lasting = Lasting(coming.get, send, None)
        for message in messages:
            coming.put_nowait({"type": "websocket.receive", **message})
        came = [(await lasting.receive())["type"] for _ in messages]
        return came, [one.get("code") for one in sent]

    told = "websocket.receive", "websocket.disconnect"
    assert asyncio.run(run({"text": "a"}, {"text": "b"})) == ([told[0]] * 2, [])
    assert asyncio.run(run({"text": "a"}, {"bytes": b"x"})) == ([*told], [1008])
    much = {"text": "a" * 1_900_000}
    assert asyncio.run(run(*[much] * 5)) == ([told[0]] * 4 + [told[1]], [1008])
