"""What the workflows need from the outside, one file per port, each a `typing.Protocol` with its own words."""
