"""The local cloud: what stands in for the outside world on one machine. It ships in no Lambda."""
