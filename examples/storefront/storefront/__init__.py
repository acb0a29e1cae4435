"""A small shop that writes the logs of a large one."""
