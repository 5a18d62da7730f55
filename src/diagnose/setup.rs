//! What has to be done before the program and could not be done. The launch options explain themselves: they know
//! what was asked for.

use nix::errno::Errno;

use super::exec::{ExecClass, Explanation};
use crate::errno::text;

/// Something that every start does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Setup {
    /// Going back into the directory of the start.
    Directory,
    /// The signal mask and dispositions.
    Signals,
}

pub(super) fn explain(what: Setup, errno: Errno) -> Explanation {
    let doing = match what {
        Setup::Directory => "go back to the working directory",
        Setup::Signals => "restore the signal mask",
    };
    Explanation::new(ExecClass::Failed, format_args!("sexton cannot {doing}: {}", text(errno)))
}
