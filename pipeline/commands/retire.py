"""`samenloop retire`: what has passed its term is deleted, and a report proves it.

Deletion goes class by class, each in transactions of its own, so a run that was killed is finished by the next;
what a day deleted is added up, so that running twice tells the same. A report of which the store knows no more,
because a backup was put back, is never written over: the new one stands beside it. First of all, cases of which no
team recorded anything for too long are closed. Last go the keys of the months that are over.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import typer

from pipeline.channels import folder
from pipeline.commands.at_the_inbox import delivery_keeping
from pipeline.commands.console import Outcome, progress, run_command
from pipeline.commands.erasing.erased_files import lines_of
from pipeline.commands.erasing.erasure_ledger import apply_ledger, retire_ledger
from pipeline.commands.erasing.file_retiring import DESTRUCTION, FILE_CLASSES, counted_as, due_files, retire_files
from pipeline.commands.journal_keeping.journal_sealing import export_head, retire_lines, seal_head
from pipeline.commands.journal_keeping.kept_head import (
    KEY_LOST,
    distrust,
    is_key_lost,
    journal_key,
    open_working_run,
)
from pipeline.commands.key_keeping.key_destruction import destroy_keys, key_files, month_keys
from pipeline.commands.key_keeping.key_making import OPENING
from pipeline.commands.options import DateOption, HomeOption, JsonOption, ask_about_day
from pipeline.commands.processing import export_processings
from pipeline.commands.system_refusals import place_refused
from pipeline.commands.wiring import Run
from pipeline.pseudonymous.answer_delivery import Decision
from pipeline.stewardship import retire_records as rules
from pipeline.stewardship.prove_destruction import Destruction, proofs
from pipeline.store import processings, retirement, subjects, untouched
from pipeline.store import retirement_ledger as ledger
from pipeline.store.what_stopped_it import refuse_damaged
from pipeline.vocabulary.faults import RowFault
from pipeline.vocabulary.period import add_months, month_of, month_start
from pipeline.vocabulary.untouched import UNTOUCHED_MONTHS, Untouched, closes_on

COMMAND = "retire"
AFTER_RESTORE = "-na-herstel"
_DUE_LIKE = {
    "lapsed": rules.SIGNALS,
    "feedback": rules.SIGNALS,
    "orders": rules.CASES,
    "team_days": rules.CASES,
    "subject_requests": rules.DELIVERIES,
    "processings": rules.JOURNAL,
    "reports": rules.JOURNAL,
}


@dataclass(frozen=True, slots=True)
class _Due:
    """What is due on D, found before anything is deleted."""

    months: Mapping[str, list[str]]
    instants: Mapping[str, str]
    case_ids: list[str]
    before: Mapping[str, str]
    journal_until: int


def retire(run: Run, *, is_restore: bool = False) -> Outcome:
    """Delete what is due on D, destroy keys of months that are over, and report it; a restore on its own.

    Raises:
        Refused: DATABASE_DAMAGED, before anything is gone.
    """
    terms = rules.Terms(run.agreements, run.today)
    mark = ledger.Retirement(run.today.isoformat(), run.now, run.actor)
    refused: list[RowFault] = []
    with run.store.writer_lock(COMMAND):
        refuse_damaged(run.store.engine)
        runs = ledger.runs(run.store)
        removed = apply_ledger(run, counted_by=mark).removed
        refused += removed.refused
        _close_untouched(run, mark)
        due = _find(run, terms, runs)
        _retire_rows(run, mark, terms, due)
        blocked = retire_files(run, mark, terms, due_files(run, terms, runs))
        if not blocked:
            # Last: earlier runs tell what of lines and files is due, also to the run that finishes a killed one.
            retirement.retire_runs(run.store, mark, due.instants[rules.JOURNAL], due.before[rules.JOURNAL])
        refused += sorted({place_refused(error).as_row_fault() for error in blocked}, key=str)
        over = _end_months(run, mark, terms)
        # After the months were noted: a second run on this day finds nothing left to drop.
        retire_ledger(run, terms)
        deleted = ledger.deleted_by(run.store, mark)
        is_clean = ledger.clean_pages(run.store, has_deleted=any(name not in FILE_CLASSES for name in deleted))
        for one in [*ledger.unreported_runs(run.store, mark.retired_on, run.actor), mark]:
            report = _report(run, one, terms, due, runs, over, is_clean=is_clean)
            report, path = _placed(run, report, is_restore=is_restore and one is mark)
            folder.write_file(path.with_suffix(".txt"), report.text())
            folder.write_file(path, report.json())
            ledger.finish_run(run.store, one)
        seal_head(run)
        fault = distrust(run)
        if fault is None:  # else the day's true head would be written over
            export_head(run, run.today)
        else:
            refused.append(fault)
        refused += [RowFault(KEY_LOST)] * is_key_lost(run)
    # After the lock: a collector that answers slowly holds nobody up, and its lines are marked when they are sent.
    refused += export_processings(run).refused
    _publish_again(run, deleted)
    return _outcome(report, path, refused, lines_of(removed))


def _find(run: Run, terms: rules.Terms, runs: list[dict[str, Any]]) -> _Due:
    store = run.store
    months = {
        rules.SIGNALS: terms.due_months(rules.SIGNALS, retirement.open_months(store)),
        rules.CASES: terms.due_months(rules.CASES, retirement.case_months(store)),
        rules.DELIVERIES: terms.due_months(rules.DELIVERIES, retirement.delivery_months(store)),
        "feedback": terms.due_months(rules.SIGNALS, retirement.feedback_months(store)),
    }
    instants = {name: terms.seen_until(name, runs) for name in (rules.DELIVERIES, rules.JOURNAL)}
    ended = retirement.ended_cases(store, months[rules.CASES])
    before = {name: terms.due_before(name).isoformat() for name in rules.CLASSES}
    before |= {name: before[like] for name, like in _DUE_LIKE.items()}
    before[untouched.UNTOUCHED] = _untouched_before(run)
    case_ids = rules.due_cases(ended, retirement.living_cases(store), terms)
    return _Due(months, instants, case_ids, before, terms.journal_until(runs))


def _retire_rows(run: Run, mark: ledger.Retirement, terms: rules.Terms, due: _Due) -> None:
    store, before = run.store, due.before
    _refuse_held(run, terms)
    with progress("bewaartermijnen", len(due.months[rules.SIGNALS])) as advance:
        for month in due.months[rules.SIGNALS]:
            retirement.retire_month(
                store, mark, month, before[rules.SIGNALS], rules.LAPSING_STATES, rules.WORKED_ON_STATES
            )
            advance(1)
    retirement.retire_cases(store, mark, due.case_ids, before[rules.CASES])
    retirement.retire_feedback(store, mark, due.months["feedback"], before["feedback"])
    retirement.retire_orders(store, mark, before["orders"])
    retirement.scrub_deliveries(
        store, mark, due.months[rules.DELIVERIES], due.instants[rules.DELIVERIES], before[rules.DELIVERIES]
    )
    subjects.retire_requests(store, mark, due.instants[rules.DELIVERIES], before[rules.DELIVERIES])
    processings.retire_lines(store, mark, due.instants[rules.JOURNAL], before[rules.JOURNAL])
    retire_lines(run, mark, due.journal_until, before[rules.JOURNAL])


def _close_untouched(run: Run, mark: ledger.Retirement) -> None:
    """Cases of which no team recorded anything for too long are closed, so that their term begins."""
    late = _untouched_late(run)
    if late:
        untouched.close(run.store, mark, late, _untouched_months(run), _untouched_before(run))


def _untouched_late(run: Run) -> list[Untouched]:
    thresholds = run.agreement.thresholds
    shown = untouched.shown_cases(run.store)
    return [case for case in shown if closes_on(case.touched_on, thresholds) <= run.today]


def _untouched_months(run: Run) -> int:
    return int(run.agreement.thresholds.get("untouched_months", UNTOUCHED_MONTHS))


def _untouched_before(run: Run) -> str:
    return month_start(add_months(month_of(run.today), -_untouched_months(run))).isoformat()


def _refuse_held(run: Run, terms: rules.Terms) -> None:
    """A delivery that nobody decided on until the term of its month ended is refused, and its partner hears so."""
    for row in retirement.held_deliveries(run.store):
        if row["month"] is not None and terms.is_due(rules.SIGNALS, row["month"]):
            decision = Decision.from_row({**row, "decided_at": run.now, "decided_by": run.actor})
            decision = decision.refused_as("RETENTION_ENDED", None)
            delivery_keeping.write(run, "retire_held_delivery", decision)
            delivery_keeping.write_receipt(run, decision)


def _end_months(run: Run, mark: ledger.Retirement, terms: rules.Terms) -> list[str]:
    """End the months of which no signal is left, and destroy their keys: not where signals may have been lost."""
    if distrust(run) is not None:
        return []
    files = {month for _, month in month_keys(run.home).values()}
    listed = {key.month for key in run.directory.keys if key.kind == OPENING and key.month is not None}
    over = rules.ended_months(files | listed, retirement.signal_months(run.store), terms)
    destroy_keys(run, mark, over)
    return over


def _report(
    run: Run,
    mark: ledger.Retirement,
    terms: rules.Terms,
    due: _Due,
    runs: list[dict[str, Any]],
    over: list[str],
    *,
    is_clean: bool,
) -> Destruction:
    remaining = retirement.remaining(
        run.store,
        due.months,
        due.instants,
        due.before["orders"],
        rules.WORKED_ON_STATES,
        due.case_ids,
        due.journal_until,
    )
    left = due_files(run, terms, runs)
    files = {counted_as(name): len(paths) for name, paths in left.items()}
    destroyed = ledger.destroyed_keys(run.store)
    listed = {key.key_id: key.month for key in run.directory.keys if key.kind == OPENING}
    waiting = {key_id for key_id, month in listed.items() if month in over and key_id not in destroyed}
    if os.access(run.home.opener_keys_dir, os.R_OK | os.X_OK):  # a store that was put back forgot what went since
        waiting &= {key_id for key_id, _ in key_files(run.home.opener_keys_dir, OPENING).values()}
    kept = {
        "signals": (
            retirement.held_signals(run.store, due.months[rules.SIGNALS]),
            "een team is nog met deze zaken bezig",
        )
    }
    if journal_key(run.home) is None:
        kept["journal"] = (remaining.pop("journal"), "de opener verzegelt en vernietigt ze")
    elif distrust(run) is not None:
        kept["journal"] = (remaining.pop("journal"), "de opener vertrouwt het journaal niet")
    return Destruction(
        gemeentecode=run.gemeentecode,
        municipality=run.agreement.municipality,
        retired_on=mark.retired_on,
        agreement_version=terms.newest.version,
        classes=proofs(
            {name: terms.newest.retention_months(name) for name in rules.CLASSES}
            | {untouched.UNTOUCHED: _untouched_months(run)},
            due.before,
            ledger.deleted_by(run.store, mark),
            {**remaining, **files, untouched.UNTOUCHED: len(_untouched_late(run))},
            kept,
        ),
        keys_destroyed=tuple(ledger.destroyed_keys(run.store, mark)),
        keys_waiting=tuple(sorted(waiting)),
        months_over=tuple(over),
        numbers_kept=retirement.numbers_kept(run.store),
        is_postgresql=not run.store.is_sqlite,
        is_log_emptied=is_clean,
        erased_again=ledger.erased_by(run.store, mark),
    )


def _placed(run: Run, report: Destruction, *, is_restore: bool) -> tuple[Destruction, Path]:
    """Where a report goes: of a restore beside that of its day, and over none that tells what it does not."""
    after = replace(report, is_after_restore=True)
    first = run.home.reports / f"{DESTRUCTION}{report.retired_on}.json"
    if not is_restore and _tells_all(report, first):
        return report, first
    names = (f"{first.stem}{AFTER_RESTORE}{f'-{number}' if number > 1 else ''}.json" for number in count(1))
    return after, next(path for path in map(first.with_name, names) if _tells_all(after, path))


def _tells_all(report: Destruction, path: Path) -> bool:
    """Whether nothing is lost when a report takes the place of what stands there."""
    try:
        return report.adds_up_to(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return True
    except (KeyError, TypeError, ValueError):
        return False


def _publish_again(run: Run, deleted: Mapping[str, int]) -> None:
    """The analysts' file holds rows of the store: what is gone there goes here too."""
    if run.home.analytics.exists() and set(deleted) & {"signals", "cases", "lapsed"}:
        from pipeline.commands.publish import publish  # loads DuckDB, which no other day needs

        publish(run)


def _outcome(report: Destruction, path: Path, refused: list[RowFault], left: list[str]) -> Outcome:
    counts = {proof.data_class: proof.deleted_count for proof in report.classes}
    counts["keys"] = len(report.keys_destroyed)
    counts["remaining"] = report.remaining_count
    lines = [*(report.lines_of_note() or ["Vandaag is niets aan de beurt."]), *left]
    return Outcome(COMMAND, counts, refused=refused, paths={"report": str(path)}, lines=lines)


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command(COMMAND)
    def command(home: HomeOption = None, date: DateOption = None, as_json: JsonOption = False) -> None:
        """Delete what has passed its term, destroy keys of months that are over, and write the proof in reports/.

        Example: samenloop retire --home region/municipality --date 2027-05-01
        """

        def work() -> Outcome:
            ask_about_day(date)
            with open_working_run(home, date) as run:
                return retire(run)

        run_command(work, COMMAND, as_json=as_json)
