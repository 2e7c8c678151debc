"""What is generated: the same every time, complete, and drift is seen."""

import json
from collections import Counter
from pathlib import Path

import pytest
import yaml

from contracts import build, story
from contracts.schemas import EVENTS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder where everything was generated."""
    build.write(tmp_path)
    return tmp_path


def test_building_twice_gives_the_same(folder: Path) -> None:
    build.samples.cache_clear()
    assert build.write(folder) == []
    assert build.drift(folder) == []


def test_drift_names_the_changed_the_missing_and_the_surplus(folder: Path) -> None:
    (folder / "asyncapi.yaml").write_text("asyncapi: 2.0.0\n")
    (folder / "generated/samples/petition.closed.1.json").unlink()
    (folder / "generated/schemas/petition.unheard.1.json").write_text("{}")
    wrong = [
        "asyncapi.yaml",
        "generated/samples/petition.closed.1.json",
        "generated/schemas/petition.unheard.1.json",
    ]
    assert build.drift(folder) == wrong
    assert build.write(folder) == wrong
    assert build.drift(folder) == []


def test_check_exits_with_1_on_drift(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build, "drift", lambda: ["asyncapi.yaml"])
    assert build.main(["--check"]) == 1
    assert capsys.readouterr().out == "differs: asyncapi.yaml\n"
    monkeypatch.setattr(build, "drift", lambda: [])
    assert build.main(["--check"]) == 0


def test_the_story_has_every_event_once() -> None:
    assert len(story.STORY) == len(build.samples()) == len(EVENTS)


def test_sequences_and_ids_are_as_the_services_would_send_them() -> None:
    events = list(build.samples().values())
    assert len({event["id"] for event in events}) == len(events)
    assert [event["time"] for event in events] == sorted(event["time"] for event in events)
    rated = build.samples()["petition.rated.1"]
    types = [step.type for step in story.STORY]
    publisher = {event.type: event.publisher for event in EVENTS}
    before = Counter(publisher[t] for t in types[: types.index("petition.rated")])
    before["routing"] -= 1  # office.changed is about an office
    after = f"routing:{before['routing']} supervision:{before['supervision']}"
    assert (rated["sequence"], rated["after"]) == (2, after)


def test_schemas_are_strict_and_say_who_publishes() -> None:
    for event in EVENTS:
        schema = build.json_schema(event)
        assert schema["additionalProperties"] is False
        assert schema["x-publisher"] == event.publisher
        assert schema["description"]
        json.dumps(schema)


def test_asyncapi_names_every_event() -> None:
    document = yaml.safe_load(build.files()["asyncapi.yaml"])
    assert document["asyncapi"] == "3.0.0"
    assert set(document["components"]["messages"]) == {build.name(event) for event in EVENTS}
    for event in EVENTS:
        channel = document["channels"][event.type]
        assert channel["bindings"]["amqp"]["exchange"]["name"] == f"{event.publisher}.events"
        assert build.name(event) in channel["messages"]


def test_every_reference_of_asyncapi_leads_somewhere() -> None:
    files = build.files()
    document = yaml.safe_load(files["asyncapi.yaml"])
    for reference in references(document):
        if reference.startswith("./"):
            assert reference.removeprefix("./") in files
            continue
        found = document
        for key in reference.removeprefix("#/").split("/"):
            found = found[key]


def references(node: object) -> list[str]:
    """Every `$ref` below a node."""
    if isinstance(node, list):
        return [found for item in node for found in references(item)]
    if isinstance(node, dict):
        own = [node["$ref"]] if "$ref" in node else []
        return own + [found for item in node.values() for found in references(item)]
    return []
