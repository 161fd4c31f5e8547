"""Which promises of `sla.yaml` were kept."""
