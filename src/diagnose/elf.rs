//! ELF headers (`elf(5)`), as far as they decide whether this machine can run the file.

use std::env::consts::ARCH;
use std::fmt;

/// What the headers say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Elf {
    /// For which machine; None if the file ends before that.
    pub(super) machine: Option<Machine>,
    /// The dynamic loader, `PT_INTERP`, without its NUL.
    pub(super) loader: Option<Vec<u8>>,
    /// What keeps the kernel from loading it on any machine.
    pub(super) fault: Option<Fault>,
}

/// What is wrong with the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fault {
    /// It ends before its headers do.
    CutShort,
    /// The headers contradict `elf(5)`.
    Nonsense,
    /// An object file, a core dump: no program.
    NoProgram,
}

/// The machine a program is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Machine {
    /// `e_machine`
    pub(super) number: u16,
    /// 64-bit
    pub(super) wide: bool,
    /// Big-endian
    pub(super) big: bool,
}

/// `e_machine` of what this binary was built for; whatever else the machine may run, it runs this.
const NATIVE: Option<u16> = match ARCH.as_bytes() {
    b"x86_64" => Some(62),
    b"x86" => Some(3),
    b"aarch64" => Some(183),
    b"arm" => Some(40),
    b"riscv64" | b"riscv32" => Some(243),
    b"powerpc64" => Some(21),
    b"powerpc" => Some(20),
    b"s390x" => Some(22),
    b"mips" | b"mips64" => Some(8),
    b"loongarch64" => Some(258),
    _ => None,
};

impl Machine {
    /// The machine this binary was built for; None on one that this list does not know.
    pub(super) const fn native() -> Option<Self> {
        match NATIVE {
            Some(number) => Some(Self { number, wide: usize::BITS == 64, big: cfg!(target_endian = "big") }),
            None => None,
        }
    }

    /// `linux/…` as image registries call it.
    pub(super) const fn platform(self) -> Option<&'static str> {
        Some(match (self.number, self.wide, self.big) {
            (62, true, false) => "linux/amd64",
            (3, false, false) => "linux/386",
            (183, true, false) => "linux/arm64",
            (40, false, false) => "linux/arm",
            (243, true, false) => "linux/riscv64",
            (21, true, false) => "linux/ppc64le",
            (22, true, true) => "linux/s390x",
            (258, true, false) => "linux/loong64",
            _ => return None,
        })
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.number, self.wide, self.big) {
            (62, true, false) => "x86-64",
            (62, false, false) => "x32",
            (3, false, false) => "i386",
            (183, true, false) => "aarch64",
            (183, true, true) => "big-endian aarch64",
            (40, false, false) => "arm",
            (40, false, true) => "big-endian arm",
            (243, true, false) => "riscv64",
            (243, false, false) => "riscv32",
            (20, false, true) => "ppc",
            (21, true, false) => "ppc64le",
            (21, true, true) => "ppc64",
            (22, true, true) => "s390x",
            (22, false, true) => "s390",
            (8, false, true) => "mips",
            (8, false, false) => "mipsel",
            (8, true, true) => "mips64",
            (8, true, false) => "mips64el",
            (258, true, false) => "loongarch64",
            (number, wide, big) => {
                let (bits, end) = (if wide { 64 } else { 32 }, if big { "big" } else { "little" });
                return write!(f, "machine number {number} ({bits}-bit, {end}-endian)");
            }
        })
    }
}

/// Program headers of more bytes than this are refused by the kernel too.
const MOST_HEADERS: usize = 65_536;
const PATH_MAX: u64 = 4096;
const PROGRAM_OR_SHARED: [u64; 2] = [2, 3];
const INTERPRETER: u64 = 3;

/// Parses the file behind `read(offset, length)`, which returns fewer bytes only where the file ends. None: it is
/// no ELF file.
pub(super) fn parse(read: &dyn Fn(u64, usize) -> Vec<u8>) -> Option<Elf> {
    let header = read(0, 64);
    if !header.starts_with(b"\x7fELF") {
        return None;
    }
    let mut elf = Elf { machine: None, loader: None, fault: None };
    elf.fault = examine(&header, read, &mut elf).err();
    Some(elf)
}

#[inline(never)]
fn examine(header: &[u8], read: &dyn Fn(u64, usize) -> Vec<u8>, elf: &mut Elf) -> Result<(), Fault> {
    let wide = flag(header, 4)?;
    let big = flag(header, 5)?;
    let word = if wide { 8 } else { 4 };
    let fields = Fields { bytes: header, big };
    let kind = fields.number(16, 2)?;
    elf.machine = Some(Machine { number: fields.number(18, 2)? as u16, wide, big });
    if !PROGRAM_OR_SHARED.contains(&kind) {
        return Err(Fault::NoProgram);
    }
    let (at, sizes, expected) = if wide { (32, 54, 56) } else { (28, 42, 32) };
    let offset = fields.number(at, word)?;
    let (size, count) = (fields.number(sizes, 2)? as usize, fields.number(sizes + 2, 2)? as usize);
    let length = size * count;
    if size != expected || length == 0 || length > MOST_HEADERS {
        return Err(Fault::Nonsense);
    }
    let headers = read_all(read, offset, length)?;
    for bytes in headers.chunks_exact(size) {
        let entry = Fields { bytes, big };
        if entry.number(0, 4)? == INTERPRETER {
            let (at, length) = if wide { (8, 32) } else { (4, 16) };
            elf.loader = Some(loader(read, entry.number(at, word)?, entry.number(length, word)?)?);
            break;
        }
    }
    Ok(())
}

fn loader(read: &dyn Fn(u64, usize) -> Vec<u8>, at: u64, length: u64) -> Result<Vec<u8>, Fault> {
    if !(2..=PATH_MAX).contains(&length) {
        return Err(Fault::Nonsense);
    }
    let mut path = read_all(read, at, length as usize)?;
    let end = path.iter().position(|byte| *byte == 0).ok_or(Fault::Nonsense)?;
    path.truncate(end);
    Ok(path)
}

/// All of these bytes.
fn read_all(read: &dyn Fn(u64, usize) -> Vec<u8>, at: u64, length: usize) -> Result<Vec<u8>, Fault> {
    let bytes = read(at, length);
    if bytes.len() < length { Err(Fault::CutShort) } else { Ok(bytes) }
}

/// The bytes of `e_ident` that are 1 or 2: class and byte order.
fn flag(header: &[u8], at: usize) -> Result<bool, Fault> {
    match header.get(at) {
        Some(1) => Ok(false),
        Some(2) => Ok(true),
        Some(_) => Err(Fault::Nonsense),
        None => Err(Fault::CutShort),
    }
}

/// Numbers in the file's own byte order.
struct Fields<'a> {
    bytes: &'a [u8],
    big: bool,
}

impl Fields<'_> {
    /// The number of `length` bytes, 8 at most.
    fn number(&self, at: usize, length: usize) -> Result<u64, Fault> {
        let bytes = self.bytes.get(at..at + length).ok_or(Fault::CutShort)?;
        let fold = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        let number = if self.big { bytes.iter().fold(0, fold) } else { bytes.iter().rev().fold(0, fold) };
        Ok(number)
    }
}

#[cfg(test)]
#[path = "elf_tests.rs"]
pub(super) mod tests;
