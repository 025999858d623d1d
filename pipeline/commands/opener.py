"""`samenloop opener`: the process that alone holds the opening keys. It answers filed orders until it is stopped.

It trusts the key directory by the fingerprint pinned beside its own keys, and each version of the agreement as it
saw it first, never by what the store says. `day` and `demo` start it as a child of the same user: practice, and it
says so. A child ends with its parent, also when that one is killed, because its standard input then closes. When
it starts, and after each order or request, it destroys its keys of months that `retire` wrote down as over, takes
rows whose last day has passed off its own list of objections, and seals the journal; the line of an opening is
sealed before the contact is opened.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.channels.population_register import PopulationRegister, RegisterSilentError, open_register
from pipeline.commands.at_the_opener.answer_ddas import answer_ddas, is_ddas
from pipeline.commands.at_the_opener.answer_order import Papers, answer_order
from pipeline.commands.at_the_opener.answer_subject import answer_request
from pipeline.commands.at_the_opener.exclusion_lists import drop_ended, read_exclusions
from pipeline.commands.at_the_opener.known_agreements import known_agreements
from pipeline.commands.console import EXIT_ALL_REFUSED, Outcome, run_command, talk
from pipeline.commands.documents import read_json
from pipeline.commands.file_rights import close_to_others
from pipeline.commands.journal_keeping.journal_sealing import retire_old_lines, seal_head
from pipeline.commands.journal_keeping.kept_head import held, refuse_lost_store
from pipeline.commands.key_keeping.directory_keeping import read_trusted_directory
from pipeline.commands.key_keeping.key_destruction import destroy_opening_keys
from pipeline.commands.key_keeping.key_making import CASE, OPENING, TRUST_FILE, read_trust
from pipeline.commands.options import HomeOption, JsonOption
from pipeline.commands.system_refusals import refusal_of
from pipeline.commands.wiring import Home, Run, home_path, open_store, utc_text
from pipeline.revealed.disclose_case import ContactDesk
from pipeline.store import copies, openings, subjects
from pipeline.store.connect import Store
from pipeline.vault.keyring import read_keys, read_sound_keys
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.period import day_of
from pipeline.vocabulary.teams import Teams

COMMAND = "opener"
POLL_SECONDS = 0.3
BEAT_SECONDS = 5
ALIVE_SECONDS = 20
STALE_ORDER_HOURS = 20
STOP_SECONDS = 15
RETRY_SECONDS = 10


class _Stopped(Exception):  # noqa: N818 - a request to stop is not an error
    """Somebody asked the opener to stop; the order at hand stays filed and is begun anew later."""


def serve(
    home: Path | None,
    *,
    once: bool = False,
    is_service: bool = False,
    stop: threading.Event | None = None,
    now: datetime | None = None,
) -> Outcome:
    """Answer orders until `stop` is set, or with `once` until none is left.

    Args:
        home: the municipality's home.
        once: stop when nothing is filed.
        is_service: outlive a refusal (a file that is being replaced, a folder without rights) and try again,
            instead of raising it.
        stop: set by whoever wants it to stop.
        now: a fixed instant, for tests.

    Raises:
        Refused: HOME_MISSING, KEY_MISSING, FINGERPRINT_MISMATCH and what reading the documents refuses.
    """
    stop = stop or threading.Event()
    place = Home(home_path(home))
    run = _open(place, now)
    is_practice = _is_practice(place)
    if is_practice:
        talk.print("Opener in oefenmodus: dezelfde gebruiker kan bij de sleutels en bij de opslag.", markup=False)
    opener_id = f"{socket.gethostname()}-{os.getpid()}"
    beats = _Heart(run, opener_id, is_practice=is_practice)
    answered = 0
    try:
        copies.refuse_unfinished(run.store)
        openings.forget_openers(run.store, seen_before=before(run.now, hours=1), at=run.now)
        _keep_house(run)
        while not stop.is_set():
            try:
                beats()
                count = _answer_next(run, stop, beats)
                if count is not None:
                    answered += count
                elif once:
                    break
                else:
                    stop.wait(POLL_SECONDS)
            except (Refused, OSError) as error:
                refusal = refusal_of(error)
                if refusal is None or not is_service:
                    raise
                talk.print(f"{refusal.code}: {refusal.next_step}", markup=False)
                stop.wait(RETRY_SECONDS)
    except _Stopped:
        pass
    finally:
        openings.stop_beating(run.store, opener_id, at=run.now)
        run.store.close()
    return Outcome(COMMAND, {"orders": answered})


def _answer_next(run: Run, stop: threading.Event, beats: Callable[[], None]) -> int | None:
    """Answer the next order, or else the next request of a resident: how many; None when nothing waits."""
    order = _next_order(run)
    count = _answer(run, order, stop, beats) if order is not None else answer_subjects(run) or None
    if count is not None:
        _keep_house(run)
    return count


def _keep_house(run: Run) -> None:
    """What only the opener may: destroy keys of months that are over, take objections that ended off its list,
    retire old lines of the journal, seal it.

    A store that it does not know again says of no month that it is over, and gets no line about a list.
    """
    if held(run).fault is None:
        destroy_opening_keys(run)
        drop_ended(run)
    retire_old_lines(run)
    seal_head(run)


def _open(place: Home, now: datetime | None) -> Run:
    """What the opener goes by: documents that it verified itself, and the store."""
    if not place.agreement_file.is_file():
        raise Refused("HOME_MISSING", hint=f"({place.path.name})")
    gemeentecode, fingerprint = read_trust(place.opener_keys_dir)
    directory = read_trusted_directory(place.directory_file, fingerprint)
    if directory.gemeentecode != gemeentecode:
        raise Refused("OTHER_MUNICIPALITY")
    run = Run(
        home=place,
        store=open_store(place, gemeentecode),
        directory=directory,
        agreements=(),
        teams=Teams.from_dict(read_json(place.teams_file, "TEAMS_INVALID", "TEAMS_INVALID")),
        today=date.min,
        actor=COMMAND,
        _instant=now,
    )
    return replace(run, agreements=known_agreements(run))


def _next_order(run: Run) -> Mapping[str, Any] | None:
    """The first filed order that is not left over from an earlier day: its cases stand in the next one."""
    return next((order for order in openings.filed_orders(run.store) if is_fresh(order, run.now)), None)


def is_fresh(order: Mapping[str, Any], now: str) -> bool:
    """Whether an opener still answers this order. Whoever waits for one that it leaves aside files it anew."""
    return str(order["filed_at"]) >= before(now, hours=STALE_ORDER_HOURS)


def _answer(run: Run, order: Mapping[str, Any], stop: threading.Event, beats: Callable[[], None]) -> int:
    """Answer one order under the writer lock; 0 when it was answered or replaced meanwhile."""

    def keep_going() -> None:
        beats()
        if stop.is_set():
            raise _Stopped

    with run.store.writer_lock(COMMAND):
        current = openings.order_by_id(run.store, str(order["order_id"]))
        if current is None or current["state"] != openings.FILED:
            return 0
        today = date.fromisoformat(current["worklist_on"])
        renewed = _open_again(run, today)
        _refuse_lost(renewed)
        answer = answer_ddas if is_ddas(current) else answer_order
        answer(renewed, current, _papers(renewed), keep_going)
    return 1


def _refuse_lost(run: Run) -> None:
    """Answer nothing in a store that was lost; the journal says so to whoever waits and may not read the head."""
    try:
        refuse_lost_store(run)
    except Refused:
        seal_head(run)
        raise


def answer_subjects(run: Run) -> int:
    """Answer the first request of a resident that waits; 0 when there is none."""
    if not subjects.filed_requests(run.store, before(run.now, hours=STALE_ORDER_HOURS)):
        return 0
    with run.store.writer_lock(COMMAND):
        for request in subjects.filed_requests(run.store, before(run.now, hours=STALE_ORDER_HOURS))[:1]:
            renewed = _open_again(run, day_of(run.now))
            answer_request(renewed, request, _desk(renewed))
    return 1


def _papers(run: Run) -> Papers:
    """What only the opener reads, as it stands at this moment."""
    keys = run.home.opener_keys_dir
    return Papers(
        _desk(run),
        read_keys(keys, CASE),
        read_exclusions(run.home.opener_lists_dir, run.today),
        _register(run),
    )


def _desk(run: Run) -> ContactDesk:
    """What opens contacts. An opening key that cannot be read is said, and costs no other month."""
    keys, refused = read_sound_keys(run.home.opener_keys_dir, OPENING)
    for refusal in refused.values():
        talk.print(f"{refusal.code}: {refusal.next_step}", markup=False)
    return ContactDesk(run.directory, keys, {key_id: refusal.code for key_id, refusal in refused.items()})


def _register(run: Run) -> PopulationRegister | None:
    try:
        return open_register(run.home.opener_keys_dir, run.directory.gemeentecode)
    except RegisterSilentError:
        raise Refused("REGISTER_INVALID") from None


def _open_again(run: Run, today: date) -> Run:
    """Documents change while the opener runs; each order is answered under those of its moment. Locked."""
    copies.refuse_unfinished(run.store)
    _, fingerprint = read_trust(run.home.opener_keys_dir)
    directory = read_trusted_directory(run.home.directory_file, fingerprint)
    teams = Teams.from_dict(read_json(run.home.teams_file, "TEAMS_INVALID", "TEAMS_INVALID"))
    renewed = replace(run, directory=directory, teams=teams, today=today)
    return replace(renewed, agreements=known_agreements(renewed, is_locked=True))


class _Heart:
    """Says now and then that the opener lives."""

    def __init__(self, run: Run, opener_id: str, *, is_practice: bool) -> None:
        self._run, self._opener_id, self._is_practice = run, opener_id, is_practice
        self._last = ""

    def __call__(self) -> None:
        now = self._run.now
        if before(now, seconds=BEAT_SECONDS) >= self._last:
            openings.beat(self._run.store, self._opener_id, at=now, is_practice=self._is_practice)
            self._last = now


def before(now: str, *, hours: int = 0, seconds: int = 0) -> str:
    """An instant so long before another, in the same text form."""
    return utc_text(datetime.fromisoformat(now).astimezone(UTC) - timedelta(hours=hours, seconds=seconds))


def is_alive(store: Store, now: str) -> bool:
    """Whether an opener serves this store."""
    return openings.is_opener_alive(store, seen_since=before(now, seconds=ALIVE_SECONDS))


def may_open(home: Home) -> bool:
    """Whether this user can read the opener's keys, so that a child can be the opener.

    Where there are keys and what they trust is gone, the child says so at once; nobody waits for another opener.
    """
    if os.access(home.opener_keys_dir / TRUST_FILE, os.R_OK):
        return True
    try:
        return any(os.access(path, os.R_OK) for path in home.opener_keys_dir.glob(f"{OPENING}-*.json"))
    except PermissionError:
        return False


def _is_practice(home: Home) -> bool:
    return home.opener_keys_dir.stat().st_uid == home.path.stat().st_uid


@contextmanager
def start_child(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """An opener of this user's own for as long as the context lasts; it never outlives this process."""
    command = [sys.executable, "-P", "-m", "pipeline.commands.opener", "--home", str(home), "--attached"]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        if child.stdin is not None:
            child.stdin.close()


