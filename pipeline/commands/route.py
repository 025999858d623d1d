"""Give every case that waits for one a wijkteam and a counsellor; say which cases nobody serves.

Part of `reveal`, because teams may change on any day without a delivery. Run again, it changes nothing.
"""

from __future__ import annotations

from collections import Counter

from pipeline.commands.console import Outcome
from pipeline.commands.wiring import Run
from pipeline.pseudonymous.route_cases import RoutedCase, route_cases
from pipeline.store import cases as store_cases
from pipeline.vocabulary.case import OPENED, check_transition

COMMAND = "route"
TRANSACTION = "route_cases"


def route(run: Run) -> Outcome:
    """Route what can be routed. Takes the writer lock; the caller must not hold it."""
    with (
        run.store.writer_lock(TRANSACTION),
        run.store.transaction(TRANSACTION, at=run.now, actor=run.actor) as transaction,
    ):
        rows = {row["case_id"]: row for row in store_cases.cases_to_route(transaction)}
        cases = [RoutedCase(**{name: row[name] for name in RoutedCase.__slots__}) for row in rows.values()]
        changed = route_cases(cases, run.teams)
        for case in changed:
            check_transition(rows[case.case_id]["state"], case.state)
            transaction.journal("route_case", case.case_id, result=case.team_id or case.reason_code or "")
        store_cases.save_routes(
            transaction,
            [
                {
                    "case_id": case.case_id,
                    "state": case.state,
                    "team_id": case.team_id,
                    "counsellor_id": case.counsellor_id,
                    "reason_code": case.reason_code,
                    "changed_at": transaction.at,
                }
                for case in changed
            ],
        )
    after = {case.case_id: case for case in (*cases, *changed)}
    waiting = Counter(case.reason_code for case in after.values() if case.state == OPENED)
    counts = {"routed": sum(case.team_id is not None for case in changed), "unroutable": waiting.total()}
    lines = [f"{counts['routed']} zaken naar een wijkteam."]
    if waiting.total():
        lines.append(f"{waiting.total()} zaken zonder wijkteam: zie samenloop status.")
    return Outcome(COMMAND, counts, lines=lines)
