"""Folders and archives, opened safely: for the CLI (`local.local_files`) and for intake (`opening.open_bundle`).

Members are read as streams under counted budgets; nothing is ever extracted by name. Regular files are kept, everything else is
refused by name. An archive inside an archive is kept as the file it is.
"""
