"""A stand-in for OPBX's server: the worker API, the CDR path and the counters in Redis, defects included.

Written from the fact sheet on OPBX and from nothing else; it shares no code with the program that it tests.
`switches.py` lists what can be changed, each with the row of the sheet that it stands for.
"""
