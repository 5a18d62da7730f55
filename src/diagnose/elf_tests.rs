use proptest::prelude::*;

use super::*;

/// A program with one `PT_INTERP`, little- or big-endian, 32- or 64-bit.
pub(in crate::diagnose) fn program(machine: Machine, loader: Option<&[u8]>) -> Vec<u8> {
    let Machine { number, wide, big } = machine;
    let order = |mut bytes: Vec<u8>| {
        if big {
            bytes.reverse();
        }
        bytes
    };
    let u16 = |n: u16| order(n.to_le_bytes().to_vec());
    let u32 = |n: u32| order(n.to_le_bytes().to_vec());
    let word = |n: u32| if wide { order(u64::from(n).to_le_bytes().to_vec()) } else { u32(n) };
    let (header, entry) = if wide { (64_u32, 56_u16) } else { (52, 32) };
    let loader = loader.map(|path| [path, b"\0"].concat()).unwrap_or_default();
    let at = header + u32::from(entry);
    let size = loader.len() as u32;
    let ident = [0x7f, b'E', b'L', b'F', 1 + u8::from(wide), 1 + u8::from(big), 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let mut file = ident.to_vec();
    file.extend([u16(2), u16(number), u32(1), word(0), word(header), word(0), u32(0)].concat());
    file.extend([u16(header as u16), u16(entry), u16(1), u16(0), u16(0), u16(0)].concat());
    let kind = u32(if loader.is_empty() { 4 } else { 3 });
    file.extend(if wide {
        [kind, u32(4), word(at), word(0), word(0), word(size), word(size), word(1)].concat()
    } else {
        [kind, word(at), word(0), word(0), word(size), word(size), u32(4), word(1)].concat()
    });
    file.extend(loader);
    file
}

pub(in crate::diagnose) fn parse_bytes(file: &[u8]) -> Option<Elf> {
    parse(&|offset, length| {
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(file.len());
        file[start..].iter().take(length).copied().collect()
    })
}

#[test]
fn machines_and_loaders() {
    for (number, wide, big, name) in [
        (62, true, false, "x86-64"),
        (62, false, false, "x32"),
        (3, false, false, "i386"),
        (183, true, false, "aarch64"),
        (40, false, false, "arm"),
        (243, true, false, "riscv64"),
        (21, true, false, "ppc64le"),
        (22, true, true, "s390x"),
        (8, false, true, "mips"),
        (258, true, false, "loongarch64"),
        (62, true, true, "machine number 62 (64-bit, big-endian)"),
        (999, false, false, "machine number 999 (32-bit, little-endian)"),
    ] {
        let machine = Machine { number, wide, big };
        let elf = parse_bytes(&program(machine, Some(b"/lib/ld.so"))).unwrap();
        assert_eq!(elf, Elf { machine: Some(machine), loader: Some(b"/lib/ld.so".into()), fault: None });
        assert_eq!(machine.to_string(), name);
        assert_eq!(parse_bytes(&program(machine, None)).unwrap().loader, None);
    }
}

#[test]
fn this_test_is_a_program_for_this_machine() {
    let file = std::fs::read("/proc/self/exe").unwrap();
    let elf = parse_bytes(&file).unwrap();
    assert_eq!((elf.machine, elf.fault), (Machine::native(), None));
}

#[test]
fn a_program_cut_short_anywhere_is_no_panic_and_a_fault() {
    for wide in [false, true] {
        let file = program(Machine { number: 62, wide, big: false }, Some(b"/lib/ld.so"));
        for end in 4..file.len() {
            assert_eq!(parse_bytes(&file[..end]).unwrap().fault, Some(Fault::CutShort), "{end}");
        }
    }
}

#[test]
fn what_is_no_program_is_told_apart() {
    let with = |at: usize, value: u8| {
        let mut file = program(Machine { number: 62, wide: true, big: false }, Some(b"/lib/ld.so"));
        file[at] = value;
        parse_bytes(&file).map(|elf| elf.fault)
    };
    for (at, value, expected) in [
        (0, 0, None),
        (4, 3, Some(Some(Fault::Nonsense))),
        (5, 0, Some(Some(Fault::Nonsense))),
        (16, 1, Some(Some(Fault::NoProgram))),
        (16, 3, Some(None)),
        (16, 4, Some(Some(Fault::NoProgram))),
        (54, 55, Some(Some(Fault::Nonsense))),
        (56, 0, Some(Some(Fault::Nonsense))),
        (57, 255, Some(Some(Fault::Nonsense))),
        (39, 255, Some(Some(Fault::CutShort))),
        (64 + 8 + 7, 255, Some(Some(Fault::CutShort))),
        (64 + 32 + 7, 255, Some(Some(Fault::Nonsense))),
        (64 + 32, 4, Some(Some(Fault::Nonsense))),
    ] {
        assert_eq!(with(at, value), expected, "byte {at} = {value}");
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes: Vec<u8>, class: u8, order: u8) {
        let _ = parse_bytes(&bytes);
        let _ = parse_bytes(&[b"\x7fELF", &[class, order][..], &bytes].concat());
        let _ = parse_bytes(&[b"\x7fELF", &[1 + class % 2, 1 + order % 2][..], &bytes].concat());
    }

    #[test]
    fn no_damage_panics(wide: bool, big: bool, damage in prop::collection::vec((0..140_usize, any::<u8>()), 1..8)) {
        let mut file = program(Machine { number: 62, wide, big }, Some(b"/lib64/ld-linux-x86-64.so.2"));
        for (at, byte) in damage {
            if let Some(old) = file.get_mut(at) {
                *old = byte;
            }
        }
        let _ = parse_bytes(&file);
    }
}
