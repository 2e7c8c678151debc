"""The patterns: each draws one case, or None where the drawn place does not suit it."""

from __future__ import annotations

from collections.abc import Callable

from tests.bench.locate import phrases as say
from tests.bench.locate.divisions import near, stem
from tests.bench.locate.old import MOVED_TOWNS, OLD_COUNTIES
from tests.bench.locate.spellings import (
    HOMOPHONES,
    LOOKALIKES,
    SMUDGES,
    fullwidth_digits,
    sprinkled,
    traditional,
)
from tests.bench.locate.workshop import FULL, PATTERNS, Case, Workshop, pattern

__all__ = ["PATTERNS"]

SEPARATORS = (" ", ",", "，", "、", "\n", "/", "-", "　", "·", "; ")

# -- as in the development cases -------------------------------------------------------------------


@pattern(40)
def full5(shop: Workshop) -> Case | None:
    code = shop.place()
    address = shop.join(code, *FULL)
    return shop.sure(address, address, code, far=True)


@pattern(40)
def full5_detail(shop: Workshop) -> Case | None:
    code = shop.place()
    address = shop.join(code, *FULL)
    return shop.sure(address + shop.number(), address, code, far=True)


@pattern(40)
def no_province(shop: Workshop) -> Case | None:
    code = shop.place()
    address = shop.join(code, *FULL[1:])
    return shop.sure(address + shop.number(), address, code, far="city" in shop.all.path(code))


@pattern(25)
def no_city(shop: Workshop) -> Case | None:
    code = shop.place()
    address = shop.join(code, "province", "county", "town", "village")
    return shop.sure(address, address, code)


@pattern(40)
def county_down(shop: Workshop) -> Case | None:
    code = shop.place()
    address = shop.join(code, "county", "town", "village")
    return shop.sure(address + shop.number(), address, code)


@pattern(30)
def no_county(shop: Workshop) -> Case | None:
    code = shop.place()
    if "city" not in shop.all.path(code):
        return None
    address = shop.join(code, "city", "town", "village")
    return shop.sure(address + shop.number(), address, code)


@pattern(40)
def county_town(shop: Workshop) -> Case | None:
    code = shop.place(9)
    address = shop.join(code, "county", "town", short=shop.one((), ("county",)))
    return shop.sure(address, address, code, deepest=9)


@pattern(30)
def county_village(shop: Workshop) -> Case | None:
    code = shop.place()
    if "county" not in shop.all.path(code):
        return None
    address = shop.join(code, "county", "village")
    return shop.any(address + shop.number(), address, shop.office(code))


@pattern(20)
def county_only(shop: Workshop) -> Case | None:
    code = shop.place(6)
    address = shop.join(code, *shop.one(("county",), ("city", "county")))
    return shop.any(address, address, shop.office(code), deepest=6)


@pattern(12)
def city_only(shop: Workshop) -> Case | None:
    code = shop.place(4)
    address = shop.join(code, *shop.one(("city",), ("province", "city")))
    tail = shop.one("", "", "的一家公司", "某工地", "市民来信", "有关部门")
    return shop.sure(address + tail, address, code, share=0.2, deepest=4)


@pattern(30)
def short_cct(shop: Workshop) -> Case | None:
    code = shop.place(9)
    address = shop.join(code, "city", "county", "town", short=("city", "county"))
    return shop.sure(address, address, code, deepest=9)


@pattern(35)
def short_all(shop: Workshop) -> Case | None:
    code = shop.place()
    address = shop.join(code, *FULL[1:], short=FULL)
    if address[-1] in "新老大小东西南北":
        return None
    return shop.sure(address, address, code)


@pattern(45)
def town_village(shop: Workshop) -> Case | None:
    code = shop.place()
    address = shop.join(code, "town", "village")
    return shop.sure(address + shop.number(), address, code, share=0.8)


@pattern(45)
def village_office(shop: Workshop) -> Case | None:
    code = shop.place()
    address = shop.join(code, "village")
    return shop.any(address + shop.number(), address, shop.office(code, share=1))


@pattern(40)
def road(shop: Workshop) -> Case | None:
    code = shop.place(9)
    address = shop.somehow(code)
    return shop.sure(address + shop.road(), address, code, deepest=9)


@pattern(20)
def road_county(shop: Workshop) -> Case | None:
    code = shop.place(6)
    address = shop.join(code, *shop.one(("city", "county"), ("province", "city", "county")))
    return shop.sure(address + shop.road(), address, code, share=0.4, deepest=6)


