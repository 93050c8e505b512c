"""The reader's training: examples from reading sets, a network, a loop that resumes, and what it reaches."""
