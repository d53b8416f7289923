"""What a person does in a browser, with a real one, against a portal that runs as in production."""
