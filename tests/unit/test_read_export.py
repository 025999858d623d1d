"""An export is read whatever a system made of it, and no damaged line passes for a good one."""

from __future__ import annotations

import io
import traceback
import zipfile

import pytest

from pipeline.identified.export_columns import COLUMNS
from pipeline.identified.read_mapping import EXAMPLE, ExportMapping, read_mapping
from pipeline.vocabulary.faults import Refused
from tests.builders.exports import bsn, clients, faults, read, refusal, workbook
from tests.builders.partners import csv_of, row

TWO = [row(1, achternaam="Müller"), row(2, achternaam="Żółć Łukasz")]
DUTCH = [row(1, achternaam="Müller"), row(2, achternaam="d’Été…")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\r\r\n"])
def test_encoding_delimiter_and_line_ends_are_found(encoding: str, delimiter: str, newline: str) -> None:
    """The same rows come out of every file that a system may write."""
    rows = [row(1, achternaam="Müller", bedrag="12.50"), row(2, achternaam="Çelik", bedrag="1")]
    text = csv_of(rows, delimiter).replace("\n", newline)
    export = read(text.encode(encoding, errors="replace"))
    assert ["Müller", "Çelik"] == export.rows["achternaam"].to_list()
    assert [(1, "KL-000001"), (2, "KL-000002")] == clients(export)


def test_lists_in_two_encodings_pasted_together_are_read() -> None:
    """Each line has the encoding that fits it."""
    first, *_ = csv_of(DUTCH).splitlines(keepends=True)
    lines = csv_of([row(2, achternaam="Żółć")]).splitlines(keepends=True)[1:]
    content = csv_of(DUTCH[:1]).encode("cp1252") + "".join(lines).encode("utf-8")
    assert first in content.decode("latin-1")
    assert ["Müller", "Żółć"] == read(content).rows["achternaam"].to_list()


def test_a_cp1252_ellipsis_does_not_end_a_line() -> None:
    """Separators that only Python knows stay inside values."""
    assert 2 == read(csv_of(DUTCH).encode("cp1252")).rows.height


HEADERS = [
    ";".join(COLUMNS),
    ";".join(COLUMNS).upper(),
    ";".join(column.replace("_", " ").title() for column in COLUMNS),
    ";".join(f'" {column.replace("_", "-")} "' for column in COLUMNS),
    ";".join(COLUMNS).replace("email", "E-mailadres").replace("telefoon", "Telefoonnummer"),
]


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_is_recognised_in_any_case_and_spacing(header: str) -> None:
    """Also with common other names, and above it a title or Excel's sep= line."""
    body = csv_of([row()]).split("\n", 1)[1]
    export = read(f"Achterstanden oktober\nsep=;\n\n{header}\n{body}")
    assert row()["email"] == export.rows["email"][0]
    assert [(1, "KL-000001")] == clients(export)
    assert 0 == export.left_aside_count


@pytest.mark.parametrize("header", ["bezwaar", "Bezwaar gemaakt"])
def test_a_column_of_objections_is_never_taken_for_another(header: str) -> None:
    """Also not where a mapping file says so, which hides whom not to send."""
    columns = [column for column in COLUMNS if column != "warme_overdracht"]
    content = csv_of([row()], columns=columns).replace(";bezwaar", f";{header}")
    mapping = read_mapping(f'format = "samenloop/mapping/1"\n[columns]\nwarme_overdracht = "{header}"\n')
    assert "OBJECTION_UNCLEAR" == refusal(content, mapping)[0]


@pytest.mark.parametrize("header", ["Bezwaar gemaakt", "heeft_bezwaar", "BEZWAARDATUM", "geen bezwaar"])
def test_a_column_that_may_hold_objections_is_never_left_aside(header: str) -> None:
    """Whoever objected would go along unseen: the partner must say what the column means."""
    content = csv_of([row()]).replace(";bezwaar", f";{header}")
    assert ("OBJECTION_UNCLEAR", f"kolom {len(COLUMNS)}") == refusal(content)
    assert 1 == len(clients(read(content, ExportMapping(columns={"bezwaar": header}))))
    assert 1 == len(clients(read(content, kind="retraction")))


def test_all_columns_that_are_missing_are_named_at_once() -> None:
    """Whoever makes the list mends it once; a single one is named by the refusal itself."""
    with pytest.raises(Refused) as refused:
        read("klantnummer;achternaam;postcode\n1;Jansen;9901AB\n")
    assert ("COLUMN_MISSING", "huisnummer") == (refused.value.code, refused.value.column)
    assert refused.value.hint.endswith("3 kolommen: huisnummer, bedrag, maanden_achterstand.")
    with pytest.raises(Refused) as refused:
        read(csv_of([row()], columns=[column for column in COLUMNS if column != "postcode"]))
    assert "" == refused.value.hint


def test_a_further_column_about_objections_may_stand_beside_the_promised_one() -> None:
    """The promised column says who objected; the other is left aside."""
    content = csv_of([row()]).replace(";bezwaar", ";bezwaar;bezwaardatum").replace(";nee\n", ";nee;\n")
    assert 1 == read(content).left_aside_count


def test_columns_may_stand_in_any_order_and_unknown_ones_stay() -> None:
    """What nobody knows is counted and left aside."""
    columns = [*reversed(COLUMNS), "opmerking"]
    export = read(csv_of([{**row(), "opmerking": "geheim"}], columns=columns))
    assert ["row", *COLUMNS] == export.rows.columns
    assert 1 == export.left_aside_count


def test_quoted_values_may_hold_delimiters_and_line_ends() -> None:
    """A remark of two lines is one row."""
    columns = [*COLUMNS, "opmerking"]
    text = csv_of([{**row(1), "opmerking": '"regel 1\nregel; 2"'}, {**row(2), "opmerking": "-"}], columns=columns)
    assert [(1, "KL-000001"), (2, "KL-000002")] == clients(read(text))


def test_damaged_lines_are_refused_by_number_and_the_others_go_on() -> None:
    """Short, long, NUL, an open quote, a header between, a copy, an endless line; empty lines count as rows."""
    good = csv_of([row()]).splitlines()
    header = good[0]

    def line(number: int, **changes: str) -> str:
        return csv_of([row(number, **changes)]).splitlines()[1]

    lines = [
        header,
        line(1),
        line(2).rsplit(";", 1)[0],
        line(3) + ";x",
        line(4, achternaam="Ca\0narie"),
        line(5, achternaam='"van Dijk'),
        line(6),
        header.upper(),
        "",
        ";" * (len(COLUMNS) - 1),
        line(1),
        line(7, achternaam="x" * 40_000_000),
        line(8) + ";;",
        line(9),
    ]
    export = read("\n".join(lines))
    assert [(1, "KL-000001"), (6, "KL-000006"), (12, "KL-000008"), (13, "KL-000009")] == clients(export)
    assert [
        ("ROW_RAGGED", 2),
        ("ROW_RAGGED", 3),
        ("NUL_BYTE", 4),
        ("ROW_RAGGED", 5),
        ("ROW_IS_HEADER", 7),
        ("ROW_REPEATED", 10),
        ("TEXT_TOO_LONG", 11),
    ] == faults(export)


def test_many_open_quotes_cost_their_own_lines_only() -> None:
    """A quote that never closes does not swallow the file, nor does it take for ever."""
    rows = [row(number, achternaam='"Open' if number % 2 else "Dicht") for number in range(1, 2001)]
    export = read(csv_of(rows))
    assert 1000 == export.rows.height
    assert {"ROW_RAGGED"} == {code for code, _ in faults(export)}


def test_a_truncated_file_loses_its_last_row_and_says_so() -> None:
    """A short last line is not filled up with nothing."""
    text = csv_of([row(1), row(2)])
    export = read(text[: text.rindex("KL-000002") + 40])
    assert [("ROW_RAGGED", 2)] == faults(export)


def test_only_a_client_number_is_needed_to_retract() -> None:
    """A list of one column, whatever else it holds."""
    assert [(1, "KL-1"), (2, "KL-2")] == clients(read("klantnummer\nKL-1\nKL-2\n", kind="retraction"))


WHOLE_FILES = [
    ("", "EXPORT_EMPTY", None),
    ("  \n \n", "EXPORT_EMPTY", None),
    ("\0" * 64, "EXPORT_UNREADABLE", None),
    (b"%PDF-1.7 ...", "EXPORT_UNREADABLE", None),
    (b"\xd0\xcf\x11\xe0 an old workbook", "EXPORT_UNREADABLE", None),
    (b"PK\x03\x04 not an archive", "EXPORT_UNREADABLE", None),
    (
        csv_of([row()], columns=[column for column in COLUMNS if column != "postcode"]),
        "COLUMN_MISSING",
        "postcode",
    ),
    (csv_of([row()], columns=[*COLUMNS, "Postcode"]), "COLUMN_DUPLICATE", "postcode"),
    (csv_of([row()], columns=[*COLUMNS, "BEZWAAR"]), "COLUMN_DUPLICATE", "bezwaar"),
    (
        csv_of([row()], columns=["Tussenvoegsel", "voorvoegsel", *COLUMNS]).replace(";voorvoegsels", ";iets"),
        "COLUMN_DUPLICATE",
        "voorvoegsels",
    ),
    ("1;2;3\n4;5;6\n", "COLUMN_MISSING", "klantnummer"),
]


@pytest.mark.parametrize(("content", "code", "column"), WHOLE_FILES)
def test_what_cannot_be_used_at_all_is_refused_as_a_whole(content: str | bytes, code: str, column: str) -> None:
    """With the promised name of the column, if it is about one."""
    assert (code, column) == refusal(content)


MAPPING = """
format = "samenloop/mapping/1"
[file]
delimiter = "~"
encoding = "cp850"
[columns]
klantnummer = "Relatie Nr."
achternaam = "Naam"
[notation]
date = "month-first"
decimal = "."
[values.crisissoort]
"Afsl." = "afsluiting"
"geen" = ""
"""


def test_a_mapping_renames_headers_and_values() -> None:
    """Own delimiter, encoding, headers and values; the promised name no longer counts for a renamed column."""
    columns = [{"klantnummer": "relatie nr", "achternaam": "NAAM"}.get(column, column) for column in COLUMNS]
    one = {**row(), "relatie nr": "KL-7", "NAAM": "Jørgensen", "crisissoort": "Afsl.", "bedrag": "12.50"}
    export = read(
        csv_of([one, {**one, "crisissoort": "geen"}], "~", columns).encode("cp850"), read_mapping(MAPPING)
    )
    assert [("KL-7", "Jørgensen", "afsluiting"), ("KL-7", "Jørgensen", None)] == export.rows.select(
        "klantnummer", "achternaam", "crisissoort"
    ).rows()


BAD_MAPPINGS = [
    ("", "format"),
    ("format = 3", "format"),
    ('format = "samenloop/mapping/1"\nx = 1', "x"),
    ('format = "samenloop/mapping/1"\n[columns]\nklantnr = "a"', "columns"),
    ('format = "samenloop/mapping/1"\n[columns]\nklantnummer = 3', "columns.klantnummer"),
    (
        'format = "samenloop/mapping/1"\n[columns]\nbezwaar = "Status"\nwarme_overdracht = "STATUS "',
        "columns.warme_overdracht",
    ),
    ('format = "samenloop/mapping/1"\n[file]\nencoding = "utf-99"', "file.encoding"),
    ('format = "samenloop/mapping/1"\n[file]\ndelimiter = "ab"', "file.delimiter"),
    ('format = "samenloop/mapping/1"\n[notation]\ndate = "ymd"', "notation.date"),
    ('format = "samenloop/mapping/1"\n[values.crisis]\na = "b"', "values"),
    ('format = "samenloop/mapping/1"\n[values]\nbezwaar = "ja"', "values.bezwaar"),
    ("not toml at all [", None),
]


@pytest.mark.parametrize(("text", "column"), BAD_MAPPINGS)
def test_a_mapping_with_anything_unknown_is_refused(text: str, column: str | None) -> None:
    """A typing error never silently means something else."""
    with pytest.raises(Refused) as refused:
        read_mapping(text)
    assert ("MAPPING_INVALID", column) == (refused.value.code, refused.value.column)


def test_a_header_that_is_named_for_two_columns_is_told_by_our_names() -> None:
    """Whoever objected would go along; the partner's own header is not repeated."""
    with pytest.raises(Refused) as refused:
        read_mapping('format = "samenloop/mapping/1"\n[columns]\nbezwaar = "Status"\nemail = "status"')
    assert "bezwaar en email" in refused.value.hint
    assert "status" not in refused.value.next_step.lower()


def test_the_example_of_a_mapping_is_read() -> None:
    """What `--help` prints is accepted as it stands."""
    assert ["klantnummer", "bezwaar"] == list(read_mapping(EXAMPLE).columns)


def test_a_mapping_that_names_an_absent_header_is_refused() -> None:
    """With the promised name of the column."""
    mapping = ExportMapping(columns={"email": "Mailadres 2"})
    assert ("MAPPING_INVALID", "email") == refusal(csv_of([row()]), mapping)


CANARY = "Geheimkanarie"


def archive_of(**parts: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        CANARY,
        f"{CANARY};b\nc;d",
        csv_of([row(achternaam=CANARY)], columns=[*COLUMNS, CANARY, "klantnummer"]),
        b"PK\x03\x04" + CANARY.encode() * 50,
        workbook([[CANARY, "x"], [CANARY, "y"]])[:-40],
        archive_of(**{CANARY: CANARY, "xl/workbook.xml": f"<{CANARY}"}),
        workbook([[CANARY, "x"], [CANARY, "y"]]),
        csv_of([row(achternaam=CANARY, postcode=CANARY)], columns=["klantnummer", "achternaam"]),
        csv_of(
            [row(place, klantnummer=number, achternaam=CANARY) for place, number in enumerate(bsn(123456700, 30))]
        ),
    ],
)
def test_a_refusal_quotes_nothing_of_the_file(content: str | bytes) -> None:
    """Not in its text, its column, or the exceptions behind it; libraries do quote values."""
    with pytest.raises(Refused) as refused:
        read(content)
    told = (
        "".join(traceback.format_exception(refused.value)) + repr(refused.value.__dict__) + refused.value.next_step
    )
    assert CANARY not in told
    assert "12345670" not in told