@pattern(50)
def sentence(shop: Workshop) -> Case | None:
    code = shop.place(shop.one(9, 12, 12, 12))
    address = shop.somehow(code)
    return shop.sure(shop.fill(shop.one(*say.SENTENCES), place=address), address, code)


@pattern(15)
def pronoun(shop: Workshop) -> Case | None:
    office = shop.office(shop.place(shop.one(6, 9)), share=0.85)
    return shop.case(shop.one(*say.PRONOUNS) + shop.one(*say.COURTESIES), office, office)


@pattern(12)
def amb_county(shop: Workshop) -> Case | None:
    if not shop.shared[6]:
        return None
    name = shop.one(*shop.shared[6])
    code = shop.one(*shop.all.named(name, 6))
    office = shop.one("", "", *shop.all.above(code))
    return shop.any(name + shop.one("", "人民政府", "某小区", "的干部"), name, office, deepest=6)


@pattern(20)
def amb_town(shop: Workshop) -> Case | None:
    if not shop.shared[9]:
        return None
    name = shop.one(*shop.shared[9])
    code = shop.one(*shop.all.named(name, 9))
    office = shop.one("", "", "", code[:2])
    return shop.any(name + shop.one("", "某村", "的干部", "某厂"), name, office, deepest=9)


@pattern(20)
def amb_village(shop: Workshop) -> Case | None:
    if not shop.shared[12]:
        return None
    name = shop.one(*shop.shared[12])
    code = shop.one(*shop.all.named(name, 12))
    case = shop.any(name + shop.number(), name, shop.one("", "", *shop.all.above(code)))
    return case if case and case["ambiguous"] else None


@pattern(40)
def typo_homophone(shop: Workshop) -> Case | None:
    return _typo(shop, HOMOPHONES)


# -- held out --------------------------------------------------------------------------------------


@pattern(35)
def typo_lookalike(shop: Workshop) -> Case | None:
    return _typo(shop, LOOKALIKES)


def _typo(shop: Workshop, groups: list[str]) -> Case | None:
    """A whole address with one wrong character in its town or village."""
    code = shop.place()
    address = shop.somehow(code)
    wrong = _misspelt(shop, code, address, groups)
    return shop.sure(wrong, address, code)


def _misspelt(shop: Workshop, code: str, address: str, groups: list[str]) -> str | None:
    """The address with its town or village misspelt, so that it reads as nothing else."""
    names = shop.misspelt(code[: shop.one(9, 12, 12)], groups)
    if names is None or address.count(names[0]) != 1:
        return None
    wrong = address.replace(*names)
    return None if shop.all.read(wrong, loose=True) else wrong


@pattern(35)
def wrong_suffix(shop: Workshop) -> Case | None:
    code = shop.place(shop.one(9, 12))
    address = shop.somehow(code)
    wrong = _other_suffix(shop, code, address)
    return shop.sure(wrong, address, code)


def _other_suffix(shop: Workshop, code: str, address: str) -> str | None:
    """The address with another word for the level of its town, where the city has no such town."""
    town = shop.all.path(code)["town"]
    wrong = stem(9, town) + shop.one("乡", "镇", "街道")
    known = shop.all.by_stem[9, stem(9, town)]
    alone = [c for c in known if c.startswith(code[:4])] == [code[:9]]
    if wrong == town or not alone or address.count(town) != 1:
        return None
    text = address.replace(town, wrong)
    return None if shop.all.read(text) or shop.all.read(text, loose=True) != {code} else text


@pattern(25)
def moved_town(shop: Workshop) -> Case | None:
    """A town under the county it left, or by mistake under another of its city: the town is right."""
    if shop.rng.random() < 0.3:
        county, was, town = shop.one(*MOVED_TOWNS)
        codes = [c for c in shop.all.named(town, 9) if c.startswith(county)]
    else:
        codes, was, town = _misplaced(shop)
    if len(codes) != 1 or codes[0][:4] not in shop.all.names:
        return None
    code = codes[0]
    address = shop.join(code, *shop.one(("city", "town"), ("province", "city", "town")))
    text = address.replace(town, was + town)
    if shop.all.read(text, loose=True):
        return None
    return shop.sure(text + shop.one("", shop.road()), address, code, deepest=9)


