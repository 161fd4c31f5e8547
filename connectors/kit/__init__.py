"""Wire formats that vendors share, each in a file of its name; empty here, so that a source loads only what it uses."""
