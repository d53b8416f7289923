"""The pages: one file per page, plain functions that ask `access`, a form, a service or a QuerySet, and render."""
