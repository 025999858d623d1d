"""`samenloop sample`: write a practice region, with everything that six partners, a key holder and homes need.

People and files follow from the seed alone; only key material is new every time. Keys, directory and agreement are
made by the same functions that a real municipality uses.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.analysts_inputs import AREAS_FILE
from pipeline.commands.console import Outcome, progress, run_command
from pipeline.commands.key_keeping.agreement_making import make_agreement
from pipeline.commands.key_keeping.directory_keeping import make_directory
from pipeline.commands.key_keeping.document_writing import write_json
from pipeline.commands.key_keeping.key_making import make_municipality_keys
from pipeline.commands.key_keeping.partner_parts import check_public_part, make_partner_keys
from pipeline.commands.key_keeping.token_issuing import issue_token_keys, make_key_holder, receive_token_keys
from pipeline.commands.wiring import Home
from pipeline.practice.documents import agreement_document, first_day, teams_document
from pipeline.practice.partners import PARTNERS
from pipeline.practice.places import MOST_MUNICIPALITIES
from pipeline.practice.readme import readme, working_day_after
from pipeline.practice.region import (
    FEWEST_HOUSEHOLDS,
    FEWEST_HOUSEHOLDS_PER_MUNICIPALITY,
    MOST_HOUSEHOLDS,
    Plan,
    Practice,
)
from pipeline.vocabulary.agreement import MATCH_ON
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.period import add_months, parse_month

MOST_SIGNALS_PER_1000 = 500.0


def register(app: typer.Typer) -> None:
    """Add `sample` to the command line."""
    app.command("sample")(sample_command)


def make_sample(folder: Path, plan: Plan, match_on: Sequence[str] = ("person",)) -> Outcome:
    """Write a practice region into a new or empty folder.

    Raises:
        Refused: VALUE_INVALID with the option as column; FOLDER_NOT_EMPTY.
    """
    _check(plan, match_on)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused("FOLDER_NOT_EMPTY", hint=f"({folder.name})")
    files = len(PARTNERS) * len(set(plan.months))
    with _all_or_nothing(folder), progress("oefenregio", files + 3) as advance:
        practice = Practice(plan)
        advance(1)
        rows = _write_people(folder, practice, advance)
        homes = _write_homes(folder, practice, match_on)
        advance(1)
        _write_text(folder / "README.md", readme(plan, [home.name for home in homes]))
    return _outcome(folder, practice, rows, homes)


def _check(plan: Plan, match_on: Sequence[str]) -> None:
    if not FEWEST_HOUSEHOLDS <= plan.households <= MOST_HOUSEHOLDS:
        raise Refused("VALUE_INVALID", "households", hint=f"({FEWEST_HOUSEHOLDS} tot en met {MOST_HOUSEHOLDS})")
    most = min(MOST_MUNICIPALITIES, plan.households // FEWEST_HOUSEHOLDS_PER_MUNICIPALITY)
    if not 1 <= plan.municipalities <= most:
        raise Refused("VALUE_INVALID", "municipalities", hint=f"(1 tot en met {most})")
    if plan.signals_per_1000 is not None and not 0 < plan.signals_per_1000 <= MOST_SIGNALS_PER_1000:
        raise Refused("VALUE_INVALID", "signals-per-1000", hint=f"(meer dan 0, hoogstens {MOST_SIGNALS_PER_1000})")
    if "person" not in match_on or not set(match_on) <= set(MATCH_ON):
        raise Refused("VALUE_INVALID", "match-on", hint="(person, of person,household)")
    for month in plan.months:
        parse_month(month)


@contextmanager
def _all_or_nothing(folder: Path) -> Iterator[None]:
    """Leave nothing behind when the work breaks off, so that the same command may simply run again."""
    was_there = folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        for path in folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        if not was_there:
            folder.rmdir()
        raise


def _write_people(folder: Path, practice: Practice, advance: Callable[[int], None]) -> int:
    """The partners' files, the area table and the truth. Returns the rows of all files."""
    rows = 0
    for export in practice.exports():
        place = folder / "partners" / export.partner_id
        place.mkdir(parents=True, exist_ok=True)
        (place / f"export-{export.month}.csv").write_bytes(export.content)
        rows += export.rows
        advance(1)
    practice.areas().write_csv(folder / "areas.csv", separator=";")
    practice.truth().write_csv(folder / "truth.csv")
    advance(1)
    return rows


