"""`samenloop journal`: who opened what, when, on which ground, under which rule. It changes no line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.commands.console import Outcome, run_command
from pipeline.commands.journal_keeping.journal_verifying import verify_journal
from pipeline.commands.journal_keeping.journal_words import (
    ACTIONS,
    action_said,
    ground_said,
    result_said,
    state_said,
)
from pipeline.commands.key_keeping.key_making import normal_fingerprint
from pipeline.commands.log_listing import (
    MOST_SHOWN,
    LogOutcome,
    MostOption,
    SinceOption,
    UntilOption,
    code_of,
    local,
    period_of,
    print_log,
)
from pipeline.commands.options import BackupKeyOption, DateOption, HomeOption, JsonOption
from pipeline.commands.who_acts import ActorOption, user_of_this_computer
from pipeline.commands.wiring import Run, home_path, open_run
from pipeline.store import journal as kept
from pipeline.store.journal import JournalQuestion
from pipeline.vocabulary.faults import Refused

COMMAND = "journal"

EVIDENCE = {"person": "persoon", "household": "huishouden"}

journal_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Who did what, when, on which ground.")


def list_lines(run: Run, question: JournalQuestion, most: int = MOST_SHOWN) -> LogOutcome:
    """The newest lines that answer a question, each with the rule of its case."""
    found = _with_rules(run, kept.newest_lines(run.store, question, most))
    counts = {"lines": len(found), "lines_in_all": kept.count_lines(run.store, question)}
    return LogOutcome(COMMAND, counts, log=found)


def named_action(run: Run, text: str) -> str:
    """The action that somebody typed: its code, or the word of the listing.

    Raises:
        Refused: USAGE for one that the program does not know and the journal does not hold.
    """
    if kept.count_lines(run.store, JournalQuestion(action=text)):
        return text
    return code_of(text, ACTIONS, "action")


def named_actor(run: Run, text: str) -> tuple[str, ...]:
    """Who is meant by a name that somebody typed, in whichever capitals: as the journal writes it.

    Raises:
        Refused: NOT_FOUND for a name without a line: an empty answer would say that somebody did nothing.
    """
    known = {actor: actor.casefold() for actor in kept.actors(run.store)}
    typed = text.strip().casefold()
    if found := tuple(actor for actor, folded in known.items() if folded == typed):
        return found
    near = [actor for actor, folded in known.items() if folded in get_close_matches(typed, known.values())]
    raise Refused("NOT_FOUND", "actor", hint=f"(bedoelt u: {', '.join(near)}?)" if near else "")


def show_object(run: Run, name: str) -> LogOutcome:
    """All that the journal says of one object, or one line by its number.

    Raises:
        Refused: NOT_FOUND.
    """
    found = kept.newest_lines(run.store, JournalQuestion(object_=name), 10_000)
    if not found and name.isdecimal() and len(name) < 19:
        one = kept.line(run.store, int(name))
        found = [one] if one is not None else []
    if not found:
        raise Refused("NOT_FOUND", "object", hint="Zie: samenloop journal list.")
    lines = [_about_case(run, name)] if name in kept.cases_by_id(run.store, [name]) else []
    lines += [
        f"Op de werklijst van {row['worklist_on']} voor {_team_name(run, row['team_id'])}, "
        f"grond: {ground_said(row['ground'])}{', nieuw' if row['is_new'] else ''}."
        for row in kept.disclosures_of(run.store, name)
    ]
    return LogOutcome(COMMAND, {"lines": len(found)}, lines=lines, log=_with_rules(run, found))


def _about_case(run: Run, case_id: str) -> str:
    case = kept.cases_by_id(run.store, [case_id])[case_id]
    shown = f", voor het eerst getoond op {case['first_revealed_on']}" if case["first_revealed_on"] else ""
    team = f", {_team_name(run, case['team_id'])}" if case["team_id"] else ""
    rule = _rule_text(run, case["agreement_version"])
    opened = f"stand: {state_said(case['state'])}, geopend op {case['opened_on']}"
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


def _print(outcome: LogOutcome) -> None:
    headings = ("nr", "wanneer", "wie", "wat", "waarover", "grond", "uitkomst", "regel")
    rules = sorted({line["rule"] for line in outcome.log if line["rule"]})
    print_log(outcome, headings, [_cells(line) for line in outcome.log], [f"Regel {rule}." for rule in rules])


def _cells(line: dict[str, Any]) -> tuple[str, ...]:
    return (
        str(line["seq"]),
        local(line["at"]),
        line["actor"],
        action_said(line["action"]),
        line["object"],
        ground_said(line["ground"]),
        result_said(line["result"], line["counts"]),
        (line["rule"] or "").partition(":")[0],
    )


def register(app: typer.Typer) -> None:
    """Add `journal` to the command line."""
    app.add_typer(journal_app, name=COMMAND)


@journal_app.command("list")
def list_command(
    home: HomeOption = None,
    object_: Annotated[
        str | None, typer.Option("--object", help="A case, delivery, order, partner, month or key.")
    ] = None,
    actor: Annotated[str | None, typer.Option("--actor", help="Who did it; capitals do not matter.")] = None,
    action: Annotated[
        str | None,
        typer.Option("--action", help=f"Its word in the listing, as `getoond`, or one of: {', '.join(ACTIONS)}."),
    ] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    most: MostOption = MOST_SHOWN,
    as_json: JsonOption = False,
) -> None:
    """List the newest lines of the journal. Days go by the clock on the wall, not by --date of a run.

    Example: samenloop journal list --home region/municipality --action open_contacts --since 2026-11-03
    """

    def work(run: Run) -> LogOutcome:
        done = None if action is None else named_action(run, action)
        who = None if actor is None else named_actor(run, actor)
        question = JournalQuestion(object_, who, done, *period_of(since, until))
        return list_lines(run, question, most)

    _run(work, home, as_json)


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
        list[str] | None,
        typer.Option(
            "--fingerprint",
            help="Of a journal key, from paper; else the first key counts. May be repeated.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Verify that no line was changed, dropped, swapped or cut off; exit 1 names each line that is not right.

    Example: samenloop journal verify --home region/municipality --head kluis/journaal-2026-11-03.json
    """

    def work() -> Outcome:
        pinned = [normal_fingerprint(text) for text in fingerprint or ()]
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


def _run(work: Callable[[Run], LogOutcome], home: Path | None, as_json: bool) -> None:
    def opened() -> Outcome:
        with open_run(home) as run:
            outcome = work(run)
        if as_json:
            return outcome
        _print(outcome)
        return Outcome(COMMAND)

    run_command(opened, COMMAND, as_json=as_json)
