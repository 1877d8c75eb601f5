"""The built-in components by kind, a line each. Nothing here imports a component: a line says where it lives."""
