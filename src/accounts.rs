//! Floor 0: who a `USER[:GROUP]` is, by the contents of the image's passwd and group files (`passwd(5)`,
//! `group(5)`). Pure: bytes in, ids out.
//!
//! No NSS: a static binary has none, and an image's own files are what `docker run --user` and gosu go by. Theirs
//! are the rules too: a number is always an id and needs no entry; an explicit group comes without supplementary
//! ones; the first entry that fits counts; a line that makes no sense is passed over.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use crate::config::UserSpec;

/// Ids and names to start a program with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// The user's number.
    pub uid: u32,
    /// The primary group's number.
    pub gid: u32,
    /// All groups, the primary one first: a program could shed a group that stood there alone, and with it what
    /// that group is denied.
    pub groups: Vec<u32>,
    /// The user's name, or its number in digits.
    pub name: OsString,
    /// The home directory; `/` if nothing says.
    pub home: OsString,
}

/// What is in neither file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unknown {
    /// There is no user of that name, or its number is none.
    User,
    /// There is no group of that name, or its number is none.
    Group,
}

/// A line of the passwd file.
struct User<'a> {
    name: &'a [u8],
    uid: u32,
    gid: u32,
    home: &'a [u8],
}

/// A line of the group file.
struct Group<'a> {
    name: &'a [u8],
    gid: u32,
    members: &'a [u8],
}

/// Finds the account of `spec`. A user without entry stays in group `own_gid`, unless one is given.
pub fn find(spec: &UserSpec, passwd: &[u8], group: &[u8], own_gid: u32) -> Result<Account, Unknown> {
    let wanted = spec.user.as_bytes();
    let number = digits(wanted).map(|uid| uid.ok_or(Unknown::User)).transpose()?;
    // Leading zeros are no part of a name.
    let shown = number.map(|uid| uid.to_string()).unwrap_or_default();
    let user = match number {
        Some(uid) => {
            let without_entry = User { name: shown.as_bytes(), uid, gid: own_gid, home: b"" };
            user(passwd, &|user| user.uid == uid).unwrap_or(without_entry)
        }
        None => user(passwd, &|user| user.name == wanted).ok_or(Unknown::User)?,
    };
    let mut groups = Vec::new();
    match spec.group.as_deref().map(OsStrExt::as_bytes) {
        Some(wanted) => match digits(wanted) {
            Some(gid) => groups.push(gid.ok_or(Unknown::Group)?),
            None => each_group(group, &mut |group| {
                if group.name == wanted && groups.is_empty() {
                    groups.push(group.gid);
                }
            }),
        },
        None => {
            groups.push(user.gid);
            each_group(group, &mut |group| {
                let mut members = group.members.split(|b| *b == b',').map(<[u8]>::trim_ascii);
                if !groups.contains(&group.gid) && members.any(|member| member == user.name) {
                    groups.push(group.gid);
                }
            });
        }
    }
    let gid = *groups.first().ok_or(Unknown::Group)?;
    let home = if user.home.is_empty() { b"/".as_slice() } else { user.home };
    let text = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
    Ok(Account { uid: user.uid, gid, groups, name: text(user.name), home: text(home) })
}

/// The first user who fits.
fn user<'a>(passwd: &'a [u8], fits: &dyn Fn(&User<'_>) -> bool) -> Option<User<'a>> {
    let mut found = None;
    each_entry(passwd, &mut |[name, _, uid, gid, _, home]| {
        let (Some(uid), Some(gid)) = (id(uid), id(gid)) else { return };
        let user = User { name, uid, gid, home };
        if found.is_none() && fits(&user) {
            found = Some(user);
        }
    });
    found
}

fn each_group(group: &[u8], what: &mut dyn FnMut(&Group<'_>)) {
    each_entry(group, &mut |[name, _, gid, members, ..]| {
        if let Some(gid) = id(gid) {
            what(&Group { name, gid, members });
        }
    });
}

/// Calls `what` with the fields of each line that may be an entry. Those that an image's author has left out at the end
/// are empty. A NUL could not be passed on in an environment; an entry has a name.
fn each_entry<'a>(file: &'a [u8], what: &mut dyn FnMut([&'a [u8]; 6])) {
    for line in file.split(|b| *b == b'\n').map(<[u8]>::trim_ascii) {
        if line.contains(&0) || matches!(line, [] | [b'#' | b':', ..]) {
            continue;
        }
        let mut fields = [b"".as_slice(); 6];
        for (to, from) in fields.iter_mut().zip(line.split(|b| *b == b':')) {
            *to = from;
        }
        what(fields);
    }
}

fn id(field: &[u8]) -> Option<u32> {
    digits(field).flatten()
}

/// None: not a number. Some(None): a number, but no id; the largest means "unchanged" to the kernel.
fn digits(text: &[u8]) -> Option<Option<u32>> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = str::from_utf8(text).ok().and_then(|text| text.parse::<u64>().ok()?.try_into().ok());
    Some(number.filter(|number| *number != u32::MAX))
}

#[cfg(test)]
#[path = "accounts_tests.rs"]
mod tests;
