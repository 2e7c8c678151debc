"""What protects personal data at rest: sealed fields, blind indexes, query codes, masks.

Everything hangs on one master key. Every service and purpose gets a key of its own by HKDF, so
that what one service sealed no other opens by accident, and an index tells nothing of a ciphertext.
Source: 个人信息保护法 Art. 51 (encryption, de-identification); GB/T 22239-2019, 8.1.4.8.
"""

from __future__ import annotations

import hmac
import os
import re
import unicodedata
from collections.abc import Callable, Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FORMAT = 1  # AES-256-GCM, 96-bit random nonce
NONCE = 12
TAG = 16
HEADER = 2  # format, key id
BLIND = 16  # bytes of a blind index

# 31 letters and digits nobody mistakes for one another: no 0 O, 1 I L
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 12  # 31 ** 12 is about 2 ** 59
MAX_TYPED = 64  # characters of a typed code that are looked at


class VaultError(Exception):
    """A blob that this vault cannot open. Says where it belongs, never what is in it."""


class Vault:
    """Seals and finds the personal fields of one service.

    Args:
        master_key: 32 bytes, `kit.keys.load_vault`.
        service: whose data; part of every derived key.
        key_id: 1–255, written before everything sealed.
        older: earlier master keys by their ids. They still open, and the earliest goes on to serve
            `blind` and `code`: an index is compared as it stands, and a code is printed on paper.

    Errors: ValueError for a key of the wrong size or an id out of range.
    """

    def __init__(
        self,
        master_key: bytes,
        service: str,
        key_id: int = 1,
        older: Mapping[int, bytes] | None = None,
    ) -> None:
        ring = {**(older or {}), key_id: master_key}
        if not all(len(key) == 32 and 1 <= number <= 255 for number, key in ring.items()):
            raise ValueError("a master key has 32 bytes and an id from 1 to 255")
        self._ciphers = {n: AESGCM(_derive(key, service, "seal")) for n, key in ring.items()}
        self._header = bytes((FORMAT, key_id))
        self._cipher = self._ciphers[key_id]
        first = ring[min(ring)]
        self._blind = _derive(first, service, "blind")
        self._code = _derive(first, service, "code")

    def seal(self, plain: str | bytes, context: str) -> bytes:
        """Encrypts one field.

        Args:
            context: where it belongs, as `petition.name:<number>`. Bound to the blob, so that a
                ciphertext moved to another row or column does not open; hence nothing personal.
        """
        data = plain.encode() if isinstance(plain, str) else plain
        nonce = os.urandom(NONCE)
        header = self._header
        return header + nonce + self._cipher.encrypt(nonce, data, header + context.encode())

    def open(self, blob: bytes | memoryview, context: str) -> str:
        """The text that was sealed under the same context. Errors: VaultError."""
        try:
            return self.open_bytes(blob, context).decode()
        except UnicodeDecodeError:
            raise VaultError(f"{context}: sealed, but not as text") from None

    def open_bytes(self, blob: bytes | memoryview, context: str) -> bytes:
        """The bytes that were sealed under the same context. Errors: VaultError."""
        blob = bytes(blob)  # psycopg2 gives memoryviews
        if len(blob) < HEADER + NONCE + TAG or blob[0] != FORMAT:
            raise VaultError(f"{context}: not a sealed field")
        cipher = self._ciphers.get(blob[1])
        if cipher is None:
            raise VaultError(f"{context}: sealed with key {blob[1]}, which is not in the ring")
        header, nonce, body = blob[:HEADER], blob[HEADER : HEADER + NONCE], blob[HEADER + NONCE :]
        try:
            return cipher.decrypt(nonce, body, header + context.encode())
        except InvalidTag:
            raise VaultError(f"{context}: wrong key, wrong place or damaged") from None

    def blind(self, value: str, field: str) -> bytes:
        """A keyed index for exact search: equal for spellings that mean the same.

        Args:
            field: `name`, `phone` and `id_number` have spellings of their own; values of different
                fields never match.

        Returns: 16 bytes. An empty value has an index too; store NULL instead.
        """
        normal = NORMALISERS.get(field, normal_text)(value)
        message = f"{field}\0{normal}".encode()
        return hmac.digest(self._blind, message, "sha256")[:BLIND]

    def code(self, number: str, version: int = 1) -> str:
        """The query code of a petition, as `K7QM-2XRD-9WPA`.

        Derived, so that nothing is stored that could leak; a new version is a new code.
        """
        digest = hmac.digest(self._code, f"{number}\0{version}".encode(), "sha256")
        rest = int.from_bytes(digest, "big")
        letters: list[str] = []
        for _ in range(CODE_LENGTH):
            rest, index = divmod(rest, len(ALPHABET))
            letters.append(ALPHABET[index])
        code = "".join(letters)
        return f"{code[:4]}-{code[4:8]}-{code[8:]}"

    def check_code(self, number: str, code: str, version: int = 1) -> bool:
        """Whether a typed code is right; case, width, spaces and dashes do not matter."""
        expected = self.code(number, version).replace("-", "")
        return hmac.compare_digest(expected.encode(), _typed(code).encode())


