"""The sentences of one case, where a word too many or too few would send somebody the wrong way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from tests.builders.worklists import attempt, entry, facts

LITTLE = {"arrears_eur": 90, "arrears_months": 2}


def test_case_that_was_tried_often_has_no_points_below_zero() -> None:
    """Attempts take points away, and nobody reads that a household is worth less than nothing."""
    tried = tuple(attempt(number, "Telefoon", "2026-10-06", "Avond") for number in range(3))
    case = entry(facts(1, attempts=tried), ("stroomdal", 0, LITTLE), ("vaartwater", 0, LITTLE))
    assert case["because"].startswith("0 punten, omdat: ")
    assert case["because"].endswith(" Minder dan 0 telt als 0.")
    once = entry(facts(1), ("stroomdal", 0, {}), ("vaartwater", 0, {}))
    assert "Minder dan 0" not in once["because"]


def test_crisis_whose_day_is_over_does_not_stand_when_another_partner_withdrew() -> None:
    """There is nothing left to discuss today: the visit is called off."""
    over = {"is_crisis": True, "crisis_kind": "ontruiming", "crisis_on": "2026-10-05"}
    taken_back = facts(1, ground="withdrawal", gone_partner_ids=("stroomdal",))
    case = entry(taken_back, ("stroomdal", 0, {}), ("woonstichting-de-brug", 0, over))
    assert "blijft staan" not in " ".join([*case["reasons"], case["next_step"]])
    today = entry(
        taken_back, ("stroomdal", 0, {}), ("woonstichting-de-brug", 0, over | {"crisis_on": "2026-10-06"})
    )
    assert "blijft staan" in today["next_step"]


def test_appointment_of_today_is_called_off_too() -> None:
    """Today is the day on which somebody would stand at the door for nothing."""
    told = [
        entry(facts(1, ground="withdrawal", next_appointment_on=on), ("stroomdal", 0, {}))["next_step"]
        for on in ("2026-10-05", "2026-10-06")
    ]
    assert [False, True] == ["oktober 2026" in step for step in told]


def test_case_that_should_have_closed_closes_today() -> None:
    """Where a day was left out, the list does not announce a day that is over."""
    case = entry(facts(1, is_new=False, closes_on=date(2026, 10, 2)), ("stroomdal", 0, {}))
    assert case["reasons"][0].startswith("Op 6 oktober 2026 sluit deze zaak")


def test_contact_of_an_earlier_term_is_not_the_last_contact_of_this_one() -> None:
    """Taken up again, somebody called and reached nobody: that somebody was reached before counts no more."""
    before = {**attempt(1, "Huisbezoek", "2026-09-10", "Middag"), "is_reached": True}
    since = attempt(2, "Telefoon", "2026-10-01", "Avond")
    running = facts(
        1, ground="running", is_new=False, attempts=(before, since), opened_on=date(2026, 9, 1), due_on=None
    )
    told = [
        entry(replace(running, term_from_on=on), ("stroomdal", 0, {}), ("vaartwater", 0, {}))["next_step"]
        for on in (None, date(2026, 9, 20))
    ]
    assert [True, False] == ["10 september 2026" in step for step in told]


def test_household_in_crisis_that_was_reached_is_not_visited_as_if_nobody_had_been_there() -> None:
    """The list says when somebody was in contact; only until then it says to go at once."""
    crisis = {"is_crisis": True, "crisis_kind": "afsluiting", "crisis_on": "2026-10-20"}
    reached = {**attempt(1, "Huisbezoek", "2026-10-06", "Ochtend"), "is_reached": True}
    told = [
        entry(facts(1, attempts=attempts), ("stroomdal", 0, crisis), ("vaartwater", 0, {}))["next_step"]
        for attempts in ((), (reached,))
    ]
    assert [False, True] == ["6 oktober 2026" in step for step in told]


def test_nobody_is_told_to_call_where_no_phone_is_known() -> None:
    """Of a household without a number the advice is about the door; one number of anybody is enough to call."""
    crisis = {"is_crisis": True, "crisis_kind": "afsluiting", "crisis_on": "2026-10-20"}
    for report, with_phone, without in (
        (
            {},
            "Ga op huisbezoek. Niemand thuis? Laat een kaartje achter en bel op een ander dagdeel.",
            "Ga op huisbezoek. Niemand thuis? Laat een kaartje achter en probeer het op een ander dagdeel.",
        ),
        (
            crisis,
            "Ga liefst vandaag nog langs. Bel als er niemand thuis is.",
            "Ga liefst vandaag nog langs.",
        ),
    ):
        silent = report | {"phone": None}
        told = [
            entry(facts(1), ("stroomdal", 0, silent), ("vaartwater", 1, {"phone": phone}))["next_step"]
            for phone in ("06-44234785", None, "0600000000")
        ]
        assert [with_phone, without, without] == told


def test_what_changed_since_the_last_attempt_is_told_beside_what_presses() -> None:
    """A crisis and a repeat do not hide it, and it stays told until somebody tries again."""
    called = attempt(1, "Telefoon", "2026-10-01", "Avond")
    changed = "Sinds de laatste poging kwam er een melding bij of liep de achterstand op."
    grown = facts(1, ground="running", is_new=False, attempts=(called,), grown_on=date(2026, 10, 2))
    crisis = {"is_crisis": True, "crisis_kind": "afsluiting", "crisis_on": "2026-10-20"}
    repeat = replace(grown, months=("2026-09", "2026-10"))
    again = replace(grown, attempts=(called, attempt(2, "Telefoon", "2026-10-05", "Avond")))
    for given, report, place in ((grown, crisis, 1), (repeat, {}, 1), (grown, {}, 0), (again, crisis, None)):
        reasons = entry(given, ("stroomdal", 0, report), ("vaartwater", 0, {}))["reasons"]
        assert ([] if place is None else [place]) == [at for at, told in enumerate(reasons) if told == changed]
    today = entry(replace(grown, is_grown=True, grown_on=date(2026, 10, 6)), ("stroomdal", 0, {}))["reasons"]
    assert ["Sinds uw vorige lijst kwam er een melding bij of liep de achterstand op."] == today[:-1]
