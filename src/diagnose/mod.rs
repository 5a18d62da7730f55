//! Floor 2: explains. It looks at what others have read, and changes nothing.

pub mod zombies;
