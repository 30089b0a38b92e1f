"""The graphs, their options, and the ``naba`` command."""
