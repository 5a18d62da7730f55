//! Floor 1: the kernel. It touches and decides nothing; the only `unsafe` of the project lives here, each block
//! with the reason why it is sound.

pub mod nonblocking_write;
