"""Alembic's entry into this service's migrations."""

from kit.migrations import run_env

run_env()
