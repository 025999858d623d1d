"""E-mail addresses and telephone numbers in one form; stand-ins and shared desks are no way to reach a person."""

from __future__ import annotations

import polars as pl

from pipeline.vocabulary.identity.letters import one_line

_EMAIL = r"^[^@\s,;<>()\"]+@[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\.[a-z]{2,24}$"
_NO_MAILBOX = (
    r"^(?:onbekend|onbekende|unknown|geen|geenmail|geenemail|geenemailadres|geenadres|heeftgeen|heeftgeenemail"
    r"|heeftgeenmail|nietbekend|niet|nvt|nb|none|no|nomail|noemail|null|leeg|test|tester|dummy|fake|x+|info|contact"
    r"|mail|email|klant|klanten|klantenservice|bewoner|huurder|admin|administratie|administrator|boekhouding"
    r"|debiteuren|crediteuren|facturen|factuur|incasso|secretariaat|receptie|kantoor|balie|post|postbus|office"
    r"|support|webmaster|postmaster|service|verkoop|sales|noreply|donotreply|anoniem|naam|voornaamachternaam)\d*$"
)
_NO_DOMAIN = r"@(?:.*\.)?(?:onbekend|unknown|geen|geenmail|geenemail|nvt|none|noemail|nomail|nietbekend)\.[a-z]+$"
_SERVICE_NUMBERS = r"^0(?:800|90[069]|14|18)"
_IN_A_ROW = ("01234567", "12345678", "23456789", "34567890", "98765432", "87654321", "76543210")


def email_key(email: pl.Expr) -> pl.Expr:
    """Lower case, without `+label`; null where it is no address or nobody's own."""
    plain = one_line(email).str.to_lowercase().str.replace_all(" ", "").str.strip_prefix("mailto:")
    plain = plain.str.strip_chars("<>.,;'\"").str.replace(r"\+[^@]*@", "@")
    plain = plain.str.replace("@googlemail.com", "@gmail.com", literal=True)
    mailbox = plain.str.extract(r"^([^@]*)@").str.replace_all(r"[._-]", "")
    is_own = ~mailbox.str.contains(_NO_MAILBOX) & ~plain.str.contains(_NO_DOMAIN)
    return pl.when(plain.str.contains(_EMAIL) & is_own & (plain.str.len_chars() <= 254)).then(plain)


def phone_key(phone: pl.Expr) -> pl.Expr:
    """`0612345678`, or `+49…` from abroad; null where it is no number or a stand-in."""
    text = one_line(phone)
    first = text.str.extract(r"^([^/;,|a-zA-Z]*\d[^/;,|a-zA-Z]*)")
    text = pl.when(first.str.count_matches(r"\d").is_between(9, 15)).then(first).otherwise(text)
    digits = text.str.replace_all(r"\(0\)", "").str.replace_all(r"[^\d+]", "")
    digits = digits.str.replace(r"^00", "+").str.replace(r"^\+310?", "0").str.replace(r"^31([1-9]\d{8})$", "0$1")
    digits = digits.str.replace(r"^([1-9]\d{8})$", "0$1")
    is_number = digits.str.contains(r"^0[1-9]\d{8}$|^\+[1-9]\d{7,14}$") & ~digits.str.contains(_SERVICE_NUMBERS)
    return pl.when(is_number & ~_is_stand_in(digits)).then(digits)


def _is_stand_in(digits: pl.Expr) -> pl.Expr:
    """The last eight digits all alike or in a row: 0600000000, 0612345678."""
    tail = digits.str.tail(8)
    alike = tail.str.contains("|".join(f"{digit}{{8}}" for digit in range(10)))
    return alike | tail.is_in(list(_IN_A_ROW))
