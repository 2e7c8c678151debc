"""Tokens, scopes, the directory and who sees which row."""

from __future__ import annotations

import base64
import json
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Column, ColumnElement, MetaData, Table, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY

from kit import clock, identity, keys
from kit.identity import (
    NOTHING,
    PUBLIC_ACTOR,
    SITE_WIDE,
    Actor,
    Authenticator,
    Directory,
    DirectoryCache,
    Issuer,
    Office,
    Reach,
    Visible,
    aside,
    reach,
)
from kit.problems import Problem

CLERK = Actor("officer", "wang", "town-1", frozenset({"clerk"}))
PETITIONER = Actor("petitioner", "3302822025010100001", petition="3302822025010100001")
TOOL = Actor("tool", "root")
SERVICE = Actor("service", "routing")
PRIVATE = {issuer: Ed25519PrivateKey.generate() for issuer in keys.ISSUERS}
PUBLIC = {issuer: key.public_key() for issuer, key in PRIVATE.items()}


def issue(issuer: str, actor: Actor, ttl: float = 60) -> str:
    return Issuer(PRIVATE[issuer], issuer).token(actor, ttl)


def bearer(issuer: str, actor: Actor, ttl: float = 60) -> str:
    return f"Bearer {issue(issuer, actor, ttl)}"


def forged(issuer: str = "console", key: Any = None, alg: str = "EdDSA", **claims: Any) -> str:
    now = int(clock.now().timestamp())
    whole = {"iss": issuer, "sub": "x", "kind": "officer", "iat": now, "exp": now + 60} | claims
    return f"Bearer {jwt.encode(whole, key or PRIVATE[issuer], algorithm=alg)}"


@pytest.fixture
def check() -> Authenticator:
    return Authenticator(PUBLIC)


@pytest.fixture
def shift() -> Iterator[Any]:
    yield lambda seconds: clock.set_shift(timedelta(seconds=seconds))
    clock.set_shift(timedelta())


class TestActor:
    @pytest.mark.parametrize(
        "arguments",
        [("king", "x"), ("officer", ""), ("petitioner", "x"), ("officer", "x", None, (), "330")],
    )
    def test_impossible_actors_are_refused(self, arguments: tuple[Any, ...]) -> None:
        with pytest.raises(ValueError):
            Actor(*arguments)


