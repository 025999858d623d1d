"""Somebody who can write to the database forges what a household is known by."""

from __future__ import annotations

from pathlib import Path

from pipeline.store import tables
from tests.builders.openings import (
    TUESDAY,
    keep,
    make_municipality_with_opener,
    report,
    reveal_here,
    rows_in,
    worklist,
    write_opening_key,
)
from tests.integration.test_continuity import LATER, NOVEMBER, OCTOBER, november

NEIGHBOUR = {"surname": "Bakker", "birth_on": "1980-02-11", "email": None, "phone": None, "house_number": "14"}


def test_forged_pseudonyms_bring_nobody_on_the_list_of_another(tmp_path: Path) -> None:
    """Pseudonyms moved to the case of a neighbour: what the household is reported for later does not join that."""
    place = make_municipality_with_opener(tmp_path)
    write_opening_key(place, NOVEMBER)
    neighbours = [report("huur-a", "n", "z", **NEIGHBOUR), report("water-a", "w", "z", **NEIGHBOUR)]
    with place.run(TUESDAY) as run:
        keep(run, [*OCTOBER, *neighbours])
        reveal_here(run)
        case_of = {row["partner_id"]: row["case_id"] for row in rows_in(run, "case_signals")}
        known = tables.case_pseudonyms
        with run.store.transaction("intruder", at=run.now, actor="intruder") as transaction:
            transaction.connection.execute(known.delete().where(known.c.case_id == case_of["water-a"]))
            transaction.update(known, known.c.case_id == case_of["energie-a"], {"case_id": case_of["water-a"]})
    with place.run(LATER) as later:
        keep(later, [*OCTOBER, *neighbours, *november()])
        reveal_here(later)
    persons = [len(case["household"]["persons"]) for case in worklist(place, on=LATER)["cases"]]
    assert {1} == set(persons)
