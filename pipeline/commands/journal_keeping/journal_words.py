"""What a line of the journal says to a reader, in Dutch. The journal, JSON and the spans keep the codes.

A word that stands in no table is shown as it is: codes of faults, ids, names of teams.
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.commands.count_words import word_for

COMMAND = "journal"

ACTIONS: dict[str, str] = {
    "admit_delivery": "aanlevering beoordeeld",
    "release_delivery": "vastgehouden aanlevering vrijgegeven",
    "refuse_delivery": "vastgehouden aanlevering geweigerd",
    "retire_held_delivery": "vastgehouden aanlevering vervallen",
    "open_case": "zaak ontstaan",
    "open_contacts": "contacten geopend",
    "judge_case": "personen vergeleken",
    "refuse_contact": "contact geweigerd",
    "refuse_case": "zaak niet geopend: volgens het journaal afgerond",
    "refuse_confirmation": "bevestiging niet geloofd",
    "accept_match": "twijfelgeval geaccepteerd",
    "reject_match": "twijfelgeval afgewezen",
    "ask_review": "signalen waarover de opener twijfelt",
    "review_signals": "signalen waarover is besloten",
    "refuse_review": "besluit niet geloofd: het staat niet in het journaal",
    "disclose_case": "getoond",
    "hand_over_worklists": "werklijsten overgedragen",
    "order_worklists": "werklijsten opgevraagd",
    "match_month": "maand vergeleken",
    "change_case": "zaak veranderd",
    "reopen_case": "zaak heropend",
    "merge_case": "zaak samengevoegd",
    "withdraw_case": "zaak ingetrokken",
    "mark_retracted_case": "zaak vervallen verklaard",
    "route_case": "wijkteam bepaald",
    "settle_follow_up": "opvolging verwerkt",
    "move_case": "zaak verder",
    "conflicting_result": "tegenstrijdig resultaat",
    "correct_attempt": "contactpoging verbeterd",
    "withdraw_attempt": "contactpoging ingetrokken",
    "open_refused_follow_up": "geweigerde opvolging ingezien",
    "send_feedback": "terugkoppeling verstuurd",
    "lapse_case": "zaak vervallen",
    "close_untouched": "zaak gesloten: niets vastgelegd",
    "retire": "vernietigd",
    "back_up": "reservekopie gemaakt",
    "restore": "reservekopie teruggezet",
    "confirm_restore": "teruggezette kopie erkend",
    "refuse_seal": "zegel geweigerd",
    "know_agreement": "overeenkomst voor het eerst gezien",
    "refuse_agreement": "overeenkomst geweigerd",
    "begin_head": "kop opnieuw onthouden",
    "erase_case": "zaak gewist op verzoek",
    "erase_signal": "signaal gewist op verzoek",
    "export_processings": "verwerkingenlogboek verstuurd",
    "file_subject": "verzoek van inwoner",
    "answer_subject": "verzoek van inwoner beantwoord",
    "correct_subject": "verbetering gevraagd",
    "drop_order": "werklijst van eerder vervallen",
    "retire_files": "bestanden vernietigd",
    "end_month": "maand voorbij",
    "destroy_key": "sleutel vernietigd",
    "publish_analytics": "cijfers gepubliceerd",
    "plan_day": "dag gepland",
    "join_case": "hoort bij een andere zaak",
    "keep_warning": "waarschuwing overgenomen",
    "opening_ceiling": "grens aan het aantal openingen",
    "order_ddas": "levering voor statistiek gevraagd",
    "export_ddas": "levering voor statistiek gemaakt",
    "partner_late": "partner te laat",
    "worklist_late": "werklijst te laat",
}

STATES: dict[str, str] = {
    "opened": "ontstaan",
    "routed": "klaar voor de werklijst",
    "revealed": "op de werklijst",
    "in_progress": "in behandeling",
    "closed": "afgerond",
    "doubtful": "twijfel",
    "withheld": "niet getoond",
    "excluded": "niet getoond (uitsluitingslijst)",
    "withdrawn": "ingetrokken",
    "merged": "samengevoegd",
    "lapsed": "vervallen",
    "joined": "bij een andere zaak",
}

VERDICTS = ("confirmed", "doubtful", "withheld", "excluded")  # what follows one of these is the reason

# A result is one of these, or words that each stand here or are ids.
WHOLE_RESULTS: dict[str, str] = {
    "month over": "maand voorbij",
    "opener busy": "opener bezig",
    "not ordered": "niet opgevraagd",
}
RESULTS: dict[str, str] = {
    **STATES,
    "done": "klaar",
    "begun": "begonnen",
    "refused": "geweigerd",
    "passed": "voorbij",
    "first": "voor het eerst",
    "revision": "herzien, nummer",
    "seen": "gezien",
    "gone": "weg",
    "into": "in",
    "team": "aan",
    "no_team": "geen wijkteam",
    "no_area": "gebied onbekend",
    "confirmed": "bevestigd",
    "accepted": "geaccepteerd",
    "rejected": "afgewezen",
    "access": "inzage",
    "objection": "bezwaar",
    "correction": "verbeteren",
    "erasure": "wissen",
    "LETTER": "brief gemaakt",
    "NOTHING_HELD": "niets bewaard",
    "KEPT_OUT": "buiten de werklijst gehouden",
    "TOLD": "nummers doorgegeven",
    "ONE_PERSON": "meldingen van één persoon",
    "HELD": "vastgehouden",
    "PERSON": "één persoon",
    "PERSON_LIKELY": "waarschijnlijk één persoon",
    "HOUSEHOLD": "één huishouden",
    "REVIEWED": "na besluit van de gegevensbeheerder",
    "RUNNING": "lopende zaak",
    "WITHDRAWAL": "intrekking",
    "PERSON_UNCERTAIN": "niet zeker of het één persoon is",
    "TWO_BIRTH_DATES": "twee geboortedatums",
    "TWO_PERSONS": "twee personen",
    "DIFFERENT_PERSONS": "verschillende personen",
    "ONE_HOUSEHOLD_ONLY": "alleen huisgenoten",
    "PARTNERS_NOT_MET": "te weinig organisaties",
    "MONTHS_NOT_MET": "te weinig maanden",
    "SIGNAL_REFUSED": "melding geweigerd",
    "GROUND_NOT_MET": "grond niet gehaald",
    "RUNNING_CASE": "hoort bij lopende zaak",
    "ARREARS_ROSE": "achterstand liep op bij zaak",
    "REPEAT": "herhaling van zaak",
}
GROUNDS: dict[str, str] = {
    "rule": "regel",
    "running": "lopende zaak",
    "withdrawal": "intrekking",
    "subject": "recht van inwoner",
    "ddas": "statistiek",
    "delivery": "aanlevering",
    "feedback": "terugkoppeling",
}


def action_said(action: str) -> str:
    """What was done."""
    return ACTIONS.get(action, action)


def state_said(state: str) -> str:
    """How a case stands."""
    return STATES.get(state, state)


def ground_said(ground: str | None) -> str:
    """On which ground; many a ground is an id."""
    return GROUNDS.get(ground or "", ground or "")


def result_said(result: str, counts: Mapping[str, int] | None) -> str:
    """What came of it, with what was counted."""
    first, _, rest = result.partition(" ")
    why = " ".join(RESULTS.get(word, word) for word in rest.split(" ") if word)
    words = f"{RESULTS.get(first, first)}{':' if first in VERDICTS and why else ''} {why}".rstrip()
    words = WHOLE_RESULTS.get(result, words)
    said = ", ".join(f"{word_for(COMMAND, name)} {count}" for name, count in (counts or {}).items())
    return f"{words} ({said})" if said else words
