"""The Trajectory page: one episode, step by step."""
