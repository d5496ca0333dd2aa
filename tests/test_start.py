"""The start of the command, before the command line is loaded."""

from __future__ import annotations

import subprocess
import sys


def test_ctrl_c_during_loading_ends_without_a_traceback() -> None:
    program = (
        "import builtins, signal, os\n"
        # A shell that started the tests in the background may have ignored the signal.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "real = builtins.__import__\n"
        "def slow(name, *rest):\n"
        "    if name == 'bench_app.cli.commands':\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "    return real(name, *rest)\n"
        "from bench_app.start import main\n"
        "builtins.__import__ = slow\n"
        "main()\n"
    )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (finished.returncode, finished.stderr) == (130, "")
