"""The pages: what they ask for, a report file that holds all of it, and the server that answers live."""