def _write_homes(folder: Path, practice: Practice, match_on: Sequence[str]) -> list[Path]:
    """Keys, directory, agreement and teams of every municipality; keys of partners and key holder."""
    plan, places = practice.plan, practice.region.places
    months, today = sorted(set(plan.months)), first_day(plan.months)
    codes = places.gemeentecodes
    homes = [folder / ("municipality" if len(codes) == 1 else f"municipality-{code}") for code in codes]
    ahead = [*months, *(add_months(months[-1], later) for later in (1, 2))]  # as the ceremony makes them
    prints = {
        code: make_municipality_keys(home, code, ahead, today) for code, home in zip(codes, homes, strict=True)
    }
    holder = folder / "key-holder"
    holder_print = make_key_holder(holder, today)
    keys_files = [folder / "partners" / partner.partner_id / "keys.json" for partner in PARTNERS]
    documents = [make_partner_keys(file, file.parent.name, prints, today) for file in keys_files]
    parts = [check_public_part(document) for document in documents]
    for place, (code, home) in enumerate(zip(codes, homes, strict=True)):
        for file, issued in zip(keys_files, issue_token_keys(holder, documents, code, months, today), strict=True):
            receive_token_keys(file, issued, holder_print)
        document = agreement_document(places, place, months, match_on)
        make_directory(home, code, document["agreement_id"], parts, today)
        make_agreement(home, document, today)
        write_json(Home(home).teams_file, teams_document(practice.region, place))
        practice.key_figures(place).write_csv(home / AREAS_FILE, separator=";")
        Home(home).make_folders()
    for name in ("agreement.json", "directory.json"):
        shutil.copyfile(homes[0] / name, folder / name)
    return homes


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _outcome(folder: Path, practice: Practice, rows: int, homes: Sequence[Path]) -> Outcome:
    plan = practice.plan
    day = working_day_after(max(plan.months))
    lines = [
        f"Oefenregio gemaakt in {folder}. Niemand hierin bestaat.",
        f"Hoe het verder gaat, met opdrachten om over te nemen: {folder / 'README.md'}",
        f"Een goede dag om te oefenen: --date {day}",
    ]
    counts = {
        "households": plan.households,
        "inhabitants": practice.inhabitants,
        "municipalities": len(homes),
        "partners": len(PARTNERS),
        "months": len(set(plan.months)),
        "rows": rows,
    }
    names = ("agreement.json", "directory.json", "key-holder", "partners", "areas.csv", "truth.csv", "README.md")
    paths = {name.partition(".")[0].replace("-", "_").lower(): str(folder / name) for name in names}
    return Outcome("sample", counts, paths={**paths, **{home.name: str(home) for home in homes}}, lines=lines)


def sample_command(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.", metavar="DIR")],
    month: Annotated[list[str], typer.Option("--month", metavar="YYYY-MM", help="A month; may be repeated.")],
    households: Annotated[
        int, typer.Option("--households", help=f"From {FEWEST_HOUSEHOLDS} to {MOST_HOUSEHOLDS}.")
    ] = 2_000,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same people and files.")] = 1,
    match_on: Annotated[str, typer.Option("--match-on", help="person, or person,household.")] = "person",
    municipalities: Annotated[
        int, typer.Option("--municipalities", help=f"From 1 to {MOST_MUNICIPALITIES}, with one shared service.")
    ] = 1,
    signals_per_1000: Annotated[
        float | None,
        typer.Option(
            "--signals-per-1000",
            help="Signals per 1,000 inhabitants and month. Default: 4, the national rate, and more where the "
            "region is small, so that there are some 300 signals to practise with.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")] = False,
) -> None:
    """Make a practice region: fictional people, six partners' lists, keys, a home. Nothing in it is real.

    Example:

      samenloop sample region --households 2000 --seed 1 --month 2026-09 --month 2026-10
    """
    plan = Plan(households, seed, tuple(month), municipalities, signals_per_1000)
    chosen = tuple(name.strip() for name in match_on.split(",") if name.strip())
    run_command(lambda: make_sample(folder, plan, chosen), "sample", as_json=as_json)
