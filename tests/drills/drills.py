"""The drills: one function each, and the table of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.drills import forging
from tests.drills.harness import OWNERS, ROLES, Scene, layout, need

DATABASE_AWAY = 20.0
ALARM = 15.0
STOP = 2.0
"""Seconds within which an idle process stops."""
SLOW = "drill_slow"
BROKEN = "drill_broken"


@dataclass(frozen=True)
class Drill:
    """What is disturbed, how, and in which layout of processes."""

    name: str
    disturbs: str
    disturb: Callable[[Scene], None]
    processes: tuple[str, ...] = layout()
    load: bool = True
    apart: bool = False
    """POST must not become slower by it."""


def nothing(scene: Scene) -> None:
    """No disturbance: what the others are compared with."""
    time.sleep(15)


# -- processes -------------------------------------------------------------------------------------


def killed_roles(service: str) -> Callable[[Scene], None]:
    """kill -9 of each role of one service, each in a process of its own; the relay twice."""

    def disturb(scene: Scene) -> None:
        for role in (*ROLES, "relay"):
            if f"{service}/{role}" in scene.site.processes:
                scene.kill(f"{service}/{role}")

    return disturb


def killed_whole(scene: Scene) -> None:
    """kill -9 of every service's one process that holds all its roles, one after the other."""
    for service in OWNERS:
        scene.kill(service, away=1.0)


def stopped_in_order(scene: Scene) -> None:
    """SIGTERM of every service under load: it ends by itself with 0, and nothing is handled twice."""
    for service in OWNERS:
        with scene.disturbance(intake_down=service == "intake"):
            began = time.monotonic()
            code = scene.site.stop(service)
            scene.note(f"{service} stopped in {time.monotonic() - began:.1f} s")
            need(code == 0, f"{service} ended with {code}")
            scene.site.start(service)
    twice = {s: scene.metric(s, "petition_consumed_total", outcome="duplicate") for s in OWNERS}
    need(not any(twice.values()), f"handled twice after a stop in good order: {twice}")


def stopped_idle(scene: Scene) -> None:
    """SIGTERM of each idle process: it ends within two seconds, with 0."""
    time.sleep(3)
    for name in list(scene.site.processes):
        began = time.monotonic()
        code = scene.site.stop(name)
        seconds = time.monotonic() - began
        need(code == 0, f"{name} ended with {code}")
        need(seconds < STOP, f"{name} took {seconds:.1f} s to stop")
        scene.note(f"{name} stopped in {seconds:.2f} s")
        scene.site.start(name)


def stats_stopped(scene: Scene) -> None:
    """The statistics are away for a while: nobody else notices."""
    with scene.disturbance():
        scene.site.stop("stats")
        time.sleep(15)
        scene.site.start("stats")


def supervision_scaled(scene: Scene) -> None:
    """From one process of supervision to three and back."""
    with scene.disturbance():
        for extra in ("supervision/worker#2", "supervision/worker#3"):
            scene.site.start(extra)
        time.sleep(10)
        shares = [
            scene.metric(name, "petition_consumed_total", outcome="applied")
            for name in ("supervision/worker#2", "supervision/worker#3")
        ]
        need(all(shares), f"the further processes had nothing to do: {shares}")
        for extra in ("supervision/worker#2", "supervision/worker#3"):
            need(scene.site.stop(extra) == 0, f"{extra} did not end in good order")


def consumer_slowed(scene: Scene) -> None:
    """Every batch of stats takes 200 ms longer."""
    scene.query(
        f"CREATE FUNCTION {SLOW}() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN PERFORM pg_sleep(0.2); RETURN NULL; END $$"
    )
    with scene.disturbance():
        scene.query(
            f"CREATE TRIGGER {SLOW} BEFORE INSERT ON stats.transition"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {SLOW}()"
        )
        time.sleep(15)
        scene.query(f"DROP TRIGGER {SLOW} ON stats.transition")


def half_bodies(scene: Scene) -> None:
    """A hundred clients that send half a body and wait."""
    with scene.disturbance(), forging.half_bodies(scene.site.ports["intake"], 100) as clients:
        time.sleep(15)
        need(clients.cut_off() == 100, f"only {clients.cut_off()} of 100 were cut off")


# -- broker, network, database ---------------------------------------------------------------------


def broker_killed(scene: Scene) -> None:
    """kill -9 of the broker, and its return; twice."""
    for away in (1.0, 8.0):
        with scene.disturbance():
            scene.servers.broker.kill()
            time.sleep(away)
            scene.servers.broker.start()


def broker_restarted(scene: Scene) -> None:
    """The broker stops in good order and comes back."""
    with scene.disturbance():
        scene.servers.broker.restart()


