"""A package of components for nncore. Nothing here needs to be imported by hand."""
