"""The service as it is started: what it refuses, how it ends, and that pages leave nothing."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
from tests.app_fakes import FakeCrew
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from vallum import cli
from vallum.app import serve
from vallum.app.desk_room import Desk
from vallum.app.listening import Server, address, bound
from vallum.app.opened import opened
from vallum.app.page import session
from vallum.app.settings import AppSettings
from vallum.app.sheet import read
from vallum.app.store import open_store
from vallum.errors import InputError
from vallum.settings import load_settings

COARSE = "[theatre]\ncell_km = 50.0\n"


def vallum(*args):
    """Run a command in this process; give its exit code."""
    try:
        cli.main([str(arg) for arg in args])
    except SystemExit as stop:
        return stop.code or 0
    return 0


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Serve page and API from this process, with a crew that computes nothing."""
    folder = tmp_path_factory.mktemp("served")
    settings = AppSettings(opened=COARSE, store=str(folder / "store"), port=0, come_back_s=0.5)
    store = open_store(settings.store)
    with bound("127.0.0.1", 0) as listening:
        app = serve.create_app(settings, Desk(store, FakeCrew(), settings))
        server = Server(app, settings)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield address(settings, listening)
        server.should_exit = True
        thread.join(20)
    store.close()


def token_of(base):
    return re.search(r'"token":"([^"]+)"', httpx.get(base, timeout=60).text)[1]


def opened_page(base, **more):
    own = {"subprotocols": ["bokeh", token_of(base)], "origin": base.rstrip("/"), **more}
    return connect(base.replace("http", "ws", 1) + "ws", **own)


def test_page_api_and_websocket_are_on_one_port(served):
    assert httpx.get(f"{served}api/me").json()["name"] == "local"
    assert httpx.get(f"{served}api/openapi.json").json()["info"]["title"] == "Vallum"
    page = httpx.get(served, timeout=60)
    assert not re.findall(r'(?:src|href)="https?://', page.text)
    with opened_page(served) as line:
        assert '"ACK"' in line.recv()


def test_a_page_that_is_closed_leaves_no_session(served, monkeypatch):
    left = []
    monkeypatch.setattr(session, "leave", left.append)
    for _ in range(3):
        with opened_page(served) as line:
            line.recv()
    deadline = time.monotonic() + 20
    while len(left) < 3 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(left) >= 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://elsewhere.example"},
        {"origin": None},
        {"subprotocols": ["bokeh", "forged.token"]},
    ],
)
def test_no_other_page_opens_the_websocket(served, wrong):
    with pytest.raises(InvalidStatus), opened_page(served, **wrong) as line:
        line.recv()


def test_only_the_own_page_changes_something(served):
    body = {"text": '[scenario]\nname = "a"\n'}
    for headers in ({}, {"Origin": "https://elsewhere.example", "X-Vallum-Request": "1"}):
        refused = httpx.post(f"{served}api/scenarios", json=body, headers=headers)
        assert refused.status_code == 403, refused.text
    let = httpx.post(f"{served}api/scenarios", json=body, headers={"X-Vallum-Request": "1"})
    assert let.status_code == 201
    rebound = httpx.get(f"{served}api/me", headers={"Host": "rebound.example"})
    assert rebound.status_code in {400, 403, 421}


@pytest.mark.parametrize(
    "path",
    # what Panel and bokeh_fastapi add beside the page: the first imports whatever is named
    ["components/json.tool/a/b/c", "components/x", "autoload.js", "metadata", "docs", "liveness"],
)
def test_no_path_but_ours_is_answered(served, path):
    before = set(sys.modules)
    answer = httpx.get(f"{served}{path}")
    assert (answer.status_code, answer.json()["title"]) == (404, "Not Found")
    assert "json.tool" not in set(sys.modules) - before
    own = {"subprotocols": ["bokeh", token_of(served)], "origin": served.rstrip("/")}
    with pytest.raises(InvalidStatus), connect(served.replace("http", "ws", 1) + path, **own):
        pass


def test_an_address_for_all_networks_is_told_as_one_that_opens():
    with bound("0.0.0.0", 0) as listening:  # noqa: S104
        said = address(AppSettings(host="0.0.0.0"), listening)  # noqa: S104
        host, port = re.fullmatch(r"http://([\d.]+):(\d+)/", said).groups()
        assert host != "0.0.0.0"  # noqa: S104
        with socket.create_connection((host, int(port)), timeout=10):
            pass


