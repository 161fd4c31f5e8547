"""The rulebook: from the YAML that RevOps edits to one checked set of rules, and every question about it.

Read, check, compile, explain, document. It is used on people's machines and in CI and ships in no Lambda: those get
the compiled JSON and validate it again.
"""
