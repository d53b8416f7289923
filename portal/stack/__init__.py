"""The supervisor: one command that starts broker, worker, beat and web server, and stops them together."""
