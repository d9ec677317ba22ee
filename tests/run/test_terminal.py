"""A command on a real terminal: it looks, is sized and is asked as without us."""

import os
import shlex
import termios
import time

import pytest

from .started import LONGEST_SECONDS, QUIETLY, OnTerminal, on_terminal, python

BOTH = pytest.mark.parametrize("before", [[], [*QUIETLY]], ids=["bare", "ours"])


@pytest.mark.parametrize(
    "command",
    [
        python(
            "import os, sys; print([os.isatty(each) for each in range(3)]);"
            "print(os.get_terminal_size(1));"
            "print('\\033[31mred\\033[0m\\tand bell\\a'); sys.stderr.write('error\\r\\nlines\\n')"
        ),
        python("1 / 0"),
        ["sh", "-c", "stty -a; stty size; kill -9 $$"],
        ["sh", "-c", "printf 'no line end'; exit 300"],
    ],
    ids=["colors", "crash", "modes", "status"],
)
def test_what_the_terminal_is_sent_is_the_same(command: list[str]) -> None:
    assert on_terminal([*QUIETLY, *command]) == on_terminal(command)


@BOTH
def test_a_new_size_of_the_window_reaches_the_command(before: list[str]) -> None:
    code = (
        "import os, signal, time\n"
        "seen = []\n"
        "signal.signal(signal.SIGWINCH, lambda *_: seen.append(os.get_terminal_size(1)))\n"
        "print('ready', flush=True)\n"
        "while not seen or seen[-1].lines != 33: time.sleep(0.02)\n"
        "print('now', *seen[-1], flush=True)\n"
    )
    with OnTerminal([*before, *python(code)]) as terminal:
        terminal.until(b"ready")
        terminal.resize(33, 111)
        terminal.until(b"now 111 33")


@BOTH
def test_a_password_and_a_line_can_be_asked_for(before: list[str]) -> None:
    code = "import getpass; print(repr(getpass.getpass('secret: ')), repr(input('name: ')))"
    with OnTerminal([*before, *python(code)]) as terminal:
        terminal.until(b"secret: ")
        terminal.type(b"hush\n")
        terminal.until(b"name: ")
        terminal.type(b"ada\n")
        assert terminal.to_the_end().out == b"secret: \r\nname: ada\r\n'hush' 'ada'\r\n"


@BOTH
def test_a_program_that_fills_the_screen_gets_keys_and_leaves_the_modes_as_they_were(
    before: list[str],
) -> None:
    code = (
        "import curses\n"
        "def draw(screen):\n"
        "    screen.addstr(0, 0, 'drawn'); screen.refresh(); return screen.getch()\n"
        "print('key', curses.wrapper(draw))\n"
    )
    with OnTerminal([*before, *python(code)], variables={"TERM": "xterm"}) as terminal:
        modes = termios.tcgetattr(terminal.outer)
        terminal.until(b"drawn")
        began = time.monotonic()
        while termios.tcgetattr(terminal.outer)[3] & termios.ECHO:
            assert time.monotonic() - began < LONGEST_SECONDS, "its keys would be echoed"
            time.sleep(0.01)
        terminal.type(b"x")
        shown = terminal.to_the_end().out
        assert b"key 120" in shown
        assert termios.tcgetattr(terminal.outer)[:4] == modes[:4]


@BOTH
def test_each_stream_is_a_terminal_only_where_ours_is(before: list[str]) -> None:
    code = python("import os; os.write(2, str([os.isatty(each) for each in range(3)]).encode())")
    source, inner = os.pipe()
    with OnTerminal([*before, *code], error=inner) as terminal:
        os.close(inner)
        terminal.to_the_end()
        assert os.read(source, 100) == b"[True, True, False]"
    os.close(source)
    source, inner = os.pipe()
    with OnTerminal([*before, *code], out=inner) as terminal:
        os.close(inner)
        assert terminal.to_the_end().out == b"[True, False, True]"
    os.close(source)


@BOTH
def test_a_shell_can_stop_and_go_on(before: list[str]) -> None:
    code = "import time\nfor i in range(100): print('tick', i, flush=True); time.sleep(0.05)"
    with OnTerminal(["bash", "--norc", "-i"], variables={"PS1": "ready> "}) as terminal:
        terminal.until(b"ready> ")
        terminal.type(shlex.join([*before, *python(code)]).encode() + b"\n")
        terminal.until(b"tick 3\r")
        terminal.type(b"\x1a")
        terminal.until(b"Stopped")
        terminal.type(b"fg\n")
        terminal.until(b"tick 20\r")
        terminal.type(b"\x03")
        terminal.until(b"KeyboardInterrupt")
        terminal.type(b"echo status $?\n")
        terminal.until(b"status 130")
