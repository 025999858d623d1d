"""`samenloop partner feedback`: a municipality's feedback as a list per client number, on the partner's premises.

The package is believed only when the municipality that the partner pinned signed it. Which client a signal id
stands for is worked out from the partner's own export and secret; ids that no export explains are counted and
refused, with the months whose export is needed: among them may be somebody who accepted help.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from pipeline.channels import folder
from pipeline.commands.console import Outcome, run_command
from pipeline.commands.count_words import counted
from pipeline.commands.documents import read_json
from pipeline.commands.options import JsonOption, KeysOption
from pipeline.identified.read_export import MOST_BYTES, read_export
from pipeline.identified.read_mapping import ExportMapping, read_mapping
from pipeline.stewardship import feed_back
from pipeline.vault.keyring import PartnerKeys
from pipeline.vault.tokens import signal_ids
from pipeline.vocabulary.faults import Refused, RowFault

COMMAND = "partner feedback"
LIST_NAME = "terugkoppeling.csv"
HEADINGS = ("klantnummer", "gemeentecode", "maand", "code", "omschrijving", "opschorten_tot")
_SIGNAL = ("gemeentecode", "month", "signal_id")
_MOST_SEALED_BYTES = 256 << 20


def list_feedback(
    place: Path, keys: PartnerKeys, exports: Sequence[Path], mapping: Path | None = None, out: Path | None = None
) -> Outcome:
    """Write the list of a package, or of all packages in the folders below.

    Args:
        place: folder of a package, or the folder of packages by day.
        keys: the partner's keys.
        exports: exports that hold the client numbers.
        mapping: mapping.toml of these exports.
        out: the file to write; beside the packages when not given.

    Raises:
        Refused: FEEDBACK_MISSING, FEEDBACK_INVALID, FEEDBACK_UNSIGNED, KEY_MISSING, SEAL_BROKEN, what reading the
            export refuses.
    """
    packages = _packages(place)
    told = pl.concat([_rows_of(package, keys) for package in packages]) if packages else None
    if told is None:
        raise Refused("FEEDBACK_MISSING")
    newest = told.unique(_SIGNAL, keep="last", maintain_order=True)
    clients = _clients(newest, keys, exports, mapping)
    listed = newest.join(clients, on=_SIGNAL)
    unplaced = newest.join(clients, on=_SIGNAL, how="anti")
    target = place / LIST_NAME if out is None else out / LIST_NAME if out.is_dir() else out
    _write_private(target, _as_csv(listed.sort("gemeentecode", "month", "klantnummer")))
    lines = [
        f"{counted(listed.height, 'klant staat', 'klanten staan')} in {target.name}.",
        *_unplaced_lines(unplaced),
    ]
    counts = {
        "packages": len(packages),
        "signals": newest.height,
        "clients": listed.height,
        "not_in_export": unplaced.height,
    }
    refused = [] if unplaced.is_empty() else [RowFault("FEEDBACK_NOT_PLACED")]
    return Outcome(COMMAND, counts, refused, {"list": str(target)}, lines, unsaid=[])


def _unplaced_lines(unplaced: pl.DataFrame) -> list[str]:
    """How many signals no export explains, of which months, and whether collection must wait for some of them."""
    if unplaced.is_empty():
        return []
    belong = counted(unplaced.height, "signaal hoort", "signalen horen")
    months = " en ".join(unplaced["month"].unique().sort())
    lines = [
        f"{belong} bij {'een klant' if unplaced.height == 1 else 'klanten'} buiten deze export.",
        f"Gebruik de export van {months}. U mag --export meer keren geven.",
    ]
    if waiting := unplaced["suspended_until_on"].is_not_null().sum():
        lines.append(f"Doe dit meteen: bij {waiting} daarvan is hulp aanvaard, dus u wacht met incasseren.")
    return lines


def _packages(place: Path) -> list[Path]:
    """The package in a folder, or those below it, the oldest day first."""
    if (place / feed_back.MANIFEST_FILE).is_file():
        return [place]
    return sorted(path.parent for path in place.glob(f"*/{feed_back.MANIFEST_FILE}"))


def _rows_of(package: Path, keys: PartnerKeys) -> pl.DataFrame:
    document = read_json(package / feed_back.MANIFEST_FILE, "FEEDBACK_INVALID", "FEEDBACK_INVALID")
    binding = feed_back.read_manifest(document, keys.partner_id, keys.municipal_fingerprints)
    try:
        with folder.opened_folder(package) as handle:
            sealed = folder.read_file(handle, feed_back.DATA_FILE, _MOST_SEALED_BYTES)
    except (OSError, folder.NotPlainFileError):
        raise Refused("FEEDBACK_INVALID", feed_back.DATA_FILE) from None
    rows = feed_back.unpack(document, binding, sealed, lambda key_id: _box_key(keys, key_id))
    return rows.with_columns(gemeentecode=pl.lit(binding.gemeentecode))


def _box_key(keys: PartnerKeys, key_id: str) -> bytes:
    key = next((key for key in keys.box if key.key_id == key_id), None)
    if key is None:
        raise Refused("KEY_MISSING", hint=f"({key_id})")
    return key.secret.value


def _clients(told: pl.DataFrame, keys: PartnerKeys, exports: Sequence[Path], mapping: Path | None) -> pl.DataFrame:
    """Client numbers of the exports with their signal id in every municipality and month that was told of."""
    numbers = pl.concat([_client_numbers(export, mapping) for export in exports]).unique(maintain_order=True)
    parts = [pl.DataFrame(schema=dict.fromkeys(("klantnummer", "gemeentecode", "month", "signal_id"), pl.String))]
    for gemeentecode, month in told.select("gemeentecode", "month").unique(maintain_order=True).iter_rows():
        ids = signal_ids(keys.secret.secret.value, gemeentecode, month, numbers)
        parts.append(
            pl.DataFrame({"klantnummer": numbers, "signal_id": ids}).select(
                "klantnummer",
                pl.lit(gemeentecode).alias("gemeentecode"),
                pl.lit(month).alias("month"),
                "signal_id",
            )
        )
    return pl.concat(parts)


def _client_numbers(export: Path, mapping: Path | None) -> pl.Series:
    try:
        if export.stat().st_size > MOST_BYTES:
            raise Refused("TOO_LARGE", hint=f"({export.name})")
        content = export.read_bytes()
    except FileNotFoundError:
        raise Refused("FILE_NOT_FOUND", hint=f"({export.name})") from None
    except OSError:
        raise Refused("EXPORT_UNREADABLE", hint=f"({export.name})") from None
    return read_export(content, _mapping(mapping), "retraction").rows["klantnummer"].drop_nulls()


def _mapping(path: Path | None) -> ExportMapping:
    if path is None:
        return ExportMapping()
    try:
        return read_mapping(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Refused("FILE_NOT_FOUND", hint=f"({path.name})") from None
    except (OSError, UnicodeDecodeError):
        raise Refused("MAPPING_INVALID", hint=f"({path.name})") from None


def _as_csv(rows: pl.DataFrame) -> bytes:
    """Semicolons and a byte order mark, so that a Dutch spreadsheet opens it at once."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADINGS)
    for row in rows.iter_rows(named=True):
        code = row["code"]
        until = row["suspended_until_on"] or ""
        values = (row["klantnummer"], row["gemeentecode"], row["month"], code, feed_back.MEANINGS[code], until)
        writer.writerow(values)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _write_private(path: Path, content: bytes) -> None:
    """Client numbers and what came of them: for the owner alone, and whole or not at all."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def register(partner_app: typer.Typer) -> None:
    """Add the command to `samenloop partner`."""

    @partner_app.command("feedback")
    def command(
        place: Annotated[
            Path,
            typer.Argument(metavar="DIR", help="Folder of the feedback: one day, or all days of this partner."),
        ],
        keys: KeysOption,
        export: Annotated[
            list[Path], typer.Option("--export", help="An export that holds the client numbers; may be repeated.")
        ],
        mapping: Annotated[Path | None, typer.Option("--mapping", help="mapping.toml of the export.")] = None,
        out: Annotated[Path | None, typer.Option("--out", help=f"Default: {LIST_NAME} in DIR.")] = None,
        as_json: JsonOption = False,
    ) -> None:
        """Make a list per client number of what the municipality tells: taken up or not, and when to suspend.

        Example: samenloop partner feedback feedback/2026-11-04 --keys keys.json --export export-2026-10.csv
        """
        run_command(
            lambda: list_feedback(place, PartnerKeys.read(keys), export, mapping, out), COMMAND, as_json=as_json
        )
