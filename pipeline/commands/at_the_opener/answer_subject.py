"""The opener at work on a resident's request: believe the signature, journal, open, answer.

Only a request that the municipality's signing key signed is answered, once and within the hours in which it was
filed: who can write to the database cannot ask, nor file again what somebody asked before.
The journal line stands, and is sealed, before the first contact is opened; so does a processing line that says no
more than that it is compared. That somebody used a right is written with the answer, once it is known who that is:
of a request that is refused, or killed on its way, there is no such line. A letter is written for the privacy
officer alone; for an objection no name leaves the opener: it goes into its own list. For an erasure the opener
tells the ids of the signals that are about the person, how many it could not compare, and nothing else.

It starts from every case in which a named signal stands or stood: whatever left a case (corrected, taken back, or
refused since) was on its lists before. The contacts tell who is meant, and not what the store says of them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pipeline.channels import folder
from pipeline.commands.at_the_opener.exclusion_lists import add_exclusion, objections_of
from pipeline.commands.at_the_opener.subject_facts import Unread, facts_of
from pipeline.commands.documents import signing_key_of
from pipeline.commands.journal_keeping.journal_sealing import seal_head
from pipeline.commands.wiring import Run
from pipeline.revealed.answer_subject import (
    SUBJECT_DIFFERS,
    HeldSignal,
    about_one_person,
    exclusion_row,
    render_letter,
)
from pipeline.revealed.disclose_case import ContactDesk, StoredSignal, identities_of
from pipeline.stewardship.retire_records import JOURNAL
from pipeline.store import journal, processings, subjects
from pipeline.store.journal import JournalQuestion
from pipeline.store.openings import SIGNAL_COLUMNS
from pipeline.store.subjects import SignalName
from pipeline.vault.signing import verify_document
from pipeline.vocabulary.case import GROUND_SUBJECT
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.processing import ACCESS, COMPARE, CORRECT, ERASE, OBJECT

FORMAT = "samenloop/subject-request/1"
ACCESS_KIND = "access"
OBJECTION_KIND = "objection"
CORRECTION_KIND = "correction"
ERASURE_KIND = subjects.ERASURE
_USES = {ACCESS_KIND: ACCESS, OBJECTION_KIND: OBJECT, CORRECTION_KIND: CORRECT, ERASURE_KIND: ERASE}
LETTER = "inzage.html"
STALE_REQUEST = timedelta(hours=20)
_CLOCKS_DIFFER = timedelta(hours=1)
_ANSWERED = "answer_subject"
_LETTER_MODE = 0o640


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came of a request, and of which signals the right was used; `told`, `uncompared`: of an erasure."""

    reason: str
    used: Collection[SignalName] = ()
    told: Collection[SignalName] | None = None
    uncompared: int = 0


def answer_request(run: Run, request: Mapping[str, Any], desk: ContactDesk) -> None:
    """Answer one filed request under the writer lock, whatever comes of it."""
    request_id = str(request["request_id"])
    try:
        answer = _answer(run, request, _names_of(run, request), desk)
        state = subjects.DONE
    except Refused as refusal:
        answer, state = _Answer(refusal.code), subjects.REFUSED
    use = _USES.get(request["kind"], ACCESS)
    with run.store.transaction("answer_subject", at=run.now, actor=run.actor) as transaction:
        subjects.answer_request(
            transaction, request_id, state, answer.reason, run.now, answer.told, answer.uncompared
        )
        transaction.process(use, sorted(answer.used), cause=request_id, ground=GROUND_SUBJECT)
        transaction.journal(_ANSWERED, request_id, ground=GROUND_SUBJECT, result=answer.reason)


