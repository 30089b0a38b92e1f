"""One verb per module: a plain function does the work, a PTransform beside it wires it into Beam."""
