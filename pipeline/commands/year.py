"""`samenloop year`: a practice year of working days, and the balance at its end.

No step is the year's own: partners seal with their program, `samenloop day` runs each working day with its date as
the clock, one opener serves all of them as a process of its own, counsellors and the steward follow a script. The
year is wrong, and says so, when a single signal, case, attempt or told outcome is not accounted for.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich import box
from rich.console import Console
from rich.table import Table

from pipeline.commands.at_the_opener.exclusion_lists import add_exclusion
from pipeline.commands.console import Outcome, progress, run_command
from pipeline.commands.day import day
from pipeline.commands.key_keeping.agreement_making import renew_agreement
from pipeline.commands.key_keeping.key_making import CASE
from pipeline.commands.key_keeping.key_rotation import rotate_municipal_key
from pipeline.commands.opener import is_alive, start_child
from pipeline.commands.practising.practice_region import clear, make_region
from pipeline.commands.practising.year_balance import Balance, Ledger, draw_up
from pipeline.commands.practising.year_partners import Drop, Partners, plan_drops, read_feedback
from pipeline.commands.practising.year_teams import Counsellors, decide_doubts
from pipeline.commands.settle import settle
from pipeline.commands.wiring import Home, Run, home_path, open_run
from pipeline.identified.read_export import read_export
from pipeline.identified.read_mapping import ExportMapping
from pipeline.practice.region import FEWEST_HOUSEHOLDS, Plan
from pipeline.vocabulary.faults import RowFault
from pipeline.vocabulary.period import add_months, is_working_day, month_end, month_start

COMMAND = "year"
FIRST_MONTH = "2026-01"
MOST_MONTHS = 24
TAIL_MONTHS = 2
OPENER_SECONDS = 30
CAPACITY = (1, 2, 3)
ON_THE_LIST = ("bekend_bij_schuldhulp", "overleden", "verhuisd", "bezwaar")


@dataclass
class _Year:
    """Everything that moves in a year."""

    region: Path
    home: Home
    months: tuple[str, ...]
    chance: np.random.Generator
    partners: Partners
    counsellors: Counsellors
    ledger: Ledger
    drops: list[Drop]
    tail_months: int

    @property
    def days(self) -> Iterator[date]:
        """The working days: from the first deliveries until all of the last month came in and was followed up."""
        first = month_start(add_months(self.months[0], 1))
        last = month_end(add_months(self.months[-1], self.tail_months))
        every = (first + timedelta(days=number) for number in range((last - first).days + 1))
        return (on for on in every if is_working_day(on))


def year(folder: Path, *, households: int, months: int, seed: int, tail_months: int = TAIL_MONTHS) -> Outcome:
    """Run a practice year and draw up its balance.

    Args:
        folder: where to make it.
        households: how large the region is.
        months: months of signals.
        seed: the same seed gives the same year.
        tail_months: months after the last one in which its lists come in and are followed up.

    Raises:
        Refused: FOLDER_NOT_EMPTY when the folder holds something else than an earlier year.
    """
    made = _make(folder.resolve(), Plan(households, seed, _months(months)), tail_months)
    days = list(made.days)
    refused: list[RowFault] = []
    with start_child(made.home.path), progress("jaar", len(days)) as advance:
        _wait_for_opener(made)
        for on in days:
            refused += _one_day(made, on)
            advance(1)
    made.counsellors.hand_in(date.max)
    with open_run(made.home.path, days[-1]) as run:
        last = settle(run)
        made.ledger.look(run, {f"settle_{what}": count for what, count in last.counts.items()})
        balance = _balance(made, run)
    paths = {"home": str(made.home.path), "analytics": str(made.home.analytics)}
    paths["status"] = f"samenloop status --home {made.home.path} --date {days[-1]}"
    return Outcome(
        COMMAND,
        _counts(made, balance, len(days)),
        refused=[RowFault("BALANCE_WRONG")] if balance.wrong else [],
        paths=paths,
        lines=_lines(balance, days, refused),
    )


def _wait_for_opener(made: _Year) -> None:
    """Until it says that it lives; else the first day would start one of its own."""
    with open_run(made.home.path, next(made.days)) as run:
        for _ in range(OPENER_SECONDS * 10):
            if is_alive(run.store, run.now):
                return
            time.sleep(0.1)


def _months(count: int) -> tuple[str, ...]:
    return tuple(add_months(FIRST_MONTH, number) for number in range(count))


def _make(folder: Path, plan: Plan, tail_months: int) -> _Year:
    clear(folder)
    region = make_region(folder, plan)
    chance = np.random.default_rng(plan.seed)
    home = Home(region.home)
    first = month_start(add_months(plan.months[0], 1))
    _draw_up_teams(home, chance, first, len(plan.months))
    # The practice agreement counts crisis signals; in this year they are shown, so that every lane is walked.
    renew_agreement(home.path, {"lanes": {"crisis": "reveal"}}, first)
    shutil.copy(home.agreement_file, folder / "agreement.json")
    home.make_folders()
    return _Year(
        folder,
        home,
        plan.months,
        chance,
        Partners(folder, home.inbox_deliveries, chance),
        Counsellors(home.inbox_follow_up, chance),
        Ledger(),
        plan_drops(plan.months, chance),
        tail_months,
    )


def _draw_up_teams(home: Home, chance: np.random.Generator, first: date, months: int) -> None:
    """Few new cases a day, part-time weeks, and two weeks of leave for everybody."""
    teams = json.loads(home.teams_file.read_text(encoding="utf-8"))
    regional = teams.get("regional_service") or {}
    people: list[dict[str, Any]] = [one for team in teams["teams"] for one in team["counsellors"]]
    for one in [*people, *regional.get("counsellors", [])]:
        begin = first + timedelta(days=int(chance.integers(0, max(1, 30 * months - 14))))
        one["capacity"] = CAPACITY[int(chance.integers(0, len(CAPACITY)))]
        one["absences"] = [{"from_on": begin.isoformat(), "until_on": (begin + timedelta(days=13)).isoformat()}]
        if chance.random() < 0.5:
            one["working_days"] = ["ma", "di", "do", "vr"]
    home.teams_file.write_text(json.dumps(teams, ensure_ascii=False, indent=2), encoding="utf-8")


def _one_day(made: _Year, on: date) -> list[RowFault]:
    """What happens on one working day, from what partners drop to what counsellors write down."""
    for drop in [drop for drop in made.drops if drop.on <= on]:
        made.partners.act(drop)
        made.drops.remove(drop)
    if on.month == month_start(add_months(made.months[0], 2)).month and on.day <= 3:
        _exclude_somebody(made)
    if on == _first_working_day(add_months(made.months[0], 1 + len(made.months) // 2)):
        rotate_municipal_key(made.home.path, CASE, on)
    with open_run(made.home.path, on) as run:
        outcome = day(run)
        made.ledger.look(run, outcome.counts)
        decide_doubts(replace(run, actor="gegevensbeheerder"), made.chance)
    made.counsellors.work(made.home.worklists, on)
    return outcome.refused


def _first_working_day(month: str) -> date:
    on = month_start(month)
    while not is_working_day(on):
        on += timedelta(days=1)
    return on


def _exclude_somebody(made: _Year) -> None:
    """The municipality puts somebody on its list that a partner reports."""
    exports = sorted((made.region / "partners").glob(f"*/export-{made.months[0]}.csv"))
    export = exports[int(made.chance.integers(0, len(exports)))]
    rows = read_export(export.read_bytes(), ExportMapping()).rows.drop_nulls(["geboortedatum", "huisnummer"])
    if rows.is_empty():
        return
    row = rows.row(int(made.chance.integers(0, rows.height)), named=True)
    names = ("achternaam", "voorvoegsels", "voorletters", "postcode", "huisnummer", "huisletter")
    said = {name: row[name] or "" for name in names}
    reason = ON_THE_LIST[int(made.chance.integers(0, len(ON_THE_LIST)))]
    add_exclusion(made.home.opener_lists_dir, {**said, "reden": reason})


def _balance(made: _Year, run: Run) -> Balance:
    out = made.region / "terugkoppeling"
    out.mkdir(exist_ok=True)
    heard = {who: signals for who, _, signals in read_feedback(made.region, made.home.path, out)}
    return draw_up(
        run,
        made.ledger,
        sealed=made.partners.row_counts,
        written=made.counsellors.told,
        heard=heard,
    )


def _counts(made: _Year, balance: Balance, days: int) -> dict[str, int]:
    return {
        "days": days,
        "deliveries": len(made.partners.row_counts),
        "signals": sum(made.partners.row_counts.values()),
        "cases": len(made.ledger.cases),
        "attempts": len(made.counsellors.told),
        "not_accounted_for": len(balance.wrong),
    }


def _lines(balance: Balance, days: list[date], refused: list[RowFault]) -> list[str]:
    table = Table("", "wat ervan werd", "aantal", box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.columns[2].justify = "right"
    before = ""
    for what, became, count in balance.lines:
        table.add_row(what if what != before else "", became, str(count))
        before = what
    console = Console(width=100, highlight=False)
    with console.capture() as capture:
        console.print(table)
    codes = sorted({fault.code for fault in refused})
    return [
        f"Balans van {len(days)} werkdagen, {days[0]:%d-%m-%Y} tot en met {days[-1]:%d-%m-%Y}",
        "",
        *capture.get().splitlines(),
        "",
        *([f"Onderweg geweigerd en gezegd: {', '.join(codes)}."] if codes else []),
        *(
            [f"{len(balance.wrong)} dingen kloppen niet:", *(f"  - {what}" for what in balance.wrong[:40])]
            if balance.wrong
            else ["Alles is verantwoord, tot het laatste signaal en de laatste zaak."]
        ),
    ]


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command(COMMAND)
    def command(
        folder: Annotated[
            Path | None, typer.Option("--dir", help="Where to make it. Default: year in SAMENLOOP_HOME or ./var.")
        ] = None,
        households: Annotated[int, typer.Option(min=FEWEST_HOUSEHOLDS, max=100_000)] = 3_000,
        months: Annotated[int, typer.Option(min=2, max=MOST_MONTHS, help="Months of signals.")] = 12,
        seed: Annotated[int, typer.Option(help="The same seed gives the same year.")] = 1,
        as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")] = False,
    ) -> None:
        """Run a whole practice year, a day at a time, and account for every signal and every case.

        Example: samenloop year --households 3000 --months 12 --dir var/year
        """
        place = folder or home_path(None) / "year"
        run_command(lambda: year(place, households=households, months=months, seed=seed), COMMAND, as_json=as_json)
