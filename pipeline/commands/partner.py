"""`samenloop partner`: what a signal partner does on its own premises, with names that never leave it.

`seal` makes one delivery from an export; `check` judges the same way and writes nothing; `feedback` lists what the
municipality tells.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.at_the_partner import partner_feedback, partner_signal_id
from pipeline.commands.at_the_partner.partner_checking import check_export
from pipeline.commands.at_the_partner.partner_sealing import seal_export as seal_export
from pipeline.commands.console import run_command
from pipeline.commands.options import JsonOption, KeysOption, MaybeKeysOption
from pipeline.identified.read_mapping import EXAMPLE

ExportArgument = Annotated[
    Path, typer.Argument(metavar="EXPORT", help="Your list as your system exports it: .csv or .xlsx.")
]
MonthOption = Annotated[str, typer.Option("--month", metavar="YYYY-MM", help="The month of the delivery.")]
MaybeMonthOption = Annotated[
    str | None, typer.Option("--month", metavar="YYYY-MM", help="The month of the delivery. Default: this month.")
]
AgreementOption = Annotated[
    Path, typer.Option("--agreement", help="agreement.json; directory.json must lie beside it.")
]
MaybeAgreementOption = Annotated[
    Path | None, typer.Option("--agreement", help="agreement.json; directory.json must lie beside it.")
]
AreasOption = Annotated[
    Path | None,
    typer.Option(
        "--areas",
        help="CBS table of postcode and house number: finds the wijk and skips rows outside the municipality. An "
        "address that is not in it goes along without a wijk when its four digits are of the municipality or one "
        "slip away, or are nowhere in a table that holds other municipalities too.",
    ),
]
MappingOption = Annotated[
    Path | None,
    typer.Option("--mapping", help="mapping.toml: your own headers and notations; see below."),
]
KindOption = Annotated[str, typer.Option("--kind", metavar="signals|correction|retraction")]

_AS_IT_STANDS = "\n\n\b\n"
_MAPPING_HELP = _AS_IT_STANDS.join(
    ("An example of mapping.toml, our name before the = and yours behind it:", *EXAMPLE.split("\n\n"))
)

partner_app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="For signal partners: check, seal and hear back."
)


def register(app: typer.Typer) -> None:
    """Add `partner` to the command line."""
    partner_feedback.register(partner_app)
    partner_signal_id.register(partner_app)
    app.add_typer(partner_app, name="partner")


@partner_app.command("seal", epilog=_MAPPING_HELP)
def seal_command(
    export: ExportArgument,
    agreement: AgreementOption,
    keys: KeysOption,
    month: MonthOption,
    out: Annotated[Path, typer.Option("--out", help="Folder in which the delivery's folder is made.")],
    areas: AreasOption = None,
    mapping: MappingOption = None,
    kind: KindOption = "signals",
    sequence: Annotated[
        int | None, typer.Option("--sequence", help="Number of the delivery. Default: the next one.")
    ] = None,
    nothing_to_report: Annotated[
        bool,
        typer.Option("--nothing-to-report", help="The list has a header and no rows: nobody is in arrears."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Check a list, pseudonymise, seal and sign it. What is written holds no readable name.

    Faulty rows are left out and listed in <delivery>.refusals.csv; the rest goes on.

    Example: samenloop partner seal export.csv --agreement agreement.json --keys keys.json --month 2026-10
    --areas areas.csv --out deliveries
    """
    run_command(
        lambda: seal_export(
            export,
            agreement_file=agreement,
            keys_file=keys,
            month=month,
            out=out,
            areas_file=areas,
            mapping_file=mapping,
            kind=kind,
            sequence=sequence,
            is_empty=nothing_to_report,
        ),
        "partner seal",
        as_json=as_json,
    )


@partner_app.command("check", epilog=_MAPPING_HELP)
def check_command(
    export: ExportArgument,
    agreement: MaybeAgreementOption = None,
    keys: MaybeKeysOption = None,
    month: MaybeMonthOption = None,
    areas: AreasOption = None,
    mapping: MappingOption = None,
    kind: KindOption = "signals",
    as_json: JsonOption = False,
) -> None:
    """Judge a list as `seal` does, say what must be mended, and write nothing.

    Example: samenloop partner check export.csv --month 2026-10
    """
    run_command(
        lambda: check_export(
            export,
            agreement_file=agreement,
            keys_file=keys,
            month=month,
            areas_file=areas,
            mapping_file=mapping,
            kind=kind,
        ),
        "partner check",
        as_json=as_json,
    )
