"""Whether a delivery may be read: the manifest, its signature and terms, the bytes, the child that reads."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pipeline.commands.wiring import SCHEMAS
from pipeline.pseudonymous import accept_delivery as accept
from pipeline.pseudonymous import parse_rows, read_rows
from pipeline.vault.tokens import rekey_column
from pipeline.vocabulary.agreement import Agreement
from pipeline.vocabulary.directory import Directory
from pipeline.vocabulary.faults import FAULTS, Refused
from pipeline.vocabulary.frames import DELIVERY_SCHEMA, RETRACTION_SCHEMA, TOKEN_COLUMNS, schema_of
from pipeline.vocabulary.manifest import DeliveryName, Manifest
from tests.builders import deliveries as build

DELIVERY = SCHEMAS / "delivery"
FAULTY_MANIFESTS = sorted((DELIVERY / "faulty").glob("*.json"))
FAULTY_FILES = sorted(
    path
    for path in (DELIVERY / "faulty").glob("*.parquet")
    if path.name.partition("--")[0] in ("unreadable-data", "schema-mismatch", "row-count-mismatch", "too-large")
)
# What a JSON Schema cannot see: it is given a document, not its bytes.
BYTES_ONLY = (
    "key-twice",
    "not-json",
    "cut-off",
    "not-utf-8",
    "byte-order-mark",
    "nan",
    "huge-number",
    "float",
    "deep",
)


def code_of(path: Path) -> str:
    """A faulty file is named by its fault code."""
    return path.name.partition("--")[0].replace("-", "_").upper()


def example_bytes() -> bytes:
    return (DELIVERY / "example" / "manifest.json").read_bytes()


@pytest.fixture(scope="module")
def terms(tmp_path_factory: pytest.TempPathFactory) -> accept.Terms:
    made = build.make_municipality(tmp_path_factory.mktemp("municipality"))
    return accept.Terms((Agreement.from_dict(made.agreement),), Directory.from_dict(made.directory), build.TODAY)


def accepted(terms: accept.Terms, folder: Path) -> accept.Accepted:
    raw, signature = (folder / "manifest.json").read_bytes(), (folder / "manifest.sig").read_bytes()
    return accept.accept_manifest(DeliveryName.parse(folder.name), raw, signature, terms)


def refusal_of(terms: accept.Terms, folder: Path, name: str | None = None) -> tuple[str, str | None]:
    signature = (folder / "manifest.sig").read_bytes() if (folder / "manifest.sig").exists() else None
    raw = (folder / "manifest.json").read_bytes()
    with pytest.raises(Refused) as refused:
        accept.accept_manifest(DeliveryName.parse(name or folder.name), raw, signature, terms)
    return refused.value.code, refused.value.column


@pytest.mark.parametrize("path", FAULTY_MANIFESTS, ids=lambda path: path.stem)
def test_a_faulty_manifest_is_refused_with_the_code_it_is_named_by(path: Path) -> None:
    """Each committed faulty manifest is refused, with its own code."""
    with pytest.raises(Refused) as refused:
        accept.parse_manifest(path.read_bytes())
    assert code_of(path) == refused.value.code


def test_the_published_schema_and_the_code_judge_manifests_alike() -> None:
    """The example passes both; each faulty document that is JSON at all fails both."""
    schema = json.loads((DELIVERY / "manifest.schema.json").read_text())
    validator = Draft202012Validator(schema)
    assert [] == list(validator.iter_errors(json.loads(example_bytes())))
    assert "huur-a_2026-10_0001" == accept.parse_manifest(example_bytes()).delivery_id
    assert {field.name for field in dataclasses.fields(Manifest)} == set(schema["properties"])
    for path in FAULTY_MANIFESTS:
        if path.stem.partition("--")[2] not in BYTES_ONLY:
            assert not validator.is_valid(json.loads(path.read_text())), path.name


@given(
    st.binary(max_size=400)
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps).map(str.encode)
)
def test_any_bytes_for_a_manifest_end_in_a_refusal(raw: bytes) -> None:
    """Whatever lies there instead of a manifest, the answer is a fault code and no other exception."""
    with pytest.raises(Refused):
        accept.parse_manifest(raw)


@given(
    st.sampled_from([field.name for field in dataclasses.fields(Manifest)]),
    st.none() | st.booleans() | st.integers() | st.text(),
)
def test_any_value_in_a_field_is_taken_or_refused(field: str, value: Any) -> None:
    """A manifest with one field replaced is a manifest or a refusal; what is taken is plain text."""
    document = {**json.loads(example_bytes()), field: value}
    try:
        taken = accept.parse_manifest(json.dumps(document).encode())
    except Refused:
        return
    assert all(text.isascii() and text.isprintable() for text in taken.to_dict().values() if isinstance(text, str))


def test_a_manifest_beyond_its_limit_is_not_parsed() -> None:
    """64 kB is enough for a manifest; more is refused by size."""
    with pytest.raises(Refused) as refused:
        accept.parse_manifest(b" " * (accept.MOST_MANIFEST_BYTES + 1))
    assert ("TOO_LARGE", "manifest.json") == (refused.value.code, refused.value.column)


def test_a_good_manifest_is_accepted(terms: accept.Terms, tmp_path: Path) -> None:
    """A signed manifest within all terms names the agreement version it was made under."""
    found = accepted(terms, build.make_delivery(tmp_path))
    assert ("huur-a", 1) == (found.manifest.partner_id, found.agreement.version)


# given: what is different about the delivery; expected: code and the field that is to blame
REFUSALS: list[tuple[str, dict[str, Any], tuple[str, str | None]]] = [
    ("a folder by another name", {"folder_name": "huur-a_2026-10_0002"}, ("MANIFEST_INVALID", "delivery_id")),
    ("another municipality", {"gemeentecode": "GM9902"}, ("OTHER_MUNICIPALITY", "gemeentecode")),
    ("a partner nobody knows", {"partner_id": "onbekend-a"}, ("PARTNER_UNKNOWN", "partner_id")),
    ("no signature", {"without": ("manifest.sig",)}, ("SIGNATURE_MISSING", "manifest.sig")),
    ("signed by another", {"signed_by": "signing/water-a"}, ("SIGNATURE_WRONG", "manifest.sig")),
    ("a cut-off signature", {"signature_bytes": lambda raw: raw[:63]}, ("SIGNATURE_WRONG", "manifest.sig")),
    ("an empty signature", {"signature_bytes": lambda raw: b""}, ("SIGNATURE_WRONG", "manifest.sig")),
    (
        "one byte changed after signing",
        {"manifest_bytes": lambda raw: raw.replace(b'"row_count": 3', b'"row_count": 2')},
        ("SIGNATURE_WRONG", "manifest.sig"),
    ),
    ("another partner's key", {"signing_key_id": "signing-water-a-1"}, ("KEY_WRONG", "signing_key_id")),
    ("a key of another kind", {"signing_key_id": "admission-1"}, ("KEY_WRONG", "signing_key_id")),
    ("a key nobody knows", {"signing_key_id": "signing-huur-a-9"}, ("KEY_WRONG", "signing_key_id")),
    ("another agreement", {"agreement_id": "elders"}, ("AGREEMENT_UNKNOWN", "agreement_version")),
    ("a later version", {"agreement_version": 2}, ("AGREEMENT_UNKNOWN", "agreement_version")),
    ("a month to come", {"month": "2026-12"}, ("WRONG_MONTH", "month")),
    ("a month too far back", {"month": "2026-08"}, ("WRONG_MONTH", "month")),
    ("no attestation", {"has_social_collection": False}, ("NO_ATTESTATION", "has_social_collection")),
    ("an admission key nobody has", {"admission_key_id": "admission-9"}, ("KEY_WRONG", "admission_key_id")),
    ("an opening key of another month", {"opening_key_id": "opening-2026-09-1"}, ("KEY_WRONG", "opening_key_id")),
    ("an opening key nobody has", {"opening_key_id": "opening-x"}, ("KEY_WRONG", "opening_key_id")),
]


@pytest.mark.parametrize(("given_", "options", "expected"), REFUSALS, ids=[row[0] for row in REFUSALS])
def test_a_manifest_that_does_not_hold_is_refused(
    terms: accept.Terms, tmp_path: Path, given_: str, options: dict[str, Any], expected: tuple[str, str | None]
) -> None:
    """Each fault has its own code and names the field."""
    assert expected == refusal_of(terms, build.make_delivery(tmp_path, **options))


def changed_key(terms: accept.Terms, key_id: str, **changes: Any) -> accept.Terms:
    keys = tuple(
        dataclasses.replace(key, **changes) if key.key_id == key_id else key for key in terms.directory.keys
    )
    return dataclasses.replace(terms, directory=dataclasses.replace(terms.directory, keys=keys))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"valid_until": date(2026, 9, 30)}, ("KEY_EXPIRED", "signing_key_id")),
        ({"valid_from": date(2026, 11, 4)}, ("KEY_EXPIRED", "signing_key_id")),
        ({"revoked_on": build.TODAY}, ("KEY_EXPIRED", "signing_key_id")),
    ],
)
def test_a_signing_key_out_of_term_signs_nothing(
    terms: accept.Terms, tmp_path: Path, changes: dict[str, date], expected: tuple[str, str]
) -> None:
    """A key that ended before the month, has not begun, or was revoked is refused."""
    folder = build.make_delivery(tmp_path)
    assert expected == refusal_of(changed_key(terms, "signing-huur-a-1", **changes), folder)


@pytest.mark.parametrize(
    "changes",
    [{"valid_until": date(2026, 10, 1)}, {"valid_from": build.TODAY}, {"revoked_on": date(2026, 11, 4)}],
)
def test_a_rotation_refuses_nothing_in_flight(
    terms: accept.Terms, tmp_path: Path, changes: dict[str, date]
) -> None:
    """A key in term on some day from the start of the month until D still counts."""
    folder = build.make_delivery(tmp_path)
    for key_id in ("signing-huur-a-1", "admission-1"):
        accepted(changed_key(terms, key_id, **changes), folder)


@pytest.mark.parametrize(
    ("key_id", "changes"),
    [
        ("signing-huur-a-1", {"kind": "partner-box"}),
        ("admission-1", {"holder": "huur-a"}),
        ("admission-1", {"kind": "opening"}),
        ("opening-2026-10-1", {"kind": "admission"}),
    ],
)
def test_a_key_is_used_for_what_it_was_made_for(
    terms: accept.Terms, tmp_path: Path, key_id: str, changes: dict[str, str]
) -> None:
    """A key of the right holder and another kind signs and seals nothing, nor one of our kinds at a partner."""
    assert "KEY_WRONG" == refusal_of(changed_key(terms, key_id, **changes), build.make_delivery(tmp_path))[0]


@pytest.mark.parametrize("key_id", ["admission-1", "opening-2026-10-1"])
def test_a_revoked_municipal_key_is_refused(terms: accept.Terms, tmp_path: Path, key_id: str) -> None:
    """Nothing new is admitted under a municipal key from the day on which it was revoked."""
    changed = changed_key(terms, key_id, revoked_on=build.TODAY)
    assert "KEY_EXPIRED" == refusal_of(changed, build.make_delivery(tmp_path))[0]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"valid_until": date(2026, 9, 30)}, "AGREEMENT_EXPIRED"),
        ({"valid_from": date(2026, 11, 1)}, "AGREEMENT_EXPIRED"),
        ({"revoked_on": date(2026, 10, 1)}, "AGREEMENT_EXPIRED"),
    ],
)
def test_an_agreement_that_is_not_valid_for_the_month_is_refused(
    terms: accept.Terms, tmp_path: Path, changes: dict[str, date], expected: str
) -> None:
    """The version that the delivery names must be in force in its month."""
    agreement = dataclasses.replace(terms.agreements[0], **changes)
    changed = dataclasses.replace(terms, agreements=(agreement,))
    assert expected == refusal_of(changed, build.make_delivery(tmp_path))[0]


def test_an_earlier_version_that_is_still_valid_is_accepted(terms: accept.Terms, tmp_path: Path) -> None:
    """A renewal of the agreement refuses nothing that was made under the former version."""
    newer = dataclasses.replace(terms.agreements[0], version=2)
    both = dataclasses.replace(terms, agreements=(*terms.agreements, newer))
    assert 1 == accepted(both, build.make_delivery(tmp_path)).agreement.version


def test_a_partner_whose_term_ended_is_refused(terms: accept.Terms, tmp_path: Path) -> None:
    """A partner takes part only in the months of its own term."""
    agreement = terms.agreements[0]
    ended = tuple(dataclasses.replace(partner, valid_until=date(2026, 9, 30)) for partner in agreement.partners)
    changed = dataclasses.replace(terms, agreements=(dataclasses.replace(agreement, partners=ended),))
    assert ("PARTNER_UNKNOWN", "partner_id") == refusal_of(changed, build.make_delivery(tmp_path))


@pytest.mark.parametrize(
    ("month", "is_in_window"),
    [("2026-11", True), ("2026-10", True), ("2026-09", True), ("2026-08", False), ("2026-12", False)],
)
def test_the_window_runs_from_d_back_by_the_late_months(
    terms: accept.Terms, tmp_path: Path, month: str, is_in_window: bool
) -> None:
    """With two late months a delivery on 3 November may be for September to November."""
    folder = build.make_delivery(tmp_path, month=month)
    with contextlib.nullcontext() if is_in_window else pytest.raises(Refused, match=r"^WRONG_MONTH$"):
        accepted(terms, folder)


def test_creation_time_is_information(terms: accept.Terms, tmp_path: Path) -> None:
    """A clock that is wrong at the partner refuses nothing."""
    times = {"creationTime": "2031-01-01T00:00:00Z", "expirationTime": "2020-01-01T00:00:00Z"}
    accepted(terms, build.make_delivery(tmp_path, **times))


@pytest.mark.parametrize(
    ("earlier", "is_refused"),
    [
        ([], False),
        ([("same", "admitted")], False),
        ([("other", "admitted")], True),
        ([("other", "warned")], True),
        ([("other", "held")], True),
        ([("other", "released")], True),
        ([("other", "refused")], False),
    ],
)
def test_a_sequence_number_is_taken_by_what_was_not_refused(
    earlier: list[tuple[str, str]], is_refused: bool
) -> None:
    """Another manifest under a taken number is a replay; a refused delivery took no number."""
    with pytest.raises(Refused, match=r"^SEQUENCE_REPLAYED$") if is_refused else contextlib.nullcontext():
        accept.check_sequence("same", earlier)


@pytest.mark.parametrize("path", FAULTY_FILES, ids=lambda path: path.stem)
def test_a_faulty_data_file_is_refused_with_the_code_it_is_named_by(path: Path) -> None:
    """The child refuses each committed faulty file; the parent lives."""
    kind = "retraction" if "retractions" in path.name else "signals"
    with pytest.raises(Refused) as refused:
        read_rows.read_rows(path.read_bytes(), schema_of(kind), 3)
    assert code_of(path) == refused.value.code


def test_the_example_files_are_read_as_they_were_written() -> None:
    """Types, nulls and bytes survive the way through the child."""
    for name, kind, count in (("signals", "signals", 3), ("retraction", "retraction", 1)):
        path = DELIVERY / "example" / f"{name}.parquet"
        frame = read_rows.read_rows(path.read_bytes(), schema_of(kind), count)
        assert pl.read_parquet(path).equals(frame)


def test_a_child_that_dies_or_hangs_or_floods_refuses_this_file_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Abort, endless work and endless output all mean UNREADABLE_DATA."""
    programs = {
        "abort": "import os; os.abort()",
        "hang": "import time; time.sleep(60)",
        "flood": "import sys\nwhile True: sys.stdout.buffer.write(bytes(1 << 20))",
        "lie": "import sys; sys.stdin.buffer.read(); sys.stdout.write('no arrow')",
        "silence": "pass",
    }
    limits = read_rows.ReadLimits(1 << 30, 5, 1.0, 8 << 20)
    for name, program in programs.items():
        script = tmp_path / f"{name}.py"
        script.write_text(program)
        monkeypatch.setattr(parse_rows, "__file__", str(script))
        with pytest.raises(Refused) as refused:
            read_rows.read_rows(bytes(1 << 20), RETRACTION_SCHEMA, 1, limits)
        assert ("UNREADABLE_DATA", name) == (refused.value.code, name)


