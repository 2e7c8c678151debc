"""Templates and what they match."""

from dataclasses import dataclass

import pytest

from kit.http.paths import Paths, braces, parameters
from kit.problems import Problem


@dataclass
class Rule:
    method: str
    url: str


RULES = [
    Rule("GET", "/petitions"),
    Rule("POST", "/petitions"),
    Rule("GET", "/petitions/<number>"),
    Rule("GET", "/petitions/latest/<what>"),
    Rule("GET", "/petitions/<number>/<part>"),
    Rule("GET,POST", "/pages/<int:page>"),
    Rule("GET", "/static/<path:name>"),
    Rule("GET", "/openapi.json"),
]
PATHS = Paths(RULES)


@pytest.mark.parametrize(
    ("method", "path", "rule", "values"),
    [
        ("GET", "/petitions", 0, {}),
        ("POST", "/petitions", 1, {}),
        ("HEAD", "/petitions/33", 2, {"number": "33"}),
        ("GET", "/petitions/latest/one", 3, {"what": "one"}),
        ("GET", "/petitions/33/one", 4, {"number": "33", "part": "one"}),
        ("POST", "/pages/7", 5, {"page": 7}),
        ("GET", "/static/css/a.css", 6, {"name": "css/a.css"}),
        ("GET", "/petitions/%E6%9D%8E%2F", 2, {"number": "李/"}),
    ],
)
def test_match(method: str, path: str, rule: int, values: dict[str, object]):
    assert PATHS.match(method, path) == (RULES[rule], values)


@pytest.mark.parametrize(
    "path",
    ["/", "/petitions/", "/petitions//x", "/pages/x", "/openapi_json", "/petitions/%00",
     "/petitions/%FF", "/petitions/a%0Ab"],
)  # fmt: skip
def test_no_such_path(path: str):
    with pytest.raises(Problem) as caught:
        PATHS.match("GET", path)
    assert caught.value.status == 404


def test_wrong_method_names_the_right_ones():
    with pytest.raises(Problem) as caught:
        PATHS.match("DELETE", "/petitions")
    assert caught.value.status == 405
    assert caught.value.headers["Allow"] == "GET, POST, HEAD"


def test_two_routes_for_one_place_do_not_start():
    with pytest.raises(TypeError):
        Paths([Rule("GET", "/a/<b>"), Rule("GET", "/a/<b>")])


def test_no_templates_at_all():
    with pytest.raises(Problem):
        Paths([Rule("GET", "/a")]).match("GET", "/b")


def test_names_and_braces():
    assert parameters("/a/<int:b>/<c>") == ["b", "c"]
    assert braces("/a/<int:b>/<path:c>") == "/a/{b}/{c}"
