"""Invented people (虚构人物): nobody here can be anybody.

Names: a common surname and a given name whose last character is a plant (陈秋榆, 王小葵). It
reads as a name, and as an invented one; no official named in a source bears one.

Phones: `154` and eight digits. Numbers of mainland mobile phones start with 13 to 19; of these the
block 154 is assigned to no operator (libphonenumber's metadata, release 9.0.43: `15[0-35-9]`).
They pass the usual form check `1[3-9]` and nine digits, and ring nowhere.

Id numbers (身份证号): a valid date of birth and a valid check digit, so that forms accept them,
under the region `339999`. GB/T 2260 numbers cities 01-20 and 51-70, prefectures 21-50: a city 99
has never been assigned, so no such number has ever been issued.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import TypeVar

from tool.demo.site import Spot

T = TypeVar("T")

SURNAMES = tuple(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严戚岑"
)
GIVEN_FIRST = tuple("小大文春夏秋冬青明晓丽国建玉秀金银月雨雪云山水海田红志永长福来根宝兰桂友")
GIVEN_LAST = tuple("禾麦苗榆槐杉桐栀葵荞蓼菱藕橘橙柚枣杏榴苇蒲芹茴椒笋莓荠薇蕨艾葛椿楝桑")

REGION = "339999"
PHONE_BLOCK = "154"

_FIRST_BIRTH = date(1940, 1, 1)
_BIRTH_DAYS = (date(2005, 12, 31) - _FIRST_BIRTH).days + 1
_SEQUENCES = 999
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"

# Multiplying by a number coprime to the range permutes it: serial numbers look random, none twice.
_ID_RANGE = _BIRTH_DAYS * _SEQUENCES
_ID_STRIDE = 7_368_787
_PHONE_RANGE = 10**8
_PHONE_STRIDE = 61_803_399


@dataclass(frozen=True, slots=True)
class Person:
    """A petitioner, representative or agent; `division` is the home village's 12-digit code."""

    name: str
    id_number: str | None
    phone: str | None
    address: str
    division: str


def pick(random: Callable[[], float], pool: Sequence[T]) -> T:
    """One item of a pool; `random` gives numbers in [0, 1). Faster than `Random.choice`."""
    return pool[int(random() * len(pool))]


def invent(random: Callable[[], float], serial: int, home: Spot) -> Person:
    """A person living at `home`; no two of 24 million consecutive serials share an id number."""
    return Person(
        name=pick(random, SURNAMES) + pick(random, GIVEN_FIRST) + pick(random, GIVEN_LAST),
        id_number=id_number(serial),
        phone=f"{PHONE_BLOCK}{serial * _PHONE_STRIDE % _PHONE_RANGE:08}",
        address=address(random, home),
        division=(home.village or home.town).code,
    )


def id_number(serial: int) -> str:
    """The 18-digit id number of a serial number, with its check digit (GB 11643)."""
    day, sequence = divmod(serial * _ID_STRIDE % _ID_RANGE, _SEQUENCES)
    head, weighted = _births()[day]
    tail = f"{sequence + 1:03}"
    weighted += int(tail[0]) * 8 + int(tail[1]) * 4 + int(tail[2]) * 2
    return head + tail + _CHECK[weighted % 11]


def check_digit(first17: str) -> str:
    """The check digit of the first 17 digits of an id number (GB 11643, ISO 7064 MOD 11-2)."""
    return _CHECK[sum(int(d) * w for d, w in zip(first17, _WEIGHTS, strict=True)) % 11]


def address(random: Callable[[], float], home: Spot) -> str:
    """A postal address: group and house number in a village, block and flat in a community."""
    if home.village is None:
        return f"{home.town.name}{1 + int(random() * 120)}号"
    place = home.town.name + home.village.spoken
    if home.village.name.endswith("村委会"):
        return f"{place}{1 + int(random() * 18)}组{1 + int(random() * 160)}号"
    flat = 100 * (1 + int(random() * 11)) + 1 + int(random() * 4)
    return f"{place}{1 + int(random() * 40)}幢{flat}室"


@cache
def _births() -> tuple[tuple[str, int], ...]:
    """First 14 digits and their weighted sum for every day of birth."""
    heads = (f"{REGION}{_FIRST_BIRTH + timedelta(days=n):%Y%m%d}" for n in range(_BIRTH_DAYS))
    return tuple(
        (head, sum(int(d) * w for d, w in zip(head, _WEIGHTS, strict=False))) for head in heads
    )
