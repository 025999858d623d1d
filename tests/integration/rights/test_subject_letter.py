"""What a letter tells when the contacts are gone or do not open, in a household, and of what a team wrote down."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands import subject
from pipeline.commands.match import match
from pipeline.commands.wiring import Run
from pipeline.store import tables
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.period import day_of
from pipeline.vocabulary.processing import subject_id
from tests.builders import subjects as builder
from tests.builders.deliveries import MONTH, Municipality, signal_id, with_key
from tests.builders.kept import Begin
from tests.builders.openings import TUESDAY, keep, report, reveal_here, rows_in
from tests.builders.stewardship import WHEN, put
from tests.builders.subjects import (
    DECEMBER,
    HOUSEHOLD,
    LATER,
    MINE,
    NEIGHBOUR,
    PAIR,
    WIFE,
    make_reported,
    reported_again,
)

WEDNESDAY = TUESDAY + timedelta(days=1)
HERS = ("water-a", MONTH, signal_id("w2"))
TOGETHER = [*PAIR, *WIFE]


def letter(outcome: Any) -> str:
    return Path(outcome.paths["letter"]).read_text("utf-8")


def absent(text: str, *words: str) -> list[str]:
    return [word for word in words if word not in text]


def lines_of(run: Run, name: tuple[str, str, str]) -> list[str]:
    return [
        row["name"]
        for row in rows_in(run, "processings")
        if row["data_subject_id"] == subject_id(*name) and row["ground"] == "subject"
    ]


def recorded(run: Run, **changes: Any) -> str:
    """A team tried, and wrote down how it went. Returns the case."""
    (case,) = rows_in(run, "cases")
    tried = {"contact_type": "Huisbezoek", "is_reached": True, "attempted_on": "2026-11-03", "recorded_at": WHEN}
    put(run, tables.attempts, attempt_id="p-1", case_id=case["case_id"], part_of_day="Avond", **tried)
    said = {"result": "Hulp aanvaard", "has_consent_for_feedback": True, "is_unsafe": True, "recorded_at": WHEN}
    put(run, tables.results, case_id=case["case_id"], **{**said, **changes})
    return str(case["case_id"])


@pytest.mark.parametrize("by", ["signal", "case"])
def test_after_the_term_of_the_signals_the_letter_tells_of_the_case(place: Municipality, by: str) -> None:
    """The contacts are gone, and what a team saw and wrote down is not: it is told, and until when it is kept."""
    with place.run(TUESDAY) as run:
        case_id = recorded(run)
        with run.store.transaction("test", at=run.now, actor="test") as transaction:
            transaction.connection.execute(tables.signals.delete())
        text = letter(subject.access(run, MINE if by == "signal" else subject.named(run, None, case_id)))
    wanted = (
        case_id,
        "getoond aan Wijkteam Noord",
        "Huisbezoek",
        "Hulp aanvaard",
        "onveilig",
        "De zaak van oktober 2026",
    )
    assert [] == absent(text, "Beste inwoner", *wanted)
    assert [] == [word for word in ("geen gegevens van u", "De melding van", "Berg") if word in text]


def test_signals_that_are_gone_of_two_cases_make_no_letter(place: Municipality) -> None:
    """No contact says that they are about one person, and the store knows them from different cases."""
    with place.run(TUESDAY) as run:
        keep(run, [*PAIR, report("huur-a", "n1", "y"), report("energie-a", "n2", "y")])
        assert 2 == len(rows_in(run, "cases"))
        with run.store.transaction("test", at=run.now, actor="test") as transaction:
            transaction.connection.execute(tables.signals.delete())
        with pytest.raises(Refused, match="SUBJECT_DIFFERS"):
            subject.access(run, MINE | {("huur-a", MONTH, signal_id("n1"))})


def test_the_letter_of_a_case_without_contacts_tells_no_housemates_rights(home: Municipality) -> None:
    """By the number of the case, when no contact tells two persons apart, what one of them did is not told."""
    with home.run(TUESDAY) as run:
        subject.access(run, {HERS})
        told = {"partner_id": "water-a", "month": MONTH, "code": "overleden", "sent_on": "2026-11-20"}
        put(run, tables.feedback_sent, signal_id=signal_id("w2"), **told)
        (case,) = rows_in(run, "cases")
        names = subject.named(run, None, case["case_id"])
        assert 4 == len(names)
        with run.store.transaction("test", at=run.now, actor="test") as transaction:
            transaction.connection.execute(tables.signals.delete())
        text, hers = letter(subject.access(run, names)), letter(subject.access(run, {HERS}))
    assert [] == absent(text, case["case_id"], "getoond aan Wijkteam Noord", "geopend")
    assert [] == [word for word in ("inzage</td>", "overleden") if word in text]
    assert "overleden" in hers


def test_who_objected_is_not_told_to_a_housemate(home: Municipality) -> None:
    """He objected: her letter says that she was on lists, that the case is shown no more, and not why."""
    with home.run(TUESDAY) as run:
        subject.object_(run, MINE)
    with home.run(WEDNESDAY) as run:
        match(run)
        reveal_here(run)
        (case,) = rows_in(run, "cases")
        assert "excluded" == case["state"]
        text = letter(subject.access(run, {HERS}))
        assert "object" in lines_of(run, next(iter(MINE)))
    assert [] == absent(text, case["case_id"], "wordt niet meer getoond", "getoond aan Wijkteam Noord")
    assert [] == [word for word in ("uitsluitingslijst", "bezwaar</td>", "klant-a", "Niemand") if word in text]


def test_what_a_housemate_asked_is_no_use_of_ones_own_data(home: Municipality) -> None:
    """His letters and his erasure opened her contacts to compare: written down as that, and not in her letter."""
    with home.run(TUESDAY) as run:
        for _ in range(2):
            subject.access(run, MINE)
        assert ["compare", "compare"] == lines_of(run, HERS)
        assert ["access", "access", "compare", "compare"] == sorted(lines_of(run, next(iter(MINE))))
        other = ("energie-a", MONTH, signal_id("b"))
        assert ["access", "access", "compare", "compare"] == sorted(lines_of(run, other))
        subject.erase(run, MINE)
        text = letter(subject.access(run, {HERS}))
    assert "<td>inzage</td>" in text
    assert [] == [word for word in ("inzage (", "gewist</td>", "vergeleken", "Niemand") if word in text]
    assert "Doet een ander uit dezelfde zaak een verzoek?" in text


def test_the_letter_of_a_housemate_stays_when_another_is_erased(home: Municipality) -> None:
    """A letter is about who asked for it, and not about whom it was compared with."""
    with home.run(TUESDAY) as run:
        his, hers = subject.access(run, MINE), subject.access(run, {HERS})
        assert 1 == subject.erase(run, MINE).counts["letters"]
        assert (False, True) == tuple(Path(one.paths["letter"]).exists() for one in (his, hers))


def test_one_signal_in_a_case_did_not_come_together(begin_here: Begin) -> None:
    """Whoever has one signal in the case of a household reads so; whoever has two reads that."""
    place = begin_here(make_reported, rule=HOUSEHOLD)
    with place.run(TUESDAY) as run:
        keep(run, [*PAIR, WIFE[1]])
        reveal_here(run)
        hers, his = letter(subject.access(run, {HERS})), letter(subject.access(run, MINE))
    assert ("Uw melding staat in een zaak" in hers, "Uw meldingen kwamen samen" in his) == (True, True)
    assert "Uw meldingen kwamen samen" not in hers


def test_a_month_that_joined_was_shown_as_part_of_the_first_case(place: Municipality) -> None:
    """Of November the letter names the case of October, with which the team saw it."""
    reported_again(place)
    with place.run(DECEMBER) as run:
        first = next(row["case_id"] for row in rows_in(run, "cases") if row["state"] != "joined")
        text = letter(subject.access(run, {("water-a", LATER[1]["month"], LATER[1]["signal_id"])}))
    assert f"als deel van een andere zaak van u. Nummer: {first}." in text
    assert "aan geen wijkteam getoond" not in text


def test_what_does_not_open_is_counted_in_the_letter(place: Municipality) -> None:
    """A damaged contact that was not named is not left out in silence."""
    with place.run(TUESDAY) as run:
        with run.store.transaction("test", at=run.now, actor="test") as transaction:
            damaged = tables.signals.c.signal_id == PAIR[1]["signal_id"]
            transaction.update(tables.signals, damaged, {"sealed_contact": b"damaged"})
        text = letter(subject.access(run, MINE))
    assert [] == absent(
        text, "klant-a", "In dezelfde zaak staat nog 1 melding", "kunnen niet zien of die over u gaat"
    )


def test_the_letter_holds_what_a_team_and_a_steward_wrote_down(place: Municipality) -> None:
    """Part of the day, appointment, consent, mark, review, warm handover and wijk: what is held is told."""
    with place.run(TUESDAY) as run:
        keep(run, [report("huur-a", "a", "x", has_warm_handover=True), PAIR[1], NEIGHBOUR])
        case_id = recorded(run, next_appointment_on="2026-11-12", earlier_result="Geen contact")
        decided = {"decision": "accepted", "reason_code": "SPELLING", "decided_by": "k", "decided_at": WHEN}
        put(run, tables.reviews, case_id=case_id, evidence_digest="d", **decided)
        text = letter(subject.access(run, MINE))
    wanted = (
        "Huisbezoek (avond)",
        "Volgende afspraak: 12 november 2026",
        "onveilig",
        "Eerdere uitkomst: Geen contact",
        "aan wie meldde: ja",
        "bekeek een medewerker",
        "warme overdracht)</th><td>ja",
        "WK990101",
    )
    assert [] == absent(text, *wanted)


def test_a_signal_of_a_revoked_key_is_told_and_not_sent_to_a_key_list(place: Municipality) -> None:
    """The letter tells its case and that it opens no more; nobody is kept out by it, and that is said."""
    changed = with_key(place, "signing-huur-a-1", revoked_on=str(WEDNESDAY))
    with changed.run(WEDNESDAY) as run:
        text = letter(subject.access(run, MINE))
        with pytest.raises(Refused, match="SUBJECT_UNREADABLE") as refused:
            subject.object_(run, MINE)
        assert "--signal" in refused.value.next_step
        both = letter(subject.access(run, MINE | {("energie-a", MONTH, signal_id("b"))}))
    assert [] == absent(text, "Eén melding van u", "sleutel van de organisatie is ingetrokken", "Wijkteam Noord")
    assert ("Beste inwoner" in text, "klant-b" in text) == (True, False)
    assert [] == absent(both, "klant-b", "Eén melding van u")


def test_the_letter_lies_where_it_is_said_after_midnight(
    place: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the hour that is yesterday in UTC the opener writes under today, and so the command says."""
    night = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    monkeypatch.setattr(builder, "NOW", night)
    with place.run(date(2026, 11, 25)) as opened:
        run = dataclasses.replace(opened, _instant=night)
        path = Path(subject.access(run, MINE).paths["letter"])
    assert (True, "2026-11-25") == (path.is_file(), path.parent.name[:10])


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-11-02T22:59:59Z", "2026-11-02"),
        ("2026-11-02T23:00:00Z", "2026-11-03"),
        ("2026-07-02T22:00:00Z", "2026-07-03"),
    ],
)
def test_a_letter_bears_the_day_that_it_is_here(now: str, day: str) -> None:
    """From midnight in the Netherlands, not from midnight in UTC."""
    assert day == day_of(now).isoformat()
