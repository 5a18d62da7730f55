//! What has to be done before the program and could not be done. The launch options explain themselves: they know
//! what was asked for.

use nix::errno::Errno;

use super::exec::Explanation;

/// Something that every start does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Setup {
    /// Going back into the directory of the start.
    Directory,
    /// The signal mask and dispositions.
    Signals,
}

pub(super) fn explain(said: &mut Explanation, what: Setup, errno: Errno) {
    said.say(match what {
        Setup::Directory => "sexton cannot go back to the working directory: ",
        Setup::Signals => "sexton cannot restore the signal mask: ",
    });
    said.errno(errno);
}
