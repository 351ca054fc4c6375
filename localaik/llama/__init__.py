"""The model server: llama.cpp as a supervised child process.

Imports nothing, since the child program is in this package and must start fast.
"""
