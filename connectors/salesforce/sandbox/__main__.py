"""`python -m connectors.salesforce.sandbox`: the sandbox as a process of its own, until Ctrl-C or a signal to end."""

from __future__ import annotations

import argparse
import signal
import sys
import threading

from connectors.salesforce.sandbox import DEMO_KEY, DEMO_SECRET, serve
from connectors.salesforce.sandbox.ids import shown
from leadrelay.local.crm_world import Owner, World


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop; 1 when the port is taken."""
    options = _options(arguments)
    world = World()
    for text in options.owner:
        world.put_owner(_owner(world, "User", text))
    for text in options.queue:
        world.put_owner(_owner(world, "Group", text))
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        sandbox = serve(options.port, options.key, options.secret, world)
    except OSError as error:
        sys.stderr.write(f"cannot listen on port {options.port}: {error.strerror}; choose another with --port\n")
        return 1
    with sandbox:
        sys.stdout.write(f"Salesforce sandbox: {sandbox.url}\n")
        sys.stdout.flush()
        stop.wait()
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m connectors.salesforce.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
    parser.add_argument("--key", default=DEMO_KEY, help="the consumer key that callers must send")
    parser.add_argument("--secret", default=DEMO_SECRET, help="the consumer secret")
    for name, who in (("--owner", "a user"), ("--queue", "a queue")):
        parser.add_argument(name, action="append", default=[], metavar="EMAIL=NAME", help=f"{who} who can own records")
    return parser.parse_args(arguments)


def _owner(world: World, kind: str, text: str) -> Owner:
    email, _, name = text.partition("=")
    first, _, last = name.strip().partition(" ")
    return Owner(shown(kind, world.next_id()), email.strip(), first, last)


if __name__ == "__main__":
    sys.exit(main())
