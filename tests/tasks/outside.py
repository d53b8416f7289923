"""Steps of a test that happen in a process of their own, with the data directory of the environment: prints JSON.

python -m tests.tasks.outside upload FOLDER
python -m tests.tasks.outside kill RUN_ID worker|pool PID     (as soon as a slow file is being parsed)
python -m tests.tasks.outside finish RUN_ID     (when its workers are done)
python -m tests.tasks.outside look RUN_ID
"""

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import django


def upload(folder: str) -> dict[str, Any]:
    """Put a folder into a run and queue it, as a web process does."""
    from runs.models import Team
    from runs.services import runs
    from tests.portal_fixtures import files_of

    team, _ = Team.objects.get_or_create(slug="t", defaults={"name": "T"})
    run = runs.create_run(team, "recovered")
    runs.add_files(run, files_of(Path(folder)))
    return {"run": run.pk}


def kill(run_id: str, victim: str, worker: str) -> dict[str, Any]:
    """Kill the worker, or its pool of processes, as soon as one of the slow files is being parsed."""
    from runs.models import EvidenceFile, FileState

    slow = EvidenceFile.objects.filter(run_id=run_id, state=FileState.PARSING, path__startswith="slow")
    until = time.monotonic() + 30
    while not slow.exists() and time.monotonic() < until:
        time.sleep(0.01)
    for pid in [int(worker)] if victim == "worker" else _children_of(worker):
        os.kill(pid, signal.SIGKILL)
    return {"parsing": slow.count()}


def _children_of(pid: str) -> list[int]:
    return [int(one) for task in Path(f"/proc/{pid}/task").iterdir() for one in (task / "children").read_text().split()]


def finish(run_id: str) -> dict[str, Any]:
    """Where the run stands when it is concluded or failed, or after two minutes."""
    from runs.models import Run

    until = time.monotonic() + 120
    while Run.objects.get(pk=run_id).is_busy and time.monotonic() < until:
        time.sleep(0.1)
    return look(run_id)


def look(run_id: str) -> dict[str, Any]:
    """Where the run stands."""
    from runs.models import Run, RunReport

    run = Run.objects.get(pk=run_id)
    body = RunReport.objects.filter(run=run).values_list("body", flat=True)
    return {
        "state": run.state,
        "concluded_revision": run.concluded_revision,
        "files": {f.path: [f.state, f.tries] for f in run.files.all()},
        "artefacts": {f.path: f.artefact for f in run.files.all()},
        "reports": [json.loads(bytes(one)) for one in body],
    }


if __name__ == "__main__":
    django.setup()
    import portal.celery  # noqa: F401  # tasks are sent by this application, as from the web process

    print(json.dumps(globals()[sys.argv[1]](*sys.argv[2:])))  # noqa: T201  the answer