def _names_of(run: Run, request: Mapping[str, Any]) -> set[SignalName]:
    """The signals that a request names, when it is signed and is the one that was filed."""
    document = request["document"]
    key = signing_key_of(run.directory, document) if isinstance(document, Mapping) else None
    if key is None or not key.is_valid_on(run.today) or not verify_document(document, key.public):
        raise Refused("SUBJECT_UNSIGNED")
    expected = (FORMAT, run.directory.gemeentecode, request["request_id"], request["kind"])
    if expected != tuple(document.get(name) for name in ("format", "gemeentecode", "request_id", "kind")):
        raise Refused("SUBJECT_UNSIGNED")
    if not _is_in_time(run.now, document.get("filed_at")) or _was_answered(run, str(request["request_id"])):
        raise Refused("SUBJECT_REPLAYED")
    return {(str(partner), str(month), str(signal)) for partner, month, signal in document["signals"]}


def _is_in_time(now: str, filed_at: Any) -> bool:
    """Whether a request was signed so shortly ago that its answer is still waited for."""
    try:
        age = datetime.fromisoformat(now) - datetime.fromisoformat(filed_at)
    except (TypeError, ValueError):
        return False
    return -_CLOCKS_DIFFER <= age <= STALE_REQUEST


def _was_answered(run: Run, request_id: str) -> bool:
    """Whether the journal says so: what came of a request stands in the store too, where it can be set back."""
    question = JournalQuestion(object_=request_id, action=_ANSWERED)
    return bool(journal.newest_lines(run.store, question, 1))


def _answer(run: Run, request: Mapping[str, Any], named: set[SignalName], desk: ContactDesk) -> _Answer:
    kind, request_id = request["kind"], str(request["request_id"])
    cases = subjects.cases_holding(run.store, named)
    everything = set(named)
    if kind != CORRECTION_KIND:  # that is about what is named, and nothing else need be opened
        everything |= subjects.names_in_cases(run.store, [case["case_id"] for case in cases])
    rows = subjects.signals_named(run.store, everything)
    if not rows and kind == OBJECTION_KIND:
        raise Refused("SUBJECT_UNKNOWN")
    if rows and kind != ERASURE_KIND and not any(_name_of(row) in named for row in rows):
        raise Refused("SUBJECT_ROW_GONE")  # whose the others are cannot be told, and "nothing is held" is not true
    held_names = {_name_of(row) for row in rows}
    compared = processings.without_line(run.store, COMPARE, held_names, cause=request_id)
    with run.store.transaction("note_openings", at=run.now, actor=run.actor) as transaction:
        counts = {"contacts": len(rows)}
        transaction.journal("open_contacts", request_id, ground=GROUND_SUBJECT, result="begun", counts=counts)
        transaction.process(COMPARE, sorted(compared), cause=request_id, ground=GROUND_SUBJECT)
    if rows:
        seal_head(run)
    opened = _opened(rows, named, desk, kind) if rows else []
    held = about_one_person(opened)
    mine = {one.name for one in held}
    if kind == ERASURE_KIND:
        told = named | mine
        return _Answer("TOLD", told & held_names, told, len(everything - named - _compared(opened)))
    if not held and kind in (OBJECTION_KIND, CORRECTION_KIND):
        raise Refused("SUBJECT_UNREADABLE")
    if kind == CORRECTION_KIND:
        return _Answer("ONE_PERSON", mine)
    if kind == OBJECTION_KIND:
        for one in held:
            add_exclusion(
                run.home.opener_lists_dir, exclusion_row(one.contact, request["document"].get("until_on"))
            )
        return _Answer("KEPT_OUT", mine)
    unread = Unread(
        len((held_names & named) - {one.name for one in opened}),
        len(held_names - named - _compared(opened)),
    )
    used = mine or (held_names & named if len(named) == 1 else set())
    return _Answer(_write_letter(run, request_id, held, named, cases, unread, used), used)


def _write_letter(
    run: Run,
    request_id: str,
    held: Sequence[HeldSignal],
    named: set[SignalName],
    cases: Sequence[Mapping[str, Any]],
    unread: Unread,
    used: Collection[SignalName],
) -> str:
    """The letter from the contacts of one person; when none opens (any more) from their cases, without a name."""
    mine = {one.name for one in held} or _of_one_case(run, named)
    about = _about(run, cases, mine)
    facts = facts_of(run, request_id, mine, about, unread, has_contacts=bool(held), is_use=bool(used))
    facts |= {"objection": _objection(run, held), "log_months": run.agreement.retention_months(JOURNAL)}
    path = run.home.subjects / f"{run.today.isoformat()}_{request_id}" / LETTER
    folder.write_file(path, render_letter(held, facts))
    path.chmod(_LETTER_MODE)
    return "LETTER" if held or about or unread.named else "NOTHING_HELD"


