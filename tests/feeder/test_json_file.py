import json
import sys

import pandapower as pp
import pytest

from nemogrid.errors import NetworkError
from nemogrid.feeder import load_feeder
from nemogrid.feeder.json_file import parse_network, read_network
from nemogrid.feeder.quiet import quiet


def _text_of(net):
    """Write the network as pandapower does."""
    with quiet():
        return pp.to_json(net)


@pytest.fixture
def trap(tmp_path, monkeypatch):
    """A module that leaves a mark when it is imported, as an attacker's would."""
    mark = tmp_path / "mark"
    (tmp_path / "nemogrid_trap.py").write_text(
        f"from pathlib import Path\nPath({str(mark)!r}).touch()\n\ndef spring(*_):\n    return 1\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    yield mark
    sys.modules.pop("nemogrid_trap", None)


def _bait(module="nemogrid_trap", name="function", content="spring"):
    return {"_module": module, "_class": name, "_object": content}


def _in_network(net, item):
    content = json.loads(_text_of(net))
    content["_object"]["bait"] = item
    return json.dumps(content)


def _in_cell(net, item, *, as_text=False):
    content = json.loads(_text_of(net))
    table = json.loads(content["_object"]["bus"]["_object"])
    table["data"][0][0] = json.dumps(item) if as_text else item
    content["_object"]["bus"]["_object"] = json.dumps(table)
    return json.dumps(content)


def _in_old_network(net, item):
    inner = _in_network(net, item)
    return json.dumps(
        {"_module": "pandapower.auxiliary", "_class": "pandapowerNet", "_object": inner}
    )


HIDING_PLACES = {
    "on top": lambda _, item: json.dumps(item),
    "in the network": _in_network,
    "in a list": lambda net, item: _in_network(net, [1, [2, {"a": item}]]),
    "in a text": lambda net, item: _in_network(net, json.dumps(item)),
    "in a text in a text": lambda net, item: _in_network(net, json.dumps(json.dumps([item]))),
    "in a cell of a table": _in_cell,
    "in a text in a cell": lambda net, item: _in_cell(net, item, as_text=True),
    "in a network of an old version": _in_old_network,
    "behind escapes": lambda net, item: _in_network(net, item).replace("_module", "\\u005fmodule"),
    "behind a harmless twin": lambda net, item: _in_network(net, item).replace(
        '"_module": "nemogrid_trap"', '"_module": "nemogrid_trap", "_module": "numpy"'
    ),
}


@pytest.mark.parametrize("place", HIDING_PLACES)
def test_a_crafted_file_runs_nothing(village, trap, tmp_path, place):
    """Wherever an object asks for a module, the module is not imported and the class is named."""
    path = tmp_path / "feeder.json"
    path.write_text(HIDING_PLACES[place](village, _bait()))
    with pytest.raises(NetworkError, match=r"feeder\.json (asks for|holds a malformed)"):
        load_feeder(path)
    assert not trap.exists()
    assert "nemogrid_trap" not in sys.modules


def test_pandapower_alone_would_fall_for_it(village, trap):
    """The trap works: pandapower's own reader imports the module that a file names."""
    with quiet():
        pp.from_json_string(_in_network(village, _bait()))
    assert trap.exists()


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "system"),
        ("subprocess", "Popen"),
        ("builtins", "eval"),
        ("builtins", "exec"),
        ("builtins", "complex"),
        ("pandas", "read_pickle"),
        ("pandas.io.pickle", "read_pickle"),
        ("numpy", "load"),
        ("networkx", "MultiGraph"),
        ("pandapower.control.basic_controller", "Controller"),
        ("pandapower.auxiliary", "function"),
    ],
)
def test_only_plain_data_is_read(village, module, name):
    """Modules that are there anyway give nothing but tables and numbers."""
    text = _in_network(village, _bait(module, name, "echo"))
    with pytest.raises(NetworkError, match=f"asks for {module}.{name}: only plain"):
        parse_network(text, "feeder.json")


def test_a_table_does_not_open_other_files(village, tmp_path):
    """The name of a file in the place of a table is refused; pandas would open it."""
    secret = tmp_path / "secret.json"
    secret.write_text('{"columns": ["a"], "index": [0], "data": [[1]]}')
    content = json.loads(_text_of(village))
    content["_object"]["bus"]["_object"] = str(secret)
    with pytest.raises(NetworkError, match="not a pandapower JSON file"):
        parse_network(json.dumps(content), "feeder.json")


def test_a_table_takes_no_other_settings(village):
    """Settings that pandas would take, such as one for compressed files, are refused."""
    content = json.loads(_text_of(village))
    content["_object"]["bus"]["storage_options"] = {}
    with pytest.raises(NetworkError, match="malformed DataFrame: storage_options"):
        parse_network(json.dumps(content), "feeder.json")


def test_marks_in_a_text_that_is_not_json_are_refused(village):
    """A text that only another reader than ours would take for an object is refused."""
    text = _in_network(village, "{'_module': 'os', '_class': 'system'}")
    with pytest.raises(NetworkError, match="not JSON"):
        parse_network(text, "feeder.json")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not a pandapower JSON file"),
        ("{", "not a pandapower JSON file"),
        ("[1, 2]", "expected an object of class pandapowerNet"),
        ('{"bus": {}}', "expected an object of class pandapowerNet"),
        ("[" * 100_000, "not a pandapower JSON file"),
        ('{"_module": "pandapower.auxiliary", "_class": "pandapowerNet"}', "no external grid"),
        ("9" * 5000, "not a pandapower JSON file"),
        ('{"a": "[' + "9" * 5000 + ']"}', "expected an object of class pandapowerNet"),
    ],
    ids=[
        "empty",
        "cut off",
        "list",
        "other object",
        "very deep",
        "empty network",
        "long number",
        "long number in a text",
    ],
)
def test_what_is_no_network_is_refused(tmp_path, text, message):
    """A file that pandapower did not write raises, with its name."""
    path = tmp_path / "feeder.json"
    path.write_text(text)
    with pytest.raises(NetworkError, match=message):
        load_feeder(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    """The message holds the path."""
    with pytest.raises(NetworkError, match=r"cannot read the network file .*nowhere\.json"):
        read_network(tmp_path / "nowhere.json")


def test_a_file_that_is_not_text_is_refused(tmp_path):
    """Bytes that are no text raise."""
    path = tmp_path / "feeder.json"
    path.write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(NetworkError, match="cannot read"):
        read_network(path)


@pytest.mark.parametrize(("key", "value"), [("res_bus", "none"), ("std_types", 5)])
def test_what_is_not_needed_may_be_anything(village, key, value):
    """Results and standard types of a strange file are no reason to break."""
    spoilt = json.loads(pp.to_json(village))
    spoilt["_object"][key] = value
    network = load_feeder(parse_network(json.dumps(spoilt), "feeder.json"))
    assert len(network.load) == len(village.load)


def test_a_path_that_cannot_be_one_is_refused():
    """Python raises a bare ValueError for it."""
    with pytest.raises(NetworkError, match="cannot read the network file"):
        load_feeder("a\0b.json")
