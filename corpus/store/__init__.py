"""The SQLite file that holds the articles of a library."""
