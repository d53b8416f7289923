"""A process beside the worker that compiles what large captures need, at the lowest priority: `python -m portal.warm`."""

import os

from portal.stack.leash import end_with_parent

if __name__ == "__main__":
    end_with_parent(os.getppid())
    os.nice(19)
    from runs.analysis.packets.warm import warm

    warm()