def _misplaced(shop: Workshop) -> tuple[list[str], str, str]:
    """(town, the name of another county of its city without a similar town, the town's name)."""
    code = shop.place(9)
    town = shop.all.path(code)["town"]
    county = shop.place(6, prefix=code[:4])
    similar = [c for c in shop.all.below[county] if near(stem(9, shop.all.names[c]), stem(9, town))]
    return ([] if county == code[:6] or similar else [code]), shop.all.path(county)["county"], town


@pattern(35)
def two_addresses(shop: Workshop) -> Case | None:
    return _with_home(shop, say.TWO)


@pattern(35)
def many_noises(shop: Workshop) -> Case | None:
    code = shop.place()
    address = shop.somehow(code)
    blunder = shop.one(
        lambda: _misspelt(shop, code, address, HOMOPHONES),
        lambda: _misspelt(shop, code, address, LOOKALIKES),
        lambda: _other_suffix(shop, code, address),
    )
    wrong = blunder()
    if wrong is None:
        return None
    text = wrong + shop.one(shop.number(), shop.road())
    noises: list[Callable[[str], str]] = [
        traditional,
        lambda words: sprinkled(shop.rng, words, " 　", 2),
        fullwidth_digits,
        lambda words: shop.fill(shop.one(*say.SENTENCES), place=words),
    ]
    for noise in shop.rng.sample(noises, 2):
        text = noise(text)
    return shop.sure(text, address, code)


@pattern(30)
def old_name(shop: Workshop) -> Case | None:
    city, old, now, split = shop.one(*OLD_COUNTIES)
    counties = [c for c in now if c in shop.all.names]
    before = shop.one("", city, city, stem(4, city))
    namesakes = {c for c in shop.all.named(stem(6, old), 6) if before == "" and c not in now}
    if not counties or namesakes or shop.all.read(before + old, deepest=6):
        return None
    if shop.rng.random() < 0.4:
        text = before + old + shop.one("", shop.road(), shop.road())
        return None if split else shop.case(text, counties[0], shop.office(counties[0], 0.4))
    code = shop.place(9, prefix=shop.one(*counties))
    town = shop.all.path(code)["town"]
    alike = [c for c in shop.all.named(town, 9, loose=True) if c.startswith(code[:4])]
    if alike != [code] or shop.all.read(before + old + town, loose=True):
        return None
    return shop.case(before + old + town + shop.one("", shop.road()), code, shop.office(code, 0.4))


# -- of our own ------------------------------------------------------------------------------------


@pattern(20)
def fullwidth(shop: Workshop) -> Case | None:
    code = shop.place()
    address = shop.somehow(code)
    digits = f"{shop.rng.randint(1, 20)}组{shop.rng.randint(1, 300)}号"
    return shop.sure(
        sprinkled(shop.rng, address + fullwidth_digits(digits), " 　", 3), address, code
    )


@pattern(25)
def in_traditional(shop: Workshop) -> Case | None:
    code = shop.place(shop.one(9, 12))
    address = shop.somehow(code)
    text = traditional(shop.one(address, shop.fill(shop.one(*say.SENTENCES), place=address)))
    return shop.sure(text, address, code)


@pattern(25)
def separators(shop: Workshop) -> Case | None:
    code = shop.place()
    path = list(shop.all.path(code).values())[shop.one(0, 1, 2) :]
    text = path[0]
    same = shop.one(*SEPARATORS)
    for name in path[1:]:
        text += shop.one(same, same, *SEPARATORS[:3]) + name
    return shop.sure(text + shop.number(), "".join(path), code)


@pattern(20)
def reordered(shop: Workshop) -> Case | None:
    code = shop.place()
    path = shop.all.path(code)
    if "county" not in path:
        return None
    county, town, village = path["county"], path["town"], path["village"]
    text = shop.one(
        f"{town}（{county}）{village}",
        f"{village}，{town}，{county}",
        f"{county}{county}{town}{village}",
        f"{town}{village}（{county}）",
        f"{county}{town}{county}{town}{village}",
        f"{village}（{county}{town}）",
        f"{county}{town}，{town}{village}",
    )
    return shop.sure(text, county + town + village, code)


@pattern(20)
def body(shop: Workshop) -> Case | None:
    """A body that bears the place's name: the place is the body's own level, not a deeper one."""
    code = shop.place(shop.one(6, 9, 9, 12))
    address = shop.somehow(code)
    level = list(shop.all.path(code))[-1]
    bodies = say.BODIES[level]
    if address.endswith("社区"):
        bodies = ("居民委员会", "党支部")
    text = address + shop.one(*bodies) + shop.fill("{fault}")
    return shop.sure(text, address, code, deepest=len(code))


