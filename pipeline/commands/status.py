"""`samenloop status`: what stands where, for the data steward. It reads and changes nothing."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from pipeline.channels import folder
from pipeline.channels.returned_files import waiting_in
from pipeline.commands.console import Outcome, run_command, table_console
from pipeline.commands.journal import EVIDENCE
from pipeline.commands.journal_keeping.kept_head import distrust, is_key_lost
from pipeline.commands.key_keeping.keys_check import ending_keys
from pipeline.commands.opener import is_alive
from pipeline.commands.options import DateOption, HomeOption, JsonOption
from pipeline.commands.wiring import Run, open_run
from pipeline.stewardship.monitor_flow import Flow, monitor_flow
from pipeline.stewardship.retire_records import ENDED_STATES
from pipeline.stewardship.watch_deliveries import IN_FORCE, FlowFacts
from pipeline.store import cases as store_cases
from pipeline.store import day_plan, monitor, openings, untouched
from pipeline.store import deliveries as ledger
from pipeline.store.what_stopped_it import DAMAGED
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.manifest import MANIFEST_FILE, DeliveryName
from pipeline.vocabulary.period import add_months, is_working_day, month_of
from pipeline.vocabulary.untouched import closes_on

COMMAND = "status"
_WIDTH = 110
CEILING_DAYS = 14
"""So long an opening ceiling that was passed stands in the list of things to do."""


def status(run: Run) -> Outcome:
    """The state of one municipality: counts, paths, and the tables as lines."""
    flow = monitor_flow(_facts(run))
    text = Console(file=io.StringIO(), width=_WIDTH, highlight=False)
    _print(flow, run, text)
    assert isinstance(text.file, io.StringIO)
    return Outcome(COMMAND, flow.counts, paths=_paths(run), lines=text.file.getvalue().splitlines())


def _facts(run: Run) -> FlowFacts:
    store = run.store
    first = add_months(month_of(run.today), -run.agreement.rule.late_months)
    incoming, odd = _incoming(run.home.inbox_deliveries)
    return FlowFacts(
        agreements=run.agreements,
        today=run.today,
        deliveries=monitor.deliveries_since(store, first),
        token_keys=ledger.token_keys_since(store, first, IN_FORCE),
        store_keys=ledger.store_keys_since(store, first),
        signal_counts=monitor.signals_in_force(store),
        seen_signal_count=monitor.signals_in_seen_cases(store),
        state_counts=monitor.cases_per_state(store),
        overdue=monitor.overdue_cases(store, run.today.isoformat()),
        retracted_counts=monitor.retracted_cases(store),
        lane_counts=monitor.shown_per_lane(store),
        teamless_counts=monitor.shown_without_team(store),
        deserted_teams=_deserted_teams(run),
        doubtful=monitor.doubtful_cases(store),
        unroutable=monitor.unroutable_cases(store),
        crisis_counts=store_cases.count_crisis_without_case(store),
        ended_case_months=monitor.ended_case_months(store, ENDED_STATES),
        incoming=incoming,
        odd_incoming_count=odd,
        follow_up_waiting_count=_follow_up_waiting(run),
        quarantine_count=sum(not one.name.startswith(".") for one in _listed(run.home.quarantine)),
        is_opener_alive=is_alive(store, run.now),
        opener_seen_at=monitor.opener_seen_at(store),
        orders_waiting=monitor.orders_waiting(store),
        ending_keys=ending_keys(run.home.path, run.today),
        closing=_closing(run),
        unread=monitor.unread_cases(store),
        team_names={team.team_id: team.name for team in run.teams.teams},
        single_counts=store_cases.count_singles(store),
        team_days=day_plan.last_days(store),
        absent_names={
            team.team_id: [one.name for one in team.counsellors if not one.is_present(run.today)]
            for team in run.teams.teams
        },
        is_journal_distrusted=_is_distrusted(run),
        is_journal_key_lost=is_key_lost(run),
        opened_per_day=openings.opened_per_day(store, (run.today - timedelta(days=CEILING_DAYS)).isoformat()),
    )


def _is_distrusted(run: Run) -> bool:
    """Whether the journal is not as it should be, also when it cannot be read any more."""
    try:
        return distrust(run) is not None
    except Refused as refusal:
        if refusal.code != DAMAGED:
            raise
        return True


def _deserted_teams(run: Run) -> list[str]:
    """Teams of which nobody is there on this working day, and for which nobody of the regional service can be."""
    if not is_working_day(run.today) or any(one.is_present(run.today) for one in run.teams.regional_counsellors):
        return []
    return [
        team.name
        for team in run.teams.teams
        if team.counsellors and not any(one.is_present(run.today) for one in team.counsellors)
    ]


def _follow_up_waiting(run: Run) -> int:
    inbox = run.home.inbox_follow_up
    return len(waiting_in(inbox, {team.team_id for team in run.teams.teams})) if inbox.is_dir() else 0


def _closing(run: Run) -> Counter[date]:
    """On which day how many shown cases close, if nothing more is recorded about them."""
    thresholds = run.agreement.thresholds
    return Counter(closes_on(case.touched_on, thresholds) for case in untouched.shown_cases(run.store))


def _listed(place: Path) -> list[folder.Entry]:
    return folder.list_entries(place) if place.is_dir() else []


def _incoming(inbox: Path) -> tuple[list[str], int]:
    """Deliveries that are not complete yet, by name; and how many things have a name that is not repeated here."""
    names, odd = [], 0
    for entry in _listed(inbox):
        try:
            name = str(DeliveryName.parse(entry.name))
        except Refused:
            odd += not entry.name.startswith(".") and not entry.name.endswith(".refusals.csv")
            continue
        if entry.kind == folder.FOLDER and not (inbox / entry.name / MANIFEST_FILE).exists():
            names.append(name)
    return names, odd


def _paths(run: Run) -> dict[str, str]:
    reports = sorted(run.home.reports.glob("vernietiging-*.json"))
    places = {
        "home": run.home.path,
        "receipts": run.home.receipts,
        "quarantine": run.home.quarantine,
        "worklists": run.home.worklists,
        "feedback": run.home.feedback,
        "analytics": run.home.analytics,
        **({"last_destruction": reports[-1]} if reports else {}),
    }
    return {name: str(path) for name, path in places.items() if path.exists()}


def _print(flow: Flow, run: Run, out: Console) -> None:
    """The page: heading, what to do, tables."""
    rule = run.agreement.rule
    evidence = " en ".join(EVIDENCE[name] for name in rule.match_on)
    title = f"{run.agreement.municipality} ({run.gemeentecode}), stand op {run.today:%d-%m-%Y}"
    out.print(title, style="bold", markup=False)
    out.print(
        f"Overeenkomst versie {run.agreement.version}: {rule.min_partners} partners, {rule.min_months} maanden, "
        f"op {evidence}",
        markup=False,
    )
    out.print()
    out.print("Wat u nu kunt doen", style="bold")
    for line in flow.todo or ["Niets. Alles loopt."]:
        out.print(f"  - {line}", markup=False, soft_wrap=True)
    for section in flow.sections:
        out.print()
        out.print(section.title, style="bold")
        if section.rows:
            out.print(_table(section.headings, section.rows))
        if section.note:
            out.print(section.note, markup=False)


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(*headings, box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for row in rows:
        table.add_row(*(cell.replace("[", r"\[") for cell in row))
    for column in table.columns:
        column.overflow = "fold"
    return table


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command(COMMAND)
    def command(home: HomeOption = None, day: DateOption = None, as_json: JsonOption = False) -> None:
        """Show who delivered, what waits, where the cases are and what is deleted next.

        Example: samenloop status --home region/municipality --date 2026-11-03
        """

        def work() -> Outcome:
            with open_run(home, day) as run:
                if as_json:
                    return status(run)
                _print(monitor_flow(_facts(run)), run, table_console())
                return Outcome(COMMAND)

        run_command(work, COMMAND, as_json=as_json)
