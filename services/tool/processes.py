"""Builds and runs one service's process."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

import eventlet

from contracts.flows import FLOWS
from kit import log, problems, runner
from kit.app import App
from kit.config import ConfigError, Settings
from kit.db import is_transient
from kit.http import OpsService, readiness
from kit.http import admission as admissions
from kit.keys import KeyFileError
from kit.problems import Problem
from kit.relay import OutboxGuard


def run_service(service: str, roles: list[str]) -> int:
    """Runs until SIGTERM. Returns the exit code; a wrong setting is one line."""
    module = import_module(f"{service}.service")
    try:
        settings = Settings.from_env(service)
        log.configure(service)
        app: App = module.build(settings)
    except (ConfigError, KeyFileError) as error:
        print(f"petition run {service}: {error}")
        return 2
    chosen = [role for role in module.ROLES if role in roles]
    classes = [module.ROLES[role] for role in chosen]
    if "web" in chosen:
        guard = OutboxGuard(app.database, app.model, settings.outbox_limit)
        eventlet.spawn(guard.watch)
        admissions.hook = guard
    else:
        classes.append(OpsService)
    readiness.register("database", app.database.ready)
    problems.teach(Exception, passing)
    return runner.run(classes, configuration(app))


def passing(error: Exception) -> Problem:
    """503 for a failure of the database that passes by itself, 500 for any other."""
    return problems.unavailable() if is_transient(error) else problems.internal()


def configuration(app: App, **more: Any) -> dict[str, Any]:
    """nameko's configuration for a process of this app."""
    return runner.config_of(
        app.settings,
        app.authenticator,
        APP=app,
        DATABASE=app.database,
        FLOWS=FLOWS,
        WAKE=app.wake,
        CHECK_ANSWERS=bool(os.environ.get("CHECK_ANSWERS")),
        **more,
    )
