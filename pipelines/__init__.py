"""The graphs, their options, and the ``naba`` command."""

import logging

# Beam speaks at import of optional parts that naba does not use, before any command could quiet it.
logging.getLogger().addFilter(lambda record: "apitools not found" not in record.getMessage())
