"""Opening the contacts of proposed cases, trusting nothing that the store says beside them.

A contact counts when it opens with the key that its row names, carries its partner's signature, and says of the
row's clear fields what the row says. One that does not is refused and the case is judged without it. What is
given back holds values of persons only for cases that are confirmed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from pipeline.revealed.check_contact import is_sound_contact
from pipeline.revealed.compare_fields import Identity, read_birth
from pipeline.revealed.confirm_match import (
    Confirmation,
    KnownSignal,
    PairVerdict,
    confirm,
    confirm_running,
    persons_under,
)
from pipeline.revealed.describe_household import ShownSignal
from pipeline.revealed.given_names import given_names
from pipeline.vault.contact import ContactBinding, OpenContact, OpenedContact, contact_opener
from pipeline.vault.keyring import KeyFile, is_listed
from pipeline.vocabulary.agreement import Rule
from pipeline.vocabulary.case import (
    EVIDENCE_HOUSEHOLD,
    EVIDENCE_REVIEWED,
    GROUND_RULE,
    GROUND_RUNNING,
    GROUND_WITHDRAWAL,
    KEY_REVOKED,
    SIGNAL_REFUSED,
    VERDICT_CONFIRMED,
    VERDICT_WITHHELD,
)
from pipeline.vocabulary.directory import Directory
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.identity.normalise import WRITTEN_COLUMNS, normalise_people
from pipeline.vocabulary.period import month_start

CLEAR_FIELDS = ("signal_id", "wijkcode", "postcode4", "arrears_months", "arrears_band", "is_crisis")

SignalKey = tuple[str, str]
"""(partner_id, signal_id), unique within a month."""

SignalName = tuple[str, str, str]
"""(partner_id, month, signal_id)."""

RefusedContact = tuple[SignalKey, str, str | None]
"""Signal, code, and the id of the key that it is about, if it is about one."""


@dataclass(frozen=True, slots=True)
class StoredSignal:
    """A row of the store as it stands there: not yet believed."""

    partner_id: str
    month: str
    sequence: int
    signal_id: str
    sealed_contact: bytes
    wijkcode: str | None
    postcode4: str | None
    arrears_months: int
    arrears_band: str
    is_crisis: bool
    opening_key_id: str
    signing_key_id: str
    agreement_id: str

    @property
    def key(self) -> SignalKey:
        """(partner_id, signal_id)."""
        return self.partner_id, self.signal_id


@dataclass(frozen=True, slots=True)
class MonthTerms:
    """What was agreed for one month: its rule, and whether a crisis signal is enough without it."""

    rule: Rule
    shows_crisis: bool

    def are_met_by(self, groups: Sequence[Set[SignalKey]], rows: Sequence[StoredSignal]) -> bool:
        """Whether these signals of the month are enough.

        Args:
            groups: the signals that may count together.
            rows: of the month.
        """
        if self.shows_crisis and any(row.is_crisis and row.key in group for group in groups for row in rows):
            return True
        counted = [row for row in rows if row.arrears_months >= self.rule.min_months]
        return any(
            len({row.partner_id for row in counted if row.key in group}) >= self.rule.min_partners
            for group in groups
        )


@dataclass(frozen=True, slots=True)
class ProposedCase:
    """A case that may be opened: on which ground, under which rule, with which signals.

    `kept` are the signals that were confirmed when the case was shown before. `shows_crisis`: the agreement shows
    a crisis signal also with too few months. In the crisis lane the rule is that of the lane; `terms` are what was
    agreed for each month of which there is a signal, whatever the lane. `is_same` says of a kept signal whether it
    is still about the one who was confirmed in it; one that is not is judged as a new one.
    """

    case_id: str
    ground: str
    evidence: str
    rule: Rule
    signals: tuple[StoredSignal, ...]
    kept: frozenset[SignalKey] = frozenset()
    shows_crisis: bool = False
    terms: Mapping[str, MonthTerms] = field(default_factory=dict)
    is_same: Callable[[SignalName, Identity], bool] = lambda _name, _identity: True


@dataclass(frozen=True, slots=True, repr=False)
class CaseAnswer:
    """The verdict on a case, and what may be shown of it: nothing unless it is confirmed.

    `unread`: those of the refused that wait for a key of the opener, and may be read another day. `identities`:
    who each confirmed signal is about.
    """

    case_id: str
    verdict: str
    reason_code: str
    evidence: str | None
    confirmed: tuple[SignalKey, ...]
    shown: tuple[ShownSignal, ...]
    refused: tuple[tuple[SignalKey, str], ...]
    fields: Mapping[str, Any]
    is_likely: bool = False
    unread: frozenset[SignalKey] = frozenset()
    identities: Mapping[SignalName, Identity] = field(default_factory=dict)


class ContactDesk:
    """Opens contacts with the opener's keys and checks them against the key directory.

    `unreadable`: ids of opening keys whose file cannot be read, with the code that says why.
    """

    def __init__(
        self, directory: Directory, opening_keys: Sequence[KeyFile], unreadable: Mapping[str, str] | None = None
    ) -> None:
        self._directory = directory
        wrong = {key.key_id: "KEY_WRONG" for key in opening_keys if not is_listed(key, directory)}
        self._unusable = {**(unreadable or {}), **wrong}
        self._openers: dict[str, OpenContact] = {
            key.key_id: contact_opener(key.secret.value) for key in opening_keys if key.key_id not in wrong
        }

    def open(self, row: StoredSignal) -> OpenedContact:
        """Open and verify one contact.

        Raises:
            Refused: KEY_MISSING, KEY_EXPIRED (revoked or out of term), KEY_WRONG (not this partner's, or not the
                listed opening key), SEAL_BROKEN, SIGNATURE_WRONG, CONTACT_INVALID, ROW_CHANGED (other than what
                was signed), and why an opening key cannot be read.
        """
        open_contact = self._openers.get(row.opening_key_id)
        if open_contact is None and row.opening_key_id in self._unusable:
            raise Refused(self._unusable[row.opening_key_id], row.opening_key_id)
        signing_key = self._directory.by_id(row.signing_key_id)
        if open_contact is None or signing_key is None:
            raise Refused("KEY_MISSING", row.opening_key_id if open_contact is None else row.signing_key_id)
        if signing_key.kind != "partner-signing" or signing_key.holder != row.partner_id:
            raise Refused("KEY_WRONG", row.signing_key_id)
        if not signing_key.is_valid_for(row.month):
            raise Refused("KEY_EXPIRED", row.signing_key_id)
        binding = ContactBinding(
            agreement_id=row.agreement_id,
            gemeentecode=self._directory.gemeentecode,
            partner_id=row.partner_id,
            month=row.month,
            signal_id=row.signal_id,
            key_id=row.opening_key_id,
        )
        try:
            opened = open_contact(binding, row.sealed_contact, signing_key.public)
            clear = dict(opened.clear)
        except (KeyError, TypeError, ValueError):
            raise Refused("CONTACT_INVALID") from None
        if clear != {name: getattr(row, name) for name in CLEAR_FIELDS} or opened.sequence != row.sequence:
            raise Refused("ROW_CHANGED")
        if not is_sound_contact(opened.contact):
            raise Refused("CONTACT_INVALID")
        return opened

    def is_revoked(self, row: StoredSignal) -> bool:
        """Whether the partner's key was revoked, which is more than a term that ended."""
        signing_key = self._directory.by_id(row.signing_key_id)
        return signing_key is not None and signing_key.revoked_on is not None