class TestTokens:
    @pytest.mark.parametrize(
        ("issuer", "actor"),
        [
            ("console", CLERK),
            ("intake", PETITIONER),
            ("tool", TOOL),
            ("tool", CLERK),
            ("tool", SERVICE),
            ("routing", SERVICE),
            ("stats", Actor("service", "stats")),
        ],
    )
    def test_an_actor_comes_back_as_issued(
        self, check: Authenticator, issuer: str, actor: Actor
    ) -> None:
        assert check.actor(bearer(issuer, actor)) == actor

    @pytest.mark.parametrize("header", [None, ""])
    def test_no_header_is_the_public(self, check: Authenticator, header: str | None) -> None:
        assert check.actor(header) is PUBLIC_ACTOR

    @pytest.mark.parametrize(
        ("issuer", "actor"),
        [
            ("console", PETITIONER),
            ("console", TOOL),
            ("intake", CLERK),
            ("routing", CLERK),
            ("intake", SERVICE),
            ("tool", PETITIONER),
            ("tool", PUBLIC_ACTOR),
        ],
    )
    def test_an_issuer_vouches_for_its_own_kinds_only(
        self, check: Authenticator, issuer: str, actor: Actor
    ) -> None:
        with pytest.raises(ValueError):
            issue(issuer, actor)
        claims: dict[str, Any] = {"sub": actor.id, "kind": actor.kind, "petition": actor.petition}
        assert refusal(check, forged(issuer, **claims)) == "token-invalid"

    def test_unknown_issuers_make_nothing(self, check: Authenticator) -> None:
        with pytest.raises(ValueError):
            Issuer(PRIVATE["console"], "stranger")
        stranger = forged("stranger", key=Ed25519PrivateKey.generate())
        assert refusal(check, stranger) == "token-invalid"

    def test_the_key_belongs_to_the_issuer(self, check: Authenticator) -> None:
        assert refusal(check, forged("console", key=PRIVATE["intake"])) == "token-invalid"

    def test_algorithms_are_not_the_tokens_choice(self, check: Authenticator) -> None:
        secret = PUBLIC["console"].public_bytes_raw()
        assert refusal(check, forged("console", key=secret, alg="HS256")) == "token-invalid"
        claims = issue("console", CLERK).split(".")[1]
        header = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).decode().strip("=")
        assert refusal(check, f"Bearer {header}.{claims}.") == "token-invalid"

    @pytest.mark.parametrize(
        "header",
        ["Bearer", "Bearer ", "Basic eDp5", "Bearer a.b.c", "Bearer é", "Bearer " + "x" * 9000],
    )
    def test_rubbish_is_refused(self, check: Authenticator, header: str) -> None:
        assert refusal(check, header) == "token-invalid"

    def test_a_changed_claim_breaks_the_signature(self, check: Authenticator) -> None:
        head, body, signature = issue("console", CLERK).split(".")
        claims = json.loads(base64.urlsafe_b64decode(body + "=="))
        claims["roles"] = ["head"]
        body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().strip("=")
        assert refusal(check, f"Bearer {head}.{body}.{signature}") == "token-invalid"

    def test_claims_of_wrong_type_are_refused(self, check: Authenticator) -> None:
        for claims in ({"exp": "soon"}, {"exp": True}, {"office": 7}, {"roles": 5}, {"sub": ""}):
            assert refusal(check, forged(**claims)) == "token-invalid"
        for claim in ({"petition": "330"}, {"kind": None}, {"aud": "elsewhere"}):
            assert refusal(check, forged(**claim)) == "token-invalid"

    def test_unknown_roles_give_nothing(self, check: Authenticator) -> None:
        assert check.actor(forged(roles=["clerk", "emperor"])).roles == {"clerk"}

    def test_a_token_expires_by_the_shifted_clock_also_when_remembered(
        self, check: Authenticator, shift: Any
    ) -> None:
        header = bearer("console", CLERK, 60)
        assert check.actor(header) == CLERK
        shift(61)
        assert refusal(check, header) == "token-expired"
        assert refusal(check, header) == "token-expired"

    def test_a_token_from_the_future_is_refused(self, check: Authenticator, shift: Any) -> None:
        shift(300)
        header = bearer("console", CLERK, 600)
        shift(0)
        assert refusal(check, header) == "token-invalid"

    def test_remembers_the_recently_used_and_no_more(self, monkeypatch: pytest.MonkeyPatch) -> None:
        check = Authenticator(PUBLIC, remember=2)
        one, two, three = (bearer("console", CLERK) for _ in range(3))
        for header in (one, two, one, three):  # two falls out
            check.actor(header)
        verified: list[str] = []
        real = check._verify

        def verify(token: str, now: float) -> tuple[Actor, int]:
            verified.append(token)
            return real(token, now)

        monkeypatch.setattr(check, "_verify", verify)
        for header in (one, three, two):
            assert check.actor(header) == CLERK
        assert verified == [two.removeprefix("Bearer ")]

    def test_a_refusal_is_401_and_asks_for_a_bearer(self, check: Authenticator) -> None:
        with pytest.raises(Problem) as caught:
            check.actor("Bearer x")
        assert caught.value.status == 401
        assert caught.value.headers["WWW-Authenticate"].startswith("Bearer")


def refusal(check: Authenticator, header: str) -> str:
    with pytest.raises(Problem) as caught:
        check.actor(header)
    return caught.value.code


class TestScope:
    @pytest.mark.parametrize(
        ("scope", "admitted"),
        [
            (identity.PUBLIC, "clerk head auditor homeless petitioner service tool public"),
            (identity.STAFF, "clerk head auditor homeless tool"),
            (identity.CLERK, "clerk tool"),
            (identity.HEAD, "head tool"),
            (identity.AUDITOR, "auditor tool"),
            (identity.SUPERVISOR, "tool"),
            (identity.TRIAGE, "tool"),
            (identity.SECURITY, "tool"),
            (identity.ADMIN, "tool"),
            (identity.PETITIONER, "petitioner"),
            (identity.SERVICE, "service"),
            (identity.TOOL, "tool"),
            (identity.CLERK | identity.PETITIONER, "clerk petitioner tool"),
            (identity.PETITIONER | identity.HEAD | identity.CLERK, "clerk head petitioner tool"),
            (identity.SERVICE | (identity.PETITIONER | identity.TOOL), "service petitioner tool"),
        ],
        ids=lambda value: getattr(value, "name", ""),
    )
    def test_admits_exactly(self, scope: identity.Scope, admitted: str) -> None:
        actors = {
            "clerk": CLERK,
            "head": Actor("officer", "li", "town-1", frozenset({"head"})),
            "auditor": Actor("officer", "zhao", None, frozenset({"auditor"})),
            "homeless": Actor("officer", "qian", None, frozenset({"clerk"})),
            "petitioner": PETITIONER,
            "service": SERVICE,
            "tool": TOOL,
            "public": PUBLIC_ACTOR,
        }
        assert {n for n, a in actors.items() if scope.allows(a)} == set(admitted.split())

    def test_a_union_names_both(self) -> None:
        assert (identity.CLERK | identity.PETITIONER).name == "clerk|petitioner"