def refusal_of_child(child: subprocess.Popen[bytes]) -> Refused:
    """That an opener which was started for one command is gone; it said why on the same screen."""
    if child.returncode == EXIT_ALL_REFUSED:
        return Refused("OPENER_NOT_RUNNING", hint="Wat hem tegenhield, staat hierboven.")
    return Refused("OPENER_NOT_RUNNING", hint=f"(exit {child.returncode})")


def _stop_on_signals(stop: threading.Event) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())


def _stop_with_parent(stop: threading.Event) -> None:
    """Set `stop` when standard input closes, which it does when the parent is gone."""

    def watch() -> None:
        # Not through sys.stdin: its buffer stays locked by this thread when the interpreter ends.
        while os.read(sys.stdin.fileno(), 1024):
            pass
        stop.set()

    threading.Thread(target=watch, name="parent", daemon=True).start()


def opener_command(
    home: HomeOption = None,
    once: Annotated[bool, typer.Option("--once", help="Answer what is filed now, then stop.")] = False,
    attached: Annotated[bool, typer.Option("--attached", hidden=True)] = False,
    json_: JsonOption = False,
) -> None:
    """Serve opening requests until stopped: the only process that reads the opener's keys.

    Example: samenloop opener --home /srv/samenloop/GM9901
    """
    stop = threading.Event()
    _stop_on_signals(stop)
    if attached:
        _stop_with_parent(stop)
    else:
        close_to_others()
    run_command(
        lambda: serve(home, once=once, is_service=not (once or attached), stop=stop), COMMAND, as_json=json_
    )


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(COMMAND)(opener_command)


if __name__ == "__main__":
    alone = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    register(alone)
    alone()