def answer_cases(cases: Sequence[ProposedCase], desk: ContactDesk) -> list[CaseAnswer]:
    """Open, compare and judge a batch of cases, in their order."""
    opened: list[list[tuple[StoredSignal, OpenedContact]]] = []
    refused: list[list[RefusedContact]] = []
    for case in cases:
        good, bad = _open_all(case.signals, desk)
        opened.append(good)
        refused.append(bad)
    identities = iter(identities_of([contact.contact for good in opened for _, contact in good]))
    answers = []
    for case, good, bad in zip(cases, opened, refused, strict=True):
        known = [(_known(row, contact, next(identities)), contact.contact) for row, contact in good]
        revoked = frozenset(row.key for row in case.signals if desk.is_revoked(row))
        answers.append(_answer(case, known, tuple(bad), revoked))
    return answers


def _known(row: StoredSignal, opened: OpenedContact, identity: Identity) -> KnownSignal:
    months, is_crisis = int(opened.clear["arrears_months"]), bool(opened.clear["is_crisis"])
    year = month_start(row.month).year
    return KnownSignal(row.partner_id, row.signal_id, months, identity, year, is_crisis, row.month)


def identities_of(contacts: Sequence[Mapping[str, Any]]) -> list[Identity]:
    """Normalised identities of opened contacts, by the same normaliser as the tokens."""
    columns = {name: [_text(contact.get(name)) for contact in contacts] for name in WRITTEN_COLUMNS}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(WRITTEN_COLUMNS, pl.String))
    keys = normalise_people(frame).to_dicts()
    given = given_names(frame, [key["initials"] for key in keys])
    return [
        Identity(
            surnames=tuple(key[name] for name in ("surname_key", "surname_key_alt") if key[name]),
            initials=key["initials"] or "",
            birth=read_birth(birth_on),
            postcode=key["postcode_key"] or "",
            number=key["number_key"] or "",
            addition=key["addition_key"] or "",
            email=key["email_key"] or "",
            phone=key["phone_key"] or "",
            has_hyphen=_HYPHEN.search(surname or "") is not None,
            given=names,
        )
        for key, birth_on, surname, names in zip(keys, columns["birth_on"], columns["surname"], given, strict=True)
    ]


