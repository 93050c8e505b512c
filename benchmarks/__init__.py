"""Measurements that are run by hand and in CI; none is imported by the program."""
