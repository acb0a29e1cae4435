"""The handlers of each plugin, found by name from the definitions."""
