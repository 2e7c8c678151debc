"""marshmallow fields that every service needs; all others are marshmallow's own."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate

from kit.problems import Message

# Control characters but tab and line feed, invisible direction marks, and non-characters.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")


class Text(fields.String):
    """Text of several lines: line ends made one kind, trimmed, normalised (NFC); empty is refused.

    Args:
        most: characters at most; least: at least.
    """

    def __init__(self, most: int = 20_000, least: int = 1, **options: Any) -> None:
        more = options.pop("validate", ())
        validators = [validate.Length(min=least, max=most), *([more] if callable(more) else more)]
        super().__init__(validate=validators, **options)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        text = super()._deserialize(value, attr, data, **kwargs).replace("\r\n", "\n")
        if _UNWANTED.search(text):
            raise ValidationError(
                Message("Control characters are not allowed.", "含有不允许的控制字符。", "control")
            )
        return unicodedata.normalize("NFC", text).strip()


class Line(Text):
    """Text of one line, at most 200 characters unless told otherwise."""

    def __init__(self, most: int = 200, least: int = 1, **options: Any) -> None:
        super().__init__(most, least, **options)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if "\n" in text or "\t" in text:
            raise ValidationError(Message("One line only.", "只能填写一行。", "line"))
        return text


class Instant(fields.AwareDateTime):
    """An instant with its offset, as RFC 3339 writes it; one without an offset is refused."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="iso", **options)
