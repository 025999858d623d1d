"""`samenloop journal`: who opened what, when, on which ground, under which rule. It changes no line."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from pipeline.commands.console import Outcome, run_command
from pipeline.commands.journal_keeping.journal_verifying import verify_journal
from pipeline.commands.key_keeping.key_making import normal_fingerprint
from pipeline.commands.options import BackupKeyOption, DateOption, HomeOption, JsonOption
from pipeline.commands.who_acts import ActorOption, user_of_this_computer
from pipeline.commands.wiring import AMSTERDAM, Run, home_path, open_run, utc_text
from pipeline.store import journal as kept
from pipeline.store.journal import JournalQuestion
from pipeline.vocabulary.faults import Refused

COMMAND = "journal"
MOST_SHOWN = 50

# What a line says to a reader; an action that is not here is shown by its own word.
ACTIONS: dict[str, str] = {
    "admit_delivery": "aanlevering beoordeeld",
    "release_delivery": "vastgehouden aanlevering vrijgegeven",
    "refuse_delivery": "vastgehouden aanlevering geweigerd",
    "retire_held_delivery": "vastgehouden aanlevering vervallen",
    "open_case": "zaak ontstaan",
    "open_contacts": "contacten geopend",
    "judge_case": "personen vergeleken",
    "refuse_contact": "contact geweigerd",
    "refuse_case": "zaak niet geopend: volgens het journaal afgerond",
    "refuse_confirmation": "bevestiging niet geloofd",
    "accept_match": "twijfelgeval geaccepteerd",
    "reject_match": "twijfelgeval afgewezen",
    "disclose_case": "getoond",
    "hand_over_worklists": "werklijsten overgedragen",
    "order_worklists": "werklijsten opgevraagd",
    "match_month": "maand vergeleken",
    "change_case": "zaak veranderd",
    "reopen_case": "zaak heropend",
    "merge_case": "zaak samengevoegd",
    "withdraw_case": "zaak ingetrokken",
    "mark_retracted_case": "zaak vervallen verklaard",
    "route_case": "wijkteam bepaald",
    "settle_follow_up": "opvolging verwerkt",
    "move_case": "zaak verder",
    "conflicting_result": "tegenstrijdig resultaat",
    "correct_attempt": "contactpoging verbeterd",
    "open_refused_follow_up": "geweigerde opvolging ingezien",
    "send_feedback": "terugkoppeling verstuurd",
    "lapse_case": "zaak vervallen",
    "close_untouched": "zaak gesloten: niets vastgelegd",
    "retire": "vernietigd",
    "back_up": "reservekopie gemaakt",
    "restore": "reservekopie teruggezet",
    "confirm_restore": "teruggezette kopie erkend",
    "refuse_seal": "zegel geweigerd",
    "know_agreement": "overeenkomst voor het eerst gezien",
    "refuse_agreement": "overeenkomst geweigerd",
    "begin_head": "kop opnieuw onthouden",
    "erase_case": "zaak gewist op verzoek",
    "erase_signal": "signaal gewist op verzoek",
    "export_processings": "verwerkingenlogboek verstuurd",
    "file_subject": "verzoek van inwoner",
    "answer_subject": "verzoek van inwoner beantwoord",
    "correct_subject": "verbetering gevraagd",
    "drop_order": "werklijst van eerder vervallen",
    "retire_files": "bestanden vernietigd",
    "end_month": "maand voorbij",
    "destroy_key": "sleutel vernietigd",
    "partner_late": "partner te laat",
    "worklist_late": "werklijst te laat",
}

EVIDENCE = {"person": "persoon", "household": "huishouden"}

journal_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Who did what, when, on which ground.")


@dataclass(frozen=True)
class JournalOutcome(Outcome):
    """An outcome that also holds the lines themselves, for `--json`."""

    journal: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> str:
        """The promised object, with the lines beside the counts."""
        return json.dumps({**json.loads(super().as_json()), "lines": self.journal}, ensure_ascii=False)


def list_lines(run: Run, question: JournalQuestion, most: int = MOST_SHOWN) -> JournalOutcome:
    """The newest lines that answer a question, each with the rule of its case."""
    found = _with_rules(run, kept.newest_lines(run.store, question, most))
    counts = {"lines": len(found), "lines_in_all": kept.count_lines(run.store, question)}
    return JournalOutcome(COMMAND, counts, journal=found)


def show_object(run: Run, name: str) -> JournalOutcome:
    """All that the journal says of one object, or one line by its number.

    Raises:
        Refused: NOT_FOUND.
    """
    found = kept.newest_lines(run.store, JournalQuestion(object_=name), 10_000)
    if not found and name.isdecimal() and len(name) < 19:
        one = kept.line(run.store, int(name))
        found = [one] if one is not None else []
    if not found:
        raise Refused("NOT_FOUND", "object")
    lines = [_about_case(run, name)] if name in kept.cases_by_id(run.store, [name]) else []
    lines += [
        f"Op de werklijst van {row['worklist_on']} voor {_team_name(run, row['team_id'])}, grond {row['ground']}"
        f"{', nieuw' if row['is_new'] else ''}."
        for row in kept.disclosures_of(run.store, name)
    ]
    return JournalOutcome(COMMAND, {"lines": len(found)}, lines=lines, journal=_with_rules(run, found))


def _about_case(run: Run, case_id: str) -> str:
    case = kept.cases_by_id(run.store, [case_id])[case_id]
    shown = f", voor het eerst getoond op {case['first_revealed_on']}" if case["first_revealed_on"] else ""
    team = f", {_team_name(run, case['team_id'])}" if case["team_id"] else ""
    rule = _rule_text(run, case["agreement_version"])
    opened = f"stand {case['state']}, geopend op {case['opened_on']}"
    return f"Zaak van {case['month']}, {opened}{shown}{team}. Regel: {rule}."


def _team_name(run: Run, team_id: str) -> str:
    team = run.teams.by_id(team_id)
    return team.name if team is not None else f"team {team_id}"


def _with_rules(run: Run, lines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    cases = kept.cases_by_id(run.store, {str(line["object"]) for line in lines})
    versions = {case_id: case["agreement_version"] for case_id, case in cases.items()}
    return [
        {**line, "rule": _rule_text(run, versions[line["object"]]) if line["object"] in versions else None}
        for line in lines
    ]


def _rule_text(run: Run, version: int) -> str:
    agreement = next((one for one in run.agreements if one.version == version), None)
    if agreement is None:
        return f"versie {version}"
    rule = agreement.rule
    evidence = " en ".join(EVIDENCE[name] for name in rule.match_on)
    return f"versie {version}: {rule.min_partners} partners, {rule.min_months} maanden, op {evidence}"


def _print(outcome: JournalOutcome) -> None:
    out = Console(highlight=False, soft_wrap=False)
    for text in outcome.lines:
        out.print(text, markup=False)
    headings = ("nr", "wanneer", "wie", "wat", "waarover", "grond", "uitkomst", "regel")
    table = Table(*headings, box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for line in outcome.journal:
        counts = ", ".join(f"{name} {count}" for name, count in (line["counts"] or {}).items())
        result = f"{line['result']} ({counts})" if counts else line["result"]
        cells = (
            str(line["seq"]),
            local(line["at"]),
            line["actor"],
            ACTIONS.get(line["action"], line["action"]),
            line["object"],
            line["ground"] or "",
            result,
            (line["rule"] or "").partition(":")[0],
        )
        table.add_row(*(str(cell).replace("[", r"\[") for cell in cells))
    for column in table.columns:
        column.overflow = "fold"
    out.print(table)
    for rule in sorted({line["rule"] for line in outcome.journal if line["rule"]}):
        out.print(f"Regel {rule}.", markup=False)
    total = outcome.counts.get("lines_in_all", outcome.counts["lines"])
    if total > outcome.counts["lines"]:
        out.print(f"De nieuwste {outcome.counts['lines']} van {total} regels; meer met --most.", markup=False)


def local(at: str) -> str:
    """A UTC instant as a clock in the Netherlands shows it."""
    return datetime.fromisoformat(at).astimezone(AMSTERDAM).strftime("%d-%m-%Y %H:%M:%S")


def start_of(day: date) -> str:
    """The UTC instant at which a day begins in the Netherlands."""
    return utc_text(datetime.combine(day, time(), AMSTERDAM))


def register(app: typer.Typer) -> None:
    """Add `journal` to the command line."""
    app.add_typer(journal_app, name=COMMAND)


@journal_app.command("list")
def list_command(
    home: HomeOption = None,
    object_: Annotated[
        str | None, typer.Option("--object", help="A case, delivery, order, partner, month or key.")
    ] = None,
    actor: Annotated[str | None, typer.Option("--actor", help="Who did it, as the journal writes it.")] = None,
    action: Annotated[str | None, typer.Option("--action", help="What was done, as open_contacts.")] = None,
    since: Annotated[
        date | None,
        typer.Option("--since", parser=date.fromisoformat, metavar="YYYY-MM-DD", help="From this day on."),
    ] = None,
    until: Annotated[
        date | None,
        typer.Option("--until", parser=date.fromisoformat, metavar="YYYY-MM-DD", help="This day included."),
    ] = None,
    most: Annotated[
        int, typer.Option("--most", min=1, max=1_000_000, help="How many of the newest.")
    ] = MOST_SHOWN,
    as_json: JsonOption = False,
) -> None:
    """List the newest lines of the journal. Days go by the clock on the wall, not by --date of a run.

    Example: samenloop journal list --home region/municipality --action open_contacts --since 2026-11-03
    """
    question = JournalQuestion(
        object_,
        actor,
        action,
        start_of(since) if since else None,
        start_of(until + timedelta(days=1)) if until else None,
    )
    _run(lambda run: list_lines(run, question, most), home, as_json)


@journal_app.command("show")
def show_command(
    name: Annotated[
        str, typer.Argument(metavar="OBJECT", help="A case or another object, or the number of a line.")
    ],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show all that happened to one object: for a case who opened it, on which ground, and which team saw it.

    Example: samenloop journal show Z-0123 --home region/municipality
    """
    _run(lambda run: show_object(run, name), home, as_json)


