"""`samenloop reveal`: on a working morning route the cases, plan the day, order the lists, wait for the opener.

Here orders are filed, no more: no key, no name. The day's order holds every case that belongs on a list; when the
last order of the day covers them all, nothing is ordered. On other days nothing happens and nothing is lost: the
cases stand on the list of the next working day.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from subprocess import Popen
from typing import Annotated, Any

import typer

from pipeline.commands.console import Outcome, run_command, talk
from pipeline.commands.erasing.erasure_ledger import apply_ledger
from pipeline.commands.journal_keeping.kept_head import open_working_run, refuse_lost_store
from pipeline.commands.opener import is_alive, is_fresh, may_open, refusal_of_child, start_child
from pipeline.commands.options import DateOption, HomeOption, JsonOption
from pipeline.commands.page_theme import page_theme
from pipeline.commands.plan import plan_today
from pipeline.commands.route import route
from pipeline.commands.wiring import Run
from pipeline.revealed.check_ground import ground_for
from pipeline.revealed.hand_over_worklist import PAGE
from pipeline.revealed.texts import day_and_date
from pipeline.store import day_plan, monitor, openings
from pipeline.vault.signing import canonical_json
from pipeline.vocabulary.case import (
    CLOSED,
    GROUND_WITHDRAWAL,
    JOIN_REASONS,
    JOINED,
    JOINS_NEXT,
    KEY_REVOKED,
    ROUTED,
    UNREAD_REASONS,
    VERDICT_CONFIRMED,
    VERDICT_DOUBTFUL,
    VERDICT_EXCLUDED,
    VERDICT_WITHHELD,
)
from pipeline.vocabulary.faults import KeyFault, Refused
from pipeline.vocabulary.period import is_working_day, next_working_day

COMMAND = "reveal"
WAIT_SECONDS = 600.0
POLL_SECONDS = 0.2
SILENT_TURNS = 50
_ASK_AGAIN = ("KEY_MISSING", "GROUND_NOT_MET", "REGISTER_SILENT")
COUNTS = (
    *("new", "running", "withdrawn", "doubtful", "withheld", "unread", "excluded"),
    *("repeated", "joins_next", "waiting", "without_team", "worklists"),
)


def is_reveal_day(run: Run) -> bool:
    """Whether worklists are made on D."""
    return run.is_reveal_on_change or is_working_day(run.today)


def order_worklists(run: Run) -> str | None:
    """File the order of D with a request per case, unless D's last order covers all of them already.

    Returns:
        The id of the order to wait for; None when there is nothing to do.
    """
    if not is_reveal_day(run):
        return None
    day = run.today.isoformat()
    with run.store.writer_lock(COMMAND):
        apply_ledger(run)
        planned = plan_today(run)
        due = [
            case
            for case in openings.due_cases(run.store, day)
            if case["team_id"] is not None and (case["state"] != ROUTED or case["case_id"] in planned)
        ]
        orders = openings.orders_on(run.store, day)
        waiting = next((order for order in orders if order["state"] == openings.FILED), None)
        fingerprint = _fingerprint(due)
        if waiting is not None and waiting["fingerprint"] == fingerprint and is_fresh(waiting, run.now):
            return str(waiting["order_id"])
        done = [order for order in orders if order["state"] == openings.DONE]
        answered = openings.answers_of(run.store, done[-1]["order_id"]) if done else []
        if waiting is None and done and _covers(answered, due) and _has_lists(run):
            return None
        order = {
            "order_id": waiting["order_id"] if waiting else f"W-{uuid.uuid4().hex}",
            "worklist_on": day,
            "revision": waiting["revision"] if waiting else 1 + max((o["revision"] for o in done), default=0),
            "state": openings.FILED,
            "fingerprint": fingerprint,
            "filed_at": run.now,
        }
        _file(run, order, due)
    return str(order["order_id"])


def _has_lists(run: Run) -> bool:
    """Whether every team's list of D is there: an erasure takes those away on which the person stood."""
    day = run.today.isoformat()
    return all((run.home.worklists / team.team_id / day / PAGE).is_file() for team in run.teams.teams)


