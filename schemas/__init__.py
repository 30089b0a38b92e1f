"""The records that travel between stages, the tables they end in, and the actor registry."""

VERSION = "0.1.0"
