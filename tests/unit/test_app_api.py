"""The API: what it gives, and what it never does."""

from __future__ import annotations

import asyncio
import warnings

import numpy as np
import pandas as pd
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance
from tests.app_fakes import FakeCrew
from tests.app_store_world import fill

from vallum.app.api import create_api
from vallum.app.api.uploads import _reader
from vallum.app.desk_room import Desk
from vallum.app.live import Look, Scored, View
from vallum.app.model import User
from vallum.app.settings import AppSettings, Quotas
from vallum.app.sheet import Drawn
from vallum.app.store import open_store
from vallum.errors import BusyError

with warnings.catch_warnings():  # it would rather have another client than is there
    warnings.simplefilter("ignore")
    from starlette.requests import Request
    from starlette.testclient import TestClient

ANA, BEN = User("ana"), User("ben")
TEXT = '[scenario]\nname = "Kayes first"\n'


class Crew(FakeCrew):
    """Finds a frontier of two steps on twelve cells by twelve."""

    async def view(self, sheet, *, who=""):  # noqa: ARG002
        self.drawn = sheet.drawn
        held = np.zeros((12, 12), bool)
        scored = Scored(held, 1.0, 2.0, np.inf, 4.0, 5.0, 6.0, 7.0, 0.8, 0.9)
        entry = np.full((12, 12), -1, np.int16)
        entry[:2, :2], entry[5:, 5:], entry[:, 11] = 0, 1, -2
        steps = pd.DataFrame({"cost_usd_yr": [0.0, 1.0], "mu": [0.0, np.inf]})
        line = (np.array([123_456.0, 2.0]), np.array([1.0, 2.0]))
        return View(
            "EPSG:6933", 0.0, 120_000.0, 10_000.0, entry, steps, ((line,), (line,)), 0, "chosen",
            None, "output", (0.1, 0.2, 0.3), pd.DataFrame(),
            scored if sheet.drawn else None, (), True, "f", 0.1,
        )  # fmt: skip

    async def look(self, sheet, step, *, who=""):  # noqa: ARG002
        none = pd.DataFrame()
        return Look(step, {"men": 1.0, "states": none}, {}, none, none, none, (), 10, 0.1)


class World:
    """The API over a folder; `user` is who asks."""

    def __init__(self, folder):
        self.folder, self.user = folder, ANA
        self.store, self.crew = open_store(str(folder / "store")), Crew()
        desk = Desk(self.store, self.crew, AppSettings(auth="basic"))
        self.app = create_api(desk, lambda _: self.user)
        self.client = TestClient(self.app, raise_server_exceptions=False)


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    yield made
    made.store.close()


def test_a_private_scenario_is_not_there_for_others(world):
    made = world.client.post("/api/scenarios", json={"text": TEXT})
    assert made.status_code == 201
    at = f"/api/scenarios/{made.json()['id']}"
    world.user = BEN
    for answer in (
        world.client.get(at),
        world.client.get(f"{at}/versions"),
        world.client.put(at, json={"text": TEXT}),
        world.client.delete(at),
        world.client.post("/api/plans", json={"scenario": made.json()["id"]}),
    ):
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
    world.user = ANA
    assert world.client.get(at).json() == made.json()


def test_files_are_those_listed_and_none_that_is_restricted(world):
    id = world.client.post("/api/plans", json={"text": TEXT}).json()["id"]  # noqa: A001
    files = {"brief.html": b"<p>", "restricted/forts.csv": b"secret", "a-Restricted.csv": b"secret"}
    world.store.put_files(id, fill(world.folder / "made", files))
    at = f"/api/plans/{id}"
    assert [one["name"] for one in world.client.get(f"{at}/files").json()] == ["brief.html"]
    brief = world.client.get(f"{at}/files/brief.html")
    assert brief.content == b"<p>"
    assert brief.headers["content-type"].startswith("text/html")
    assert brief.headers["content-security-policy"] == "sandbox allow-scripts"
    assert b"estricted" not in world.client.get(f"{at}/files.zip").content
    for name in (*list(files)[1:], "..%2f..%2fplan.json", "%2fetc%2fpasswd", "brief.html%00"):
        assert world.client.get(f"{at}/files/{name}").status_code == 404, name
    assert b"estricted" not in world.client.get(at).content


def test_a_frontier_is_given_by_sectors(world):
    answer = world.client.post("/api/frontier", json={"text": TEXT})
    found = answer.json()
    assert [(one["land_km2"], one["held_km2"]) for one in found["sectors"][:3]] == [
        (2500, 400), (2500, 0), (500, 0)
    ]  # fmt: skip
    assert {one["side_m"] for one in found["sectors"]} == {50_000}
    assert found["steps"][1] == {"cost_usd_yr": 1.0, "mu": None}
    assert "123456" not in answer.text  # no way


def test_every_fault_of_a_text_is_said(world):
    answer = world.client.post(
        "/api/scenarios/validate", json={"text": "nonsense = 1\n[scenario]\nname = ''\n"}
    )
    assert answer.status_code == 422
    assert len(answer.json()["faults"]) == 2
    twice = world.client.post("/api/plans", json={"text": TEXT, "scenario": "0" * 32})
    assert twice.status_code == 422