@journal_app.command("verify")
def verify_command(
    home: HomeOption = None,
    head: Annotated[
        list[Path] | None, typer.Option("--head", help="A journaal-<date>.json that was kept elsewhere.")
    ] = None,
    fingerprint: Annotated[
        str | None, typer.Option("--fingerprint", help="Of a journal key, from paper; else the first key counts.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Verify that no line was changed, dropped, swapped or cut off; exit 1 names each line that is not right.

    Example: samenloop journal verify --home region/municipality --head kluis/journaal-2026-11-03.json
    """

    def work() -> Outcome:
        pinned = normal_fingerprint(fingerprint) if fingerprint else None
        with open_run(home) as run:
            return verify_journal(run, tuple(head or ()), pinned)

    run_command(work, f"{COMMAND} verify", as_json=as_json)


@journal_app.command("confirm-restore")
def confirm_restore_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The backup that was put back.", exists=True)],
    home: HomeOption = None,
    key: BackupKeyOption = None,
    actor: ActorOption = None,
    on: DateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sign that you put this backup back, where `restore` could not: the opener then seals the journal again.

    Example: samenloop journal confirm-restore media/reservekopie-GM9901-….samenloop --home region/municipality
    """
    from pipeline.commands.restore import confirm_restore  # loads retire and all that it deletes

    who = actor or user_of_this_computer()
    run_command(
        lambda: confirm_restore(home_path(home), file, on, who, key),
        f"{COMMAND} confirm-restore",
        as_json=as_json,
    )


def _run(work: Callable[[Run], JournalOutcome], home: Path | None, as_json: bool) -> None:
    def opened() -> Outcome:
        with open_run(home) as run:
            outcome = work(run)
        if as_json:
            return outcome
        _print(outcome)
        return Outcome(COMMAND)

    run_command(opened, COMMAND, as_json=as_json)
