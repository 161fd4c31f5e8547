"""Hides the host's packages from the emulator's Lambda workers.

The emulator runs functions with its own interpreter, which would lend them every library it has itself, so that a
dependency missing from a package would never be noticed. Python imports this module at start; only workers have
LAMBDA_TASK_ROOT. They keep the standard library, their own package and what a Lambda runtime offers: boto3.
"""

from __future__ import annotations

import os
import sys

if "LAMBDA_TASK_ROOT" in os.environ:
    offered = os.environ.get("LAMBDA_RUNTIME_LIBS", "")
    hidden = os.path.dirname(__file__)
    sys.path[:] = [path for path in sys.path if not path.endswith("site-packages") and path != hidden]
    sys.path += [offered] if offered else []
    os.environ.pop("PYTHONPATH", None)
