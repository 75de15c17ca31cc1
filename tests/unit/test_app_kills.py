"""Whatever is killed in mid-plan, nothing that was finished is lost, and nothing runs on."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from tests.app_crew_work import MAKE, asked, kit, until

from vallum.app.desk_room import Desk
from vallum.app.jobs.crew import open_crew
from vallum.app.model import LOCAL
from vallum.app.settings import AppSettings
from vallum.app.sheet import Sheet
from vallum.app.store import open_store
from vallum.errors import BusyError, OutputError
from vallum.settings import Settings

SERVER = """
import sys
from tests.unit import test_app_kills as kills
if __name__ == "__main__":
    with kills.service(sys.argv[1], kills.Path(sys.argv[2])) as (desk, crew, store):
        if len(sys.argv) > 3:
            print(desk.submit(kills.LOCAL, kills.sheet(sys.argv[3])).id, flush=True)
        sys.stdin.read()
"""


def sheet(name):
    return Sheet(name, "sahel", Settings())


@contextmanager
def service(where, folder):
    """Open a store, a crew whose plans do what their scenario's name says, and a desk."""
    settings = AppSettings(store=where, workers=1)
    store = open_store(settings.store)
    try:
        crew = open_crew(
            settings, store, kit=kit, warm=False, folder=folder,
            command=(sys.executable, "-c", MAKE),
        )  # fmt: skip
        try:
            yield Desk(store, crew, settings), crew, store
        finally:
            crew.close()
    finally:
        store.close()


def pids(folder, id, count=2):  # noqa: A002
    path = folder / id / "pids"
    until(lambda: path.exists() and len(path.read_text().split()) >= count)
    return [int(one) for one in path.read_text().split()]


def all_end(processes, patience):
    _, alive = psutil.wait_procs(processes, timeout=patience)
    assert [one for one in alive if one.status() != "zombie"] == []


def ended(desk, id):  # noqa: A002
    until(lambda: desk.plan(LOCAL, id).status not in {"queued", "running"}, 60)
    return desk.plan(LOCAL, id)


def test_a_plan_goes_on_where_its_worker_is_killed(tmp_path):
    with service(str(tmp_path / "store"), tmp_path / "work") as (desk, crew, _):
        plan = desk.submit(LOCAL, sheet("once"))
        made = [psutil.Process(pid) for pid in pids(tmp_path / "work", plan.id)]
        worker = made[0].parent()
        assert worker.pid != os.getpid()
        worker.kill()
        all_end(made, 10)
        done = ended(desk, plan.id)
        assert (done.status, done.said) == ("done", None)
        assert desk.file(LOCAL, plan.id, "brief.html") == b"en"
        deleted = desk.submit(LOCAL, sheet("wait"))
        made = [psutil.Process(pid) for pid in pids(tmp_path / "work", deleted.id)]
        desk.cancel(LOCAL, deleted.id)
        desk.delete_plan(LOCAL, deleted.id)
        until(lambda: not (tmp_path / "work" / deleted.id).exists())
        all_end(made, 10)
        running = desk.submit(LOCAL, sheet("wait"))
        waiting = desk.submit(LOCAL, sheet("wait"))
        made = [psutil.Process(pid) for pid in pids(tmp_path / "work", running.id)]
        ours = psutil.Process().children(recursive=True)
        began = time.monotonic()
        crew.close()
        took = time.monotonic() - began
        all_end([one for one in (*ours, *made) if not _tracker(one)], 1)
        assert took < 15
        for one in (running, waiting):
            assert desk.plan(LOCAL, one.id).status == "interrupted"
        with pytest.raises(OutputError, match="being stopped"):
            desk.resume(LOCAL, running.id)
        with pytest.raises(OutputError, match="being stopped"):
            asyncio.run(desk.view(LOCAL, sheet("mine")))


def test_a_frontier_is_found_where_its_worker_is_killed(tmp_path):
    with service(str(tmp_path / "store"), tmp_path / "work") as (_, crew, _):
        pid, base = asyncio.run(crew.view(asked(f"die {tmp_path / 'once'}", seed=60)))
        assert base == 60
        assert pid != os.getpid()
        assert psutil.pid_exists(pid)
        (tmp_path / "always").touch()
        with pytest.raises(BusyError, match="stopped twice"):
            asyncio.run(crew.view(asked(f"die {tmp_path / 'always'}", seed=61)))


