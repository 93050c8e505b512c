"""Whether two articles contradict each other."""