def broker_absent(scene: Scene) -> None:
    """Every service is started while there is no broker; petitions are accepted all the same."""
    with scene.disturbance(intake_down=True):
        scene.servers.broker.stop()
        for service in OWNERS:
            need(
                scene.site.stop(service) == 0,
                f"{service} did not end in good order without a broker",
            )
        for service in OWNERS:
            scene.site.start(service)
        since = time.monotonic()
        scene.wait(
            lambda: scene.crowd and scene.crowd.accepted_since(since), 10, "nothing accepted"
        )
        scene.servers.broker.start()


def memory_alarm(scene: Scene) -> None:
    """The broker takes nothing from publishers for a while."""
    with scene.disturbance():
        scene.servers.broker.ctl("set_vm_memory_high_watermark", "absolute", "1MB")
        time.sleep(ALARM)
        scene.servers.broker.ctl("set_vm_memory_high_watermark", "0.4")


def cut_in_frames(scene: Scene) -> None:
    """Every connection to the broker is cut in the middle of a frame, five times."""
    proxy = scene.proxy()
    for service in OWNERS:
        scene.site.stop(service)
        scene.through(service, proxy)
    scene.down.append((0.0, time.monotonic()))
    scene.recovered()
    for _ in range(5):
        with scene.disturbance():
            proxy.tell("cut")
            time.sleep(1.0)


def black_hole(scene: Scene) -> None:
    """The network to the broker swallows everything of intake and stats and closes nothing."""
    proxy = scene.proxy()
    for service in ("intake", "stats"):
        scene.site.stop(service)
        scene.through(service, proxy)
    scene.down.append((0.0, time.monotonic()))
    scene.recovered()
    with scene.disturbance():
        proxy.tell("hole")
        time.sleep(20)
        proxy.tell("flow")


def database_stopped(scene: Scene) -> None:
    """PostgreSQL is stopped for 20 s."""
    with scene.disturbance(intake_down=True):
        scene.servers.cluster.stop()
        time.sleep(DATABASE_AWAY)
        scene.servers.cluster.start()


def database_killed(scene: Scene) -> None:
    """PostgreSQL dies as in a power cut and comes back."""
    with scene.disturbance(intake_down=True):
        scene.servers.cluster.kill()
        scene.servers.cluster.start()


# -- messages --------------------------------------------------------------------------------------


def duplicates_reversed(scene: Scene) -> None:
    """Everything that was ever published is published again, newest first, twice."""
    before = _duplicates(scene)
    with scene.disturbance():
        sent = sum(forging.republish_reversed(scene.site, scene.query) for _ in range(2))
        scene.wait(lambda: _duplicates(scene) - before >= sent, 60, f"{sent} duplicates not seen")
    scene.note(f"{sent} deliveries again")


def _duplicates(scene: Scene) -> float:
    return sum(
        scene.metric(s, "petition_consumed_total", outcome="duplicate")
        + scene.metric(s, "petition_consumed_total", outcome="waiting")
        for s in OWNERS
    )


def hostile_publisher(scene: Scene) -> None:
    """Whatever one may publish: it is parked, nobody dies, nobody slows down."""
    with scene.disturbance():
        forging.publish(scene.site, "intake.events", "petition.registered", forging.hostile())
        expected = 3 * len(forging.hostile())
        scene.wait(lambda: scene.open_parked() >= expected, 60, "hostile messages were not parked")
        need(scene.open_parked() == expected, f"{scene.open_parked()} parked, not {expected}")
    rows = parked(scene, "stats")
    for id_, reason in rows[:2]:
        need(reason == "unreadable", f"stats {id_} is parked as {reason}")
        resolve(scene, "discard", "stats", id_, "--reason", "a drill")
    scene.parked = expected - 2
    need(scene.open_parked() == scene.parked, "discarded, and still open")
    need(all(p.poll() is None for p in scene.site.processes.values()), "a process died")
    scene.note(f"largest peak of a process {scene.peak():.0f} MB")


def poisoned(scene: Scene) -> None:
    """Events that cannot be applied, with later ones of their petitions waiting; others go on."""
    id_, number = poison_one(scene)
    shown = scene.site.petition("parked", "show", "stats", str(id_)).stdout
    need(number in shown and "petition.located" in shown, f"show: {shown}")
    listed = scene.site.petition("parked", "list").stdout
    need(number in listed and "1 parked" in listed, f"list: {listed}")
    resolve(scene, "replay", "stats", id_)
    need(_behind(scene, number) == 0, "something still waits behind the replayed event")
    id_, number = poison_one(scene)
    said = resolve(scene, "discard", "stats", id_, "--reason", "a drill")
    need("given up" in said, f"discarding an event of the log said: {said}")
    need(_behind(scene, number) == 0, "something still waits behind the discarded event")
    forged(scene)