_HYPHEN = re.compile(r"[-\u2010-\u2015/&+]")


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _open_all(
    rows: Sequence[StoredSignal], desk: ContactDesk
) -> tuple[list[tuple[StoredSignal, OpenedContact]], list[RefusedContact]]:
    good, bad = [], []
    for row in sorted(rows, key=lambda row: row.key):
        try:
            good.append((row, desk.open(row)))
        except Refused as refusal:
            bad.append((row.key, refusal.code, refusal.column))
    return good, bad


def _answer(
    case: ProposedCase,
    known: Sequence[tuple[KnownSignal, Mapping[str, Any]]],
    bad: tuple[RefusedContact, ...],
    revoked: frozenset[SignalKey],
) -> CaseAnswer:
    signals = [signal for signal, _ in known]
    refused = tuple((key, code) for key, code, _ in bad)
    locked_by = {row.key: row.opening_key_id for row in case.signals}
    unread = frozenset(key for key, code, about in bad if code == "KEY_MISSING" or about == locked_by[key])
    is_reviewed = case.evidence == EVIDENCE_REVIEWED
    keys = [signal.key for signal in signals]
    kept = case.kept & {*keys} - {one.key for one in signals if not case.is_same(one.name, one.identity)}
    confirmation = confirm(signals, case.rule, is_reviewed=is_reviewed, shows_crisis=case.shows_crisis)
    if case.ground != GROUND_RULE and (kept or case.ground == GROUND_WITHDRAWAL):
        confirmation = confirm_running(signals, case.rule, kept, is_reviewed=is_reviewed)
    verdict, reason_code = confirmation.verdict, confirmation.reason_code
    if case.ground == GROUND_WITHDRAWAL:
        reason_code = "WITHDRAWAL"
    elif verdict != VERDICT_CONFIRMED and refused:
        verdict = VERDICT_WITHHELD
        reason_code = "KEY_MISSING" if len(unread) == len(refused) else SIGNAL_REFUSED
    answer = CaseAnswer(
        case_id=case.case_id,
        verdict=verdict,
        reason_code=reason_code,
        evidence=confirmation.evidence,
        confirmed=tuple(keys[at] for at in confirmation.confirmed),
        shown=_shown(confirmation, known, {row.key: row.month for row in case.signals}),
        refused=refused,
        fields=_fields(signals, confirmation.pairs, bad),
        is_likely=confirmation.is_likely and not is_reviewed,
        unread=unread,
        identities={signals[at].name: signals[at].identity for at in confirmation.confirmed},
    )
    doubted = unread & (case.kept - revoked)
    if case.ground == GROUND_RUNNING and revoked and not _is_met_by_the_rest(case, signals, confirmation, doubted):
        return replace(without_persons(answer), verdict=VERDICT_WITHHELD, reason_code=KEY_REVOKED)
    return answer


