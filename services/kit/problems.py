"""Errors as RFC 9457 problems, in Chinese and English.

A `Problem` may be raised anywhere. `from_error` turns every other exception into one: marshmallow's
refusals name each field, the domain's their rule and article, the rest says nothing of the inside.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from marshmallow import ValidationError

TITLES = {
    400: "请求有误",
    401: "尚未登录或凭证无效",
    403: "无权办理",
    404: "没有找到",
    405: "不支持此方法",
    408: "请求超时",
    409: "与当前情况冲突",
    413: "内容过大",
    415: "内容类型不支持",
    417: "无法满足请求的期望",
    422: "填写有误",
    429: "请求过多，请稍后再试",
    431: "请求头过大",
    500: "系统内部错误",
    501: "尚不支持",
    503: "暂时不能服务",
    505: "协议版本不支持",
}


E = TypeVar("E", bound=BaseException)


class Message(str):
    """An English message with its Chinese and its code: `ValidationError(Message(...))`."""

    zh: str
    code: str

    def __new__(cls, en: str, zh: str, code: str) -> "Message":
        """Make the message `en`, said `zh` in Chinese; `code` is the stable word for programs."""
        message = super().__new__(cls, en)
        message.zh, message.code = zh, code
        return message


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field, by its dotted path (`claims.0.text`); "" is the whole."""

    field: str
    code: str
    detail: str
    detail_en: str

    def body(self) -> dict[str, str]:
        """The error as it stands in the answer."""
        return {
            "field": self.field,
            "code": self.code,
            "detail": self.detail,
            "detail_en": self.detail_en,
        }


class Problem(Exception):
    """An answer that is an error."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        detail_en: str,
        *,
        title: str | None = None,
        errors: Iterable[FieldError] = (),
        field: str | None = None,
        rule: str | None = None,
        article: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Make the problem.

        Args:
            status: HTTP status.
            code: stable lower-case word with hyphens; the problem's type is `/problems/<code>`.
            detail: what is wrong and what to do, in Chinese; no personal data.
            detail_en: the same in English.
            title: short Chinese name of the kind of problem; by default that of the status.
            errors: what is wrong with which field.
            field: the one field (or header) this is about, in place of `errors`.
            rule: the rule that refuses.
            article: the article of law the rule stands on.
            headers: further headers of the answer, `Retry-After` for one.
        """
        super().__init__(f"{status} {code}")
        self.status, self.code, self.detail, self.detail_en = status, code, detail, detail_en
        self.title = title or TITLES.get(status, "请求未完成")
        self.errors = tuple(errors)
        if field is not None:
            self.errors += (FieldError(field, code, detail, detail_en),)
        self.rule, self.article = rule, article
        self.headers = dict(headers or {})

    def body(self, instance: str | None = None) -> dict[str, Any]:
        """The members of the problem document; `instance` names this very occurrence."""
        body: dict[str, Any] = {
            "type": f"/problems/{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "detail_en": self.detail_en,
        }
        optional = {"instance": instance, "rule": self.rule, "article": self.article}
        body |= {name: value for name, value in optional.items() if value}
        if self.errors:
            body["errors"] = [error.body() for error in self.errors]
        return body


def not_found(what: str = "所请求的内容", what_en: str = "what was asked for") -> Problem:
    """404: `what` does not exist, or not for this reader."""
    return Problem(404, "not-found", f"没有找到{what}。", f"There is no {what_en} here.")


def forbidden() -> Problem:
    """403: the actor's scope does not reach this."""
    return Problem(
        403, "out-of-scope", "您的权限不包括此项操作。", "Your scope does not cover this."
    )


def unauthenticated() -> Problem:
    """401: this needs a token, and there is none or none that holds."""
    return Problem(
        401,
        "unauthenticated",
        "请先登录，或提供有效的凭证。",
        "Log in first, or send a valid token.",
        headers={"WWW-Authenticate": "Bearer"},
    )


def unavailable(seconds: int = 1) -> Problem:
    """503: our own database or broker does not answer; try again in `seconds`."""
    return Problem(
        503,
        "unavailable",
        "系统暂时不能处理，请稍后再试。",
        "The system cannot do this right now; try again in a moment.",
        headers={"Retry-After": str(seconds)},
    )


def internal() -> Problem:
    """500: a fault of ours; the answer's `instance` leads to the log."""
    return Problem(
        500,
        "internal",
        "系统内部出错，操作未完成。请稍后再试，并告知管理员此次请求的编号。",
        "Something failed inside. Try again later and tell the administrator this instance.",
    )


def busy(seconds: float) -> Problem:
    """429: more is waiting than can be worked on; try again in `seconds`."""
    return Problem(
        429,
        "busy",
        "当前请求过多，请稍后再试。",
        "Too many requests are waiting; try again in a moment.",
        headers={"Retry-After": str(max(1, round(seconds)))},
    )


_taught: dict[type[BaseException], Callable[[Any], Problem]] = {}


def teach(kind: type[E], say: Callable[[E], Problem]) -> None:
    """Let `from_error` turn exceptions of `kind` (and its subclasses) into `say(error)`."""
    _taught[kind] = say


