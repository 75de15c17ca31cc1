"""The law by item and state: on the page, in `law.csv` and in an explanation."""

from __future__ import annotations

import pandas as pd
import pytest

from vallum.brief import explained_record, explained_tables, files, law_tables
from vallum.works import WorksSettings, explain
from vallum.works.duties import duty_table
from vallum.works.law import legal_status, load_law


@pytest.fixture(scope="module")
def plan(coarse_plan):
    return coarse_plan


def test_the_file_has_every_item_in_every_state(plan, tmp_path):
    files.write_tables(plan, tmp_path)
    table = pd.read_csv(tmp_path / "law.csv", keep_default_na=False)
    assert table.columns.tolist() == [
        "item", "state", "status", "rule", "by_treaty", "instruments", "source",
    ]  # fmt: skip
    states = law_tables.bound_states(plan)
    assert set(plan.theatre.members) <= set(states)
    items = plan.works.catalogue.items
    assert len(table) == len(items) * len(states)
    law = load_law()
    said = legal_status(items.values(), states, law)["status"]
    told = table.set_index(["item", "state"])["status"]
    assert told.to_dict() == said.to_dict()
    mines = [key for key, item in items.items() if item.role == "mine"]
    assert set(table.loc[table["status"] == "barred", "item"]) == set(mines)
    # what bars, or obliges, has a source
    bound = table[table["status"] != "lawful"]
    assert bound["source"].str.contains("http|docs/method/works-law.md").all()
    assert set(table.loc[table["rule"] != "", "rule"]) <= {rule.name for rule in law.rules}


def test_the_page_tells_it_by_kind_of_item(plan, coarse_page):
    found = law_tables.kinds(plan)
    states = law_tables.bound_states(plan)
    assert len(found["states"]) == len(states)
    items = plan.works.catalogue.items
    shown = [name for row in found["rows"] for name in row["items"].split(", ")]
    assert len(shown) == len(items)
    for row in found["rows"]:
        assert (row["kind"] == "Mines") == (row["rule"] != "")
        assert row["statuses"] == ["barred"] * len(states) or "barred" not in row["statuses"]
    duties = law_tables.duties(plan)
    table = duty_table(load_law().duties, states)
    assert [row["name"] for row in duties] == [duty.name for duty in load_law().duties]
    for row, (_, cells) in zip(duties, table.iterrows(), strict=True):
        assert [law_tables._cell(str(c)) for c in cells] == row["cells"]  # noqa: SLF001
    assert 'id="standing"' in coarse_page
    assert 'id="duties"' in coarse_page
    assert coarse_page.count("<td>barred</td>") == len(states) * sum(
        row["statuses"][0] == "barred" for row in found["rows"]
    )


def test_an_explanation_says_what_the_law_says_of_every_item(plan):
    states = law_tables.bound_states(plan)
    row, col = (int(at[0]) for at in (plan.works.composition >= 0).nonzero())
    found = explain(plan.works, row, col, WorksSettings(), states=states)
    said = legal_status(plan.works.catalogue.items.values(), states).reset_index()
    assert found.law.equals(said)
    assert explained_record(found)["law"] == said.to_dict("records")
    shown = explained_tables(found)["what may stand, by state"].set_index("item")
    assert shown.columns.tolist() == [*states, "rule"]
    assert (shown.loc["mine_ap", states] == "barred").all()
    assert (shown.loc["fence", states] == "lawful with duties").any()