def poison_one(scene: Scene) -> tuple[int, str]:
    """Makes stats fail on one petition's place, and mends it; (parked id, number) of what it left."""
    scene.query(
        f"CREATE OR REPLACE FUNCTION {BROKEN}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF NEW.type = 'petition.located' AND NEW.number LIKE '%7' AND NOT EXISTS"
        " (SELECT FROM stats.parked WHERE resolved_at IS NULL AND subject <> NEW.number)"
        " THEN RAISE EXCEPTION 'poisoned by a drill'; END IF; RETURN NEW; END $$"
    )
    scene.query(
        f"CREATE TRIGGER {BROKEN} BEFORE INSERT ON stats.transition"
        f" FOR EACH ROW EXECUTE FUNCTION {BROKEN}()"
    )
    with scene.disturbance():
        scene.wait(lambda: scene.open_parked() > 0, 30, "nothing was parked")
        rows = scene.query("SELECT id, subject, reason FROM stats.parked WHERE resolved_at IS NULL")
        need(len(rows) == 1, f"{len(rows)} events are parked, not 1")
        ((id_, number, reason),) = rows
        need(reason == "write failed", f"parked as {reason}")
        scene.wait(
            lambda: _behind(scene, number) > 0, 30, "nothing waited behind the poisoned event"
        )
    scene.query(f"DROP TRIGGER {BROKEN} ON stats.transition")
    return id_, number


def forged(scene: Scene) -> None:
    """A well-formed event that no service ever wrote: parked, discarded, and no trace in the audit."""
    ((envelope,),) = scene.query(
        "SELECT convert_from(envelope, 'UTF8')::json FROM routing.event_log e"
        " WHERE type = 'petition.assigned' AND NOT EXISTS"
        " (SELECT FROM routing.event_log f WHERE f.subject = e.subject AND f.sequence > e.sequence)"
        " ORDER BY position LIMIT 1"
    )
    forging.publish(scene.site, "routing.events", "petition.signed", [forging.forged(envelope)])
    scene.wait(
        lambda: scene.open_parked() == 3, 30, "a forged event was not parked by its three readers"
    )
    for service in ("intake", "supervision", "stats"):
        ((id_, _),) = parked(scene, service)
        said = resolve(scene, "discard", service, id_, "--reason", "forged, says the drill")
        need("never in a" in said, f"discarding a forged event said: {said}")


def parked(scene: Scene, service: str) -> list[tuple[Any, ...]]:
    """(id, reason) of a service's open rows, oldest first."""
    return scene.query(
        f"SELECT id, reason FROM {service}.parked WHERE resolved_at IS NULL ORDER BY id"
    )


def resolve(scene: Scene, act: str, service: str, id_: int, *more: str) -> str:
    """`petition parked replay|discard`; what it said."""
    done = scene.site.petition("parked", act, service, str(id_), *more)
    need(done.returncode == 0, f"parked {act} {service} {id_}: {done.stdout}{done.stderr}")
    return done.stdout


def _behind(scene: Scene, number: str) -> int:
    return scene.count("SELECT count(*) FROM stats.waiting WHERE subject = %s", number)


DRILLS = [
    Drill("nothing", "nothing at all", nothing),
    *(
        Drill(
            f"kill-{service}",
            f"kill -9 of each role of {service}",
            killed_roles(service),
            layout(service),
        )
        for service in (*OWNERS, "console")
    ),
    Drill("kill-whole", "kill -9 of each service's one process", killed_whole),
    Drill("sigterm", "SIGTERM of each service under load", stopped_in_order),
    Drill(
        "sigterm-idle", "SIGTERM of each idle process", stopped_idle, layout("stats"), load=False
    ),
    Drill("stats-stopped", "stats is away for 15 s", stats_stopped, apart=True),
    Drill("scaled", "supervision from 1 to 3 processes and back", supervision_scaled, apart=True),
    Drill("slowed", "stats is slowed by 200 ms a batch", consumer_slowed, apart=True),
    Drill("half-bodies", "100 clients that send half a body", half_bodies),
    Drill("broker-killed", "kill -9 of the broker, twice", broker_killed),
    Drill("broker-restarted", "the broker is restarted in good order", broker_restarted),
    Drill("broker-absent", "services start without a broker", broker_absent),
    Drill("memory-alarm", "a memory alarm of 15 s", memory_alarm),
    Drill("tcp-cut", "TCP cut in mid-frame, five times", cut_in_frames),
    Drill("black-hole", "a network that swallows everything for 20 s", black_hole),
    Drill("database-stopped", "PostgreSQL is stopped for 20 s", database_stopped),
    Drill("database-killed", "kill -9 of PostgreSQL", database_killed),
    Drill("duplicates", "everything again, in reversed order, twice", duplicates_reversed),
    Drill("hostile", "a hostile publisher", hostile_publisher),
    Drill("poisoned", "a poisoned event with later ones waiting; a forged one", poisoned),
]