def from_error(error: BaseException) -> Problem:
    """The problem that `error` is; a fault of ours (status 500) if it is nothing better known."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, ValidationError):
        return invalid(error.normalized_messages())  # type: ignore[no-untyped-call]
    if all(hasattr(error, name) for name in ("rule", "zh", "en")):
        return refused(error)
    for kind in type(error).__mro__:
        if kind in _taught:
            return _taught[kind](error)
    return internal()


def refused(error: Any) -> Problem:
    """The domain's refusal: has `rule`, `zh`, `en`, maybe `article`, `field`, `status` (409)."""
    field = getattr(error, "field", None)
    errors = [FieldError(field, error.rule, error.zh, error.en)] if field else []
    return Problem(
        getattr(error, "status", None) or 409,
        "refused",
        error.zh,
        error.en,
        errors=errors,
        rule=error.rule,
        article=getattr(error, "article", None),
    )


def invalid(messages: Mapping[Any, Any]) -> Problem:
    """422: every field of marshmallow's `messages` (nested as it nests them) by its dotted path."""
    errors = [_field_error(path, message) for path, message in _flatten(messages, "")]
    names = "、".join(dict.fromkeys(error.field or "（整体）" for error in errors))
    names_en = ", ".join(dict.fromkeys(error.field or "(the whole)" for error in errors))
    return Problem(422, "invalid", f"填写有误：{names}。", f"Not valid: {names_en}.", errors=errors)


def _flatten(messages: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            own = name == "_schema"
            yield from _flatten(inner, path if own else f"{path}.{name}" if path else str(name))
    elif isinstance(messages, (list, tuple)):
        for inner in messages:
            yield from _flatten(inner, path)
    else:
        yield path, messages if isinstance(messages, str) else "Invalid value."


def _field_error(path: str, message: str) -> FieldError:
    if isinstance(message, Message):
        return FieldError(path, message.code, message.zh, str(message))
    for pattern, code, zh in _MARSHMALLOW:
        if found := pattern.fullmatch(message):
            words = {name: _BOUNDS.get(text, text) for name, text in found.groupdict("").items()}
            return FieldError(path, code, zh.format(**words), message)
    return FieldError(path, "invalid", "此项填写有误。", message)


_BOUNDS = {
    "greater than": "大于",
    "greater than or equal to": "不小于",
    "less than": "小于",
    "less than or equal to": "不大于",
}

# What marshmallow says, by its English words: (pattern, code, Chinese).
_MARSHMALLOW = tuple(
    (re.compile(pattern, re.DOTALL), code, zh)
    for pattern, code, zh in (
        (r"Missing data for required field\.", "required", "此项必填。"),
        (r"Field may not be null\.", "null", "此项不能为空。"),
        (r"Unknown field\.", "unknown", "没有这一项。"),
        (r"Invalid (?:input )?type\.", "type", "此项的结构不对。"),
        (r"Not a valid string\.", "string", "应为文字。"),
        (r"Not a valid utf-8 string\.", "string", "应为 UTF-8 文字。"),
        (r"Not a valid integer\.", "integer", "应为整数。"),
        (r"Not a valid number\.|Special numeric values .*", "number", "应为数字。"),
        (r"Number too large\.", "max", "数字过大。"),
        (r"Not a valid boolean\.", "boolean", "应为是或否（true / false）。"),
        (r"Not a valid (?:aware |naive )?datetime\.", "datetime", "应为带时区的日期时间。"),
        (r"Not a valid date\.", "date", "应为日期（年-月-日）。"),
        (r"Not a valid time\.", "time", "应为时间（时:分）。"),
        (r"Not a valid period of time\.", "duration", "应为时长。"),
        (r"Not a valid (?:list|tuple)\.", "list", "应为列表。"),
        (r"Not a valid mapping type\.", "object", "应为对象。"),
        (r"Not a valid UUID\.", "uuid", "应为 UUID。"),
        (r"Not a valid URL\.", "url", "应为网址。"),
        (r"Not a valid email address\.", "email", "应为电子邮箱地址。"),
        (r"Shorter than minimum length (?P<min>\d+)\.", "min-length", "过短，至少 {min}。"),
        (r"Longer than maximum length (?P<max>\d+)\.", "max-length", "过长，至多 {max}。"),
        (
            r"Length must be between (?P<min>\d+) and (?P<max>\d+)\.",
            "length",
            "长度应在 {min} 到 {max} 之间。",
        ),
        (r"Length must be (?P<equal>\d+)\.", "length", "长度应为 {equal}。"),
        (
            r"Must be (?P<low>greater than(?: or equal to)?) (?P<min>.+) and "
            r"(?P<high>less than(?: or equal to)?) (?P<max>.+)\.",
            "range",
            "应{low} {min}，且{high} {max}。",
        ),
        (
            r"Must be (?P<bound>(?:greater|less) than(?: or equal to)?) (?P<limit>.+)\.",
            "range",
            "应{bound} {limit}。",
        ),
        (r"Must be equal to (?P<other>.+)\.", "equal", "应等于 {other}。"),
        (r"Must be one of: (?P<choices>.*)\.", "choice", "只能是：{choices}。"),
        (
            r"One or more of the choices you made was not in: (?P<choices>.*)\.",
            "choice",
            "只能从中选择：{choices}。",
        ),
        (r"String does not match expected pattern\.", "pattern", "格式不对。"),
    )
)
