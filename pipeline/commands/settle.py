"""`samenloop settle`: what teams returned is recorded, and partners hear what came of their signals.

Each returned file counts by itself: one that is refused does not stop the others. Feedback goes out after all
files were taken, so that a partner hears the last word of the day.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from pipeline.channels.returned_files import Waiting, waiting_in
from pipeline.commands.at_the_inbox import follow_up_taking
from pipeline.commands.at_the_inbox.feedback_sending import Sent, send_feedback
from pipeline.commands.at_the_inbox.follow_up_taking import Taken
from pipeline.commands.console import Outcome, progress, run_command
from pipeline.commands.count_words import counted
from pipeline.commands.journal_keeping.kept_head import open_working_run
from pipeline.commands.options import DateOption, HomeOption, JsonOption
from pipeline.commands.wiring import Run
from pipeline.stewardship.answer_follow_up import REFUSED
from pipeline.vocabulary.case import CLOSED, IN_PROGRESS
from pipeline.vocabulary.faults import FAULTS, Refused

COMMAND = "settle"


def waiting_follow_up(run: Run) -> list[Waiting]:
    """What lies in the inbox for follow-up, or in a team's folder there, and is not being written; by name."""
    return waiting_in(run.home.inbox_follow_up, {team.team_id for team in run.teams.teams})


def settle(run: Run) -> Outcome:
    """Take every returned file, then send feedback.

    Raises:
        Refused: KEY_MISSING when refused follow-up cannot be sealed; it stays in the inbox.
    """
    with run.store.writer_lock(COMMAND):
        found = waiting_follow_up(run)
        taken: list[Taken] = []
        with progress("opvolging", len(found)) as advance:
            for waiting in found:
                one = follow_up_taking.take(run, waiting)
                taken += [one] if one is not None else []
                advance(1)
        sent = send_feedback(run)
    return _outcome(run, taken, sent)


def _outcome(run: Run, taken: list[Taken], sent: Sent) -> Outcome:
    states = [after for one in taken for _, after in one.settlement.states.values()]
    counts = {
        "files": len(taken),
        "files_refused": sum(one.answer.result == REFUSED for one in taken),
        "rows_counted": sum(one.answer.rows_counted for one in taken),
        "rows_blank": sum(one.answer.rows_blank for one in taken),
        "rows_refused": sum(fault.row is not None for one in taken for fault in one.answer.refused),
        "attempts": sum(len(one.settlement.new_attempts) for one in taken),
        "results": sum(one.settlement.new_result_count for one in taken),
        "results_conflicting": sum(len(one.settlement.conflicts) for one in taken),
        "cases_in_progress": states.count(IN_PROGRESS),
        "cases_closed": states.count(CLOSED),
        "feedback_packages": sent.package_count,
        "feedback_codes": sent.code_count,
    }
    paths: dict[str, str] = {}
    if any(one.receipt for one in taken):
        paths["receipts"] = str(follow_up_taking.receipts_folder(run))
    if any(one.answer.refused and not one.is_left for one in taken):
        paths["quarantine"] = str(run.home.quarantine)
    if sent.package_count:
        paths["feedback"] = str(run.home.feedback)
    return Outcome(
        COMMAND,
        counts,
        refused=[fault for one in taken for fault in one.answer.refused] + sent.refused,
        paths=paths,
        lines=[*(line for one in taken for line in _lines(one)), *sent.lines],
    )


def _lines(one: Taken) -> list[str]:
    answer = one.answer
    if one.is_left:
        return [f"{answer.file_id}: blijft in de inbox. {FAULTS[answer.refused[0].code].next_step}"]
    if not answer.refused:
        return []
    taken = "niets overgenomen"
    if answer.rows_counted:
        taken = f"{counted(answer.rows_counted, 'rij', 'rijen')} overgenomen, de rest niet"
    return [f"{answer.file_id}: {taken}; verzegeld in {follow_up_taking.quarantine_name(answer)}."]


def _write_private(path: Path, content: bytes) -> None:
    """A returned sheet holds names: a new file, for its owner alone."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused("FOLDER_NOT_EMPTY", "out", hint=f"({path.name})") from None
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command(COMMAND)
    def command(
        home: HomeOption = None,
        date: DateOption = None,
        as_json: JsonOption = False,
        open_refused: Annotated[
            str | None,
            typer.Option(
                help="Take what was refused out of its seal again: the name of its folder in quarantine."
            ),
        ] = None,
        out: Annotated[Path | None, typer.Option(help="With --open-refused: the file to write.")] = None,
    ) -> None:
        """Record what teams returned in inbox/follow_up, and send partners their feedback.

        Takes the worklist (.xlsx, or saved as .csv) and JSON lines, there or in a folder with the id of a team. An
        attempt counts once, however often it comes back. What is refused is answered in outbox/follow_up_receipts.

        Example: samenloop settle --home region/municipality --date 2026-11-04

        Example: samenloop settle --home region/municipality
        --open-refused follow_up-2026-11-04_follow-up-0123456789abcdef --out refused.xlsx
        """

        def work() -> Outcome:
            if open_refused is None and out is not None:
                raise Refused("OPTION_MISSING", "open-refused", hint="--open-refused <naam van de map>.")
            if open_refused is not None and out is None:
                raise Refused("OPTION_MISSING", "out", hint="--out <bestand dat u wilt maken>.")
            with open_working_run(home, date) as run:
                if open_refused is None or out is None:
                    return settle(run)
                _write_private(out, follow_up_taking.open_refused(run, open_refused))
                return Outcome(COMMAND, {"files_opened": 1}, paths={"file": str(out)})

        run_command(work, COMMAND, as_json=as_json)
