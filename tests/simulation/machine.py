"""The machine of `test_model.py`: each step is done by the product and by `model.py`, and both must tell the same.

Each opening of a contact is watched as it happens: its line stands in the journal, and its ground holds in the
model. Which person or delivery a step is about is a number, counted round: so a step can also be taken by hand.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pipeline.commands.journal_keeping.journal_verifying import verify_journal
from pipeline.revealed.disclose_case import ContactDesk, StoredSignal
from pipeline.store import tables
from pipeline.vault.contact import OpenedContact
from pipeline.vocabulary.case import CLOSED, MOVED
from pipeline.vocabulary.period import is_working_day
from tests.simulation.model import Model, Sent
from tests.simulation.world import MONTHS, PARTNERS, SURNAMES, World, client

FIRST_DAY = date(2026, 11, 2)
PARTNER = st.sampled_from([partner for partner, _ in PARTNERS])
PERSONS = sorted(SURNAMES)
PICK = st.integers(0, 11)
ARREARS = st.sampled_from([1, 2, 2, 3, 4])
VISIT = {"type": "Huisbezoek", "is_reached": True, "part_of_day": "Ochtend", "by": "mv"}
HELPED = "Vervolghulp en/of verwijzing financieel"
ROTATED = ("admission", "opening", "case", "journal", "backup", "municipal-signing", "partner-signing")


class Municipality(RuleBasedStateMachine):
    """The product and the model, side by side."""

    template: Path
    patch: pytest.MonkeyPatch

    def __init__(self) -> None:
        super().__init__()
        self.path = Path(tempfile.mkdtemp(dir=self.template.parent))
        self.world = World.made(self.template, self.path, FIRST_DAY)
        self.model = Model(FIRST_DAY)
        self.folders: list[Path] = []
        self.in_inbox: set[int] = set()
        self.listed: dict[str, str] = {}
        self.backup: tuple[Path, Model, dict[str, str]] | None = None
        self.told: dict[str, tuple[str, bool]] = {}
        self.names = {
            (partner, month, self.world.signal_id(partner, month, person)): person
            for partner, _ in PARTNERS
            for month in MONTHS
            for person in PERSONS
        }
        self._watch_openings()

    def teardown(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)

    def _watch_openings(self) -> None:
        really = _REALLY_OPEN

        def watched(desk: ContactDesk, row: StoredSignal) -> OpenedContact:
            self._check_opening(row)
            return really(desk, row)

        self.patch.setattr(ContactDesk, "open", watched)

    def _check_opening(self, row: StoredSignal) -> None:
        """Read through another connection than the opener's: what is not committed is not seen."""
        person = self.names[row.partner_id, row.month, row.signal_id]
        held = {
            line["case_id"]
            for line in self.world.rows(tables.case_signals)
            if (line["partner_id"], line["month"], line["signal_id"]) == (row.partner_id, row.month, row.signal_id)
        }
        begun = [line for line in self.world.rows(tables.journal) if line["action"] == "open_contacts"]
        joined = {case["joined_to"] for case in self.world.rows(tables.cases) if case["case_id"] in held}
        grounds = {line["ground"] for line in begun if line["object"] in held | joined}
        assert grounds, "a contact was opened before its line stood in the journal"
        assert person in self.model.may_be_listed(), "a contact was opened without a ground"
        SEEN["contacts opened"] += 1

    # what partners do

    @initialize(
        rows=st.lists(st.dictionaries(st.sampled_from(PERSONS), ARREARS, min_size=2), min_size=3, max_size=3),
        met=st.sampled_from(PERSONS),
    )
    def first_morning(self, rows: list[dict[str, int]], met: str) -> None:
        """Each partner has delivered a month before anything else happens, and a team has its first list."""
        for number, ((partner, _), mine) in enumerate(zip(PARTNERS, rows, strict=True)):
            self.seal(partner, MONTHS[0], "signals", mine | ({met: 2} if number < 2 else {}))
            self.world.drop(self.folders[-1])
            self.in_inbox.add(len(self.folders) - 1)
        self.morning()

    @rule(
        partner=PARTNER,
        month=st.sampled_from(MONTHS),
        kind=st.sampled_from(["signals", "signals", "correction", "retraction"]),
        rows=st.dictionaries(st.sampled_from(PERSONS), ARREARS, max_size=4),
    )
    def seal(self, partner: str, month: str, kind: str, rows: dict[str, int]) -> None:
        """A partner makes its next delivery, which may lie about for a while."""
        if not rows and kind != "signals":
            return
        folder = self.world.seal(partner, month, kind, rows)
        self.folders.append(folder)
        self.model.sent.append(Sent(partner, month, int(folder.name[-4:]), kind, rows, self.model.today))

    @precondition(lambda self: self.folders)
    @rule(pick=PICK)
    def arrive(self, pick: int) -> None:
        """One of the deliveries arrives: in any order, again, or long after."""
        number = pick % len(self.folders)
        self.world.drop(self.folders[number])
        self.in_inbox.add(number)

    @precondition(lambda self: self.model.admitted)
    @rule(pick=PICK)
    def arrive_with_other_content(self, pick: int) -> None:
        """The number of an admitted delivery, with another content: nothing of it counts."""
        number = _picked(sorted(self.model.admitted), pick)
        one = self.model.sent[number]
        if number in self.in_inbox or not self.model.is_open(one.month):
            return
        shutil.rmtree(self.folders[number].parent.parent / "again", ignore_errors=True)
        other = self.world.seal(one.partner, one.month, "signals", dict.fromkeys(PERSONS, 4), one.sequence)
        self.world.drop(other)
        outcome = self._admit()
        assert "SEQUENCE_REPLAYED" in {fault.code for fault in outcome.refused}

    @precondition(lambda self: self.model.meeting_anywhere())
    @rule(pick=PICK, arrears=st.sampled_from([None, 1, 1, 4]), is_matched=st.booleans())
    def change_a_word(self, pick: int, arrears: int | None, is_matched: bool) -> None:
        """A partner corrects or takes back somebody who meets the rule; a list is made, perhaps before a match."""
        partner, month, person = _picked(self.model.meeting_anywhere(), pick)
        if not self.model.is_open(month):
            return
        rows = {person: arrears or 2}
        self.seal(partner, month, "retraction" if arrears is None else "correction", rows)
        self.arrive(len(self.folders) - 1)
        self._admit()
        if is_matched:
            self.match()
        self.reveal()
        SEEN["words changed"] += 1

    @rule(partner=PARTNER, month=st.sampled_from(MONTHS), person=st.sampled_from(PERSONS), is_paid=st.booleans())
    def think_better_of_it(self, partner: str, month: str, person: str, is_paid: bool) -> None:
        """A word comes, cases follow, and before anybody looks the partner takes the word back."""
        if not self.model.is_open(month):
            return
        for kind, arrears in (("correction", 4), ("retraction" if is_paid else "correction", 1)):
            self.seal(partner, month, kind, {person: arrears})
            self.arrive(len(self.folders) - 1)
            self._admit()
            if arrears > 1:
                self.match()
        self.reveal()
        SEEN["words taken back"] += 1

    # what the municipality does

    @rule()
    def admit(self) -> None:
        """Everything in the inbox."""
        self._admit()

    def _admit(self) -> Any:
        outcome = self.world.admit()
        for number in sorted(self.in_inbox):
            answer = self._answer(number)
            if self.model.is_open(self.model.sent[number].month) and answer in ("admitted", "warned"):
                self.model.admitted.add(number)
            elif number not in self.model.admitted:
                assert not self.model.is_open(self.model.sent[number].month), answer
        self.in_inbox.clear()
        return outcome

    def _answer(self, number: int) -> str:
        rows = self.world.rows(tables.deliveries)
        mine = [row for row in rows if row["delivery_id"] == self.folders[number].name]
        return next((row["state"] for row in mine if row["state"] in ("admitted", "warned")), mine[-1]["state"])

    @rule()
    def match(self) -> None:
        """Cases follow."""
        self.world.match()
        self.model.match()

    @rule()
    def morning(self) -> None:
        """What a day does, in its order."""
        if self.told:
            self.settle()
        self._admit()
        self.match()
        self.reveal()

    @rule()
    def reveal(self) -> None:
        """A worklist, on a working day; who is on it is who must be."""
        self.world.reveal()
        sheet = self.world.worklist()
        assert is_working_day(self.model.today) == (sheet is not None)
        if sheet is None:
            return
        self.listed = {}
        for case in sheet["cases"]:
            clients = {signal["klantnummer"] for signal in case["signals"]}
            persons = {
                person for person in PERSONS for partner, _ in PARTNERS if client(partner, person) in clients
            }
            assert len(persons) <= 1
            for person in persons:
                assert person not in self.listed, "somebody stands on a list twice"
                self.listed[person] = case["case_id"]
        assert set(self.listed) <= self.model.may_be_listed()
        assert self.model.must_be_listed() <= set(self.listed)
        self.model.shown |= set(self.listed)
        SEEN["persons listed"] += len(self.listed)

    @rule(days=st.sampled_from([1, 1, 1, 3, 20, 200]))
    def later(self, days: int) -> None:
        """Time goes by."""
        self.model.later(days)
        self.world.today = self.model.today

    @precondition(lambda self: self.listed)
    @rule(pick=PICK, is_done=st.booleans(), times=st.integers(1, 2))
    def visit(self, pick: int, is_done: bool, times: int) -> None:
        """A team returns what it did for somebody on its last list, perhaps twice."""
        person = _picked(sorted(self.listed), pick)
        name = f"{person}-{len(self.told)}"
        said: dict[str, Any] = {"attempts": [{**VISIT, "attempt_id": name, "on": self.model.today.isoformat()}]}
        if is_done:
            said |= {"result": HELPED, "result_on": self.model.today.isoformat()}
        for _ in range(times):
            self.world.tell(self.listed[person], **said)
        self.told[name] = (person, is_done)

    @precondition(lambda self: self.told)
    @rule()
    def settle(self) -> None:
        """What teams returned counts once."""
        known = {case["case_id"] for case in self.world.rows(tables.cases)}
        self.world.settle()
        self._count_told(known)

    def _count_told(self, known: set[str]) -> None:
        stored = {row["attempt_id"] for row in self.world.rows(tables.attempts)}
        for name, (person, is_done) in self.told.items():
            if name in stored:
                self.model.attempts.add(name)
                SEEN["attempts taken"] += 1
                if is_done:
                    self.model.closed.add(person)
            else:
                assert self.listed.get(person) not in known, "what a team returned was lost"
        self.told.clear()

    @rule()
    def retire(self) -> None:
        """What is over is gone, from the rows and from the bytes."""
        self.world.retire()
        self._is_gone()

    def _is_gone(self) -> None:
        left = {
            (row["partner_id"], row["month"], self.names[row["partner_id"], row["month"], row["signal_id"]])
            for row in self.world.rows(tables.signals)
            if self.model.is_over(row["month"])
        }
        assert {person for _, _, person in left} <= self.model.may_be_held()
        self.model.retire(left)
        SEEN["months over"] += sum(self.model.is_over(month) for month in MONTHS)
        for month in MONTHS:
            if self.model.is_over(month) and month not in {of for _, of, _ in left}:
                assert [] == list(self.world.home.opener_keys_dir.glob(f"opening-*{month}*"))

    @rule(kind=st.sampled_from(ROTATED))
    def rotate(self, kind: str) -> None:
        """A key is changed while deliveries are on their way."""
        self.world.rotate(kind)

    @rule()
    def back_up(self) -> None:
        """The store is kept aside."""
        self.backup = (self.world.back_up(), self.model.kept(), dict(self.listed))

    @precondition(lambda self: self.backup)
    @rule()
    def put_back(self) -> None:
        """The database is lost, and the backup restored: nobody comes back who was erased or is over since."""
        assert self.backup is not None
        file, then, listed = self.backup
        SEEN["restores"] += 1
        self.world.put_back(file)
        self.model, self.listed = self.model.put_back(then), listed
        self.listed = {person: case for person, case in listed.items() if person in self.model.shown}
        self._is_gone()

    @rule(pick=PICK)
    def erase(self, pick: int) -> None:
        """Somebody asks to be erased; what teams returned about others is taken in first."""
        held = {name for name, person in self._held().items()}
        if not held:
            return
        person = _picked(sorted({self.names[name] for name in held}), pick)
        told = self.world.erase(
            {name for name in held if self.names[name] == person}, lambda name: self.names[name] == person
        )
        self.model.erase(person)
        self.model.erased |= {(partner, month, person) for partner, month, _ in told}
        SEEN["persons erased"] += 1
        self.listed.pop(person, None)
        self.told = {name: one for name, one in self.told.items() if one[0] != person}
        self._count_told({case["case_id"] for case in self.world.rows(tables.cases)})

    def _held(self) -> dict[tuple[str, str, str], str]:
        rows = self.world.rows(tables.signals)
        names = [(row["partner_id"], row["month"], row["signal_id"]) for row in rows if row["is_current"]]
        return {name: self.names[name] for name in names}

    @invariant()
    def no_attempt_is_lost_or_counts_twice(self) -> None:
        """Attempts stand once, as long as their case does."""
        stored = [row["attempt_id"] for row in self.world.rows(tables.attempts)]
        assert sorted(set(stored)) == sorted(stored)
        assert set(stored) <= self.model.attempts

    @invariant()
    def the_journal_is_whole(self) -> None:
        """Its chain holds, whatever happened; until the opener or a retirement came by it has no seal."""
        faults = {fault.code for fault in self.world.do(verify_journal).refused}
        assert (set() if self.world.is_sealed else {"JOURNAL_UNSEALED"}) == faults

    @invariant()
    def the_journal_knows_which_cases_are_closed(self) -> None:
        """However a case came into or out of `closed`: the opener believes the journal and not the store."""
        last = {
            line["object"]: line["result"] for line in self.world.rows(tables.journal) if line["action"] == MOVED
        }
        cases = self.world.rows(tables.cases)
        closed = {case["case_id"] for case in cases if case["state"] == CLOSED}
        assert closed == {case["case_id"] for case in cases if last.get(case["case_id"]) == CLOSED}

    @invariant()
    def what_counts_is_what_the_model_counts(self) -> None:
        """Every admitted delivery counts exactly once, in whatever order it came."""
        rows = self.world.rows(tables.signals)
        found = {
            (row["partner_id"], row["month"], self.names[row["partner_id"], row["month"], row["signal_id"]]): row[
                "arrears_months"
            ]
            for row in rows
            if row["is_current"] and not row["is_retraction"]
        }
        expected = {
            (partner, month, person): months
            for partner, _ in PARTNERS
            for month in MONTHS
            for person, months in self.model.counting(partner, month).items()
        }
        assert expected == {name: months for name, months in found.items() if name not in self.model.erased}

    @invariant()
    def every_row_is_admitted_or_refused(self) -> None:
        """Rows in are rows admitted and rows refused."""
        assert all(
            row["row_count"] == row["admitted_count"] + row["refused_count"]
            for row in self.world.rows(tables.deliveries)
            if row["state"] in ("admitted", "warned")
        )


def _picked(of: Sequence[Any], pick: int) -> Any:
    return of[pick % len(of)]


_REALLY_OPEN = ContactDesk.open
SEEN: Counter[str] = Counter()
"""How often something happened: steps that never led anywhere would prove nothing."""
