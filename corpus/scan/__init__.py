"""Which files of a folder are new or changed, and reading those."""