def without_persons(answer: CaseAnswer) -> CaseAnswer:
    """The answer, of which nobody may be shown."""
    return replace(answer, evidence=None, confirmed=(), shown=(), identities={})


def _is_met_by_the_rest(
    case: ProposedCase, signals: Sequence[KnownSignal], confirmation: Confirmation, unread: Set[SignalKey]
) -> bool:
    """Whether a running case meets, in one of its months, what was agreed for that month without a revoked key.

    Args:
        case: the case, shown before.
        signals: those of its signals whose signature was found good.
        confirmation: who they are about.
        unread: signals that were confirmed before and cannot be opened now; they have the benefit of the doubt.
    """
    for month, terms in case.terms.items():
        groups = [
            {(signals[at].partner_id, signals[at].signal_id) for at in group} | unread
            for group in _counting_together(case, signals, confirmation, terms.rule) or ((),)
        ]
        if terms.are_met_by(groups, [row for row in case.signals if row.month == month]):
            return True
    return False


def _counting_together(
    case: ProposedCase, signals: Sequence[KnownSignal], confirmation: Confirmation, rule: Rule
) -> Sequence[tuple[int, ...]]:
    """Positions of what was confirmed, in the groups that count together by the rule of a month."""
    is_reviewed = case.evidence == EVIDENCE_REVIEWED
    if EVIDENCE_HOUSEHOLD in rule.match_on or is_reviewed:
        return (confirmation.confirmed,)
    if rule.certainty == case.rule.certainty:
        return confirmation.persons
    return persons_under(rule, signals, confirmation)


def _shown(
    confirmation: Confirmation,
    known: Sequence[tuple[KnownSignal, Mapping[str, Any]]],
    months: Mapping[SignalKey, str],
) -> tuple[ShownSignal, ...]:
    return tuple(
        ShownSignal(
            known[at][0].partner_id,
            number,
            known[at][1],
            known[at][0].identity,
            months[known[at][0].partner_id, known[at][0].signal_id],
        )
        for number, person in enumerate(confirmation.persons)
        for at in person
    )


def _fields(
    signals: Sequence[KnownSignal],
    pairs: Sequence[PairVerdict],
    refused: Sequence[RefusedContact],
) -> dict[str, Any]:
    """What the data steward may see of a comparison: outcomes, never values."""
    return {
        "pairs": [
            {
                "one": [signals[pair.one].partner_id, signals[pair.one].signal_id],
                "other": [signals[pair.other].partner_id, signals[pair.other].signal_id],
                "surname": pair.comparison.surname,
                "initials": pair.comparison.initials,
                "birth": pair.comparison.birth,
                "address": pair.comparison.address,
                "email": pair.comparison.email,
                "phone": pair.comparison.phone,
                "rule": pair.rule.rule_id,
                "verdict": pair.rule.verdict,
            }
            for pair in pairs
        ],
        "refused": [{"signal": list(key), "code": code, "key_id": key_id} for key, code, key_id in refused],
    }
