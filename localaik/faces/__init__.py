"""Faces: what clients speak; each parses requests and renders answers in one protocol."""
