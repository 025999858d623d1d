"""What is held waits in quarantine until the data steward releases or refuses it; and what the commands say."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import typer
from typer.testing import CliRunner

from pipeline.commands import admit as admit_command
from pipeline.commands import deliveries as deliveries_command
from pipeline.commands.admit import admit
from pipeline.commands.deliveries import refuse, release
from pipeline.store import tables
from pipeline.vocabulary.faults import Refused
from tests.builders.deliveries import (
    Municipality,
    make_delivery,
    make_municipality,
    rows_of,
    signal_id,
    signal_row,
)

FIRST = "huur-a_2026-10_0001"


@pytest.fixture
def municipality(tmp_path: Path, database: str) -> Municipality:
    """On each of the two databases in turn."""
    return make_municipality(tmp_path)


@pytest.fixture
def local(tmp_path: Path) -> Municipality:
    """On SQLite alone: what is decided does not depend on the database."""
    return make_municipality(tmp_path)


def served(municipality: Municipality) -> dict[str, int]:
    with municipality.run() as run:
        return {name: count for name, count in admit(run).counts.items() if count}


def everything(municipality: Municipality, table: sa.Table) -> list[dict[str, Any]]:
    with municipality.run() as run:
        return run.store.all(sa.select(table))


def hold(municipality: Municipality) -> str:
    """A partner whose October is over five times its September."""
    make_delivery(municipality, month="2026-09", rows=rows_of(2, "sep"))
    make_delivery(municipality, rows=[*rows_of(11, "okt"), signal_row("bad", arrears_months=-1)])
    assert {"admitted": 1, "held": 1} == served(municipality)
    return FIRST


def test_a_held_delivery_waits_in_quarantine(local: Municipality) -> None:
    """Over five times the usual volume: nothing stored, partner told to wait, steward told why; no refusal."""
    held = hold(local)
    receipt = local.receipt(held)
    assert ("HELD", "held", 0) == tuple(receipt[name] for name in ("response_code", "state", "rows_admitted"))
    assert any("Meer dan 5 keer zo veel rijen" in line for line in receipt["warnings"])
    assert {"2026-09"} == {row["month"] for row in everything(local, tables.signals)}
    (place,) = local.home.quarantine.iterdir()
    assert {"manifest.json", "manifest.sig", "signals.sealed"} == {path.name for path in (place / held).iterdir()}
    assert ["2026-09"] == [mark["month"] for mark in everything(local, tables.month_marks)]


def test_a_release_admits_what_was_held(municipality: Municipality) -> None:
    """Verified again and admitted under the steward's name; quarantine is empty; a second time is no harm."""
    held = hold(municipality)
    for said in ("released", "released_before"):
        with municipality.run(actor="s.jansen") as run:
            assert {said: 1} == release(run, held).counts
    receipt = municipality.receipt(held)
    assert ("OK_WITH_WARNINGS", "released", 11, 1) == tuple(
        receipt[name] for name in ("response_code", "state", "rows_admitted", "rows_refused")
    )
    assert 11 == len([row for row in everything(municipality, tables.signals) if row["month"] == "2026-10"])
    assert [] == municipality.quarantined()
    (line,) = [row for row in everything(municipality, tables.journal) if row["action"] == "release_delivery"]
    assert ("s.jansen", held) == (line["actor"], line["object"])


def test_a_release_may_come_after_the_window_closed(local: Municipality) -> None:
    """The delivery came in time; that the steward took long is not the partner's fault."""
    held = hold(local)
    with local.run(today=date(2027, 3, 1)) as run:
        assert {"released": 1} == release(run, held).counts


def test_a_release_after_later_deliveries_ends_in_the_same_signals(municipality: Municipality) -> None:
    """A correction that came while its signals were held counts on top of them."""
    held = hold(municipality)
    make_delivery(municipality, sequence=2, kind="correction", rows=[signal_row("okt-0", arrears_months=9)])
    served(municipality)
    with municipality.run() as run:
        release(run, held)
    months = {
        row["signal_id"]: row["arrears_months"]
        for row in everything(municipality, tables.signals)
        if row["is_current"] and row["month"] == "2026-10"
    }
    assert (11, 9) == (len(months), months[signal_id("okt-0")])


def test_a_held_delivery_that_was_tampered_with_is_not_released(local: Municipality) -> None:
    """Quarantine is not trusted: signature and checksum are judged again."""
    held = hold(local)
    (data,) = local.home.quarantine.glob("*/*/signals.sealed")
    content = data.read_bytes()
    data.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with local.run() as run, pytest.raises(Refused, match=r"^CHECKSUM_ERROR$"):
        release(run, held)
    assert "held" == local.receipt(held)["state"]


def test_the_steward_may_refuse_what_is_held(local: Municipality) -> None:
    """The partner's receipt says so, nothing is stored, and the decision is final for this delivery."""
    held = hold(local)
    with local.run(actor="s.jansen") as run:
        assert {"refused": 1} == refuse(run, held).counts
        for decide in (refuse, release):
            with pytest.raises(Refused, match=r"^NOT_ALLOWED_NOW$"):
                decide(run, held)
        with pytest.raises(Refused, match=r"^NOT_FOUND$"):
            release(run, "water-a_2026-10_0001")
    receipt = local.receipt(held)
    assert ("REFUSED_BY_STEWARD", "refused") == (receipt["response_code"], receipt["state"])
    (reason,) = local.home.quarantine.glob("*/reason.json")
    assert ("REFUSED_BY_STEWARD", "s.jansen") == tuple(
        json.loads(reason.read_text())[k] for k in ("code", "decided_by")
    )


def test_the_command_line_says_what_became_of_each(local: Municipality) -> None:
    """Exit codes and the JSON object as promised; nothing but JSON on stdout."""
    app = typer.Typer()
    admit_command.register(app)
    deliveries_command.register(app)
    runner = CliRunner()
    options = ["--home", str(local.path), "--date", "2026-11-03"]
    hold(local)
    (local.inbox / "x.zip").touch()
    done = runner.invoke(app, ["admit", *options, "--json"])
    said = json.loads(done.stdout)
    assert (1, "admit", 1) == (done.exit_code, said["command"], said["counts"]["refused"])
    (refused,) = said["refused"]
    assert refused.pop("delivery").startswith("onbekend-")
    assert {"code": "NOT_A_FOLDER", "column": None, "row": None} == refused
    listed = runner.invoke(app, ["deliveries", "list", *options, "--state", "held"])
    assert 0 == listed.exit_code
    assert FIRST in listed.stdout
    shown = runner.invoke(app, ["deliveries", "show", FIRST, *options])
    assert "Meer dan 5 keer zo veel rijen" in shown.stdout
    assert 2 == runner.invoke(app, ["deliveries", "list", *options, "--state", "x"]).exit_code
    assert 2 == runner.invoke(app, ["deliveries", "show", "huur-a_2026-10_0009", *options]).exit_code
    released = runner.invoke(app, ["deliveries", "release", FIRST, *options, "--actor", "s.jansen", "--json"])
    assert (1, {"released": 1}) == (released.exit_code, json.loads(released.stdout)["counts"])
    assert 2 == runner.invoke(app, ["deliveries", "refuse", FIRST, *options]).exit_code
    assert 0 == runner.invoke(app, ["admit", *options]).exit_code
