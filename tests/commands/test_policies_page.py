"""The commands that docs/policies.md shows do what it shows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import List, Tuple

import pytest

from ctkms.commands import ask_command, judge_command, policy_command

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "policies.md").read_text("utf-8")
COMMANDS = {"policy": policy_command.run, "judge": judge_command.run, "ask": ask_command.run}
SHOWN: List[Tuple[str, str]] = re.findall(r"```sh\n(.*?)```\n(?:\n```text\n(.*?)```\n)?", PAGE, re.DOTALL)


def test_what_the_page_shows(capsys, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert len(SHOWN) == 4
    for line, output in SHOWN:
        command, _, file = line.replace("\\\n", "").strip().partition(" > ")
        program, name, *arguments = shlex.split(command)
        assert program == "ctkms"
        assert COMMANDS[name](arguments) == 0
        said = capsys.readouterr().out
        if file:
            Path(file).write_text(said)
        else:
            assert said == output


@pytest.mark.parametrize("name", COMMANDS)
def test_the_page_knows_every_option(capsys, name: str) -> None:
    kinds = [[kind] for kind in ("trail", "event-data-store", "topic")] if name == "policy" else [[]]
    for kind in kinds:
        with pytest.raises(SystemExit):
            COMMANDS[name]([*kind, "--help"])
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help", "--partition", "--key"}
    assert {one for one in options if one not in PAGE} == set()
