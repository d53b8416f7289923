"""The machine's line in the file table: one kind of evidence a file, named as its parser.

    summary(file: CaseFile, facts: list[Fact], case: Case) -> Iterable[Statement]

`facts` are the file's own; the case gives what other files say of it. They stand apart from the parsers because a better sentence
must not make stored results stale.
"""