@pattern(20)
def body_accused(shop: Workshop) -> Case | None:
    code = shop.place(6)
    address = shop.somehow(code)
    text = _home_text(
        shop, code, shop.one(*say.ACCUSED), address, body=shop.one(*say.BODIES["county"])
    )
    return shop.sure(text, address, code, deepest=6)


@pattern(20)
def lives_now(shop: Workshop) -> Case | None:
    return _with_home(shop, say.MOVED)


def _with_home(shop: Workshop, templates: tuple[str, ...]) -> Case | None:
    code = shop.place(shop.one(9, 12, 12))
    address = shop.somehow(code)
    text = _home_text(shop, code, shop.one(*templates), address)
    return shop.sure(text, address, code)


def _home_text(shop: Workshop, code: str, template: str, address: str, **more: str) -> str | None:
    """The template with the place, and a household registered in another county."""
    home = shop.place(shop.one(6, 9, 12), prefix=shop.one("", "", code[:4]))
    if home[:6] == code[:6]:
        return None
    return shop.fill(template, home=shop.join(home, *FULL), place=address, **more)


@pattern(15)
def ocr(shop: Workshop) -> Case | None:
    code = shop.place()
    address = shop.somehow(code)
    number = f"{shop.rng.randint(1, 20)}组{shop.rng.choice(range(100, 300))}号".translate(SMUDGES)
    if shop.rng.random() < 0.5:
        wrong = _misspelt(shop, code, address, LOOKALIKES)
        return shop.sure(wrong and wrong + number, address, code)
    return shop.sure(sprinkled(shop.rng, address, "|·.~ ", 3) + number, address, code)


@pattern(25)
def call(shop: Workshop) -> Case | None:
    code = shop.place(shop.one(9, 12, 12))
    county = shop.join(code, *shop.one(("county",), ("city", "county")),
                       short=shop.one((), ("county",), ("city", "county")))  # fmt: skip
    rest = shop.join(code, "town", "village")
    before, between, then, end = shop.one(*say.CALLS)
    text = before + county + between + rest + then + shop.one(*say.GRIEVANCES) + end
    return shop.sure(text, county + rest, code)


@pattern(25)
def petition_long(shop: Workshop) -> Case | None:
    """A whole petition of 600 to 1,000 characters, the address at its beginning or end."""
    code = shop.place(shop.one(9, 12, 12))
    address = shop.somehow(code)
    body = "".join(shop.rng.sample(say.PETITION, shop.rng.randint(15, len(say.PETITION))))
    opening = "尊敬的领导：\n    您好！"
    signed = shop.fill("\n    此致\n敬礼\n信访人：{name}\n二〇二三年九月六日")
    who = shop.fill(shop.one(*say.SENTENCES[1:3], "本人{name}，系{place}村民，因{what}一事，特来信反映。"),
                    place=address)  # fmt: skip
    signed_at = shop.fill("\n    此致\n敬礼\n信访人：{name}，住址：{place}", place=address)
    request = shop.one(*say.REQUESTS)
    text = shop.one(opening + who + body + request + signed, opening + body + request + signed_at)
    return shop.sure(text, address, code) if 600 <= len(text) <= 1000 else None


@pattern(15)
def twin_kind(shop: Workshop) -> Case | None:
    """天元村 and 天元社区 in one town: the word decides, and without it both are meant."""
    if not shop.twins:
        return None
    code = shop.one(*shop.one(*shop.twins))
    short = shop.one((), (), ("county", "town", "village"))
    address = shop.join(code, *shop.one(FULL[1:], FULL[2:]), short=short)
    office = shop.office(code)
    answer = shop.all.settle(shop.all.read(address), office)
    wanted = (code[:9], True) if short else (code, False)
    return shop.case(address, wanted[0], office, wanted[1]) if answer == wanted else None


@pattern(10)
def nowhere(shop: Workshop) -> Case | None:
    text = shop.one(*say.OPENINGS) + shop.one(*say.TOPICS) + shop.one(*say.COURTESIES)
    return shop.case(text, "", "")


@pattern(6)
def latin(shop: Workshop) -> Case | None:
    return shop.case(
        shop.one(*say.LATIN) + shop.one(". ", ", ", " ") + shop.one(*say.LATIN), "", ""
    )
