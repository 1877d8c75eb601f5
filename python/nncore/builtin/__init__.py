"""nncore's own components. They register through the same hooks as anybody's and import only `nncore.api`."""
