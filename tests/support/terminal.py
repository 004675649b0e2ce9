"""Runs a command in a terminal: terminal.py CLOSE|TYPE|WATCH TEXT COMMAND...

Waits until the command has written TEXT. Then CLOSE closes the terminal, TYPE presses Ctrl-C, WATCH does nothing. Prints the
exit code, the output, and its pieces with the seconds since the start, as JSON.
"""

import json
import os
import pty
import select
import sys
import termios
import time

TIMEOUT_SECONDS = 60
COLUMNS, ROWS = 120, 50

action, text, *command = sys.argv[1:]
child, terminal = pty.fork()
if child == 0:
    os.environ.update(COLUMNS=str(COLUMNS), LINES=str(ROWS), TERM="xterm")
    termios.tcsetwinsize(0, (ROWS, COLUMNS))
    os.execvp(command[0], command)

written = b""
pieces = []
started_at = time.monotonic()
acted = action == "WATCH"
deadline = time.monotonic() + TIMEOUT_SECONDS
while time.monotonic() < deadline:
    if not acted and text.encode() in written:
        acted = True
        if action == "CLOSE":
            os.close(terminal)
            break
        os.write(terminal, b"\x03")
    if not select.select([terminal], [], [], 0.05)[0]:
        continue
    try:
        piece = os.read(terminal, 65536)
    except OSError:  # the command has ended
        break
    written += piece
    pieces.append([time.monotonic() - started_at, piece.decode(errors="replace")])

code = None
while code is None and time.monotonic() < deadline:
    pid, status = os.waitpid(child, os.WNOHANG)
    if pid == 0:
        time.sleep(0.02)
    else:
        code = os.waitstatus_to_exitcode(status)
if code is None:
    os.kill(child, 9)
    os.waitpid(child, 0)
print(json.dumps({"code": code, "acted": acted, "output": written.decode(errors="replace"), "pieces": pieces}))