def _objection(run: Run, held: Sequence[HeldSignal]) -> dict[str, str | None] | None:
    """Until when this person is on the opener's own list: `until_on`, None for ever. None when no row is found.

    Without a contact there is no name to look for.
    """
    rows = objections_of(run.home.opener_lists_dir, run.today, [one.identity for one in held])
    days = [row.until_on for row in rows]
    if not days:
        return None
    known = [day for day in days if day is not None]
    return {"until_on": max(known).isoformat() if len(known) == len(days) else None}


def _of_one_case(run: Run, named: set[SignalName]) -> set[SignalName]:
    """The named signals, of which none opens (any more): by the store they are of one case and what joined it.

    Raises:
        Refused: SUBJECT_DIFFERS when they are not, for no contact tells that they are about one person.
    """
    stood = {str(row["case_id"]) for row in subjects.rows_in_cases(run.store, named)}
    if stood - subjects.with_related(run.store, sorted(stood)[:1]):
        raise Refused(SUBJECT_DIFFERS)
    return named


def _name_of(row: Mapping[str, Any]) -> SignalName:
    return (row["partner_id"], row["month"], row["signal_id"])


def _opened(
    rows: Sequence[Mapping[str, Any]], named: Collection[SignalName], desk: ContactDesk, kind: str
) -> list[HeldSignal]:
    """The contacts that open; a named one that was damaged is said, for then the letter would not be whole.

    Not so for an erasure: a contact that was damaged is erased by its number. Nor when its partner's key was
    revoked: it never opens again, and the letter counts it.
    """
    good = []
    for row in rows:
        name = _name_of(row)
        try:
            good.append((name, row, desk.open(StoredSignal(**{column: row[column] for column in SIGNAL_COLUMNS}))))
        except Refused as refusal:
            is_lasting = kind == ERASURE_KIND or refusal.code == "KEY_EXPIRED"
            waits_for_key = refusal.code == "KEY_MISSING" or refusal.column == row["opening_key_id"]
            if name in named and (not is_lasting or waits_for_key):
                raise
    identities = identities_of([opened.contact for _, _, opened in good])
    return [
        HeldSignal(
            name,
            opened.contact,
            identity,
            str(row["admitted_at"]),
            name in named,
            str(row["wijkcode"] or row["postcode4"] or ""),
        )
        for (name, row, opened), identity in zip(good, identities, strict=True)
    ]


def _compared(opened: Sequence[HeldSignal]) -> set[SignalName]:
    """The signals of which is told whose they are: none when no named one opens."""
    return {one.name for one in opened} if any(one.is_named for one in opened) else set()


def _about(run: Run, cases: Sequence[Mapping[str, Any]], mine: Collection[SignalName]) -> list[Mapping[str, Any]]:
    """The cases that are about the person of these signals: they stand there, were shown so, or stand alone.

    Not one that a signal was only proposed for, while somebody else was found or confirmed in it.
    """
    about = set(subjects.shown_in(run.store, mine))
    for row in subjects.rows_in_cases(run.store, mine):
        is_proposed = row["is_active"] and row["is_confirmed"] is None
        if (row["is_active"] and row["is_confirmed"]) or (
            is_proposed and not _is_others(run, row["case_id"], mine)
        ):
            about.add(row["case_id"])
    return [case for case in cases if case["case_id"] in about or _is_alone_in(run, str(case["case_id"]), mine)]


def _is_others(run: Run, case_id: str, mine: Collection[SignalName]) -> bool:
    return bool(subjects.names_in_cases(run.store, [case_id], only_confirmed=True) - set(mine))


def _is_alone_in(run: Run, case_id: str, mine: Collection[SignalName]) -> bool:
    names = subjects.names_in_cases(run.store, [case_id])
    return bool(names) and names <= set(mine)
