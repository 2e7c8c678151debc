"""What supervision does with commands and with other services' events. One function each."""

from __future__ import annotations

from supervision.handlers.affairs import propose, start_year
from supervision.handlers.aftercare import follow_up, reopen
from supervision.handlers.events import (
    on_assigned,
    on_contested,
    on_declined,
    on_followed,
    on_followed_up,
    on_linked,
    on_objected,
    on_rated,
    on_received,
    on_recused,
    on_referred,
    on_registered,
    on_returned,
    on_signed,
    on_succeeded,
    on_upheld,
    on_withdrawn,
)
from supervision.handlers.handling import (
    accept,
    answer,
    ask_extension,
    assist,
    close,
    decide_extension,
    notify,
    resolve,
    serve,
)
from supervision.handlers.mediation import mediate
from supervision.handlers.orders import issue, judge, lift, reply
from supervision.handlers.papers import give_paper, void_paper
from supervision.handlers.review import (
    close_hearing,
    decide_review,
    open_hearing,
    seek_review,
    serve_review,
)
from supervision.handlers.urgent import mark_urgent, report_urgent

__all__ = [
    "accept",
    "answer",
    "ask_extension",
    "assist",
    "close",
    "close_hearing",
    "decide_extension",
    "decide_review",
    "follow_up",
    "give_paper",
    "issue",
    "judge",
    "lift",
    "mark_urgent",
    "mediate",
    "notify",
    "on_assigned",
    "on_contested",
    "on_declined",
    "on_followed",
    "on_followed_up",
    "on_linked",
    "on_objected",
    "on_rated",
    "on_received",
    "on_recused",
    "on_referred",
    "on_registered",
    "on_returned",
    "on_signed",
    "on_succeeded",
    "on_upheld",
    "on_withdrawn",
    "open_hearing",
    "propose",
    "reopen",
    "reply",
    "report_urgent",
    "resolve",
    "seek_review",
    "serve",
    "serve_review",
    "start_year",
    "void_paper",
]
