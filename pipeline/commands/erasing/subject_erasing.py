"""`samenloop subject erase`: a person's signals, cases and files go, here, after a restore, and when killed.

Of a case in which somebody else was confirmed only this person goes; its lists and sheets go whole.

The register is written first, then files go, then rows: whatever is interrupted is done by the same command, or by
the next match or retirement. What teams returned is recorded first, for a sheet is about other people too.
"""

from __future__ import annotations

from collections.abc import Collection

from pipeline.commands.console import Outcome
from pipeline.commands.erasing.erased_files import Removed, lines_of, remove_files
from pipeline.commands.erasing.erasure_ledger import CASE, ledger_file, note_erased, read_ledger, signals_in
from pipeline.commands.settle import settle, waiting_follow_up
from pipeline.commands.wiring import Run
from pipeline.store import erasing, subjects
from pipeline.store.erasing import SignalName
from pipeline.store.retirement_ledger import clean_pages
from pipeline.vocabulary.case import GROUND_SUBJECT
from pipeline.vocabulary.faults import Refused, RowFault

COMMAND = "subject erase"


def is_erased(run: Run, case_id: str) -> bool:
    """Whether the register names this case and the store holds none of it: its files may still be left."""
    named = any(row.kind == CASE and row.name == case_id for row in read_ledger(ledger_file(run.home)))
    return named and not subjects.names_in_cases(run.store, [case_id])


def erase(run: Run, names: Collection[SignalName], case_id: str | None = None) -> Outcome:
    """Delete these signals and the cases that were theirs, and every file about them, now and after a restore.

    Args:
        run: the home.
        names: the signals of one person, and no others; none when only files of an erased case may be left.
        case_id: the case that was named, if one was.

    Raises:
        Refused: NOT_FOUND when the store holds none of it, no file is left and the register does not name it.
    """
    untaken = _take_returned(run)
    with run.store.writer_lock(COMMAND):
        cases, staying = erasing.cases_of(run.store, names)
        is_held = erasing.present(run.store, names, cases)
        was_shown = subjects.was_shown(run.store, names)
        shown = {
            str(row["team_id"])
            for one in (*cases, *staying)
            for row in subjects.history_of(run.store, one)["disclosures"]
        }
        if is_held:
            note_erased(run.home, names, cases.items())
        removed = _remove_of_register(run)
        if not is_held and removed.is_empty and (removed.refused or not _is_registered(run, names, case_id)):
            raise (
                Refused("NO_PERMISSION")
                if removed.refused
                else Refused("NOT_FOUND", "case" if case_id else "signal")
            )
        counts = {"signals": 0, "cases": 0}
        if is_held or not removed.is_empty:
            counts = erasing.erase(
                run.store, names, cases, staying, at=run.now, actor=run.actor, ground=GROUND_SUBJECT
            )
        is_clean = clean_pages(run.store, has_deleted=True)
    if run.home.analytics.exists():
        from pipeline.commands.publish import publish  # loads DuckDB

        publish(run)
    counts |= {"worklists": len(removed.worklists), "letters": removed.letters}
    counts |= {"statistics": len(removed.periods), "sheets": removed.sheets}
    shown |= {team_id for team_id, _ in removed.worklists}
    refused = [*untaken, *removed.refused, *([] if is_clean else [RowFault("DATABASE_BUSY")])]
    lines = _lines(run, counts, removed, shown, len(staying), was_shown=was_shown)
    return Outcome(COMMAND, counts, refused, lines=lines, has_said_counts=True)


def registered_signals(run: Run) -> set[SignalName]:
    """The signals that the register names."""
    return signals_in(read_ledger(ledger_file(run.home)))


def _is_registered(run: Run, names: Collection[SignalName], case_id: str | None) -> bool:
    """Whether it was erased before: killed once the rows were gone, pages and the analysts' file are yet to do."""
    rows = read_ledger(ledger_file(run.home))
    is_case = any(row.kind == CASE and row.name == case_id for row in rows)
    return is_case or (bool(names) and set(names) <= signals_in(rows))


def _take_returned(run: Run) -> list[RowFault]:
    """Record what teams returned and take it out of the inbox, so that no sheet about the person waits there."""
    if not waiting_follow_up(run):
        return []
    try:
        settle(run)
    except Refused as refusal:
        return [refusal.as_row_fault()]
    return []


def _remove_of_register(run: Run) -> Removed:
    """Files about anybody in the register: also those that an erasure that was killed left behind."""
    rows = read_ledger(ledger_file(run.home))
    signals = signals_in(rows)
    _, staying = erasing.cases_of(run.store, signals)
    return remove_files(run, signals, {row.name for row in rows if row.kind == CASE}, staying)


def _lines(
    run: Run, counts: dict[str, int], removed: Removed, shown: set[str], staying: int, *, was_shown: bool
) -> list[str]:
    teams = sorted({team.name for team in run.teams.teams if team.team_id in shown})
    left = len(waiting_follow_up(run))
    lines = [
        f"Gewist: {counts['signals']} signalen, {counts['cases']} zaken, {counts['worklists']} werklijsten, "
        f"{counts['letters']} inzagebrieven, {counts['sheets']} teruggestuurde lijsten in quarantaine.",
        "Het wisregister houdt ze gewist, ook na een teruggezette reservekopie.",
    ]
    if staying:
        lines.append(
            f"Zaken die blijven, zonder deze inwoner, want er staat nog een andere melding in: {staying}. "
            "Wat een team over die zaken vastlegde, blijft."
        )
    lines += [
        f"Bel {team}: de inwoner staat op lijsten die zij al hebben. Zij vernietigen die zelf." for team in teams
    ]
    lines += [
        f"De levering aan het CBS over {period} is vernietigd. Maak haar opnieuw: samenloop export ddas "
        f"--period {period}. Had het CBS haar al? Lever de nieuwe in plaats van de oude."
        for period in sorted(set(removed.periods))
    ]
    lines += lines_of(removed)
    if left:
        lines.append(f"In inbox/follow_up ligt nog wat niet gelezen kon worden ({left}). Bekijk dat ook.")
    if was_shown and not shown:
        lines.append("Een team zag deze inwoner op een lijst. Welk team dat was, is al gewist.")
    is_seen = shown or was_shown
    lines.append(
        "Maak de werklijsten van vandaag opnieuw: samenloop reveal."
        if is_seen
        else "Geen team heeft deze zaak gezien."
    )
    return lines
