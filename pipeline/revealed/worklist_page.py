"""werklijst.html: one self-contained page that is read without script, network or explanation.

The look is that of the NL Design System (nl-design.css) and can be changed by a theme. Everything a partner wrote
is escaped by the template engine; links are made of checked characters only, and none leads to a map: an address
that is sent to a route planner is told to a stranger. The page forbids itself every request.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from pipeline.revealed.crisis import pressing_crisis
from pipeline.revealed.priority import HIGH, PRIORITY_ROWS, URGENT
from pipeline.revealed.texts import (
    TEXTS,
    day_and_date,
    euros,
    joined,
    long_date,
    long_month,
    months_text,
    sentence,
    signed,
)
from pipeline.revealed.worklist import SECTIONS, SPOED, WITHDRAWN, is_late, section_of
from pipeline.revealed.worklist_theme import style
from pipeline.vocabulary.case import GROUND_WITHDRAWAL

_START_HERE = 3
_ATTEMPTS_SHOWN = 4
_SHORT_DATE = re.compile(r"\b(\d{1,2}-\d{1,2}-\d{4})\b")


def render_page(worklist: Mapping[str, Any], theme: str = "") -> bytes:
    """The page of a worklist document; `theme` as worklist_theme.read_theme gives it."""
    today = worklist["date"]
    parts: dict[str, list[Mapping[str, Any]]] = {}
    for case in worklist["cases"]:
        parts.setdefault(section_of(case, today), []).append(case)
    visits = [case for section in SECTIONS for case in parts.get(section, []) if section != WITHDRAWN]
    html = _template().render(
        worklist=worklist,
        visits=visits,
        first=visits[:_START_HERE],
        sections=[(section, parts[section]) for section in SECTIONS if section in parts],
        areas=round_of(visits) if len(visits) > 1 else [],
        counts=_counts(visits, parts),
        notices=notices_of(worklist),
        style=Markup(style() + theme),  # noqa: S704 - our own files, and tokens that read_theme checked
    )
    return html.encode()


def state_of(case: Mapping[str, Any]) -> str:
    """new, waiting, renewed, running or withdrawal: the word that heads a case."""
    if case["ground"] == GROUND_WITHDRAWAL:
        return "withdrawal"
    if case["is_new"]:
        return "new"
    if case["is_renewed"]:
        return "renewed"
    return "running" if case["attempts"] else "waiting"


def tags_of(case: Mapping[str, Any], today: str) -> list[tuple[str, str]]:
    """The words that head a case, each with its colour; a crisis is called urgent where it stands under urgent."""
    words, section = TEXTS["states"], section_of(case, today)
    tags = [("danger", words["unsafe"])] if case["is_unsafe"] else []
    if case["urgency"] == URGENT and section == WITHDRAWN:
        tags.append(("danger", words["crisis_stands"]))
    elif case["urgency"] == URGENT:
        tags.append(("danger", TEXTS["urgency"][URGENT]) if section == SPOED else ("warning", words["agreed"]))
    elif case["urgency"] == HIGH and section != WITHDRAWN:
        tags.append(("warning", TEXTS["urgency"][HIGH]))
    if is_late(case, today):
        tags.append(("danger", words["late"]))
    return [*tags, ("success" if state_of(case) == "new" else "neutral", words[state_of(case)])]


def round_of(visits: Iterable[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """The addresses in the order of a round: by postcode and number, under the digits of the neighbourhood."""
    areas: dict[str, list[Mapping[str, Any]]] = {}
    for case in sorted((case for case in visits if case["household"]["address"]), key=_door):
        areas.setdefault(case["household"]["address"][:4], []).append(case)
    return list(areas.items())


def _door(case: Mapping[str, Any]) -> tuple[str, int, str]:
    address = str(case["household"]["address"])
    number = re.match(r"\d+", address[8:])
    return address[:7], int(number[0]) if number else 0, address


def since_of(signal: Mapping[str, Any]) -> str:
    """Since when the arrears run, as far as the partner said."""
    return f"sinds {short_date(signal['since_on'])}" if signal["since_on"] else TEXTS["page"]["since_unknown"]


def crisis_of(signal: Mapping[str, Any]) -> str:
    """What threatens in one report and when: ontruiming 6-11-2026; nothing without a crisis."""
    if not signal["is_crisis"]:
        return ""
    kind = TEXTS["crisis_kinds"].get(signal["crisis_kind"], "")
    return " ".join(part for part in (kind, short_date(signal["crisis_on"])) if part)


def when_of(case: Mapping[str, Any], today: str) -> str:
    """When somebody should be there, and what presses, in few words."""
    crisis = pressing_crisis(case["signals"], today)
    word = TEXTS["urgency"][URGENT] if section_of(case, today) == SPOED else ""
    urgent = ", ".join(part for part in (word, crisis_of(crisis)) if part) if crisis else ""
    day = appointment_of(case, today) or (_near(case["due_on"], today) if case["is_contact_due"] else "")
    return " · ".join(part for part in (day or TEXTS["page"]["busy"], urgent) if part)


def start_of(case: Mapping[str, Any], today: str) -> str:
    """The appointment that stands, or else by when somebody must be in contact; today is called today."""
    if appointment_of(case, today) or not case["is_contact_due"]:
        return appointment_of(case, today)
    on = case["due_on"]
    return sentence("page", "by", date=_near(on, today) if on == today else day_and_date(on))


def appointment_of(case: Mapping[str, Any], today: str) -> str:
    """The appointment that stands: afspraak vandaag, afspraak 6-11-2026."""
    on = case["next_appointment_on"]
    return sentence("page", "appointment_on", date=_near(on, today)) if on and on >= today else ""


def _near(day: str, today: str) -> str:
    return TEXTS["page"]["today"] if day == today else short_date(day)


def last_attempts(case: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The newest attempts, newest first: what somebody at the door needs to know."""
    return list(case["attempts"])[::-1][:_ATTEMPTS_SHOWN]


