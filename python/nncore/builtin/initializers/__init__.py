"""Built-in initializers, one file each."""
