"""One JSON object a line on standard output: what happened, where, within which trace.

`log.info("petition.accepted", extra={"sequence": 3})` writes the static event name and the fields.
Nothing a person wrote may get in: messages are written as templates, and of an exception the type
and the place, its text only where such a text speaks of the program rather than of data.
"""

import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, BinaryIO

import orjson

_trace: ContextVar[str] = ContextVar("trace", default="")
_role: ContextVar[str] = ContextVar("role", default="")

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_OWN = frozenset({"time", "level", "logger", "service", "role", "event", "correlation"})
# Libraries whose messages name connections and services, never what a person wrote.
_TALKING = frozenset({"nameko", "kombu", "amqp", "alembic"})
_TELLING = (OSError, AttributeError, TypeError, NameError, ImportError, AssertionError)
_FRAMES = 30
_OPTIONS = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


def bind(trace: str, role: str | None = None) -> None:
    """Mark the log lines of the running greenthread or thread.

    Args:
        trace: a W3C traceparent, of which the trace id is shown, or any other short id of ours.
        role: the role of the container at work (web, worker, ...); None leaves it as it is.
    """
    _trace.set(trace[3:35] if len(trace) == 55 else trace)
    if role is not None:
        _role.set(role)


def configure(
    service: str, role: str = "", level: int = logging.INFO, stream: BinaryIO | None = None
) -> None:
    """Send the log of this process to `stream` (standard output) as JSON lines.

    Args:
        service: written on every line.
        role: written where `bind` named none.
    """
    handler = Lines(stream or sys.stdout.buffer, service, role)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # nameko prints a traceback for every exception of a worker, a refusal of the domain included;
    # the entrypoints of kit log what is unexpected themselves.
    logging.getLogger("nameko.containers").setLevel(logging.CRITICAL)
    # Caller, thread and process of a record are not written: gathering them is a third of its cost
    # (the logging module's own advice, "Optimization").
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    for chatty in ("amqp", "kombu"):
        logging.getLogger(chatty).setLevel(max(level, logging.WARNING))


class Lines(logging.Handler):
    """Writes each record as one line of JSON."""

    def __init__(self, stream: BinaryIO, service: str, role: str = "") -> None:
        super().__init__()
        self._stream, self._service, self._default_role = stream, service, role

    def emit(self, record: logging.LogRecord) -> None:
        """Write `record`; a stream that is gone is no reason to fail the work that logs."""
        try:
            self._stream.write(orjson.dumps(self._line(record), _type_name, _OPTIONS))
            self._stream.flush()
        except Exception:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:
        """Stay silent: the standard report would print the record's arguments."""

    def _line(self, record: logging.LogRecord) -> dict[str, Any]:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "logger": record.name,
            "service": self._service,
            "role": _role.get() or self._default_role,
            "event": str(record.msg),
        }
        if trace := _trace.get():
            line["correlation"] = trace
        if record.args and record.name.partition(".")[0] in _TALKING:
            line["text"] = record.getMessage()
        for name, value in vars(record).items():
            if name not in _STANDARD:
                line[f"{name}_" if name in _OWN else name] = value
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = describe(record.exc_info[1])
        return line


def describe(error: BaseException) -> dict[str, Any]:
    """What may be said of `error` in a log: type, place, cause, and a text that is of the program.

    A database's error gives its SQLSTATE and constraint: its text quotes the row.
    """
    told: dict[str, Any] = {"type": f"{type(error).__module__}.{type(error).__qualname__}"}
    if isinstance(error, _TELLING):
        told["text"] = str(error)[:500]
    original = getattr(error, "orig", error)
    if state := getattr(original, "pgcode", None):
        told["sqlstate"] = state
        told["constraint"] = getattr(getattr(original, "diag", None), "constraint_name", None)
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    told["frames"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and cause is not error:
        told["cause"] = _brief(cause)
    return told


def _brief(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    brief: dict[str, Any] = {"type": f"{type(error).__module__}.{type(error).__qualname__}"}
    if isinstance(error, _TELLING):
        brief["text"] = str(error)[:500]
    return brief | {"frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]}


def _type_name(value: object) -> str:
    return f"<{type(value).__name__}>"