def test_each_limit_of_the_child_holds_alone() -> None:
    """A file that unfolds to 100 MB is stopped by the child's memory, and by what the parent takes."""
    raw = (DELIVERY / "faulty" / "unreadable-data--100-mb-in-12-kb.parquet").read_bytes()
    ample = read_rows.ReadLimits(8 << 30, 30, 60.0, 1 << 30)
    for limits in (
        dataclasses.replace(ample, memory_bytes=1 << 30),
        dataclasses.replace(ample, answer_bytes=1 << 20),
    ):
        with pytest.raises(Refused, match=r"^UNREADABLE_DATA$"):
            read_rows.read_rows(raw, DELIVERY_SCHEMA, 3, limits)
    assert 3 == read_rows.read_rows(raw, DELIVERY_SCHEMA, 3, ample).height


def test_the_child_has_no_environment_and_may_write_no_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The process that parses foreign bytes sees no secret of its parent and leaves nothing behind."""
    script = tmp_path / "look.py"
    script.write_text(
        "import json, os, resource, sys\n"
        f"sys.path.insert(0, {str(Path(parse_rows.__file__).parent)!r})\n"
        "import parse_rows\n"
        "order = json.loads(sys.argv[1])\n"
        "parse_rows.limit_self(order['memory_bytes'], order['cpu_seconds'])\n"
        "sys.stdin.buffer.read()\n"
        "secret = 'CANARY_OF_THE_PARENT' in os.environ\n"
        "core = resource.getrlimit(resource.RLIMIT_CORE)[0]\n"
        "try:\n"
        f"    os.write(os.open({str(tmp_path / 'left')!r}, os.O_CREAT | os.O_WRONLY), b'x')\n"
        "    wrote = True\n"
        "except OSError:\n"
        "    wrote = False\n"
        "sys.exit(77 if (secret, wrote, core) == (False, False, 0) else 78)\n"
    )
    monkeypatch.setenv("CANARY_OF_THE_PARENT", "secret")
    monkeypatch.setattr(parse_rows, "__file__", str(script))
    assert (77, b"") == read_rows._run_child(
        json.dumps({"memory_bytes": 1 << 30, "cpu_seconds": 5}), b"x", read_rows.ReadLimits.for_size(1)
    )


def test_the_second_pass_keeps_a_kind_and_its_alternative_comparable() -> None:
    """Equal tokens of one kind stay equal over its columns; of two kinds they do not."""
    same = build.token("same")
    row = build.signal_row("a", **dict.fromkeys(TOKEN_COLUMNS, same))
    keyed = accept.rekey_tokens(build.frame_of([row]), build.key_bytes("store")).row(0, named=True)
    assert keyed["t_name_address"] == keyed["t_name_address_alt"]
    assert keyed["t_name_address"] not in (same, keyed["t_birth_postcode"])
    assert (
        keyed["t_birth_postcode"] == rekey_column(build.key_bytes("store"), "birth_postcode", pl.Series([same]))[0]
    )
    assert row["signal_id"] == keyed["signal_id"]


def test_every_code_of_a_faulty_file_stands_in_the_fault_table() -> None:
    """Files are named by codes that exist."""
    assert {code_of(path) for path in (DELIVERY / "faulty").iterdir()} <= set(FAULTS)
    assert list(DELIVERY_SCHEMA) == list(schema_of("signals"))