def test_a_plan_is_followed_stopped_gone_on_with_shared_and_deleted(world):
    client = world.client
    at = "/api/plans/" + client.post("/api/plans", json={"text": TEXT}).json()["id"]
    assert client.get(at).json()["progress"]["stages"] == 11
    assert client.delete(at).status_code == 422  # it waits
    assert client.post(f"{at}/cancel").json()["status"] == "cancelled"
    assert client.get(at).json()["progress"] is None
    assert client.post(f"{at}/cancel").json()["status"] == "cancelled"  # once is as good as twice
    assert client.post(f"{at}/resume").json()["status"] == "queued"
    world.user = BEN
    assert client.get(at).status_code == 404
    world.user = ANA
    assert client.put(f"{at}/share", json={"shared": True}).json()["shared"]
    world.user = BEN
    assert client.get(at).status_code == 200
    assert client.post(f"{at}/cancel").status_code == 403
    world.user = ANA
    client.post(f"{at}/cancel")
    assert client.delete(at).status_code == 204
    assert client.get(at).status_code == 404
    trail = [(one["who"], one["what"]) for one in client.get("/api/audit").json()][::-1]
    assert [what for who, what in trail if who == "ana"] == [
        "plan.submit", "plan.cancel", "plan.resume", "plan.share", "plan.cancel", "plan.delete"
    ]  # fmt: skip
    assert client.get("/api/me").json() == {"name": "ana", "admin": False}
    assert "sahel" in client.get("/api/theatres").json()


def test_a_drawn_line_is_scored_and_a_step_looked_at(world):
    line = {"type": "LineString", "coordinates": [[-10.0, 14.0], [-8.0, 14.5]]}
    score = world.client.post("/api/score", json={"text": TEXT, "drawn": line})
    assert score.json()["scored"] == {
        "benefit": 1.0, "ceiling": 2.0, "cost_usd_yr": None, "line_km": 4.0, "barred_km": 5.0,
        "buildable_usd_yr": 6.0, "people": 7.0, "people_share": 0.8, "output_share": 0.9,
    }  # fmt: skip
    assert world.crew.drawn == (Drawn(((-10.0, 14.0), (-8.0, 14.5)), closed=False),)
    side = {"text": TEXT, "drawn": line, "holding": [[-9.0, 13.0]]}
    assert world.client.post("/api/score", json=side).is_success
    assert world.crew.drawn[0].holding == ((-9.0, 13.0),)
    square = {"type": "Polygon", "coordinates": [[[0, 14], [1, 14], [1, 15], [0, 14]]]}
    assert world.client.post("/api/score", json={"text": TEXT, "drawn": square}).is_success
    assert world.crew.drawn[0] == Drawn(((0.0, 14.0), (1.0, 14.0), (1.0, 15.0)), closed=True)
    for bad in ({**line, "coordinates": [[0, 14]]}, {**line, "coordinates": [[0, 95], [1, 2]]}):
        answer = world.client.post("/api/score", json={"text": TEXT, "drawn": bad})
        assert answer.json()["faults"][0]["place"] == "drawn.coordinates"
    look = world.client.post("/api/look", json={"text": TEXT, "step": 1}).json()
    assert (look["step"], look["draws"]) == (1, 10)


def test_a_text_that_would_take_minutes_to_read_is_refused_at_once(world):
    deep = ".".join("a" * 50_000) + " = 1"
    answer = world.client.post("/api/scenarios/validate", json={"text": deep})
    assert answer.json()["faults"][0]["found"] == "a key that goes too deep"


@pytest.mark.parametrize(
    "more",
    [
        {f"k{number}": 1 for number in range(100_000)},
        {"holding": ["a"] * 300_000},
        {"drawn": {"type": "LineString", "coordinates": ["a"] * 300_000}},
        {"drawn": {"type": "LineString", "coordinates": [[1.0] * 300_000]}},
        {"drawn": {"type": "Polygon", "coordinates": [["a"] * 300_000]}},
        {"drawn": {"type": "Polygon", "coordinates": [[[1.0, 2.0]] * 100_000]}},
        {"k" * 300_000: 1},
    ],
)
def test_a_form_full_of_faults_is_answered_by_few(world, more):
    line = {"type": "LineString", "coordinates": [[-10.0, 14.0], [-8.0, 14.5]]}
    answer = world.client.post("/api/score", json={"text": TEXT, "drawn": line, **more})
    assert answer.status_code == 422
    assert 1 <= len(answer.json()["faults"]) <= 51
    assert len(answer.content) < 20_000


def test_at_most_fifty_faults_are_told_and_how_many_more_there_are(world):
    text = "".join(f"k{number} = 1\n" for number in range(10_000))
    faults = world.client.post("/api/scenarios/validate", json={"text": text}).json()["faults"]
    assert len(faults) == 51
    assert faults[-1]["found"] == "9,950 more faults"


def test_whatever_is_sent_is_answered_as_described(world):
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", world.app)
    asked = []
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=8, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy())
        def answered(case):
            # a schema can't say which TOML a plan can be made of: 422 with its faults is right
            case.call_and_validate(excluded_checks=[positive_data_acceptance])

        answered()
        asked.append(operation.label)
    assert len(asked) >= 20, asked


def test_whole_files_of_one_person_do_not_pile_up():
    async def run():
        read, go = _reader(Quotas()), asyncio.Event()

        async def receive():
            await go.wait()
            return {"type": "http.request", "body": b"x", "more_body": False}

        def bring(who):
            request = Request({"type": "http", "headers": []}, receive)
            return asyncio.ensure_future(read(who, request, len))

        slow = [bring("ana") for _ in range(4)]
        await asyncio.sleep(0.01)
        with pytest.raises(BusyError, match="in a while"):
            await bring("ana")
        other = bring("ben")  # another's are not in the way
        go.set()
        assert await asyncio.gather(*slow, other) == [1] * 5
        assert await bring("ana") == 1

    asyncio.run(run())
