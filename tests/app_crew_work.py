"""What workers do in tests of the crew: nothing that takes long, and told by the sheet's note."""

from __future__ import annotations

import os
import time
from pathlib import Path

from vallum.app.jobs.worker import Kit
from vallum.errors import Fault, InfeasibleError


def asked(note="", seed=1, theatre="sahel"):
    """Ask for something; what differs in its seed has another base."""
    from vallum.app.sheet import Sheet  # noqa: PLC0415  (workers of plans do without)
    from vallum.settings import Settings  # noqa: PLC0415

    return Sheet("A", theatre, Settings(seed=seed), note=note)


def until(true, patience=20.0):
    """Wait until something is true."""
    end = time.monotonic() + patience
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def base_key(_theatre, settings):
    return str(settings.seed)


def prepare(theatre, settings):
    folder = Path(theatre)
    if folder.is_dir():  # told of in a file, for each base that is made
        (folder / f"base-{settings.seed}-{os.getpid()}-{time.monotonic_ns()}").touch()
    time.sleep(0.3)
    return settings.seed


def price(base, _settings):
    return base


def price_key(base, _settings):
    return str(base)


def view(base, sheet, _priced):
    """Do what the note says; give the process and the base."""
    word, _, rest = sheet.note.partition(" ")
    if word == "sleep":
        time.sleep(float(rest))
    elif word == "fault":
        raise InfeasibleError([Fault("here", "there", "wrong", "mend it")])
    elif word == "broken":
        raise ZeroDivisionError(rest)
    elif word == "die":  # once, or always
        path = Path(rest)
        if not path.exists() or path.name == "always":
            path.touch()
            os._exit(9)
    elif word == "count":
        with Path(rest).open("a") as file:
            file.write(f"{sheet.settings.seed}\n")
    return os.getpid(), base


def look(base, sheet, step, priced):
    return (*view(base, sheet, priced), step)


def kit():
    return Kit(prepare, base_key, price, price_key, view, look)


MAKE = """
import json, os, pathlib, subprocess, sys, threading, time
from vallum.app.jobs.process import end_with_parent
asked = json.loads(sys.stdin.readline())
threading.Thread(target=end_with_parent, daemon=True).start()
def say(**what):
    print(json.dumps(what), flush=True)
work = pathlib.Path(asked["work"])
with (work / "pids").open("a") as file:
    file.write(f"{os.getpid()}\\n")
text = asked["text"]  # what is to be done, or a scenario of that name
word, _, rest = (text.split(chr(34))[1] if text.startswith("[") else text).partition(" ")
say(stage="theatre")
print("a library says something")
tried = len((work / "pids").read_text().split())
if word == "wait" or (word == "once" and tried < 3):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"],
        start_new_session=True, stdout=subprocess.DEVNULL)
    with (work / "pids").open("a") as file:
        file.write(f"{child.pid}\\n")
    say(stage="line")
    time.sleep(float(rest or 100))
elif word == "failed":
    say(failed="the fault, in words")
    sys.exit(2)
elif word == "broken":
    print("Traceback: secret", file=sys.stderr)
    say(broken="ZeroDivisionError")
    sys.exit(1)
elif word == "die":
    if tried <= int(rest):
        say(stage="works")
        os.kill(os.getpid(), 9)
say(stage="brief")
out = work / "out"
out.mkdir(exist_ok=True)
(out / "brief.html").write_text(asked["language"])
say(done=str(out))
"""
