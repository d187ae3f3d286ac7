"""What a reader is told exists, exists; and all that exists is told."""

import argparse
import re
from pathlib import Path

import pytest

from audit_lib import catalogue, cli, sql

README = Path(__file__).parents[1] / "README.md"


@pytest.fixture(scope="module")
def docs(tmp_path_factory):
    """The reference pages, by name."""
    folder = tmp_path_factory.mktemp("docs")
    catalogue.write_docs(folder, sql.roots(), cli.build_parser())
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def commands():
    parser = cli.build_parser()
    return next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction)).choices


def test_every_command_and_option_is_documented(docs):
    """commands.md shows each command with each of its options, and the README names each command."""
    readme = README.read_text(encoding="utf-8")
    for name, command in commands().items():
        assert f"## audit {name}" in docs["commands.md"]
        assert f"audit {name}" in readme
        for action in command._actions:
            assert action.help, f"audit {name}: {action.dest} has no help"
            assert all(option in docs["commands.md"] for option in action.option_strings)


def test_the_readme_names_no_command_that_is_not_there():
    """Each `audit …` in the README is a command."""
    named = set(re.findall(r"`audit (\w+)", README.read_text(encoding="utf-8")))
    assert named <= commands().keys()


def test_every_control_parameter_and_reason_is_documented(docs):
    """controls.md shows each control with its limits, its parameters and its reason codes."""
    for control in sql.read_controls(sql.roots()).values():
        assert f"## {control.id} {control.title}" in docs["controls.md"]
        assert control.limits in docs["controls.md"]
        assert all(f"`{name}`" in docs["controls.md"] for name in [*control.parameters, *control.reasons, *control.columns])


def test_every_table_column_and_format_is_documented(docs):
    """tables.md shows each column; formats.md each format."""
    for path in sql.find(sql.roots(), "tables").values():
        assert f"## {path.stem}" in docs["tables.md"]
    for name in sql.find(sql.roots(), "sources"):
        assert f"## {name}" in docs["formats.md"]


def test_init_writes_a_project_that_can_be_read(tmp_path):
    """`audit init` writes an audit.toml that reads, the dictionary, and the headers of the minimum useful set."""
    from audit_lib.project import read_project

    assert cli.main(["init", str(tmp_path / "mine")]) == 0
    assert read_project(tmp_path / "mine").name == "mine"
    assert (tmp_path / "mine/templates/accounts.csv").read_text().startswith("account_id,status")
    assert cli.main(["init", str(tmp_path / "mine")]) == 2


def test_the_policy_holds_every_quoted_promise():
    """Each piece of a promise stands in the policy of ../shared, word for word."""
    policy = Path(__file__).parents[2] / "shared/policy/privacy-policy-2024-01-23.txt"
    if not policy.exists():
        pytest.skip("../shared/policy is not here: the quotes can't be compared with the policy")
    text = policy.read_text(encoding="utf-8")
    missing = {one.id: pieces for one in sql.read_controls(sql.roots()).values() if (pieces := sql.quotes_missing(one.promise, text))}
    assert missing == {}
