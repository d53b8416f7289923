"""MAP-E parameters wherever they stand: tables and sentences of notes, tunnel commands, tunnels in force, configurations."""

from collections.abc import Iterator

import msgspec

from runs.analysis.case import Case
from runs.analysis.domain.map_e_reader import from_command, from_rows, from_sentences, from_tunnel
from runs.analysis.facts.map_e import MapEParameters
from runs.analysis.facts.network import Tunnel
from runs.analysis.facts.notes import Note, NoteTable, ShellCommand
from runs.analysis.facts.router import RouterConfig
from runs.analysis.registry import correlator

MAX_FACTS = 1_000


@correlator(gives=MapEParameters, uses=[NoteTable, Note, ShellCommand, Tunnel, RouterConfig])
def parameters(case: Case) -> Iterator[MapEParameters]:
    """Each place's own statement; what contradicts what is for rules to say."""
    for count, found in enumerate(_all(case)):
        if count == MAX_FACTS:
            return
        yield found


def _all(case: Case) -> Iterator[MapEParameters]:
    titles = {note.file: note.title or "" for note in case.all(Note)}
    for table in case.all(NoteTable):
        about = " ".join((*table.head, titles.get(table.file, "")))
        if (found := from_rows(table.rows, about)) is not None:
            yield _placed(found, table)
    for note in case.all(Note):
        sentences = [(one.line, one.text) for one in note.statements]
        if (found := from_sentences(sentences)) is not None:
            yield _placed(found, note)
    notes = set(titles)
    for command in case.all(ShellCommand):
        if (found := from_command(command.text, command.line)) is not None:
            yield msgspec.structs.replace(_placed(found, command), from_notes=command.file in notes)
    for tunnel in case.all(Tunnel):
        if (found := from_tunnel(tunnel.local, tunnel.remote, tunnel.line, "tunnel")) is not None:
            yield _placed(found, tunnel)
    for config in case.all(RouterConfig):
        for set_up in config.tunnels:
            line = set_up.remote_line or set_up.line
            if (found := from_tunnel(set_up.local, set_up.remote, line, "configuration", set_up.local_line)) is not None:
                yield msgspec.structs.replace(_placed(found, config), from_notes=config.file in notes)


def _placed(found: MapEParameters, origin: Note | NoteTable | ShellCommand | Tunnel | RouterConfig) -> MapEParameters:
    return msgspec.structs.replace(found, file=origin.file, segment=origin.segment, host=origin.host)
