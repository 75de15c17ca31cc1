"""The files of a plan in other people's programs: QGIS, GDAL's own check, PostGIS."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from tests.files_world import write_files

from vallum.brief import dictionary, postgis
from vallum.cli import main

SYSTEM = "/usr/bin/python3"  # Debian's QGIS is a package of Debian's Python
# Opens every layer as a user would, says how it is drawn, and draws all of them.
OPEN = """
import json, os, sys
from qgis.core import (QgsApplication, QgsMapRendererParallelJob, QgsMapSettings, QgsProject,
                       QgsRectangle, QgsRenderContext, QgsVectorLayer)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor
app = QgsApplication([], False)
app.initQgis()
path, names, picture = sys.argv[1], sys.argv[2].split(","), sys.argv[3]
layers, told = [], {}
for name in names:
    layer = QgsVectorLayer(path + "|layername=" + name, name, "ogr")
    assert layer.isValid(), name
    renderer, context = layer.renderer(), QgsRenderContext()
    context.expressionContext().setFields(layer.fields())
    renderer.startRender(context, layer.fields())
    drawn = 0
    for each in layer.getFeatures():
        context.expressionContext().setFeature(each)
        drawn += renderer.symbolForFeature(each, context) is not None
    renderer.stopRender(context)
    label = layer.labeling().settings() if layer.labelsEnabled() else None
    told[name] = {
        "renderer": renderer.type(), "features": layer.featureCount(), "drawn": drawn,
        "legend": [item.label() for item in renderer.legendSymbolItems()],
        "label": label.fieldName if label else None,
        "colours": [item.symbol().color().name() for item in renderer.legendSymbolItems()],
    }
    layers.append(layer)
settings = QgsMapSettings()
settings.setLayers(layers[::-1])
settings.setDestinationCrs(layers[0].crs())
settings.setOutputSize(QSize(700, 600))
settings.setBackgroundColor(QColor("white"))
whole = QgsRectangle(layers[0].extent())
for layer in layers:
    whole.combineExtentWith(layer.extent())
whole.scale(1.1)
settings.setExtent(whole)
job = QgsMapRendererParallelJob(settings)
job.start()
job.waitForFinished()
image = job.renderedImage()
image.save(picture)
told["errors"] = [each.message for each in job.errors()]
told["shades"] = len({image.pixel(x, y) for x in range(700) for y in range(600)})
print("TOLD " + json.dumps(told), flush=True)
os._exit(0)  # QGIS takes its objects down in an order that Python does not keep
"""


def required(name: str, what: str) -> None:
    """Skip where a program is absent, or fail where it must be there."""
    if os.environ.get(f"VALLUM_REQUIRE_{name}") == "1":
        pytest.fail(f"{what} is required here and absent")
    pytest.skip(f"{what} is absent")


@pytest.fixture(scope="module")
def folder(coarse_plan, tmp_path_factory):
    """The files of a coarse plan."""
    return write_files(coarse_plan, tmp_path_factory.mktemp("files") / "plan")


def bare(**more: str) -> dict[str, str]:
    """Give the environment of Debian's own programs: nothing of ours."""
    ours = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PROJ_LIB", "PROJ_DATA", "GDAL_DATA"}
    return {k: v for k, v in os.environ.items() if k not in ours} | more


@pytest.fixture(scope="module")
def qgis():
    """Skip where Debian's QGIS is not installed, unless it must be."""
    found = (
        Path(SYSTEM).exists()
        and not subprocess.run(
            [SYSTEM, "-c", "import qgis.core"], env=bare(), capture_output=True, check=False
        ).returncode
    )
    if not found:
        required("QGIS", "QGIS (python3-qgis)")