def _file(run: Run, order: Mapping[str, Any], due: Sequence[Mapping[str, Any]]) -> None:
    """Keep the order; what was ordered for earlier days and never answered stands in this one."""
    left = [
        row
        for row in openings.filed_orders(run.store)
        if row["worklist_on"] < order["worklist_on"] and row["purpose"] is None
    ]
    with run.store.transaction("order_worklists", at=run.now, actor=run.actor) as transaction:
        for row in left:
            openings.drop_order(transaction, str(row["order_id"]))
            transaction.journal("drop_order", str(row["order_id"]))
        requests = [
            {
                "request_id": f"R-{uuid.uuid4().hex}",
                "order_id": order["order_id"],
                "case_id": case["case_id"],
                "ground": ground_for(case["state"], case["mark"], has_joined=case["has_joined"]),
                "case_revision": case["revision"],
                "state": openings.FILED,
                "filed_at": order["filed_at"],
                "filed_by": run.actor,
            }
            for case in due
        ]
        openings.file_order(transaction, order, requests)
        transaction.journal("order_worklists", str(order["order_id"]), counts={"requests": len(requests)})


def _fingerprint(due: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        [
            case["case_id"],
            case["revision"],
            ground_for(case["state"], case["mark"], has_joined=case["has_joined"]),
            case["team_id"],
        ]
        for case in due
    ]
    return hashlib.sha256(canonical_json(sorted(rows))).hexdigest()


def _covers(answers: Sequence[Mapping[str, Any]], due: Sequence[Mapping[str, Any]]) -> bool:
    """Whether an answered order says of every due case what is so now, and of no other case that it is due.

    A case that was closed since then stays on the list of that morning.
    """
    answered = {answer["case_id"]: answer for answer in answers}
    for case in due:
        answer = answered.pop(case["case_id"], None)
        if answer is None or answer["reason_code"] in _ASK_AGAIN:
            return False
        if answer["verdict"] == VERDICT_DOUBTFUL:  # and yet due: the data steward accepted it since
            return False
        if answer["verdict"] == VERDICT_CONFIRMED and answer["team_id"] != case["team_id"]:
            return False
        if answer["case_revision"] != case["revision"] or _tells_to_stop(answer) != _is_to_stop(case, answer):
            return False
    return all(
        answer["verdict"] != VERDICT_CONFIRMED or answer["state"] in (CLOSED, JOINED)
        for answer in answered.values()
    )


def _tells_to_stop(answer: Mapping[str, Any]) -> bool:
    return bool(answer["ground"] == GROUND_WITHDRAWAL or answer["reason_code"] == KEY_REVOKED)


