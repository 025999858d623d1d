"""E-mail addresses and telephone numbers in one form; stand-ins and shared desks are no way to reach a person."""

from __future__ import annotations

import polars as pl

_EMAIL = r"^[^@\s,;<>()\"]+@[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\.[a-z]{2,24}$"
_NO_MAILBOX = (
    r"^(?:onbekend|onbekende|unknown|geen|geenmail|geenemail|geenemailadres|geenadres|heeftgeen|heeftgeenemail"
    r"|heeftgeenmail|nietbekend|niet|nvt|nb|none|no|nomail|noemail|null|leeg|test|tester|dummy|fake|x+|info|contact"
    r"|mail|email|klant|klanten|klantenservice|bewoner|huurder|admin|administratie|administrator|boekhouding"
    r"|debiteuren|crediteuren|facturen|factuur|incasso|secretariaat|receptie|kantoor|balie|post|postbus|office"
    r"|support|webmaster|postmaster|service|verkoop|sales|noreply|donotreply|anoniem|naam|voornaamachternaam)\d*$"
)
_NO_DOMAIN = r"@(?:.*\.)?(?:onbekend|unknown|geen|geenmail|geenemail|nvt|none|noemail|nomail|nietbekend)\.[a-z]+$"
_LONGEST_EMAIL = 254
_PHONE = r"^0[1-9]\d{8}$|^\+[1-9]\d{7,14}$"
_SERVICE_NUMBERS = r"^0(?:800|90[069]|14|18)"
_IN_A_ROW = ("01234567", "12345678", "23456789", "34567890", "98765432", "87654321", "76543210")


def email_keys(emails: pl.Series) -> pl.Series:
    """Lower case, without `+label`; null where it is no address or nobody's own."""
    email = pl.col("email")
    first = email.str.to_lowercase().str.extract(r"^(?:.*<|mailto:)?([^\s;,<>()\"/]+@[^\s;,<>()\"/]+)")
    plain = first.str.strip_chars(".'").str.replace(r"\+[^@]*@", "@")
    plain = plain.str.replace("@googlemail.com", "@gmail.com", literal=True)
    mailbox = email.str.extract(r"^([^@]*)@").str.replace_all(r"[._-]", "")
    is_own = ~mailbox.str.contains(_NO_MAILBOX) & ~email.str.contains(_NO_DOMAIN)
    is_address = email.str.contains(_EMAIL) & (email.str.len_chars() <= _LONGEST_EMAIL)
    return (
        emails.to_frame("email")
        .select(plain)
        .select(email_key=pl.when(is_address & is_own).then("email"))
        .to_series()
    )


def phone_keys(phones: pl.Series) -> pl.Series:
    """`0612345678`, or `+49…` from abroad; null where it is no number or a stand-in."""
    text, first = pl.col("text"), pl.col("first")
    parts = phones.to_frame("text").select(text)
    parts = parts.with_columns(first=text.str.extract(r"^([^/;,|a-zA-Z]*\d[^/;,|a-zA-Z]*)"))
    one = pl.when(first.str.count_matches(r"\d").is_between(9, 15)).then(first).otherwise(text)
    digits = one.str.replace_all(r"\(0\)", "").str.replace_all(r"[^\d+]", "")
    digits = digits.str.replace(r"^00", "+").str.replace(r"^\+310?", "0").str.replace(r"^31([1-9]\d{8})$", "0$1")
    parts = parts.select(digits=digits.str.replace(r"^([1-9]\d{8})$", "0$1"))
    number = pl.col("digits")
    is_number = number.str.contains(_PHONE) & ~number.str.contains(_SERVICE_NUMBERS)
    return parts.select(phone_key=pl.when(is_number & ~_is_stand_in(number)).then("digits")).to_series()


def _is_stand_in(digits: pl.Expr) -> pl.Expr:
    """The last eight digits all alike or in a row: 0600000000, 0612345678."""
    tail = digits.str.tail(8)
    alike = tail.str.contains("|".join(f"{digit}{{8}}" for digit in range(10)))
    return alike | tail.is_in(list(_IN_A_ROW))
