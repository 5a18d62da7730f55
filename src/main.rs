//! The `sexton` binary.
fn main() {}
