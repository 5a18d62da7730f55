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
const NATIVE: &[(&str, u16)] = &[
    ("x86_64", 62),
    ("x86", 3),
    ("aarch64", 183),
    ("arm", 40),
    ("riscv64", 243),
    ("riscv32", 243),
    ("powerpc64", 21),
    ("powerpc", 20),
    ("s390x", 22),
    ("mips", 8),
    ("mips64", 8),
    ("loongarch64", 258),
];

impl Machine {
    /// The machine this binary was built for; None on one that this list does not know.
    pub(super) fn native() -> Option<Self> {
        let number = NATIVE.iter().find(|(name, _)| *name == ARCH)?.1;
        Some(Self { number, wide: usize::BITS == 64, big: cfg!(target_endian = "big") })
    }

    /// `linux/…` as image registries call it.
    pub(super) fn platform(self) -> Option<&'static str> {
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
const PROGRAM_OR_SHARED: [u16; 2] = [2, 3];
const INTERPRETER: u32 = 3;

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

fn examine(header: &[u8], read: &dyn Fn(u64, usize) -> Vec<u8>, elf: &mut Elf) -> Result<(), Fault> {
    let wide = flag(header, 4)?;
    let big = flag(header, 5)?;
    let fields = Fields { bytes: header, big };
    let kind = fields.u16(16)?;
    elf.machine = Some(Machine { number: fields.u16(18)?, wide, big });
    if !PROGRAM_OR_SHARED.contains(&kind) {
        return Err(Fault::NoProgram);
    }
    let (offset, size, count) = if wide {
        (fields.u64(32)?, fields.u16(54)?, fields.u16(56)?)
    } else {
        (fields.u32(28)?.into(), fields.u16(42)?, fields.u16(44)?)
    };
    let length = usize::from(size) * usize::from(count);
    if size != (if wide { 56 } else { 32 }) || length == 0 || length > MOST_HEADERS {
        return Err(Fault::Nonsense);
    }
    let headers = read(offset, length);
    if headers.len() < length {
        return Err(Fault::CutShort);
    }
    for entry in headers.chunks_exact(size.into()) {
        let entry = Fields { bytes: entry, big };
        if entry.u32(0)? == INTERPRETER {
            let (at, length) = if wide {
                (entry.u64(8)?, entry.u64(32)?)
            } else {
                (entry.u32(4)?.into(), entry.u32(16)?.into())
            };
            elf.loader = Some(loader(read, at, length)?);
            return Ok(());
        }
    }
    Ok(())
}

fn loader(read: &dyn Fn(u64, usize) -> Vec<u8>, at: u64, length: u64) -> Result<Vec<u8>, Fault> {
    let wanted = usize::try_from(length).ok().filter(|_| (2..=PATH_MAX).contains(&length));
    let wanted = wanted.ok_or(Fault::Nonsense)?;
    let mut path = read(at, wanted);
    if path.len() < wanted {
        return Err(Fault::CutShort);
    }
    let end = path.iter().position(|byte| *byte == 0).ok_or(Fault::Nonsense)?;
    path.truncate(end);
    Ok(path)
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
    fn take<const N: usize>(&self, at: usize) -> Result<[u8; N], Fault> {
        let mut taken: [u8; N] =
            self.bytes.get(at..).and_then(|bytes| bytes.first_chunk()).copied().ok_or(Fault::CutShort)?;
        if self.big {
            taken.reverse();
        }
        Ok(taken)
    }

    fn u16(&self, at: usize) -> Result<u16, Fault> {
        self.take(at).map(u16::from_le_bytes)
    }

    fn u32(&self, at: usize) -> Result<u32, Fault> {
        self.take(at).map(u32::from_le_bytes)
    }

    fn u64(&self, at: usize) -> Result<u64, Fault> {
        self.take(at).map(u64::from_le_bytes)
    }
}

#[cfg(test)]
#[path = "elf_tests.rs"]
pub(super) mod tests;
