use proptest::prelude::*;

use super::*;

const PASSWD: &[u8] = b"root:x:0:0:root:/root:/bin/bash
# app:x:7:7::/:
  spaced:x:12:12::/spaced:/bin/sh
+::::::
:x:13:13::/nameless:
app:x:1000:1001:An App,,,:/srv/app:/sbin/nologin
twin:x:1000:5:::
app:x:2000:2000::/second:
short:x:14:15
homeless:x:16:16:::/bin/sh
nogid:x:17::::
nouid:x:x:17:::
minus:x:-1:17:::
huge:x:4294967295:1:::
larger:x:4294967296:1:::
last:x:4294967294:4294967294::/last:/bin/sh\r
nul\0:x:18:18::/nul:
\xff\xfe:x:19:19::/\xff:
12345:x:20:20::/digits:";

const GROUP: &[u8] = b"root:x:0:
www:x:33:app,other
www:x:34:
docker:x:999:other, app
broken:x:y:app
apps:x:1001:app
more:x:998:appendix,app
none:x:997
same:x:33:app
nobody-of-them:x:996:APP,ap,appl";

fn spec(text: &str) -> UserSpec {
    let (user, group) = text.split_once(':').map_or((text, None), |(user, group)| (user, Some(group.into())));
    UserSpec { user: user.into(), group }
}

fn found(text: &str) -> Result<Account, Unknown> {
    find(&spec(text), PASSWD, GROUP, 77)
}

fn account(uid: u32, gid: u32, groups: &[u32], name: &str, home: &str) -> Result<Account, Unknown> {
    Ok(Account { uid, gid, groups: groups.to_vec(), name: name.into(), home: home.into() })
}

#[test]
fn names_and_numbers() {
    for (text, expected) in [
        ("root", account(0, 0, &[0], "root", "/root")),
        ("0", account(0, 0, &[0], "root", "/root")),
        ("app", account(1000, 1001, &[1001, 33, 999, 998], "app", "/srv/app")),
        ("1000", account(1000, 1001, &[1001, 33, 999, 998], "app", "/srv/app")),
        ("01000", account(1000, 1001, &[1001, 33, 999, 998], "app", "/srv/app")),
        ("twin", account(1000, 5, &[5], "twin", "/")),
        ("spaced", account(12, 12, &[12], "spaced", "/spaced")),
        ("short", account(14, 15, &[15], "short", "/")),
        ("homeless", account(16, 16, &[16], "homeless", "/")),
        ("last", account(4_294_967_294, 4_294_967_294, &[4_294_967_294], "last", "/last")),
    ] {
        assert_eq!(found(text), expected, "{text}");
    }
}

#[test]
fn a_number_needs_no_entry() {
    assert_eq!(found("4242"), account(4242, 77, &[77], "4242", "/"));
    assert_eq!(found("04242"), account(4242, 77, &[77], "4242", "/"));
    assert_eq!(found("4242:0"), account(4242, 0, &[0], "4242", "/"));
    assert_eq!(found("4242:www"), account(4242, 33, &[33], "4242", "/"));
    assert_eq!(find(&spec("5:6"), b"", b"", 0), account(5, 6, &[6], "5", "/"));
}

#[test]
fn a_number_is_an_id_even_if_a_user_is_called_so() {
    assert_eq!(found("12345"), account(12345, 77, &[77], "12345", "/"));
}

#[test]
fn an_explicit_group_comes_alone() {
    assert_eq!(found("app:docker"), account(1000, 999, &[999], "app", "/srv/app"));
    assert_eq!(found("app:4"), account(1000, 4, &[4], "app", "/srv/app"));
    assert_eq!(found("root:www"), account(0, 33, &[33], "root", "/root"));
}

#[test]
fn what_is_nowhere() {
    let lines_without_sense = [
        "nogid", "nouid", "minus", "huge", "larger", "nul", "+", "# app", "#", "", " ", "ap", "APP",
        "spaced ",
    ];
    for text in lines_without_sense.into_iter().chain([
        "4294967295",
        "4294967296",
        "99999999999999999999",
        "+5",
        "-5",
    ]) {
        assert_eq!(found(text), Err(Unknown::User), "{text}");
    }
    for text in ["app:", "app:broken", "app:4294967295", "app:-1", "app:nowhere", "1000:+3"] {
        assert_eq!(found(text), Err(Unknown::Group), "{text}");
    }
}

#[test]
fn names_are_bytes() {
    let user = OsString::from_vec(b"\xff\xfe".to_vec());
    let account = find(&UserSpec { user, group: None }, PASSWD, GROUP, 0).unwrap();
    assert_eq!((account.uid, account.home.as_bytes()), (19, b"/\xff".as_slice()));
}

fn file() -> impl Strategy<Value = Vec<u8>> {
    let field = prop_oneof![
        "[a-c]{0,2}",
        "[0-9]{1,11}",
        Just(String::new()),
        Just("\n".to_owned()),
        Just("\0".to_owned()),
        "[a-c,]{0,5}",
    ];
    let lines = prop::collection::vec(field, 0..40).prop_map(|fields| fields.join(":").into_bytes());
    prop_oneof![lines, any::<Vec<u8>>()]
}

proptest! {
    #[test]
    fn no_bytes_panic_and_what_is_found_can_be_used(
        passwd in file(),
        group in file(),
        user in "[a-c]{1,2}|[0-9]{1,11}",
        own: Option<String>,
    ) {
        let spec = UserSpec { user: user.into(), group: own.map(OsString::from) };
        if let Ok(account) = find(&spec, &passwd, &group, 0) {
            prop_assert_eq!(account.groups.first(), Some(&account.gid));
            prop_assert!(account.uid != u32::MAX && !account.groups.contains(&u32::MAX));
            prop_assert!(!account.home.is_empty() && !account.name.is_empty());
            prop_assert!(![&account.home, &account.name].iter().any(|text| text.as_bytes().contains(&0)));
            prop_assert!((1..account.groups.len()).all(|i| !account.groups[i..].contains(&account.groups[i - 1])));
        }
    }

    #[test]
    fn a_line_is_found_between_any_others(before in "([a-z]{1,8}(:[a-z0-9]{0,4}){0,8}\n){0,5}", uid in 0..u32::MAX) {
        let passwd = format!("{before}Wanted:x:{uid}:7::/home:/bin/sh\n");
        let account = find(&spec("Wanted"), passwd.as_bytes(), b"", 0);
        prop_assert_eq!(account, account_of(uid));
    }
}

fn account_of(uid: u32) -> Result<Account, Unknown> {
    account(uid, 7, &[7], "Wanted", "/home")
}
