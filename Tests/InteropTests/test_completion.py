"""The tab key in a shell, at a terminal."""

import os
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pytest

from chatctl import data, run

STARTED = {
    "bash": ["--norc", "--noprofile", "-i"],
    "zsh": ["-f", "-i"],
    "fish": ["--private"],
}
# What a person puts where the help of `completion` says; the prompt is one that nothing else prints.
PREPARED = {
    "bash": "source {script}; PS1='ready''> '",
    "zsh": "fpath=({folder} $fpath); autoload -Uz compinit; compinit -D; PS1='ready''> '",
    "fish": "source {script}; function fish_prompt; echo -n 'ready''> '; end",
}


@contextmanager
def prompt(shell, chat, folder):
    """A shell that knows the commands of `chatctl`."""
    script = folder / "_chatctl"
    script.write_text(run(chat, "completion", shell).stdout)
    tools = Path(os.environ["CHAT_BIN_DIR"]).resolve()
    environment = {
        **chat._environment(), "HOME": str(folder), "TERM": "dumb", "PATH": f"{tools}:{os.environ['PATH']}",
    }
    child = pexpect.spawn(
        shell, STARTED[shell], cwd=folder, env=environment, timeout=20, encoding="utf-8", dimensions=(24, 200),
    )
    try:
        child.sendline(PREPARED[shell].format(script=script, folder=folder))
        child.expect_exact("ready> ")
        yield child
    finally:
        child.close(force=True)


def complete(child, typed, completed):
    child.send(typed + "\t")
    child.expect_exact(completed.removeprefix(typed))
    child.sendcontrol("u")


@pytest.mark.parametrize("shell", list(STARTED))
def test_the_tab_key_completes_commands_and_the_names_of_people_rooms_webhooks_and_instances(shell, chat, tmp_path):
    person = chat.add_user(f"{shell}-person")
    room = data(chat, "room", "create", chat.new_room_name(f"{shell}-room"))["name"]
    hook = f"{shell}-hook"
    data(chat, "webhook", "create", "https://hooks.example", "--room", room, "--name", hook)
    (tmp_path / ".chat").symlink_to(chat._data)
    with prompt(shell, chat, tmp_path) as child:
        complete(child, "chatctl inst", "chatctl instances")
        complete(child, f"chatctl user show {shell}-p", f"chatctl user show {person}")
        complete(child, f"chatctl room show {shell}-r", f"chatctl room show {room}")
        complete(child, f"chatctl webhook test {shell}-h", f"chatctl webhook test {hook}")
        complete(child, "chatctl instances show i", "chatctl instances show i-")


def test_the_names_are_those_of_the_installation_that_the_command_names(chat, tmp_path):
    person = chat.add_user("elsewhere")
    with prompt("bash", chat, tmp_path) as child:
        for option in (f"--data {chat._data}", f"--data={chat._data}"):
            complete(child, f"chatctl user show {option} elsew", f"chatctl user show {option} {person}")
