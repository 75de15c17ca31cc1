"""Settings: every fault at once, the nearest name, later sources win."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vallum.errors import InputError
from vallum.settings import Settings, load_settings


def test_defaults_are_valid_and_frozen():
    settings = load_settings()
    assert settings == Settings()
    with pytest.raises(ValueError, match="frozen"):
        settings.seed = 3


def test_file_then_assignment_then_option(tmp_path):
    config = tmp_path / "my.toml"
    config.write_text('seed = 4\n[line]\nmu = 2.0\nobjective = "output"\n', "utf-8")
    settings = load_settings(config, ["line.mu=3"], {"line.mu": 4.0, "theatre.cell_km": None})
    assert (settings.seed, settings.line.mu, settings.theatre.cell_km) == (4, 4.0, None)


def test_assignments_are_toml_or_plain_text():
    settings = load_settings(
        None,
        ["line.objective=people", "line.mu=1e2", 'line.must_hold=["Kayes"]', "line.flank.SEN=0"],
    )
    assert settings.line.objective == "people"
    assert settings.line.must_hold == ("Kayes",)
    assert settings.line.flank == {"SEN": 0.0}


def test_every_fault_is_said_at_once_with_its_mend():
    with pytest.raises(InputError) as caught:
        load_settings(None, ["line.muu=1", "wroks.x=2", "line.step=7", "nonsense", "threat=5"])
    said = "\n".join(str(fault) for fault in caught.value.faults)
    assert "did you mean 'mu'?" in said
    assert "did you mean 'works'?" in said
    assert "line.step" in said
    assert "nonsense" in said
    assert "threat" in said
    assert len(caught.value.faults) >= 5


@pytest.mark.parametrize(
    ("assignments", "says"),
    [
        (["line.objective=people"], "no break-even"),
        (["line.objective=mix"], "usd_per_person_yr"),
        (["line.mu=1", "line.budget_usd_yr=5"], "not both"),
        (["line.flank.SEN=2"], "flank"),
        (["theatre.cell_km=0.5"], "cell_km"),
        (["theatre.cell_km=nan"], "cell_km"),
        (["line.mu=inf"], "mu"),
        (["line.sector_km=[10, 200]"], "sector_km"),
    ],
)
def test_contradictions_and_ranges_are_refused(assignments, says):
    with pytest.raises(InputError, match=says):
        load_settings(None, assignments)


def test_files_that_are_no_settings_are_refused(tmp_path):
    broken = tmp_path / "broken.toml"
    broken.write_bytes(b"[line\n")
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    for path in (broken, binary, tmp_path / "none.toml", tmp_path):
        with pytest.raises(InputError, match=path.name):
            load_settings(path)


@given(st.text(max_size=30), st.text(max_size=10))
def test_no_assignment_ends_in_a_traceback(key, value):
    try:
        load_settings(None, [f"{key}={value}"])
    except InputError as error:
        assert error.faults  # noqa: PT017


def test_an_unknown_key_in_a_list_of_tables_is_named():
    given = 'threat.passage.sanctuaries=[{name="a", lon=2.0, lat=19.5, radius=3}]'
    with pytest.raises(InputError) as caught:
        load_settings(None, [given])
    assert [fault.place for fault in caught.value.faults] == ["threat.passage.sanctuaries.0.radius"]
