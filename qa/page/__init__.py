"""The parts of the Gradio page."""
