"""A plugin-based, Rust-accelerated neural-network library."""
