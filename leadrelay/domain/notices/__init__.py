"""Telling people: who reads what, when it may wait, and in which words."""
