"""`samenloop subject`: a resident's rights: access, correction, objection, erasure.

The municipality knows nobody by name. The road is by signal: from the partner (`samenloop partner signal-id`), or
from a case that a team has. Who asks is identified first, by a person, outside this program. Contacts are opened
by the opener only, on the ground `subject`; the key holder takes no part and cannot look anybody up.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection
from contextlib import ExitStack
from datetime import date
from typing import Annotated, Any

import typer

from pipeline.commands.at_the_opener.answer_subject import (
    ACCESS_KIND,
    CORRECTION_KIND,
    ERASURE_KIND,
    FORMAT,
    LETTER,
    OBJECTION_KIND,
)
from pipeline.commands.at_the_opener.exclusion_lists import ADDED_FILE
from pipeline.commands.console import Outcome
from pipeline.commands.erasing.subject_erasing import erase as erase_signals
from pipeline.commands.erasing.subject_erasing import is_erased, registered_signals
from pipeline.commands.key_keeping.key_making import MUNICIPAL_SIGNING, keys_of
from pipeline.commands.named_signals import CaseOption, SignalOption, named, warnings_of
from pipeline.commands.opener import is_alive, may_open, refusal_of_child, start_child
from pipeline.commands.options import DateOption, HomeOption, JsonOption, typed_day
from pipeline.commands.who_acts import ActorOption, run_as
from pipeline.commands.wiring import Run
from pipeline.store import processings, subjects
from pipeline.store.processings import ProcessingQuestion
from pipeline.store.subjects import SignalName
from pipeline.vault.keyring import as_listed
from pipeline.vault.signing import sign_document
from pipeline.vocabulary.case import GROUND_SUBJECT
from pipeline.vocabulary.directory import MUNICIPALITY
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.period import day_of
from pipeline.vocabulary.processing import CORRECT, OBJECT, subject_id

COMMAND = "subject"
WAIT_SECONDS = 60.0
POLL_SECONDS = 0.2
CORRECTABLE = ("naam", "adres", "geboortedatum", "contact", "bedrag", "maanden")

subject_app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="A resident's rights: access, correction, objection, erasure.",
)


def access(run: Run, names: Collection[SignalName]) -> Outcome:
    """A letter with all that is held about the person of these signals, made by the opener.

    Raises:
        Refused: KEY_MISSING, OPENER_NOT_RUNNING, OPENER_TIMED_OUT, and what the opener refused.
    """
    unknown = warnings_of(run, names, before=" voordat u de brief geeft")
    request_id, reason = _asked(run, ACCESS_KIND, names)
    path = run.home.subjects / f"{_day_of_letter(run, request_id)}_{request_id}" / LETTER
    gone = "Bij deze melding is niets (meer) bewaard. Wat er nog kan zijn, staat in de brief."
    said = "De brief staat klaar." if reason == "LETTER" else gone
    lines = [said, "Geef de brief alleen aan wie u hebt geïdentificeerd. Na een maand wordt hij vernietigd."]
    counts = {"letters": 1, "unknown": len(unknown)}
    paths = {"letter": str(path)}
    return Outcome(f"{COMMAND} access", counts, paths=paths, lines=[*lines, *unknown], has_said_counts=True)


def object_(run: Run, names: Collection[SignalName], until: date | None = None) -> Outcome:
    """Keep the person of these signals out from now on: the opener puts them on its own list.

    Raises:
        Refused: as access.
    """
    _asked(run, OBJECTION_KIND, names, until)
    lines = [
        "Vastgelegd. Deze inwoner komt op geen werklijst meer, ook niet bij nieuwe meldingen.",
        "Staat hij nu op een werklijst? Dan leest het team daar de volgende werkdag dat er niets meer hoeft.",
        "Zeg het ook de organisatie: die houdt de volgende melding zelf tegen (bezwaar=ja).",
    ]
    return Outcome(f"{COMMAND} object", {"objections": 1}, lines=lines, has_said_counts=True)


def correct(run: Run, names: Collection[SignalName], field: str) -> Outcome:
    """Write down that somebody asked for a correction, and say who can make it: the source is the partner.

    Of several signals the opener sees first whether they are about one person: whose they are is in the log.

    Raises:
        Refused: NOT_FOUND; CHOICE_UNKNOWN for another field; for several signals as access.
    """
    if field not in CORRECTABLE:
        raise Refused("CHOICE_UNKNOWN", "field", hint=f"({', '.join(CORRECTABLE)})")
    held = {
        (row["partner_id"], row["month"], row["signal_id"]) for row in subjects.signals_named(run.store, names)
    }
    if not held:
        raise Refused("NOT_FOUND", "signal")
    if len(held) > 1:
        _asked(run, CORRECTION_KIND, held)
    with run.store.transaction("correct_subject", at=run.now, actor=run.actor) as transaction:
        if len(held) == 1:
            transaction.process(CORRECT, held, cause=_new_id(), ground=GROUND_SUBJECT)
        for name in sorted(held):
            transaction.journal("correct_subject", subject_id(*name), ground=GROUND_SUBJECT, result=field)
    lines = ["Vastgelegd. De organisatie die meldde, is de bron en verbetert haar melding:"]
    lines += [
        f"  {partner_id}, {month}: samenloop partner seal … --kind correction --month {month} ({signal_id})"
        for partner_id, month, signal_id in sorted(held)
    ]
    lines.append("In de verbetering staan alle rijen van deze klant, ook die al goed waren.")
    lines.append("De verbetering geldt zodra zij is toegelaten. Vraag daarna opnieuw inzage.")
    return Outcome(f"{COMMAND} correct", {"signals": len(held)}, lines=lines)


def erase(run: Run, names: Collection[SignalName], case_id: str | None = None) -> Outcome:
    """Delete what is held about the person of these signals, and of nobody else.

    Others in the same cases are this person's too when the opener says so; nothing is erased before it did. So are
    those that left a case. Of what it cannot open nobody knows whose it is: it stays, and is counted.

    Raises:
        Refused: as access, and NOT_FOUND.
    """
    unknown = warnings_of(run, names)
    cases = [str(case["case_id"]) for case in subjects.cases_holding(run.store, names)]
    proposed = set(names) | subjects.names_in_cases(run.store, cases)
    known = registered_signals(run)
    mine, uncompared = set(names), 0
    if mine <= known:  # killed once the register was written: that tells whose they are
        mine |= proposed & known
    elif len(proposed) > 1:
        request_id, _ = _asked(run, ERASURE_KIND, names)
        told, uncompared = subjects.told_to_erase(run.store, request_id)
        mine |= told
    outcome = erase_signals(run, mine, case_id)
    outcome.lines.extend(unknown)
    objected = ProcessingQuestion(tuple(sorted(subject_id(*name) for name in mine)), OBJECT)
    if processings.count_lines(run.store, objected):
        outcome.lines.append(
            "Deze inwoner maakte bezwaar. Naam en adres blijven op de lijst met bezwaren van de opener, zo lang "
            "het bezwaar geldt: anders werkt het niet bij een nieuwe melding. Wil de inwoner ook daar af? De "
            f"gebruiker van de opener haalt de rij uit opener-keys/lists/{ADDED_FILE}."
        )
    if left := len(proposed - mine) - uncompared:
        outcome.lines.append(f"Meldingen in dezelfde zaken die over een ander gaan, en blijven: {left}.")
    if uncompared:
        outcome.lines.append(
            f"Meldingen in dezelfde zaken waarvan niemand kan zien of zij van deze inwoner zijn: {uncompared}. "
            "Zij blijven. Vraag de inwoner waar hij nog meer klant is, en noem die meldingen ook met --signal. "
            "Zijn de meldingen zelf al vernietigd? Noem dan de zaak (--case)."
        )
    return outcome


def _asked(run: Run, kind: str, names: Collection[SignalName], until: date | None = None) -> tuple[str, str]:
    """File a signed request and wait for the opener."""
    request_id = _new_id()
    document = {
        "format": FORMAT,
        "gemeentecode": run.gemeentecode,
        "request_id": request_id,
        "kind": kind,
        "signals": [list(name) for name in sorted(names)],
        "filed_at": run.now,
        "until_on": until.isoformat() if until else None,
    }
    listed = run.directory.current(MUNICIPAL_SIGNING, MUNICIPALITY, run.today)
    held = keys_of(run.home.path, MUNICIPAL_SIGNING)
    key = next((key for key in held if listed is not None and key.key_id == listed.key_id), None)
    if key is None:
        raise Refused("KEY_MISSING", hint=f"({MUNICIPAL_SIGNING})")
    signed = sign_document(document, as_listed(key, run.directory).secret.value, key.key_id)
    with run.store.transaction("file_subject", at=run.now, actor=run.actor) as transaction:
        row: dict[str, Any] = {"request_id": request_id, "kind": kind, "document": signed}
        subjects.file_request(transaction, {**row, "filed_at": run.now, "filed_by": run.actor})
        transaction.journal(
            "file_subject", request_id, ground=GROUND_SUBJECT, result=kind, counts={"signals": len(names)}
        )
    return request_id, _wait(run, request_id)


def _new_id() -> str:
    return f"S-{uuid.uuid4().hex}"


def _wait(run: Run, request_id: str) -> str:
    with ExitStack() as children:
        child = None
        for _ in range(int(WAIT_SECONDS / POLL_SECONDS)):
            answer = subjects.request_by_id(run.store, request_id)
            if answer is not None and answer["state"] != subjects.FILED:
                if answer["state"] == subjects.REFUSED:
                    raise Refused(str(answer["reason_code"]))
                return str(answer["reason_code"])
            if child is None and not is_alive(run.store, run.now) and may_open(run.home):
                child = children.enter_context(start_child(run.home.path))
            if child is not None and child.poll() is not None:
                raise refusal_of_child(child)
            time.sleep(POLL_SECONDS)
    raise Refused("OPENER_TIMED_OUT" if is_alive(run.store, run.now) else "OPENER_NOT_RUNNING")


def _day_of_letter(run: Run, request_id: str) -> str:
    """The day in the name of its folder: the opener's, in the Netherlands."""
    answer = subjects.request_by_id(run.store, request_id)
    return day_of(str(answer["answered_at"])).isoformat() if answer is not None else run.today.isoformat()