def test_a_server_that_is_killed_leaves_nothing_running_and_its_plan_is_resumed(tmp_path):
    where, folder = str(tmp_path / "store"), tmp_path / "work"
    script = tmp_path / "server.py"
    script.write_text(SERVER)
    server = subprocess.Popen(
        [sys.executable, str(script), where, str(folder), "once"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )  # fmt: skip
    try:
        id = server.stdout.readline().strip()  # noqa: A001
        assert id, server.stderr.read()
        made = [psutil.Process(pid) for pid in pids(folder, id)]
        family = [*psutil.Process(server.pid).children(recursive=True), *made]
        server.send_signal(signal.SIGKILL)
        server.wait()
        all_end(family, 10)
        assert "Traceback" not in server.stderr.read()
    finally:
        server.kill()
        server.wait()
        for stream in (server.stdin, server.stdout, server.stderr):
            stream.close()
    with service(where, folder) as (desk, _, store):
        assert store.plan(id).status == "running"
        assert desk.recover() == (id,)
        assert desk.plan(LOCAL, id).status == "interrupted"
        desk.resume(LOCAL, id)
        assert ended(desk, id).status == "done"
        assert desk.file(LOCAL, id, "brief.html") == b"en"


class Database:
    """A PostgreSQL of our own, which can be killed."""

    def __init__(self, programs, folder):
        self.programs, self.folder = programs, folder
        # it refuses to run as root: where the tests do, it runs as the user that Debian made for it
        self.user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self.user:
            shutil.chown(folder, "postgres")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"postgresql://vallum@127.0.0.1:{self.port}/postgres"
        self.run("initdb", "-U", "vallum", "-A", "trust", "--no-sync", "-E", "UTF8")
        self.start()

    def run(self, program, *options):
        command = [*self.user, self.programs / program, "-D", self.folder / "data", *options]
        quiet = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
        subprocess.run(command, check=True, cwd=self.folder, timeout=60, **quiet)

    def start(self):
        where = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        self.run("pg_ctl", "start", "-w", "-l", self.folder / "log", "-o", where)

    def kill(self):
        """Kill all of it, as a machine that fails does."""
        told = (self.folder / "data" / "postmaster.pid").read_text()
        head = psutil.Process(int(told.split()[0]))
        parts = [head, *head.children(recursive=True)]
        for one in parts:
            one.kill()
        psutil.wait_procs(parts, timeout=10)


@pytest.fixture
def database():
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        if os.environ.get("VALLUM_REQUIRE_POSTGIS") == "1":
            pytest.fail("PostgreSQL's programs are required here and absent")
        pytest.skip("PostgreSQL's programs are absent")
    folder = Path(tempfile.mkdtemp(prefix="vallum-kills-"))  # which another user can enter
    made = None
    try:
        made = Database(found[-1].parent, folder)
        yield made
    finally:
        if made is not None:
            made.kill()
        shutil.rmtree(folder, ignore_errors=True)


def test_a_database_that_is_killed_in_mid_plan_is_told_the_end_when_it_is_back(database, tmp_path):
    with service(database.address, tmp_path / "work") as (desk, crew, store):
        kept = desk.save(LOCAL, sheet("mine"))
        plan = desk.submit(LOCAL, sheet("wait 3"))
        pids(tmp_path / "work", plan.id)
        database.kill()
        with pytest.raises(OutputError):
            store.plan(plan.id)
        until((tmp_path / "work" / plan.id / "out" / "brief.html").exists)
        assert crew.progress(plan.id) is not None  # its end is still to be kept
        database.start()
        until(lambda: crew.progress(plan.id) is None, 60)
        assert desk.plan(LOCAL, plan.id).status == "done"
        assert desk.file(LOCAL, plan.id, "brief.html") == b"en"
        assert desk.scenario(LOCAL, kept.id) == kept


def _tracker(process):
    """Python's own helper of `multiprocessing`, which ends with this process."""
    try:
        return "resource_tracker" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return False
