"""`samenloop agreement`: the privacy officer makes, shows, checks, renews and revokes the signed agreement.

Making one also makes the key directory when there is none yet, from the partners' public parts. The crisis lane
must be chosen; partners come from a small csv that a person can write.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.commands.at_the_partner.partner_list import read_partners
from pipeline.commands.console import Outcome, run_command
from pipeline.commands.key_keeping.agreement_outcomes import check, check_received, make, renew, revoke, show
from pipeline.commands.options import (
    DateOption,
    FingerprintOption,
    HomeOption,
    JsonOption,
    asked_fingerprint,
    typed_day,
)
from pipeline.commands.wiring import home_path, today_in_amsterdam
from pipeline.vocabulary.faults import Refused

agreement_app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="The agreement: make, show, check, renew, revoke."
)


def register(app: typer.Typer) -> None:
    """Add `agreement` to the command line."""
    app.add_typer(agreement_app, name="agreement")


DayFrom = Annotated[
    date | None, typer.Option("--valid-from", parser=typed_day, metavar="YYYY-MM-DD", help="First day.")
]
DayUntil = Annotated[
    date | None, typer.Option("--valid-until", parser=typed_day, metavar="YYYY-MM-DD", help="Last day.")
]
CrisisOption = Annotated[
    str | None, typer.Option("--crisis", help="What crisis signals do: count or reveal. There is no default.")
]
PartnersOption = Annotated[
    Path | None, typer.Option("--partners", help="csv: partner_id;partner_type;name[;valid_from;valid_until].")
]
MatchOnOption = Annotated[str | None, typer.Option("--match-on", help="person, or person,household.")]
CertaintyOption = Annotated[
    str | None,
    typer.Option("--certainty", help="Who is likely one person: likely shows, certain asks the steward first."),
]
MinPartners = Annotated[int | None, typer.Option("--min-partners", min=1, help="Partners needed for a case.")]
MinMonths = Annotated[int | None, typer.Option("--min-months", min=0, help="Months of arrears at each of them.")]
OnePartner = Annotated[
    bool,
    typer.Option("--one-partner-is-enough", help="Needed with --min-partners 1: then nothing is matched."),
]
LateMonths = Annotated[int | None, typer.Option("--late-months", min=0, help="How far back deliveries may go.")]


def _choices(
    crisis: str | None,
    min_partners: int | None,
    min_months: int | None,
    late_months: int | None,
    match_on: str | None,
    certainty: str | None,
    *,
    is_one_enough: bool,
) -> dict[str, Any]:
    """The chosen part of rule and lanes; what was not chosen is left out.

    Raises:
        Refused: ONE_PARTNER_NOT_CHOSEN.
    """
    if min_partners == 1 and not is_one_enough:
        raise Refused("ONE_PARTNER_NOT_CHOSEN", "min_partners")
    numbers = {"min_partners": min_partners, "min_months": min_months, "late_months": late_months}
    rule: dict[str, Any] = {name: number for name, number in numbers.items() if number is not None}
    if match_on is not None:
        rule["match_on"] = [part.strip() for part in match_on.split(",")]
    if certainty is not None:
        rule["certainty"] = certainty
    return {"rule": rule, "lanes": {} if crisis is None else {"crisis": crisis}}


@agreement_app.command("make")
def make_command(
    municipality: Annotated[str, typer.Option(help="Name of the municipality.")],
    partners: Annotated[Path, typer.Option(help="csv: partner_id;partner_type;name[;valid_from;valid_until].")],
    home: HomeOption = None,
    public_parts: Annotated[Path | None, typer.Option(help="Folder with the partners' *.public.json.")] = None,
    crisis: CrisisOption = None,
    valid_from: DayFrom = None,
    valid_until: DayUntil = None,
    min_partners: MinPartners = None,
    one_partner_is_enough: OnePartner = False,
    min_months: MinMonths = None,
    late_months: LateMonths = None,
    match_on: MatchOnOption = None,
    certainty: CertaintyOption = None,
    agreement_id: Annotated[str | None, typer.Option(help="Default: <gemeentecode>-vroegsignalering.")] = None,
    date: DateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make and sign the agreement and the key directory.

    Example:

      samenloop agreement make --home gemeente --municipality Voorbeeldstad --partners partners.csv --crisis count
    """
    today = date or today_in_amsterdam()

    def work() -> Outcome:
        first = valid_from or today.replace(day=1)
        document = {
            "agreement_id": agreement_id,
            "municipality": municipality,
            "valid_from": first.isoformat(),
            "valid_until": valid_until.isoformat() if valid_until else None,
            "partners": read_partners(partners, first),
            **_choices(
                crisis,
                min_partners,
                min_months,
                late_months,
                match_on,
                certainty,
                is_one_enough=one_partner_is_enough,
            ),
        }
        return make(home_path(home), document, public_parts, today)

    run_command(work, "agreement make", as_json=as_json)


