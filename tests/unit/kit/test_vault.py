"""Sealed fields, blind indexes, query codes and masks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.vault import (
    ALPHABET,
    Vault,
    VaultError,
    mask_address,
    mask_id,
    mask_name,
    mask_phone,
    normal_phone,
)

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
VAULT = Vault(KEY, "intake")
PLACE = "petition.name:330282202501010001"


class TestSeal:
    @given(st.text(), st.text())
    def test_opens_in_its_place(self, plain: str, context: str) -> None:
        assert VAULT.open(VAULT.seal(plain, context), context) == plain

    @given(st.binary())
    def test_bytes_too(self, plain: bytes) -> None:
        assert VAULT.open_bytes(memoryview(VAULT.seal(plain, PLACE)), PLACE) == plain

    def test_never_twice_the_same(self) -> None:
        assert VAULT.seal("张三", PLACE) != VAULT.seal("张三", PLACE)

    @pytest.mark.parametrize(
        "vault", [Vault(OTHER, "intake"), Vault(KEY, "supervision"), Vault(OTHER, "intake", 2)]
    )
    def test_another_key_or_service_does_not_open(self, vault: Vault) -> None:
        with pytest.raises(VaultError):
            vault.open(VAULT.seal("张三", PLACE), PLACE)

    def test_another_place_does_not_open(self) -> None:
        with pytest.raises(VaultError) as caught:
            VAULT.open(VAULT.seal("张三", PLACE), "petition.name:330282202501010002")
        assert "张三" not in str(caught.value)

    @given(st.integers(0, 39), st.integers(1, 255))
    def test_any_changed_byte_is_noticed(self, position: int, change: int) -> None:
        blob = bytearray(VAULT.seal("0123456789", PLACE))
        blob[position] ^= change
        with pytest.raises(VaultError):
            VAULT.open(bytes(blob), PLACE)

    @given(st.binary(max_size=40))
    def test_rubbish_is_noticed(self, blob: bytes) -> None:
        with pytest.raises(VaultError):
            VAULT.open(blob, PLACE)

    def test_bytes_that_are_no_text_do_not_open_as_text(self) -> None:
        with pytest.raises(VaultError):
            VAULT.open(VAULT.seal(b"\xff", PLACE), PLACE)


class TestRotation:
    def test_older_keys_open_and_the_new_one_seals(self) -> None:
        turned = Vault(OTHER, "intake", key_id=2, older={1: KEY})
        assert turned.open(VAULT.seal("张三", PLACE), PLACE) == "张三"
        fresh = turned.seal("张三", PLACE)
        assert fresh[:2] == bytes((1, 2))
        with pytest.raises(VaultError, match="key 2"):
            VAULT.open(fresh, PLACE)

    def test_indexes_and_printed_codes_stay(self) -> None:
        turned = Vault(OTHER, "intake", key_id=2, older={1: KEY})
        assert turned.blind("张三", "name") == VAULT.blind("张三", "name")
        assert turned.code("330") == VAULT.code("330")

    @pytest.mark.parametrize(("key", "id"), [(b"short", 1), (KEY, 0), (KEY, 256)])
    def test_faulty_rings_are_refused(self, key: bytes, id: int) -> None:
        with pytest.raises(ValueError):
            Vault(key, "intake", id)


class TestBlind:
    @pytest.mark.parametrize(
        ("field", "one", "other"),
        [
            ("name", "张 三", "张三"),
            ("name", "\u3000张三\u200b", "张三"),
            ("name", "买买提•艾力", "买买提·艾力"),
            ("name", "ＬＩ Wei", "li wei"),
            ("phone", "138 1234-5678", "１３８１２３４５６７８"),
            ("phone", "+86 13812345678", "13812345678"),
            ("phone", "008613812345678", "13812345678"),
            ("phone", "+86 574 6301 2345", "0574-63012345"),
            ("phone", "+86 10 6301 2345", "010-63012345"),
            ("id_number", "33028219800101123x", "３３０２８２ 19800101 123Ｘ"),
            ("petition.title", "Ａ b", "aB"),
        ],
    )
    def test_spellings_that_mean_the_same_match(self, field: str, one: str, other: str) -> None:
        assert VAULT.blind(one, field) == VAULT.blind(other, field)

    def test_different_values_fields_services_and_keys_do_not(self) -> None:
        found = {
            VAULT.blind("张三", "name"),
            VAULT.blind("张四", "name"),
            VAULT.blind("张三", "alias"),
            Vault(KEY, "console").blind("张三", "name"),
            Vault(OTHER, "intake").blind("张三", "name"),
        }
        assert len(found) == 5
        assert {len(index) for index in found} == {16}

    @given(st.text())
    def test_a_normal_phone_is_digits(self, value: str) -> None:
        assert set(normal_phone(value)) <= set("0123456789")

    @given(st.from_regex(r"1[0-9]{10}", fullmatch=True))
    def test_a_mobile_is_its_own_normal_form(self, value: str) -> None:
        assert normal_phone(value) == normal_phone(f"+86{value}") == value


class TestCode:
    @given(st.text(min_size=1), st.integers(1, 99))
    def test_is_twelve_clear_letters_in_three_groups(self, number: str, version: int) -> None:
        code = VAULT.code(number, version)
        groups = code.split("-")
        assert [len(group) for group in groups] == [4, 4, 4]
        assert set("".join(groups)) <= set(ALPHABET)
        assert VAULT.check_code(number, code, version)

    def test_is_the_same_tomorrow(self) -> None:
        """Codes are printed on receipts: whoever changes this line voids them all."""
        assert VAULT.code("330282202501010001") == "A23B-KV7X-SJBZ"

    def test_how_it_is_typed_does_not_matter(self) -> None:
        code = VAULT.code("330")
        wide = "".join(chr(ord(letter) + 0xFEE0) for letter in code)
        for typed in (code.lower(), code.replace("-", ""), code.replace("-", " — "), wide):
            assert VAULT.check_code("330", typed)

    def test_others_are_refused(self) -> None:
        code = VAULT.code("330")
        for typed in ("", code[:-1], code + "A", code[::-1], VAULT.code("331"), "张" * 9000):
            assert not VAULT.check_code("330", typed)
        assert not VAULT.check_code("330", code, version=2)
        assert not Vault(OTHER, "intake").check_code("330", code)

    def test_the_alphabet_has_no_confusables(self) -> None:
        assert len(set(ALPHABET)) == 31
        assert not set(ALPHABET) & set("01OIL")


class TestMasks:
    @pytest.mark.parametrize(
        ("name", "masked"),
        [
            ("张三", "张*"),
            ("张 三", "张*"),
            ("张三丰", "张**"),
            ("欧阳修", "欧阳*"),
            ("司马相如", "司马**"),
            ("欧阳", "欧*"),
            ("张", "*"),
            ("", ""),
            ("买买提·艾力", "买***"),
            ("John Smith", "J***"),
        ],
    )
    def test_names(self, name: str, masked: str) -> None:
        assert mask_name(name) == masked

    @pytest.mark.parametrize(
        ("phone", "masked"),
        [
            ("13812345678", "138****5678"),
            ("+86 138 1234 5678", "138****5678"),
            ("0574-63012345", "0574-****2345"),
            ("010 6301 2345", "010-****2345"),
            ("63012345", "****2345"),
            ("12345", "****"),
            ("", ""),
        ],
    )
    def test_phones(self, phone: str, masked: str) -> None:
        assert mask_phone(phone) == masked

    @pytest.mark.parametrize(
        ("number", "masked"),
        [
            ("33028219800101123x", "330***********123X"),
            ("330282800101123", "330********1123"),
            ("E12345678", "****78"),
            ("123456", "******"),
            ("", ""),
        ],
    )
    def test_identity_numbers(self, number: str, masked: str) -> None:
        assert mask_id(number) == masked

    @pytest.mark.parametrize(
        ("address", "masked"),
        [
            ("浙江省宁波市慈溪市浒山街道西门社区123号", "浙江省宁波市慈溪市浒山街道****"),
            ("慈溪市周巷镇 环城南路5号", "慈溪市周巷镇****"),
            ("慈溪市阳光小区3幢", "慈溪市****"),
            ("新疆维吾尔自治区乌鲁木齐市天山区和平路", "新疆维吾尔自治区乌鲁木齐市天山区****"),
            ("北京市海淀区中关村", "北京市海淀区****"),
            ("三北大街112号", "****"),
            ("慈溪市", "慈溪市"),
            ("", ""),
        ],
    )
    def test_addresses(self, address: str, masked: str) -> None:
        assert mask_address(address) == masked
