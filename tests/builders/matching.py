"""A municipality whose store holds signals that were written as persons: no deliveries, no keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from pipeline.commands.wiring import Home, Run
from pipeline.store import tables
from pipeline.store.connect import Store
from pipeline.vocabulary.agreement import Agreement, Partner, Rule
from pipeline.vocabulary.directory import Directory
from pipeline.vocabulary.teams import Counsellor, Team, Teams
from tests.spec.persons import signal
from tests.spec.tables import rows

MONTH = "2026-10"
NOW = {"at": "2026-10-12T06:00:00Z", "actor": "test"}
TYPES = {"huur": "Huur", "energie": "Energie", "water": "Water", "zorg": "Zorg"}


def agreement(version: int = 1, rule: Rule | None = None, crisis: str = "count", without: str = "") -> Agreement:
    """An agreement of four partners."""
    partners = tuple(
        Partner(partner_id, kind, partner_id, date(2026, 1, 1), None)
        for partner_id, kind in TYPES.items()
        if partner_id != without
    )
    return Agreement(
        agreement_id="practice",
        version=version,
        gemeentecode="GM9901",
        municipality="Oefenstad",
        valid_from=date(2026, 1, 1),
        valid_until=None,
        partners=partners,
        rule=rule or Rule(),
        lanes={"crisis": crisis},
        thresholds={},
        retention={},
    )


def teams() -> Teams:
    """One team that serves one wijk."""
    counsellor = Counsellor("n1", "N. Een", "")
    return Teams((Team("noord", "Wijkteam Noord", ("WK990101",), (), (counsellor,)),), None, ())


def make_run(database: str, folder: Path) -> Run:
    """A run on a Monday, in a fresh store."""
    return Run(
        home=Home(folder),
        store=Store.open(database, "gm9901"),
        directory=Directory("GM9901", "practice", 1, ()),
        agreements=(agreement(),),
        teams=teams(),
        today=date(2026, 10, 12),
        actor="test",
        _instant=datetime(2026, 10, 12, 6, tzinfo=UTC),
    )


def later(run: Run, minutes: int) -> Run:
    """The same run, so many minutes later."""
    return replace(run, _instant=datetime(2026, 10, 12, 6, minutes, tzinfo=UTC))


def deliver(run: Run, persons: str, month: str = MONTH) -> None:
    """Let these signals, and no others, be the effective ones of a month. Columns as in the spec tables."""
    store_rows = [
        {
            **signal({"wijk": "WK990101", **row}),
            "month": month,
            "sequence": 1,
            "delivery_id": "d",
            "is_retraction": False,
            "is_current": True,
            "sealed_contact": b"sealed",
            "admitted_at": NOW["at"],
        }
        for row in rows(persons)
    ]
    marks = tables.month_marks
    with run.store.transaction("admit_delivery", **NOW) as transaction:
        transaction.connection.execute(tables.signals.delete().where(tables.signals.c.month == month))
        transaction.insert(tables.signals, store_rows)
        if not transaction.update(
            marks, marks.c.month == month, {"changed_revision": marks.c.changed_revision + 1}
        ):
            transaction.insert(marks, [{"month": month, "changed_revision": 1, "matched_revision": 0}])


def cases(run: Run) -> list[dict[str, Any]]:
    """All cases with `members`: the active signals, as `partner client`."""
    held = run.store.all(sa.select(tables.case_signals).where(tables.case_signals.c.is_active))
    members: dict[str, list[str]] = {}
    for row in held:
        members.setdefault(row["case_id"], []).append(f"{row['partner_id']} {row['signal_id']}")
    found = run.store.all(sa.select(tables.cases).order_by(tables.cases.c.opened_at, tables.cases.c.case_id))
    return [{**row, "members": sorted(members.get(row["case_id"], []))} for row in found]


def everything(run: Run) -> dict[str, list[dict[str, Any]]]:
    """What matching and routing may write, to compare two moments."""
    names = ("cases", "case_signals", "month_marks", "journal")
    return {
        name: sorted(
            run.store.all(sa.select(tables.metadata.tables[name])), key=lambda row: str(sorted(row.items()))
        )
        for name in names
    }
