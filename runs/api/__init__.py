"""The API for programs, version 1: /api/v1/. A token in the Authorization header, JSON in the answers, no session and no cookie."""
