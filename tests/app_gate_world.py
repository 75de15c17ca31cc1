"""The guard before a page of Panel's, a websocket and an API, and what comes to it."""

from __future__ import annotations

import asyncio
import re

import httpx
import panel as pn
from argon2 import PasswordHasher
from fastapi import FastAPI, Request
from fastapi.responses import Response
from panel.io.fastapi import add_applications

from vallum.app.guard.carried import HEADER, page_language, page_user, session_options
from vallum.app.guard.gate import Limits, guard
from vallum.app.settings import AppSettings, Quotas

FEW = Limits(2, 3)
SECRET, OWN = b"s" * 32, "http://127.0.0.1:5006"
ANA, BEN = ("ana", "a long password"), ("ben", "another långword")


def write_users(folder):
    """Write a file of users whose hashes are quick."""
    file = folder / "users"
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    file.write_text("".join(f"{name}:{quick.hash(word)}\n" for name, word in (ANA, BEN)))
    file.chmod(0o600)
    return file


class World:
    """The guard before a page of Panel's, a websocket and an API."""

    def __init__(self, users=None, limits=FEW, **settings):
        self.refused, self.seen, self.spoken = [], [], []
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

        @app.post("/api/uploads/size")
        async def uploaded(request: Request):
            return {"size": len(await request.body())}

        @app.get("/api/file")
        def file():
            return Response("<p>", headers={"Content-Security-Policy": "sandbox allow-scripts"})

        def page():
            user = page_user(pn.state.curdoc.session_context)
            assert user == page_user(pn.state.headers)
            self.seen.append(user)
            self.spoken.append(page_language(pn.state.headers))
            return pn.pane.Str("a page")

        add_applications({"/": page}, app=app, **session_options(SECRET))
        self.gate = guard(
            app, self.settings, secret=SECRET, limits=limits,
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
