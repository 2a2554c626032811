"""The process that workers are forked from, so that they don't each import everything again.

Importing this module makes the process such a template: multiprocessing's fork server imports
it before it forks the first worker. It has one thread, for a fork copies no other; what a run
needs (environment, paths, the user's own modules) is set in each worker.
"""

from __future__ import annotations

import gc
import os
import sys

from designer.engine.executors.forking import PROGRAM
from designer.engine.executors.preloading import limit_threads, preload

# Not getppid: the program may have ended before this process got here.
_program = int(os.environ.pop(PROGRAM))

# An interrupt of the terminal is for the command alone, which ends its workers in order.
if sys.platform != "win32":
    os.setsid()
# Who waits for all that the command prints must not wait for this process too.
_nothing = os.open(os.devnull, os.O_RDWR)
for _number in (0, 1, 2):
    os.dup2(_nothing, _number)
limit_threads()
# Arrow allocates with mimalloc; jemalloc, which it also contains, would start a thread.
os.environ["JE_ARROW_MALLOC_CONF"] = "background_thread:false"
gc.disable()
preload(wanted=lambda: os.getppid() == _program)
if os.getppid() != _program:
    sys.exit()
gc.enable()
# What is here now lives as long as the workers: collecting would only copy its pages.
gc.freeze()