@agreement_app.command("renew")
def renew_command(
    home: HomeOption = None,
    partners: PartnersOption = None,
    crisis: CrisisOption = None,
    valid_from: DayFrom = None,
    valid_until: DayUntil = None,
    min_partners: MinPartners = None,
    one_partner_is_enough: OnePartner = False,
    min_months: MinMonths = None,
    late_months: LateMonths = None,
    match_on: MatchOnOption = None,
    certainty: CertaintyOption = None,
    date: DateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the next version; what is not named stays. Earlier versions stay valid for their months.

    Example:

      samenloop agreement renew --home gemeente --valid-until 2028-12-31
    """
    today = date or today_in_amsterdam()

    def work() -> Outcome:
        changes: dict[str, Any] = _choices(
            crisis,
            min_partners,
            min_months,
            late_months,
            match_on,
            certainty,
            is_one_enough=one_partner_is_enough,
        )
        if valid_from is not None:
            changes["valid_from"] = valid_from.isoformat()
        if valid_until is not None:
            changes["valid_until"] = valid_until.isoformat()
        if partners is not None:
            changes["partners"] = read_partners(partners, valid_from or today)
        return renew(home_path(home), changes, today)

    run_command(work, "agreement renew", as_json=as_json)


@agreement_app.command("revoke")
def revoke_command(
    version: Annotated[int, typer.Argument(help="As `samenloop agreement show` prints it.")],
    home: HomeOption = None,
    on: Annotated[
        date | None,
        typer.Option(
            parser=typed_day,
            metavar="YYYY-MM-DD",
            help="Not after today, which is the default.",
        ),
    ] = None,
    on_date: DateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Revoke a version: deliveries that name it are refused.

    Example:

      samenloop agreement revoke 1 --home gemeente
    """
    run_command(
        lambda: revoke(home_path(home), version, on, on_date or today_in_amsterdam()),
        "agreement revoke",
        as_json=as_json,
    )


@agreement_app.command("show")
def show_command(
    home: HomeOption = None,
    version: Annotated[int | None, typer.Option(help="Default: the newest.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show a version in words, after checking its signature.

    Example:

      samenloop agreement show --home gemeente
    """
    run_command(lambda: show(home_path(home), version), "agreement show", as_json=as_json)


@agreement_app.command("check")
def check_command(
    home: HomeOption = None,
    agreement: Annotated[Path | None, typer.Option(help="At a partner: the agreement.json it received.")] = None,
    directory: Annotated[Path | None, typer.Option(help="Default: directory.json beside the agreement.")] = None,
    fingerprint: FingerprintOption = None,
    date: DateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check form, signature, term and partners' keys.

    Example:

      samenloop agreement check --home gemeente

      samenloop agreement check --agreement agreement.json
    """
    today = date or today_in_amsterdam()

    def work() -> Outcome:
        if agreement is None:
            return check(home_path(home), today)
        beside = directory or agreement.with_name("directory.json")
        return check_received(agreement, beside, asked_fingerprint(fingerprint, "de gemeente"), today)

    run_command(work, "agreement check", as_json=as_json)