def opened(path: Path, picture: Path) -> dict[str, object]:
    """Open a GeoPackage in QGIS and draw it."""
    names = [str(n) for n, kind in pyogrio.list_layers(path) if kind]
    done = subprocess.run(
        [SYSTEM, "-c", OPEN, str(path), ",".join(names), str(picture)],
        env=bare(QT_QPA_PLATFORM="offscreen", XDG_RUNTIME_DIR=str(picture.parent)),
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    lines = [line for line in done.stdout.splitlines() if line.startswith("TOLD ")]
    assert lines, done.stderr
    return json.loads(lines[0].removeprefix("TOLD "))


@pytest.mark.usefixtures("qgis")
def test_qgis_opens_every_layer_drawn_with_its_style(folder, tmp_path):
    told = opened(folder / "plan.gpkg", tmp_path / "map.png")
    assert told.pop("errors") == []
    assert told.pop("shades") > 20, "something is drawn"
    for name, how in told.items():
        assert how["drawn"] == how["features"] > 0, name
    assert told["territory"]["colours"] == ["#0072b2"]
    assert told["sectors"]["renderer"] == told["forces"]["renderer"] == "graduatedSymbol"
    assert told["stretches"]["renderer"] == "categorizedSymbol"
    assert len(told["settlements"]["legend"]) == 5
    assert "people" in told["settlements"]["label"]


@pytest.mark.usefixtures("qgis")
@pytest.mark.parametrize("name", ["forts.RESTRICTED.gpkg", "ways.RESTRICTED.gpkg"])
def test_qgis_opens_restricted_layers_too(folder, tmp_path, name):
    told = opened(folder / name, tmp_path / "map.png")
    assert told.pop("errors") == []
    assert told.pop("shades") > 2
    for how in told.values():
        assert how["renderer"] == "categorizedSymbol"
        assert how["drawn"] == how["features"] > 0


@pytest.mark.usefixtures("qgis")
def test_gdal_itself_finds_the_rasters_cloud_optimised(folder):
    """GDAL's own check comes with QGIS's Python packages."""
    check = "osgeo_utils.samples.validate_cloud_optimized_geotiff"
    for path in sorted(folder.glob("*.tif")):
        done = subprocess.run(
            [SYSTEM, "-m", check, "--full-check=yes", str(path)],
            env=bare(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert "is a valid cloud optimized GeoTIFF" in done.stdout, done.stdout + done.stderr


# PostGIS


@pytest.fixture(scope="module")
def server():
    """Give the address of a server on which the tests may make databases and roles."""
    address = os.environ.get("VALLUM_POSTGIS_URL")
    if not address:
        required("POSTGIS", "a PostgreSQL with PostGIS (VALLUM_POSTGIS_URL)")
    import sqlalchemy as sa  # noqa: PLC0415  (an extra)

    return sa.make_url(address).set(drivername="postgresql+psycopg")


@contextmanager
def engine(url, **how):
    """Connect without keeping anything open afterwards."""
    import sqlalchemy as sa  # noqa: PLC0415

    made = sa.create_engine(url, poolclass=sa.pool.NullPool, **how)
    try:
        yield made
    finally:
        made.dispose()


def run(url, *statements):
    """Run statements outside any transaction; give the rows of the last."""
    import sqlalchemy as sa  # noqa: PLC0415

    with engine(url, isolation_level="AUTOCOMMIT") as made, made.connect() as connection:
        for statement in statements:
            done = connection.execute(sa.text(statement))
        return done.all() if done.returns_rows else []


@pytest.fixture
def database(server):
    """Give the address of a database with PostGIS that goes after the test."""
    name = f"vallum_{os.getpid()}_{time.monotonic_ns()}"
    run(server, f"CREATE DATABASE {name}")
    url = server.set(database=name)
    run(url, "CREATE EXTENSION postgis")
    try:
        yield url
    finally:
        run(server, f"DROP DATABASE {name} WITH (FORCE)")


def told(url, **changes):
    """Write an address as a user gives it."""
    return url.set(drivername="postgresql", **changes).render_as_string(hide_password=False)


def export(*args):
    """Run the command; give its exit code."""
    try:
        main(["export", *map(str, args)])
    except SystemExit as stop:
        return stop.code
    return 0


def tables(url, schema="vallum"):
    return {
        row[0]
        for row in run(
            url,
            f"SELECT table_name FROM information_schema.tables WHERE table_schema = '{schema}'",  # noqa: S608
        )
    }


def test_a_plan_goes_round_through_the_database(folder, database, capsys):
    assert export(folder, told(database)) == 0
    said = capsys.readouterr().out
    assert "postgresql://" in said
    assert "***" in said
    layers = [str(n) for n, kind in pyogrio.list_layers(folder / "plan.gpkg") if kind]
    stems = {path.stem for path in folder.glob("*.csv") if "RESTRICTED" not in path.name}
    assert tables(database) == {"plan", *layers, *stems}
    for layer in layers:
        mine = gpd.read_file(folder / "plan.gpkg", layer=layer).to_crs(4326)
        with engine(database) as made:
            theirs = gpd.read_postgis(
                f"SELECT * FROM vallum.{layer} ORDER BY fid",  # noqa: S608
                made,
                geom_col="geometry",
            )
        assert theirs.crs == 4326
        assert shapely.equals_exact(mine.geometry, theirs.geometry, 0.0).all()
        for name in mine.columns.drop("geometry"):
            a, b = mine[name], theirs[name]
            if pd.api.types.is_float_dtype(a):
                np.testing.assert_array_equal(a, b.astype(float))
            else:
                gone = a.isna()
                assert (gone == b.isna()).all()
                assert (a[~gone].astype(str) == b[~gone].astype(str)).all(), name
        index = run(
            database,
            "SELECT tablename FROM pg_indexes WHERE schemaname = 'vallum' "
            "AND indexdef LIKE '%gist%'",
        )
        assert index.count((layer,)) == 1, layer
    for stem in stems - {"forces"}:
        csv = pd.read_csv(folder / f"{stem}.csv")
        with engine(database) as made:
            query = f"SELECT * FROM vallum.{stem} ORDER BY fid"  # noqa: S608
            theirs = pd.read_sql(query, made)
        assert list(theirs.columns[1:]) == list(csv.columns)
        assert len(theirs) == len(csv)
        for name in csv.select_dtypes("number"):
            np.testing.assert_allclose(csv[name].astype(float), theirs[name].astype(float), 1e-15)
    record = run(database, "SELECT record, fingerprint FROM vallum.plan")[0]
    assert record[1] == json.loads((folder / "plan.json").read_text("utf-8"))["fingerprint"]
    assert record[0]["line_km"] == json.loads((folder / "plan.json").read_text("utf-8"))["line_km"]


def test_tables_and_columns_have_the_dictionarys_comments(folder, database):
    export(folder, told(database), "-q")
    rows = run(
        database,
        "SELECT c.table_name, c.column_name, c.data_type, pgd.description "
        "FROM information_schema.columns c LEFT JOIN pg_catalog.pg_description pgd ON "
        "pgd.objoid = (quote_ident(c.table_schema) || '.' || quote_ident(c.table_name))::regclass "
        "AND pgd.objsubid = c.ordinal_position WHERE c.table_schema = 'vallum'",
    )
    assert all(row.description for row in rows)
    by = {(row.table_name, row.column_name): row for row in rows}
    entry = dictionary.columns_of("frontier.csv")["cost_usd_yr"]
    assert by["frontier", "cost_usd_yr"].description.startswith(entry.meaning)
    assert "USD/yr" in by["frontier", "cost_usd_yr"].description
    assert by["frontier", "step"].data_type == "bigint"
    assert by["programme", "Start"].data_type == "date"
    assert by["accord", "feasible"].data_type == "boolean"
    assert by["frontier", "cost_usd_yr"].data_type == "double precision"
    assert "4326" in by["territory", "geometry"].description
    about = run(database, "SELECT obj_description('vallum.territory'::regclass)")[0][0]
    assert "layer territory" in about
    srid = run(database, "SELECT DISTINCT ST_SRID(geometry) FROM vallum.territory")
    assert srid == [(4326,)]


def test_what_is_there_is_replaced_only_when_asked(folder, database, capsys):
    assert export(folder, told(database), "--restricted", "--schema", "Odd Name") == 0
    assert {"forts_restricted", "ways_restricted"} <= tables(database, "Odd Name")
    run(database, 'CREATE TABLE "Odd Name".mine (a int)')
    assert export(folder, told(database), "--schema", "Odd Name") == 2
    assert "--replace" in capsys.readouterr().err
    assert export(folder, told(database), "--schema", "Odd Name", "--replace") == 0
    left = tables(database, "Odd Name")
    assert "mine" in left
    assert not {"forts_restricted", "ways_restricted"} & left, "nothing restricted stays behind"
    assert "territory" in left
    capsys.readouterr()
    assert export(folder, told(database), "--schema", "Odd Name", "--replace", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["schema"] == "Odd Name"
    assert said["tables"]["plan"] == 1


def test_a_view_on_old_tables_is_named(folder, database, capsys):
    assert export(folder, told(database)) == 0
    run(database, "CREATE VIEW vallum.dear AS SELECT * FROM vallum.frontier")
    assert export(folder, told(database), "--replace") == 2
    assert "built on the old tables" in capsys.readouterr().err
    assert len(run(database, "SELECT * FROM vallum.dear")) > 0


def test_an_export_that_is_killed_half_way_leaves_what_was_there(folder, database):
    import sqlalchemy as sa  # noqa: PLC0415

    assert export(folder, told(database), "-q") == 0
    old = run(database, "SELECT oid FROM pg_class WHERE relname = 'territory'")
    command = [sys.executable, "-m", "vallum", "export", str(folder), told(database), "--replace"]
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    with engine(database) as made, made.connect() as held:
        held.execute(sa.text("LOCK TABLE vallum.tasks IN ACCESS SHARE MODE"))  # the last of all
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as one:
            for _ in range(600):
                if run(database, waiting)[0][0]:
                    break
                assert one.poll() is None, "it ended without waiting"
                time.sleep(0.1)
            else:
                pytest.fail("it never came to the last table")
            one.send_signal(signal.SIGKILL)
        held.rollback()
    for _ in range(100):
        if not run(database, waiting)[0][0]:
            break
        time.sleep(0.1)
    assert run(database, "SELECT oid FROM pg_class WHERE relname = 'territory'") == old
    assert run(database, "SELECT count(*) FROM vallum.plan") == [(1,)]


def test_faults_of_the_database_are_said_without_its_password(folder, server, database, capsys):
    wrong, theirs = "Sesame-1", "no-secret"
    run(database, f"CREATE ROLE reader LOGIN PASSWORD '{theirs}'")
    try:
        cases = [
            (told(database, password=wrong), "give the right password"),
            (told(database, database="nowhere_at_all"), "createdb"),
            (told(database, port=1), "see that the server runs"),
            (told(database, host="nowhere.invalid"), "see that the server runs"),
            (told(server.set(database="template1")), "CREATE EXTENSION postgis"),
            (told(database, username="reader", password=theirs), "GRANT CREATE"),
        ]
        for address, mend in cases:
            assert export(folder, address) == 2
            said = capsys.readouterr()
            assert mend in said.err, said.err
            for secret in (wrong, theirs, str(server.password)):
                assert secret not in said.out + said.err
        assert tables(database) == set()
    finally:
        run(database, "DROP ROLE reader")


# what needs no server


def test_addresses_and_names_that_are_none_are_refused(folder, capsys):
    pytest.importorskip("sqlalchemy")
    for args in (
        [folder, "mysql://a@b/c"], [folder, "postgresql://a@b:x/c"], [folder, "postgresql://a@b"],
        [folder, "postgresql://a@b/c", "--schema", "pg_mine"],
        [folder, "postgresql://a@b/c", "--schema", "x" * 64],
        [folder.parent, "postgresql://a@b/c"],
    ):  # fmt: skip
        assert export(*args) == 2
        assert "Mend: give" in capsys.readouterr().err


def test_changed_and_missing_files_are_refused(folder, tmp_path, capsys):
    copy = shutil.copytree(folder, tmp_path / "copy")
    for path in copy.glob("*RESTRICTED*"):
        path.unlink()  # taken out before it was passed on: no fault
    with (copy / "bill.csv").open("a") as file:
        file.write("x\n")
    (copy / "law.csv").unlink()
    assert export(copy, "postgresql://a@b/c") == 2
    said = capsys.readouterr().err
    assert "bill.csv: it was changed" in said
    assert "law.csv: it is missing" in said
    assert "RESTRICTED" not in said
    assert export(copy, "postgresql://a@b/c", "--restricted") == 2
    assert "forts.RESTRICTED.csv: it is missing" in capsys.readouterr().err


def test_the_extra_that_is_missing_is_named(folder, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "geoalchemy2", None)
    monkeypatch.delitem(sys.modules, "vallum.brief.postgis_tables", raising=False)
    monkeypatch.delattr("vallum.brief.postgis_tables", raising=False)
    assert export(folder, "postgresql://a@b/c") == 2
    said = capsys.readouterr().err
    assert "geoalchemy2 is not installed" in said
    assert "pip install 'vallum[postgis]'" in said


def test_names_of_tables_do_not_meet():
    known = postgis._known()  # noqa: SLF001
    assert {"plan", "territory", "forces", "forts_restricted", "ledger"} <= known
    assert "layer_styles" not in known