def office(id: str, parent: str | None, kind: str = "department") -> Office:
    return Office(id, id, id, parent, "330282000000", "county", kind)


TREE = Directory(
    [
        office("county", "city", "petition_office"),
        office("town-1", "county", "town"),
        office("town-2", "county", "town"),
        office("village", "town-1"),
        office("school-board", "county"),
        office("school", "school-board"),
    ]
)


class TestDirectory:
    def test_ancestors_are_nearest_first_up_to_the_higher_site(self) -> None:
        assert TREE.ancestors("village") == ("town-1", "county", "city")
        assert TREE.ancestors("unknown") == ()

    def test_descendants_are_without_itself(self) -> None:
        assert TREE.descendants("town-1") == {"village"}
        assert TREE.descendants("county") == {office.id for office in TREE} - {"county"}
        assert TREE.descendants("school") == frozenset()

    def test_under(self) -> None:
        assert TREE.under("village", "county")
        assert TREE.under("village", "village")
        assert not TREE.under("county", "village")
        assert not TREE.under("village", "town-2")

    def test_get_and_membership(self) -> None:
        assert TREE.get("school") == office("school", "school-board")
        assert TREE.get("city") is None
        assert TREE.get(None) is None
        assert "town-1" in TREE
        assert len(TREE) == 6

    def test_a_circle_ends(self) -> None:
        circle = Directory([office("a", "b"), office("b", "a"), office("c", "c")])
        assert circle.ancestors("a") == ("b",)
        assert circle.descendants("a") == {"b"}
        assert circle.ancestors("c") == ()

    def test_a_body_that_was_abolished_goes_on_in_its_successors(self) -> None:
        """Also where these were abolished in their turn; a circle of faulty data ends."""
        at = datetime(2026, 3, 2, tzinfo=UTC)

        def office(id_: str, parent: str, *heirs: str) -> Office:
            return Office(
                id_, "", "", parent, "", "", "", valid_to=at if heirs else None, successors=heirs
            )

        tree = Directory(
            [
                office("a", "top", "b", "c"), office("b", "top", "d", "a"), office("c", "top"),
                office("d", "other"), office("below", "a"),
            ]
        )  # fmt: skip
        assert set(tree.heirs("a", at)) == {"c", "d"}
        assert tree.heirs("c", at) == ()
        assert tree.heirs("a", at - timedelta(seconds=1)) == ("b", "c"), "not ended yet"
        assert tree.lineage("d") == {"d", "other", "b", "a", "top"}
        assert tree.lineage("below") >= {"below", "a", "top"}
        assert tree.predecessors("d") == {"a", "b"}
        assert tree.predecessors("d", sole=True) == frozenset(), "others succeeded it too"
        assert tree.superiors("below", at) == ()

    @pytest.mark.parametrize(
        ("began", "ended", "there"),
        [(None, None, True), (None, 1, False), (None, 2, True), (30, None, True), (31, None, False), (3, 4, True)],
    )  # fmt: skip
    def test_an_office_existed_in_a_period_that_it_was_there_in_part_of(
        self, began: int | None, ended: int | None, there: bool
    ) -> None:
        def day(n: int | None) -> datetime | None:
            return datetime(2026, 3, n, tzinfo=UTC) if n else None

        one = Office("a", "", "", None, "", "", "", valid_from=day(began), valid_to=day(ended))
        assert (
            one.existed(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 31, tzinfo=UTC))
            is there
        )

    def test_the_cache_loads_once_until_it_is_told(self) -> None:
        answers = [[office("a", None)], [office("b", None)]]
        cache = DirectoryCache(lambda: answers.pop(0), ttl=3600)
        assert "a" in cache.get()
        assert cache.get() is cache.get()
        cache.invalidate()
        assert "b" in cache.get()

    def test_a_failed_load_is_tried_again(self) -> None:
        answers: list[Any] = [OSError(), [office("a", None)]]

        def load() -> list[Office]:
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer  # type: ignore[no-any-return]

        cache = DirectoryCache(load, ttl=3600)
        with pytest.raises(OSError):
            cache.get()
        assert len(cache.get()) == 1

    def test_a_directory_that_is_still_empty_is_not_kept(self) -> None:
        """A site whose offices come a second after the services must not refuse them for five."""
        answers = [[], [office("a", None)]]
        cache = DirectoryCache(lambda: answers.pop(0), ttl=3600)
        assert len(cache.get()) == 0
        assert "a" in cache.get()

    def test_an_invalidation_during_a_load_is_not_lost(self) -> None:
        loads: list[int] = []

        def load() -> list[Office]:
            loads.append(1)
            if len(loads) == 1:
                cache.invalidate()
            return [office("a", None)]

        cache = DirectoryCache(load, ttl=3600)
        cache.get()
        cache.get()
        assert len(loads) == 2


