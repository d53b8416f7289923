"""What nobody else finishes: files and conclusions whose worker died, broken-off uploads, bytes that nothing needs."""

import time
from datetime import timedelta

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from runs.models import EvidenceFile, FileState, Run, RunState
from runs.services import analyse, notices, objects, queue, reminders, search_index, storage, webhook_queue

RECEIVING_GRACE = timedelta(hours=6)
SWEEP_FILES = 500
SWEEP_ADOPTS = 20


def sweep() -> None:
    """Take up what was left lying. Cheap where there is nothing; to be called every few seconds, by any number of processes."""
    retry_files()
    retry_conclusions()
    tell_people()


def tell_people() -> None:
    """Have e-mails sent and webhooks posted, where any is due."""
    now = timezone.now()
    if notices.any_due(now):
        queue.enqueue(queue.SEND_LETTERS)
    if webhook_queue.any_due(now):
        queue.enqueue(queue.POST_WEBHOOKS)


def retry_files() -> int:
    """Enqueue again the files whose lease ran out, and those whose message must be lost; returns how many."""
    now = timezone.now()
    stale = now - timedelta(seconds=analyse.LEASE_SECONDS)
    long_ago = Q(queued_at__isnull=True) | Q(queued_at__lt=stale)
    lost = Q(state=FileState.WAITING) | Q(state=FileState.PARSING, lease_until__lt=now)
    runs = (RunState.QUEUED, RunState.ANALYSING)
    return analyse.enqueue_files(EvidenceFile.objects.filter(lost & long_ago, run__state__in=runs)[:SWEEP_FILES])


def retry_conclusions() -> int:
    """Enqueue the conclusions that nobody asked for, and again those whose worker died; returns how many."""
    now = timezone.now()
    count = 0
    for run in Run.objects.ready_to_conclude():
        if analyse.request_conclusion(run.pk):
            count += 1
            continue
        late = Run.objects.ready_to_conclude().filter(Q(conclude_until__isnull=True) | Q(conclude_until__lt=now), pk=run.pk)
        if late.update(conclude_until=now + timedelta(seconds=analyse.LEASE_SECONDS)):
            analyse.enqueue_conclusion(run.pk)
            count += 1
    return count


def tidy() -> None:
    """Remove what is of no use any more. Lists one 256th of the storage: to be called about once a minute."""
    Run.objects.filter(state=RunState.RECEIVING, touched_at__lt=timezone.now() - RECEIVING_GRACE, files__isnull=True).delete()
    objects.sweep_temporaries()
    storage.adopt_strays(f"{int(time.time()) // 60 % 256:02x}")
    storage.collect()
    objects.evict()
    search_index.adopt(SWEEP_ADOPTS)
    reminders.plan(timezone.now())
    notices.forget_old()
    refresh_statistics()


def refresh_statistics() -> None:
    """Have SQLite look again at tables that have grown: it chooses indexes by that. PostgreSQL does so by itself."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA analysis_limit = 1000")
            cursor.execute("PRAGMA optimize = 0x10002")  # all tables, not only those that this connection has read