def _derive(master: bytes, service: str, purpose: str) -> bytes:
    info = f"petition vault 1\0{service}\0{purpose}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(master)


def _typed(code: str) -> str:
    letters = unicodedata.normalize("NFKC", code[:MAX_TYPED]).upper()
    return "".join(letter for letter in letters if letter.isalnum())


# --- spellings that mean the same ---------------------------------------------------------------

# Invisible characters that come with pasted text, and the dots inside names such as 买买提·艾力.
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_DOTS = dict.fromkeys(map(ord, "•‧∙⋅・●"), "·")
_DASHES = dict.fromkeys(map(ord, "-‐‑‒–—―−"))
_NO_DIGIT = re.compile(r"[^+0-9]+")
_MOBILE = re.compile(r"1[0-9]{10}")
_MAINLAND = re.compile(r"(?:\+|00)?86(?=1[0-9]{10}$)|(?:\+|00)86(?=[1-9][0-9]{8,10}$)")


def normal_text(value: str) -> str:
    """NFKC, without blanks and invisible characters, in capitals."""
    return "".join(unicodedata.normalize("NFKC", value).translate(_INVISIBLE).split()).upper()


def normal_name(value: str) -> str:
    """A name: as text, with one kind of middle dot."""
    return normal_text(value).translate(_DOTS)


def normal_id(value: str) -> str:
    """An identity number: as text, without dashes; the check letter is X."""
    return normal_text(value).translate(_DASHES)


def normal_phone(value: str) -> str:
    """A telephone number: digits only, without the country code of the mainland."""
    digits = _NO_DIGIT.sub("", normal_text(value))
    country = _MAINLAND.match(digits)
    if not country:
        return digits.replace("+", "")
    local = digits[country.end() :]
    # behind the country code a landline goes without its zero: +86 574 … is 0574 …
    return local if _MOBILE.fullmatch(local) else f"0{local}"


NORMALISERS: Mapping[str, Callable[[str], str]] = {
    "name": normal_name,
    "phone": normal_phone,
    "id_number": normal_id,
}

# --- masks ---------------------------------------------------------------------------------------

STARS = "****"
# family names of two characters
_COMPOUND = frozenset(
    re.findall(
        "..",
        "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳"
        "公冶太叔申屠公孙慕容仲孙钟离长孙宇文司徒鲜于司空闾丘子车亓官司寇巫马公西颛孙"
        "壤驷公良漆雕乐正宰父谷梁拓跋夹谷轩辕令狐段干百里呼延东郭南门羊舌微生梁丘左丘"
        "东门西门第五",
    )
)
_PLACE = re.compile(
    r"(?:[\u4e00-\u9fff]{2,3}?省|[\u4e00-\u9fff]{2,6}?自治区)?"
    r"(?:[\u4e00-\u9fff]{2,8}?(?:自治州|地区|盟|(?<!超)市(?!场)))?"
    r"(?:[\u4e00-\u9fff]{1,8}?(?:自治县|县|(?<!超)市(?!场)|(?<![小社园])区|旗))?"
    r"(?:[\u4e00-\u9fff]{1,8}?(?:街道|镇|乡|苏木))?"
)


def mask_name(name: str) -> str:
    """The family name alone: 张*, 张**, 欧阳*; of long and foreign names the first letter."""
    text = normal_text(name) if name.isascii() else "".join(name.split())
    if len(text) < 2:
        return "*" * len(text)
    if len(text) > 4 or text.isascii():
        return f"{text[0]}***"
    shown = 2 if len(text) > 2 and text[:2] in _COMPOUND else 1
    return text[:shown] + "*" * (len(text) - shown)


def mask_phone(phone: str) -> str:
    """A mobile as 138****5678, a landline as 0574-****2345, anything else by its last digits."""
    digits = normal_phone(phone)
    if _MOBILE.fullmatch(digits):
        return f"{digits[:3]}{STARS}{digits[-4:]}"
    if len(digits) >= 10 and digits[0] == "0":
        area = digits[:3] if digits[1] in "12" else digits[:4]
        return f"{area}-{STARS}{digits[-4:]}"
    return STARS + (digits[-4:] if len(digits) >= 8 else "") if digits else ""


def mask_id(number: str) -> str:
    """An identity number by its first three and last four signs; the date of birth is hidden."""
    text = normal_id(number)
    if len(text) < 15:
        return STARS + text[-2:] if len(text) > 6 else "*" * len(text)
    return text[:3] + "*" * (len(text) - 7) + text[-4:]


def mask_address(address: str) -> str:
    """An address down to town or street office; what lies within it is hidden."""
    text = "".join(address.split())
    match = _PLACE.match(text)
    shown = match.end() if match else 0
    return text if shown == len(text) else text[:shown] + STARS
