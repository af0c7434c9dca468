"""Canonical JSON: one byte string a value, in NFC, and nothing that two readers could read in two ways."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, cast

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from compliance.kernel.canonical import canonical, digest, digest_of
from compliance.kernel.text import Text

SAFE = 2**53 - 1
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-SAFE, SAFE) | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS.map(lambda t: unicodedata.normalize("NFC", t)), inner),
    max_leaves=12,
)


class Colour(StrEnum):
    RED = "red"


def normalised(value: object) -> object:
    match value:
        case str():
            return unicodedata.normalize("NFC", value)
        case list():
            return [normalised(v) for v in value]
        case dict():
            return {k: normalised(v) for k, v in value.items()}
    return value


@given(VALUES)
def test_reading_it_back_gives_the_value_in_nfc(value: object) -> None:
    assert json.loads(canonical(value)) == normalised(value)


@given(VALUES)
@example({"\U0001f600": 1, "\uff5e": 2, "e\U0001f600": 3, "e\uff5e": 4, "": 5})
@example("".join(map(chr, range(0x300))) + "\u2028\u2029\ufeff\uffff\U0010ffff")
def test_another_implementation_writes_the_same_bytes(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(cast("Any", normalised(value)))


@given(VALUES)
def test_canonical_of_what_was_read_back_is_the_same(value: object) -> None:
    once = canonical(value)
    assert canonical(json.loads(once)) == once


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"b": 1, "a": [True, None, "x"]}, b'{"a":[true,null,"x"],"b":1}'),
        ((1, 2), b"[1,2]"),
        (date(2026, 2, 28), b'"2026-02-28"'),
        (datetime(2026, 2, 28, 1, 2, 3, tzinfo=UTC), b'"2026-02-28T01:02:03+00:00"'),
        (Colour.RED, b'"red"'),
        (MappingProxyType({1: 2}), b'{"1":2}'),
        ("e\u0301", '"é"'.encode()),
        ({"e\u0301": 1}, '{"é":1}'.encode()),
        ("碳\n", '"碳\\n"'.encode()),
        (SAFE, str(SAFE).encode()),
    ],
)
def test_the_bytes_of_a_value(value: object, expected: bytes) -> None:
    assert canonical(value) == expected


def test_keys_are_sorted_by_utf16_units() -> None:
    assert canonical({"\uff5e": 1, "\U0001f600": 2}) == '{"😀":2,"～":1}'.encode()


@pytest.mark.parametrize(
    "value", [1.0, 0.1, float("nan"), Decimal(1), b"ab", bytearray(b"a"), {1, 2}, object(), Text("一", "one"), [1.5]]
)
def test_what_has_no_one_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical(value)
    with pytest.raises(TypeError):
        canonical({"inside": [value]})


@pytest.mark.parametrize("value", [SAFE + 1, -SAFE - 1, "\ud800"])
def test_what_readers_of_json_would_alter_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        canonical(value)


@pytest.mark.parametrize("value", [{"é": 1, "e\u0301": 2}, {1: "a", "1": "b"}])
def test_two_keys_that_become_one_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        canonical(value)


def test_digests_are_sha256_of_the_canonical_bytes() -> None:
    assert digest(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert digest_of({"b": 1, "a": 2}) == digest_of({"a": 2, "b": 1}) == hashlib.sha256(b'{"a":2,"b":1}').hexdigest()
    assert digest_of("1") != digest_of(1)