def officer(office: str | None, *roles: str) -> Actor:
    return Actor("officer", "wang", office, frozenset(roles))


class TestReach:
    def test_a_clerk_sees_the_own_office(self) -> None:
        assert reach(officer("town-1", "clerk"), TREE) == Reach(
            offices=frozenset({"town-1"}),
            chain=frozenset({"town-1", "county", "city", aside(officer("town-1", "clerk").id)}),
        )

    @pytest.mark.parametrize("role", ["head", "supervisor", "triage"])
    def test_oversight_sees_everything_under_a_petition_office(self, role: str) -> None:
        assert reach(officer("town-1", role), TREE).offices == {"town-1", "village"}
        assert reach(officer("county", role), TREE).offices == {office.id for office in TREE}

    def test_the_head_of_a_department_sees_the_own_office(self) -> None:
        assert reach(officer("school-board", "head"), TREE).offices == {"school-board"}

    @pytest.mark.parametrize(
        "actor",
        [
            PUBLIC_ACTOR,
            officer(None, "clerk"),
            officer("unknown", "head"),
            officer("county", "admin"),
            officer("county", "auditor", "security"),
        ],
    )
    def test_some_see_nothing(self, actor: Actor) -> None:
        assert replace(reach(actor, TREE), chain=frozenset()) == NOTHING

    def test_petitioners_see_their_petition(self) -> None:
        assert reach(PETITIONER, TREE) == Reach(petition=PETITIONER.petition)

    def test_services_and_the_command_line_see_everything(self) -> None:
        assert reach(SERVICE, TREE) == reach(TOOL, TREE) == SITE_WIDE


@dataclass
class Line:
    number: str = "1"
    offices: list[str] | None = field(default_factory=list)
    barred: list[str] | None = field(default_factory=list)


TABLE = Table(
    "line",
    MetaData(),
    Column("number", Text),
    Column("offices", ARRAY(Text)),
    Column("barred", ARRAY(Text)),
)
VISIBLE = Visible(TABLE.c.number, TABLE.c.offices, TABLE.c.barred)