def earlier_attempts(case: Mapping[str, Any]) -> str:
    """The attempts before those, in one sentence; nothing when there are none."""
    earlier = list(case["attempts"])[:-_ATTEMPTS_SHOWN]
    if not earlier:
        return ""
    since = long_date(earlier[0]["on"])
    if len(earlier) == 1:
        return sentence("page", "tried_before_one", date=since)
    count = sum(attempt["is_reached"] for attempt in earlier)
    reached = sentence("page", "reached_often" if count else "reached_none", count=count)
    return sentence("page", "tried_before", count=len(earlier), date=since, reached=reached)


def earlier_result_of(case: Mapping[str, Any]) -> str:
    """How a case ended that was taken up again; nothing for any other."""
    if not case.get("earlier_result_on"):
        return ""
    ended_on = long_date(case["earlier_result_on"])
    return sentence("page", "ended_before", date=ended_on, result=case["earlier_result"])


def holder_of(case: Mapping[str, Any]) -> str:
    """Who has the case, and who does the work while he is away."""
    holder = case["case_holder"]
    service = sentence("page", "holder_service", service=holder["service"]) if holder.get("service") else ""
    told = sentence("page", "holder", name=holder["name"], service=service)
    if holder.get("is_absent"):
        until = holder.get("absent_until_on")
        told += sentence("page", "holder_absent", until=_until(until) if until else "")
    if holder.get("stand_in"):
        told += sentence("page", "holder_stand_in", name=holder["stand_in"])
    return told


def _until(day: str) -> str:
    return sentence("page", "holder_until", date=long_date(day))


def empty_title_of(worklist: Mapping[str, Any]) -> str:
    """What heads a list without visits."""
    return str(TEXTS["page"]["unread_title" if worklist.get("unread_count") else "empty_title"])


def empty_of(worklist: Mapping[str, Any]) -> str:
    """What a team without visits reads; that there is nothing to do only when nothing waits or did not open."""
    if worklist.get("unread_count"):
        return str(TEXTS["page"]["empty_unread"])
    if worklist["cases"]:
        return str(TEXTS["page"]["only_withdrawn"])
    return str(TEXTS["page"]["empty_waiting" if worklist.get("waiting_count") else "empty"])


def notices_of(worklist: Mapping[str, Any]) -> list[str]:
    """What the team should know of the day: what did not open, a crisis that stands, what waits, who is away."""
    unread = worklist.get("unread_count", 0)
    standing = [case for case in worklist["cases"] if _stays_urgent(case)]
    names = joined([f"{names_of(case)} (nr {case['priority']})" for case in standing])
    stands = "stands_one" if len(standing) == 1 else "stands_many"
    lines = [sentence("page", "unread_one" if unread == 1 else "unread_many", count=unread)] if unread else []
    lines += [sentence("page", stands, count=len(standing), names=names)] if standing else []
    waiting = worklist.get("waiting_count", 0)
    if waiting:
        lines.append(sentence("page", "waiting_one" if waiting == 1 else "waiting_many", count=waiting))
    for away in worklist.get("absences", []):
        until = away["until_on"]
        which = "absent_until" if until else "absent"
        lines.append(sentence("page", which, name=away["name"], date=long_date(until) if until else ""))
    return lines