def _is_to_stop(case: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    """What joined a case keeps it going, unless the opener found that all of it rested on a revoked key."""
    has_joined = case["has_joined"] and answer["reason_code"] != KEY_REVOKED
    return ground_for(case["state"], case["mark"], has_joined=has_joined) == GROUND_WITHDRAWAL


def order_is_done(run: Run, order_id: str) -> bool:
    """Whether the opener answered an order and its worklists were handed over."""
    order = openings.order_by_id(run.store, order_id)
    return order is not None and order["state"] == openings.DONE


def reveal(run: Run, wait_seconds: float = WAIT_SECONDS, child: Popen[bytes] | None = None) -> Outcome:
    """Route, order, and wait until the worklists of D were handed over.

    Args:
        run: the run of D.
        wait_seconds: how long the opener may take.
        child: an opener that the caller started for this run.

    Raises:
        Refused: OPENER_NOT_RUNNING, OPENER_TIMED_OUT; JOURNAL_NOT_HELD when the store was lost.
    """
    if not is_reveal_day(run):
        day, after = day_and_date(run.today), day_and_date(next_working_day(run.today))
        line = f"{day} is geen werkdag. De volgende werklijsten komen op {after}."
        return Outcome(COMMAND, dict.fromkeys(COUNTS, 0), lines=[line[0].upper() + line[1:]])
    refuse_lost_store(run)
    route(run)
    order_id = order_worklists(run)
    if order_id is not None:
        with ExitStack() as children:
            wait_for_order(run, order_id, child, wait_seconds, children)
    return _outcome(run)


def wait_for_order(
    run: Run, order_id: str, child: Popen[bytes] | None, seconds: float, children: ExitStack
) -> None:
    """Wait for the opener that serves this home; when it is silent, for a child where this user may be the opener.

    Looked at again on each turn: one that was killed a moment ago still seems to live, and would never answer.
    """
    for turn in range(max(1, int(seconds / POLL_SECONDS))):
        if turn == SILENT_TURNS:
            talk.print(f"Wacht op de opener, hoogstens {seconds / 60:.0f} minuten.", markup=False)
        if order_is_done(run, order_id):
            return
        if child is None and not is_alive(run.store, run.now) and may_open(run.home):
            talk.print("Er draait geen opener; voor deze opdracht start er een als deelproces.", markup=False)
            child = children.enter_context(start_child(run.home.path))
        if child is not None and child.poll() is not None:
            raise refusal_of_child(child)
        time.sleep(POLL_SECONDS)
    if not order_is_done(run, order_id):
        raise Refused("OPENER_TIMED_OUT" if is_alive(run.store, run.now) else "OPENER_NOT_RUNNING")


def _outcome(run: Run) -> Outcome:
    """What the last order of D came to."""
    day = run.today.isoformat()
    done = [order for order in openings.orders_on(run.store, day) if order["state"] == openings.DONE]
    answers = openings.answers_of(run.store, done[-1]["order_id"]) if done else []
    counts: Counter[str] = Counter(_kind(answer) for answer in answers)
    planned = day_plan.days_of(run.store, day)
    counts["waiting"] = sum(int(team["waiting_count"]) for team in planned.values())
    counts["without_team"] = sum(int(row["count"]) for row in monitor.unroutable_cases(run.store))
    pages = {
        f"worklist {team.team_id}": str(run.home.worklists / team.team_id / day / PAGE) for team in run.teams.teams
    }
    counts["worklists"] = len(pages)
    told = [row for answer in answers for row in (answer["fields"] or {}).get("refused", [])]
    contacts = Counter((str(row["code"]), row.get("key_id") or "") for row in told)
    faults = [KeyFault(code, key_id or None, None, count) for (code, key_id), count in sorted(contacts.items())]
    _, theme_fault = page_theme(run.home)
    return Outcome(
        COMMAND,
        {name: counts[name] for name in COUNTS},
        refused=[*faults, *([theme_fault] if theme_fault else [])],
        paths=pages,
        lines=[f"Werklijsten voor {day_and_date(run.today)} staan klaar.", *_nobodys(counts["without_team"])],
    )


def _nobodys(count: int) -> list[str]:
    """That these cases are on no list, and what to do: else a day with empty lists looks like a quiet one."""
    if not count:
        return []
    who = "1 zaak heeft" if count == 1 else f"{count} zaken hebben"
    stand = "staat" if count == 1 else "staan"
    return [f"Let op: {who} geen wijkteam en {stand} op geen lijst. Vul teams.json aan; zie samenloop status."]


def _kind(answer: Mapping[str, Any]) -> str:
    if answer["verdict"] == VERDICT_DOUBTFUL:
        return "doubtful"
    if answer["reason_code"] == KEY_REVOKED:
        return "withdrawn"
    if answer["reason_code"] in UNREAD_REASONS:
        return "unread"
    if answer["reason_code"] == JOINS_NEXT:
        return "joins_next"
    if answer["verdict"] == VERDICT_WITHHELD:
        return "withheld"
    if answer["verdict"] == VERDICT_EXCLUDED:
        return "excluded"
    if answer["ground"] == GROUND_WITHDRAWAL:
        return "withdrawn"
    if answer["reason_code"] in JOIN_REASONS:
        return "repeated"
    return "new" if answer["is_new"] else "running"


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command(COMMAND)
    def command(
        home: HomeOption = None,
        date: DateOption = None,
        wait: Annotated[
            float, typer.Option("--wait", min=0, help="Seconds to wait for the opener.")
        ] = WAIT_SECONDS,
        as_json: JsonOption = False,
    ) -> None:
        """Make the worklists of a working day: route, ask the opener, wait for its lists.

        Example: samenloop reveal --home region/municipality --date 2026-10-06
        """

        def work() -> Outcome:
            with open_working_run(home, date) as run:
                return reveal(run, wait)

        run_command(work, COMMAND, as_json=as_json)
