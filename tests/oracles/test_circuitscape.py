"""Circuitscape's own verification problems, through the walk at θ = 0."""

from __future__ import annotations

import numpy as np
import pytest

from vallum.kernel.paths import resistance

FOLDER = "data/checks/circuitscape"


def expected(path):
    """Read a table of resistances: names in the first row and column, −1 where there is none."""
    table = np.loadtxt(path)
    return table[0, 1:].astype(int), table[1:, 1:]


def test_the_network_problem(shared):
    tail, head, conductance = np.loadtxt(
        shared / FOLDER / "sgNetworkVerify1_graph_conductances.txt"
    ).T
    names, table = expected(shared / FOLDER / "sgNetworkVerify1_resistances.out")
    pairs = np.array([(i, j) for i in names for j in names])
    found = resistance(tail.astype(int), head.astype(int), conductance, pairs)
    found = found.reshape(table.shape)
    connected = table >= 0
    assert connected.sum() > len(names)
    assert np.abs(found - table)[connected].max() < 1e-6
    assert np.isinf(found[~connected]).all()


def raster(folder):
    """Build the raster problem: 4 neighbours, mean resistance, polygons short-circuited."""
    grids = {
        name: np.loadtxt(folder / f"{name}.asc", skiprows=6)
        for name in ("cellmap", "points", "polygons")
    }
    ohm, points, polygons = grids["cellmap"], grids["points"], grids["polygons"]
    node = np.arange(ohm.size).reshape(ohm.shape)
    live = ohm > 0
    for number in np.unique(polygons[polygons > 0]):  # a polygon is one node, without resistance
        cells = polygons == number
        node[cells] = node[cells].min()
        live |= cells
    edges = []
    for dy, dx in ((0, 1), (1, 0)):
        here = (slice(0, ohm.shape[0] - dy), slice(0, ohm.shape[1] - dx))
        there = (slice(dy, None), slice(dx, None))
        pairs = live[here] & live[there] & (node[here] != node[there])
        a = np.where(ohm[here] > 0, ohm[here], 0.0)[pairs]
        b = np.where(ohm[there] > 0, ohm[there], 0.0)[pairs]
        edges.append((node[here][pairs], node[there][pairs], 2.0 / (a + b)))
    tail, head, conductance = (np.concatenate(part) for part in zip(*edges, strict=True))
    focal = {int(p): int(node[points == p][0]) for p in np.unique(points[points > 0])}
    return tail, head, conductance, focal


def test_the_raster_problem(shared):
    folder = shared / FOLDER
    tail, head, conductance, focal = raster(folder)
    names, table = expected(folder / "sgVerify1_resistances.out")
    pairs = np.array([(focal[i], focal[j]) for i in names for j in names])
    found = resistance(tail, head, conductance, pairs).reshape(table.shape)
    connected = table >= 0
    assert found[0, 1] == pytest.approx(10.06879701, abs=1e-6)
    assert np.abs(found - table)[connected].max() < 1e-6
    assert np.isinf(found[~connected]).all()
