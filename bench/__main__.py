"""`make bench`, or `python -m bench --leads 200`."""

from __future__ import annotations

from bench.run import main

main()