def register(app: typer.Typer) -> None:
    """Add `subject` to the command line."""
    app.add_typer(subject_app, name=COMMAND)


@subject_app.command("access")
def access_command(
    home: HomeOption = None,
    signal: SignalOption = None,
    case: CaseOption = None,
    actor: ActorOption = None,
    date: DateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a letter with all that is held about one resident, and who saw it.

    Example: samenloop subject access --signal woonpunt/2026-10/0123abcd --home region/municipality
    """
    run_as(
        f"{COMMAND} access",
        lambda run: access(run, named(run, signal, case)),
        home,
        date,
        as_json=as_json,
        actor=actor,
    )


@subject_app.command("object")
def object_command(
    home: HomeOption = None,
    signal: SignalOption = None,
    case: CaseOption = None,
    until: Annotated[
        date | None,
        typer.Option("--until", parser=typed_day, metavar="YYYY-MM-DD", help="Last day. Default: for ever."),
    ] = None,
    actor: ActorOption = None,
    day: DateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Keep one resident out from now on: no team sees them any more.

    Example: samenloop subject object --signal woonpunt/2026-10/0123abcd --home region/municipality
    """
    run_as(
        f"{COMMAND} object",
        lambda run: object_(run, named(run, signal, case), until),
        home,
        day,
        as_json=as_json,
        actor=actor,
    )


@subject_app.command("correct")
def correct_command(
    field: Annotated[str, typer.Option("--field", help=f"One of: {', '.join(CORRECTABLE)}.")],
    home: HomeOption = None,
    signal: SignalOption = None,
    case: CaseOption = None,
    actor: ActorOption = None,
    date: DateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write down a request for correction, and say which partner corrects it, and how.

    Example: samenloop subject correct --signal woonpunt/2026-10/0123abcd --field bedrag --home region/municipality
    """
    run_as(
        f"{COMMAND} correct",
        lambda run: correct(run, named(run, signal, case), field),
        home,
        date,
        as_json=as_json,
        actor=actor,
    )


@subject_app.command("erase")
def erase_command(
    home: HomeOption = None,
    signal: SignalOption = None,
    case: CaseOption = None,
    actor: ActorOption = None,
    date: DateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete what is held about one resident, now and after every restore; others in the same case stay.

    Example: samenloop subject erase --signal woonpunt/2026-10/0123abcd --home region/municipality
    """
    run_as(
        f"{COMMAND} erase",
        lambda run: (
            erase_signals(run, (), case)
            if case is not None and not signal and is_erased(run, case)
            else erase(run, named(run, signal, case), case)
        ),
        home,
        date,
        as_json=as_json,
        actor=actor,
    )
