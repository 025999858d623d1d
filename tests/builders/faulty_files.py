"""Makes the data files in schemas/delivery/{example,faulty} anew, for when the columns of a delivery change.

Run by hand: `python -m tests.builders.faulty_files`. Each faulty file is named by the code that refuses it; in
files about a row the second row is at fault.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from pipeline.commands.wiring import SCHEMAS
from tests.builders.deliveries import frame_of, parquet_of, rows_of, signal_id

PARTNER = "huur-a"
TEN_MILLION = 10_000_000

# the second row's changes, by file name
FAULTY_ROWS: dict[str, dict[str, Any]] = {
    "value-invalid--header-in-the-middle": {
        "signal_id": "signal_id",
        "wijkcode": "wijkcode",
        "arrears_band": "arrears_band",
    },
    "value-invalid--nul-byte": {"wijkcode": "WK99\x000101"},
    "value-invalid--newline-at-the-end": {"wijkcode": "WK990101\n"},
    "value-invalid--short-token": {"t_birth_postcode": b"short"},
    "value-invalid--unknown-band": {"arrears_band": '=HYPERLINK("http://x")'},
    "value-invalid--empty-contact": {"sealed_contact": b""},
    "value-missing--no-area": {"wijkcode": None},
    "value-missing--no-months": {"arrears_months": None},
    "out-of-range--negative-months": {"arrears_months": -1},
    "out-of-range--thirteen-months": {"arrears_months": 13},
    "other-municipality--wijk": {"wijkcode": "WK036301"},
    "duplicate-row--same-signal": {"signal_id": signal_id(f"{PARTNER}-0")},
}


def example_files() -> dict[str, bytes]:
    """Good rows of each kind."""
    return {
        "signals": parquet_of(frame_of(rows_of(3, PARTNER))),
        "retraction": parquet_of(frame_of([{"signal_id": signal_id(f"{PARTNER}-0")}], "retraction")),
    }


def faulty_files() -> dict[str, bytes]:
    """Every faulty data file, by name."""
    good = frame_of(rows_of(3, PARTNER))
    raw = parquet_of(good)
    rest = [name for name in good.columns if name != "wijkcode"]
    frames = {
        "schema-mismatch--column-missing": good.drop("is_crisis"),
        "schema-mismatch--column-too-many": good.with_columns(pl.lit("x").alias("achternaam")),
        "schema-mismatch--columns-swapped": good.select("wijkcode", *rest),
        "schema-mismatch--months-as-text": good.with_columns(pl.col("arrears_months").cast(pl.String)),
        "schema-mismatch--tokens-as-text": good.with_columns(pl.lit("x").alias("t_birth_postcode")),
        "row-count-mismatch--four-rows": frame_of(rows_of(4)),
        "unreadable-data--100-mb-in-12-kb": frame_of(_changed(0, {"sealed_contact": bytes(100 << 20)})),
        **{name: frame_of(_changed(1, changes)) for name, changes in FAULTY_ROWS.items()},
    }
    return {
        "unreadable-data--csv": b"signal_id;wijkcode\n1;2\n",
        "unreadable-data--cut-off": raw[: len(raw) * 2 // 3],
        "unreadable-data--footer-length": raw[:-8] + (1 << 31).to_bytes(4, "little") + b"PAR1",
        "unreadable-data--footer-noise": raw[:-200] + bytes(range(192)) + raw[-8:],
        "too-large--ten-million-retractions": _ten_million(),
        **{name: parquet_of(frame) for name, frame in frames.items()},
    }


def _changed(number: int, changes: dict[str, Any]) -> list[dict[str, Any]]:
    rows = rows_of(3, PARTNER)
    rows[number] = {**rows[number], **changes}
    return rows


def _ten_million() -> bytes:
    ids = pl.repeat(signal_id("x"), TEN_MILLION, dtype=pl.String, eager=True)
    return parquet_of(pl.DataFrame({"signal_id": ids}))


def main() -> None:
    """Write them all."""
    for folder, files in (("example", example_files()), ("faulty", faulty_files())):
        for name, content in files.items():
            (SCHEMAS / "delivery" / folder / f"{name}.parquet").write_bytes(content)


if __name__ == "__main__":
    main()