def _stays_urgent(case: Mapping[str, Any]) -> bool:
    return bool(case["ground"] == GROUND_WITHDRAWAL and case["urgency"] == URGENT)


def names_of(case: Mapping[str, Any]) -> str:
    """The persons of a case, as one title."""
    return joined([person["name"] for person in case["household"]["persons"]]) or "Naam niet beschikbaar"


def signals_of(case: Mapping[str, Any], person: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What is reported about one person, highest amount first."""
    own = [signal for signal in case["signals"] if signal["person"] == person["person"]]
    return sorted(own, key=lambda signal: (-signal["arrears_eur"], signal["partner_id"], signal["klantnummer"]))


def older_of(case: Mapping[str, Any], signal: Mapping[str, Any]) -> str:
    """Of which month a report is that was not repeated in the newest month of its case; nothing of any other."""
    is_older = signal["month"] < max(case["months"])
    return sentence("page", "older", month=long_month(signal["month"])) if is_older else ""


def also_of(case: Mapping[str, Any], person: Mapping[str, Any], way: str) -> str:
    """Who else in the case is reached by the same phone or mailbox; nothing when nobody is."""
    names = [
        other["name"]
        for other in case["household"]["persons"]
        if other["person"] != person["person"]
        and _bare(way) in {_bare(one) for one in (*other["phones"], *other["emails"])}
    ]
    return sentence("page", "also_of", names=joined(names)) if names else ""


def _bare(way: str) -> str:
    return way.lower() if "@" in way else phone_link(way)


def short_date(day: str | None) -> str:
    """6-10-2026."""
    if day is None:
        return ""
    year, month, number = day.split("-")
    return f"{int(number)}-{int(month)}-{year}"


def points_table() -> list[tuple[str, str]]:
    """The published table: what counts, and how much."""
    return [(sentence("because", row.key, types=""), signed(row.points)) for row in PRIORITY_ROWS]


def unbroken(text: str) -> Markup:
    """A text whose short dates stay on one line."""
    return Markup(_SHORT_DATE.sub(r"<bdi>\1</bdi>", str(escape(text))))  # noqa: S704 - escaped first


def phone_link(phone: str) -> str:
    """A tel: address of digits alone."""
    return "tel:" + re.sub(r"[^0-9+]", "", phone)


def mail_link(email: str) -> str:
    """A mailto: address without anything that could add a header or a recipient."""
    return "mailto:" + quote(email, safe="@.+-_")


def _counts(
    visits: Sequence[Mapping[str, Any]], parts: Mapping[str, Sequence[Mapping[str, Any]]]
) -> list[tuple[int, str]]:
    """How many visits, and how many cases under each heading; the latter add up to the former."""
    words = TEXTS["counts"]
    counted = [(len(visits), words["all_one"] if len(visits) == 1 else words["all_many"])] if visits else []
    return [*counted, *((len(parts[section]), words[section]) for section in SECTIONS if section in parts)]


@lru_cache(maxsize=1)
def _template() -> Template:
    loader = PackageLoader("pipeline.revealed", "templates")
    environment = Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    environment.filters |= {
        "euros": euros,
        "long_date": long_date,
        "day_and_date": day_and_date,
        "short_date": short_date,
        "long_month": long_month,
        "phone_link": phone_link,
        "unbroken": unbroken,
        "mail_link": mail_link,
        "joined": joined,
        "months_text": months_text,
    }
    environment.globals |= {
        "T": TEXTS,
        "say": sentence,
        "tags_of": tags_of,
        "start_of": start_of,
        "names_of": names_of,
        "signals_of": signals_of,
        "when_of": when_of,
        "last_attempts": last_attempts,
        "earlier_attempts": earlier_attempts,
        "since_of": since_of,
        "older_of": older_of,
        "also_of": also_of,
        "crisis_of": crisis_of,
        "holder_of": holder_of,
        "empty_of": empty_of,
        "empty_title_of": empty_title_of,
        "points_table": points_table,
        "earlier_result_of": earlier_result_of,
    }
    return environment.get_template("werklijst.html.j2")