def test_what_a_page_begins_with_is_within_the_quotas(tmp_path, capsys, monkeypatch):
    users = tmp_path / "users.txt"
    monkeypatch.setattr("sys.stdin", io.StringIO("long enough a word\n"))
    assert vallum("serve-user", "awa", "--users", users) == 0
    asked = ["serve", "sahel", "--auth", "basic", "--users", users, "--store", tmp_path / "store"]
    assert vallum(*asked, "--cell-km", "3") == 2
    assert "theatre.cell_km" in capsys.readouterr().err
    assert vallum(*asked[:4], "--users", tmp_path / "none", *asked[6:]) == 2
    assert "none" in capsys.readouterr().err
    assert not (tmp_path / "store").exists()  # told before anything is begun


def test_outside_it_starts_only_with_logins_and_says_how(capsys):
    assert vallum("serve", "sahel", "--host", "0.0.0.0") == 2  # noqa: S104
    said = capsys.readouterr().err
    assert "vallum serve-user NAME --users FILE" in said
    assert "--public-url https://" in said
    assert "Traceback" not in said


def test_a_port_that_is_taken_is_said_before_anything_is_begun(tmp_path, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert vallum("serve", "sahel", "--port", port, "--store", tmp_path / "store") == 2
    assert "--port" in capsys.readouterr().err
    assert not (tmp_path / "store").exists()


def test_all_faults_of_the_service_file_are_said(tmp_path, capsys):
    file = tmp_path / "service.toml"
    file.write_text('prot = 1\nauth = "magic"\ntheatre = "x"\n[quotas]\nscenarios = 0\n')
    assert vallum("serve", "sahel", "--service", file) == 2
    said = capsys.readouterr().err
    for place in ("[prot]", "[auth]", "[theatre]", "[quotas.scenarios]"):
        assert place in said
    assert vallum("serve", "sahell") == 2
    assert "sahel" in capsys.readouterr().err


def test_a_plans_folder_opens_its_theatre_and_settings(tmp_path, capsys):
    settings = load_settings(assignments=["line.mu=3", "theatre.cell_km=25"])
    record = {"theatre": "sahel", "settings": settings.model_dump(mode="json")}
    (tmp_path / "plan.json").write_text(json.dumps(record))
    theatre, text = opened(str(tmp_path), None, ["works.standard=0.5"])
    assert theatre == "sahel"
    found = read(text).settings
    assert (found.line.mu, found.theatre.cell_km, found.works.standard) == (3.0, 25.0, 0.5)
    with pytest.raises(InputError, match="plan has its settings"):
        opened(str(tmp_path), Path("x.toml"))
    (tmp_path / "plan.json").write_text(json.dumps({**record, "theatre": "mine"}))
    with pytest.raises(InputError, match="not built in"):
        opened(str(tmp_path))
    (tmp_path / "plan.json").write_text("[]")
    assert vallum("serve", tmp_path) == 2
    assert "no plan's record" in capsys.readouterr().err


def test_users_are_added_and_their_file_is_ones_own(tmp_path, capsys, monkeypatch):
    users = tmp_path / "users.txt"
    for password, code in (("short", 2), ("a long enough one", 0)):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
        assert vallum("serve-user", "awa", "--users", users) == code
    assert stat.S_IMODE(users.stat().st_mode) == 0o600
    assert "a long enough one" not in users.read_text() + capsys.readouterr().out


def test_without_the_extra_it_says_how_to_get_it(monkeypatch, capsys):
    for name in [name for name in sys.modules if name.startswith("vallum.app")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "panel", None)
    assert vallum("serve", "sahel") == 2
    assert "pip install 'vallum[app]'" in capsys.readouterr().err


def test_it_ends_when_told_and_leaves_no_process(tmp_path):
    command = [sys.executable, "-m", "vallum", "serve", "sahel", "--port", "0", "--cell-km", "50",
               "--store", str(tmp_path / "store"), "--workers", "1"]  # fmt: skip
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as server:
        address = server.stdout.readline().split()[0]
        assert httpx.get(f"{address}api/me").json()["name"] == "local"
        server.send_signal(signal.SIGINT)
        _, said = server.communicate(timeout=60)
    assert server.returncode == 0, said
    assert "Traceback" not in said
    deadline = time.monotonic() + 20
    while _any_of(server.pid) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not _any_of(server.pid)


def _any_of(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
