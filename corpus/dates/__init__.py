"""The days that words stand for: "on Monday" is 6 March 2023."""