class TestVisible:
    def admits(self, actor: Actor, row: Line) -> bool:
        return VISIBLE.admits(reach(actor, TREE), row)

    def test_a_barred_office_and_everyone_under_it_see_nothing(self) -> None:
        row = Line(offices=["village", "town-1", "county"], barred=["town-1"])
        assert not self.admits(officer("town-1", "head"), row)
        assert not self.admits(officer("village", "clerk"), row)
        assert self.admits(officer("county", "supervisor"), row)
        assert self.admits(SERVICE, row)
        assert self.admits(TOOL, row)

    def test_an_officer_sees_rows_of_the_office(self) -> None:
        assert self.admits(officer("town-1", "clerk"), Line(offices=["town-2", "town-1"]))
        assert not self.admits(officer("town-1", "clerk"), Line(offices=["town-2"]))
        assert not self.admits(officer("town-1", "clerk"), Line(offices=None))
        assert not self.admits(officer("town-1", "clerk"), Line(offices=["town-1"], barred=None))

    def test_a_petitioner_sees_one(self) -> None:
        assert self.admits(PETITIONER, Line(number=PETITIONER.id, offices=["x"], barred=["x"]))
        assert not self.admits(PETITIONER, Line(number="other"))

    def test_nothing_admits_nothing(self) -> None:
        assert not self.admits(PUBLIC_ACTOR, Line(offices=["county"]))

    @pytest.mark.parametrize(
        ("reached", "sql"),
        [
            (NOTHING, "false"),
            (SITE_WIDE, "true"),
            (Reach(petition="7"), "line.number = '7'"),
            (Reach(offices=frozenset("ba")), "line.offices && ARRAY['a', 'b']"),
            (
                Reach(offices=frozenset("a"), chain=frozenset("ac")),
                "(line.offices && ARRAY['a']) AND NOT (line.barred && ARRAY['a', 'c'])",
            ),
            (Reach(True, chain=frozenset("a")), "NOT (line.barred && ARRAY['a'])"),
        ],
    )
    def test_the_sql(self, reached: Reach, sql: str) -> None:
        assert in_sql(VISIBLE.where(reached)) == sql

    @pytest.mark.parametrize(
        ("actor", "sql"),
        [
            (TOOL, "true"),
            (officer("county", "auditor"), "NOT (line.barred && ARRAY['@wang', 'city', 'county'])"),
            (officer("new-office", "head"), "line.barred = ARRAY[]"),
            (officer(None, "auditor"), "line.barred = ARRAY[]"),
            (PETITIONER, "line.barred = ARRAY[]"),
        ],
    )
    def test_what_is_barred_is_counted_by_those_of_whom_it_is_known_that_they_are_not(
        self, actor: Actor, sql: str
    ) -> None:
        assert in_sql(VISIBLE.open_to(reach(actor, TREE))) == sql


def in_sql(condition: ColumnElement[bool]) -> str:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    return str(condition.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


class TestKeys:
    def test_makes_what_is_missing_for_the_owner_alone(self, tmp_path: Path) -> None:
        folder = keys.folder(tmp_path / "state")
        keys.ensure(folder)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
        assert len(keys.load_vault(folder)) == 32
        assert set(keys.load_public(folder)) == set(keys.ISSUERS)
        before = {file: file.read_bytes() for file in folder.iterdir()}
        keys.ensure(folder)
        assert {file: file.read_bytes() for file in folder.iterdir()} == before

    def test_the_pair_fits(self, tmp_path: Path) -> None:
        keys.ensure(tmp_path, ["console"])
        token = Issuer(keys.load_private(tmp_path, "console"), "console").token(CLERK, 9)
        assert Authenticator(keys.load_public(tmp_path)).actor(f"Bearer {token}") == CLERK

    def test_a_lost_public_key_is_derived_again(self, tmp_path: Path) -> None:
        keys.ensure(tmp_path, ["console"])
        public = (tmp_path / "console.pub").read_bytes()
        (tmp_path / "console.pub").unlink()
        keys.ensure(tmp_path, ["console"])
        assert (tmp_path / "console.pub").read_bytes() == public

    def test_the_pair_of_another_machine_is_left_alone(self, tmp_path: Path) -> None:
        keys.ensure(tmp_path, ["console"])
        (tmp_path / "console.pem").unlink()
        keys.ensure(tmp_path, ["console"])
        assert "console" in keys.load_public(tmp_path)
        with pytest.raises(keys.KeyFileError, match=r"console\.pem: no such key file"):
            keys.load_private(tmp_path, "console")

    def test_what_is_wrong_is_said_in_one_line(self, tmp_path: Path) -> None:
        (tmp_path / "vault.key").write_bytes(b"short")
        (tmp_path / "console.pem").write_bytes(b"nonsense")
        (tmp_path / "console.pub").write_bytes(b"nonsense")
        for load in (
            lambda: keys.load_vault(tmp_path),
            lambda: keys.load_private(tmp_path, "console"),
            lambda: keys.load_public(tmp_path),
            lambda: keys.load_public(tmp_path / "nowhere"),
        ):
            with pytest.raises(keys.KeyFileError) as caught:
                load()
            assert "\n" not in str(caught.value)

    def test_several_may_race(self, tmp_path: Path) -> None:
        with ThreadPoolExecutor(8) as racers:
            list(racers.map(lambda _: keys.ensure(tmp_path, ["console", "tool"]), range(8)))
        names = {file.name for file in tmp_path.iterdir()}
        assert names == {"vault.key", "console.pem", "console.pub", "tool.pem", "tool.pub"}
        for issuer, public in keys.load_public(tmp_path).items():
            assert keys.load_private(tmp_path, issuer).public_key() == public
