"""Synthetic chats by skill. Every maker takes a ``random.Random`` and returns a ``Chat``."""
