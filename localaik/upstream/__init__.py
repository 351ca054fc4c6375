"""The way to the model server: client, connections, bodies."""
