//! NUL-terminated strings for execve(2), one behind the other in one block.

use std::ffi::{CStr, c_char};

use nix::errno::Errno;

/// What argument vectors and lists of paths point to.
#[derive(Default, Debug)]
pub(super) struct Texts {
    bytes: Vec<u8>,
    /// Where each of them begins.
    starts: Vec<usize>,
}

impl Texts {
    /// Adds one that is made of `parts`.
    ///
    /// # Errors
    /// EINVAL: none of them may contain a NUL.
    pub(super) fn push(&mut self, parts: &[&[u8]]) -> Result<(), Errno> {
        self.starts.push(self.bytes.len());
        for part in parts {
            if part.contains(&0) {
                return Err(Errno::EINVAL);
            }
            self.bytes.extend_from_slice(part);
        }
        self.bytes.push(0);
        Ok(())
    }

    /// One of them, without its NUL.
    pub(super) fn get(&self, index: usize) -> Option<&[u8]> {
        let rest = self.bytes.get(*self.starts.get(index)?..)?;
        CStr::from_bytes_until_nul(rest).ok().map(CStr::to_bytes)
    }

    /// Behind `front` a pointer to each, and a null one at the end. They hold until the next [`Texts::push`].
    pub(super) fn pointers(&self, front: &[*const c_char]) -> Vec<*const c_char> {
        let mut pointers = Vec::with_capacity(front.len() + self.starts.len() + 1);
        pointers.extend_from_slice(front);
        for start in &self.starts {
            pointers.push(self.bytes.as_ptr().wrapping_add(*start).cast());
        }
        pointers.push(std::ptr::null());
        pointers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_terminated_and_pointed_to() {
        let mut texts = Texts::default();
        texts.push(&[b"/bin", b"/", b"tool"]).unwrap();
        texts.push(&[]).unwrap();
        texts.push(&[b"-x"]).unwrap();
        assert_eq!(texts.bytes, b"/bin/tool\0\0-x\0");
        let all: Vec<_> = (0..4).map(|i| texts.get(i)).collect();
        assert_eq!(all, [Some(&b"/bin/tool"[..]), Some(b""), Some(b"-x"), None]);

        let base = texts.bytes.as_ptr().cast::<c_char>();
        let shell = c"sh".as_ptr();
        let want = [shell, base, base.wrapping_add(10), base.wrapping_add(11), std::ptr::null()];
        assert_eq!(texts.pointers(&[shell]), want);
    }

    #[test]
    fn a_nul_inside_is_refused() {
        let mut texts = Texts::default();
        assert_eq!(texts.push(&[b"a", b"b\0c"]), Err(Errno::EINVAL));
    }
}
