"""The destruction report: what went, by which term, what is left by which rule, and what it does not claim.

It holds counts, dates and ids of keys; it names nobody. The proof is a count after the deletion, by the same
question that found what was due.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

FORMAT = "samenloop/destruction/1"

LABELS: dict[str, str] = {
    "signals": "signalen, met kenmerken en verzegelde contacten",
    "lapsed": "zaken die vervallen zijn voordat een team ze zag",
    "untouched": "zaken die gesloten zijn omdat geen team er iets over vastlegde",
    "cases": "zaken, met opvolging, openingen en verstrekkingen",
    "feedback": "geheugen van terugkoppeling over verdwenen signalen",
    "orders": "opdrachten voor werklijsten zonder zaken",
    "team_days": "tellingen per team en dag",
    "deliveries": "aanleveringen in het grootboek (geschoond: nummer, uitkomst en vingerafdruk blijven)",
    "quarantine": "mappen in quarantaine, en wat onaf in de inbox bleef",
    "receipts": "ontvangstberichten en opgehaalde terugkoppeling",
    "worklists": "werklijsten en inzagebrieven in de outbox",
    "subject_requests": "verzoeken van inwoners",
    "analytics": "oude momentopnamen en rapporten",
    "journal": "regels van het journaal",
    "processings": "regels van het verwerkingenlogboek",
    "reports": "oude verslagen van vernietiging",
}
OUTSIDE = (
    "Werklijsten die al bij een wijkteam zijn (gedownload, geprint, per mail): het team vernietigt ze zelf.",
    "Terugkoppeling en ontvangstberichten die een partner al heeft opgehaald.",
    "Reservekopieën en kopieën van de database: zonder de maandsleutels is een contact daarin onleesbaar.",
    "De lijst met bezwaren (opener-keys/lists/toegevoegd.csv): alleen de opener leest haar. Hij haalt een rij weg "
    "na haar laatste dag (tot), en schrijft het aantal in het journaal. Een rij zonder laatste dag blijft: anders "
    "werkt het bezwaar niet. Andere lijsten in die map maakt de gemeente zelf, en ruimt zij zelf op.",
)
ON_POSTGRESQL = (
    "PostgreSQL ruimt oude pagina's zelf op (VACUUM, WAL). Tot die tijd staan er nog versleutelde resten; "
    "de sleutels van een afgelopen maand zijn vernietigd."
)


@dataclass(frozen=True, slots=True)
class ClassProof:
    """One class of data: its term, what went, what is due and still there (must be 0), what a rule keeps."""

    data_class: str
    label: str
    term_months: int | None
    due_before: str
    deleted_count: int
    remaining_count: int
    kept_count: int = 0
    kept_because: str | None = None


@dataclass(frozen=True, slots=True)
class Destruction:
    """A day's retirement."""

    gemeentecode: str
    municipality: str
    retired_on: str
    agreement_version: int
    classes: tuple[ClassProof, ...]
    keys_destroyed: tuple[str, ...]
    keys_waiting: tuple[str, ...]
    months_over: tuple[str, ...]
    numbers_kept: int
    is_postgresql: bool
    is_log_emptied: bool
    is_after_restore: bool = False
    erased_again: Mapping[str, int] = field(default_factory=dict)

    @property
    def remaining_count(self) -> int:
        """What is due and was not deleted."""
        return sum(proof.remaining_count for proof in self.classes)

    def document(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            "format": FORMAT,
            "gemeentecode": self.gemeentecode,
            "municipality": self.municipality,
            "date": self.retired_on,
            "agreement_version": self.agreement_version,
            "classes": [asdict(proof) for proof in self.classes],
            "keys_destroyed": list(self.keys_destroyed),
            "keys_waiting_for_opener": list(self.keys_waiting),
            "months_over": list(self.months_over),
            "is_after_restore": self.is_after_restore,
            "erased_again": dict(self.erased_again),
            "signal_numbers_kept_with_cases": self.numbers_kept,
            "is_database_log_emptied": self.is_log_emptied,
            "is_complete": self.remaining_count == 0,
            "not_claimed": list(self.not_claimed()),
        }

    def adds_up_to(self, told: Mapping[str, Any]) -> bool:
        """Whether it tells all that an earlier report of the day told, as its document, and maybe more."""
        counts = {proof.data_class: proof.deleted_count for proof in self.classes}
        erased = told.get("erased_again", {})
        return (
            all(counts.get(row["data_class"], 0) >= row["deleted_count"] for row in told["classes"])
            and set(told["keys_destroyed"]) <= set(self.keys_destroyed)
            and all(self.erased_again.get(kind, 0) >= number for kind, number in erased.items())
        )

    def not_claimed(self) -> Sequence[str]:
        """Copies that this program cannot reach."""
        return (*OUTSIDE, ON_POSTGRESQL) if self.is_postgresql else OUTSIDE

    def json(self) -> bytes:
        """The bytes of `vernietiging-<date>.json`."""
        return (json.dumps(self.document(), ensure_ascii=False, indent=2) + "\n").encode()

    def text(self) -> bytes:
        """The same for a privacy officer."""
        after = ", na het terugzetten van een reservekopie" if self.is_after_restore else ""
        lines = [
            f"Verslag van vernietiging, {self.municipality} ({self.gemeentecode}), {self.retired_on}{after}",
            f"Overeenkomst versie {self.agreement_version}. Dit verslag noemt niemand.",
            "",
            "Vernietigd, en nageteld:",
        ]
        lines += [self._line(proof) for proof in self.classes]
        if self.erased_again:
            lines.append(
                f"Opnieuw gewist volgens het wisregister: {self.erased_again.get('signals', 0)} signalen, "
                f"{self.erased_again.get('cases', 0)} zaken."
            )
        lines += [
            "",
            f"Nummers van vernietigde signalen die bij hun zaak blijven: {self.numbers_kept}.",
            "Zij gaan weg met de zaak. Zo vindt een inwoner zijn zaak terug, en blijven de cijfers kloppen.",
            "Wat de opener over die signalen vergeleek, is ook vernietigd.",
            "",
            *self._key_lines(),
        ]
        if not self.is_log_emptied:
            lines.append("Het logbestand van de database kon nog niet leeg: iets las mee. Morgen opnieuw.")
        lines += ["", "Wat dit verslag niet bewijst:", *(f"- {line}" for line in self.not_claimed())]
        return ("\n".join(lines) + "\n").encode()

    def lines_of_note(self) -> list[str]:
        """The classes in which something went, is kept by a rule, or should have gone."""
        told = [
            proof for proof in self.classes if proof.deleted_count or proof.kept_count or proof.remaining_count
        ]
        return [self._line(proof) for proof in told] + (self._key_lines()[1:] if self.keys_destroyed else [])

    def _line(self, proof: ClassProof) -> str:
        term = (
            f"termijn {proof.term_months} {'maand' if proof.term_months == 1 else 'maanden'}, "
            if proof.term_months is not None
            else ""
        )
        line = f"- {proof.label}: {proof.deleted_count} ({term}van voor {proof.due_before})"
        if proof.kept_count:
            line += f"; bewaard: {proof.kept_count}, want {proof.kept_because}"
        if proof.remaining_count:
            line += f"; LET OP: {proof.remaining_count} hadden weg moeten zijn"
        return line + "."

    def _key_lines(self) -> list[str]:
        lines = [f"Maanden die voorbij zijn: {', '.join(self.months_over) or 'geen'}."]
        lines.append(f"Vernietigde sleutels: {', '.join(self.keys_destroyed) or 'geen'}.")
        if self.keys_waiting:
            still = ", als hij ze nog heeft" if self.is_after_restore else ""
            lines.append(f"De opener moet deze sleutels nog vernietigen{still}: {', '.join(self.keys_waiting)}.")
        return lines


def proofs(
    terms: Mapping[str, int],
    due_before: Mapping[str, str],
    deleted: Mapping[str, int],
    remaining: Mapping[str, int],
    kept: Mapping[str, tuple[int, str]],
) -> tuple[ClassProof, ...]:
    """One line per class, in the order of LABELS.

    Args:
        terms: months, of the classes that have a term of their own.
        due_before: the day, per class.
        deleted: counts of this day.
        remaining: counts after it.
        kept: how many are past their term and kept, and by which rule.
    """
    return tuple(
        ClassProof(
            data_class=name,
            label=label,
            term_months=terms.get(name),
            due_before=due_before[name],
            deleted_count=deleted.get(name, 0),
            remaining_count=remaining.get(name, 0),
            kept_count=kept.get(name, (0, ""))[0],
            kept_because=kept[name][1] if name in kept and kept[name][0] else None,
        )
        for name, label in LABELS.items()
    )
