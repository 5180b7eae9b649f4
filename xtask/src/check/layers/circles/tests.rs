use std::path::PathBuf;

use super::super::faults;

/// The circles of a service that is made of these files.
fn circles(files: &[(&str, &str)]) -> Vec<String> {
    let sources: Vec<_> = files.iter().map(|(path, text)| (PathBuf::from(path), (*text).to_owned())).collect();
    faults(&sources).into_iter().filter(|fault| fault.starts_with("circle")).collect()
}

#[test]
fn two_files_that_import_each_other_are_a_circle() {
    let found = circles(&[
        ("types/mod.rs", "mod a;\nmod b;\n"),
        ("types/a.rs", "use super::b::{B, C};\npub struct A(B, C);\n"),
        ("types/b.rs", "pub struct B;\npub struct C;\nfn f() -> super::a::A { todo() }\n"),
    ]);
    assert_eq!(found, ["circle: src/types/a.rs -> src/types/b.rs (B, C) -> src/types/a.rs (A)"]);
}

#[test]
fn three_files_are_a_circle_across_rooms_and_folders() {
    let found = circles(&[
        ("lib.rs", "mod account;\nmod storage;\nmod types;\n"),
        ("account/mod.rs", "pub fn f() { crate::storage::rows::rows() }\n"),
        ("storage/mod.rs", "pub mod rows;\n"),
        ("storage/rows.rs", "use crate::types;\npub fn rows() -> types::Row { todo() }\n"),
        ("types/mod.rs", "#[serde(with = \"crate::account::f\")]\npub struct Row;\n"),
    ]);
    assert_eq!(
        found,
        [
            "circle: src/account/mod.rs -> src/storage/rows.rs (rows) -> src/types/mod.rs (Row) -> src/account/mod.rs (f)"
        ]
    );
}

#[test]
fn a_child_that_imports_what_its_parent_defines_is_a_circle_if_the_parent_uses_the_child() {
    let child = ("types/child.rs", "use super::Parent;\npub struct Child;\nimpl Parent {}\n");
    let expected = ["circle: src/types/mod.rs -> src/types/child.rs (Child) -> src/types/mod.rs (Parent)"];
    for parent in [
        "mod child;\nuse child::Child;\npub struct Parent(Child);\n",
        "mod child;\npub struct Parent(child::Child);\n",
        "mod child;\npub use self::child::Child;\npub struct Parent(Child);\n",
        "mod child;\npub struct Parent;\nfn f() { println!(\"{}\", child::Child::new()) }\n",
        "mod child;\npub struct Parent;\nmod inner { use super::child::Child; }\n",
    ] {
        assert_eq!(circles(&[("types/mod.rs", parent), child]), expected, "{parent}");
    }
    let unused = "mod child;\npub struct Parent;\n";
    assert_eq!(circles(&[("types/mod.rs", unused), child]), [""; 0]);
}

#[test]
fn a_re_export_is_no_import_and_leads_to_the_file_that_defines_the_item() {
    let files = [
        ("types/mod.rs", "mod a;\nmod b;\npub use self::{a::A, b::B as Other};\npub(crate) use a::f;\n"),
        ("types/a.rs", "pub struct A;\npub fn f() {}\n"),
        ("types/b.rs", "use super::{A, f};\npub struct B(A);\n"),
    ];
    assert_eq!(circles(&files), [""; 0]);
    let back = ("types/a.rs", "pub struct A(crate::types::Other);\npub fn f() {}\n");
    assert_eq!(
        circles(&[files[0], back, files[2]]),
        ["circle: src/types/a.rs -> src/types/b.rs (B) -> src/types/a.rs (A, f)"]
    );
}

#[test]
fn a_glob_takes_from_the_module_itself() {
    let found = circles(&[
        ("types/mod.rs", "mod a;\nuse a::A;\nstruct B(A);\n"),
        ("types/a.rs", "use super::*;\npub struct A;\n"),
    ]);
    assert_eq!(found, ["circle: src/types/mod.rs -> src/types/a.rs (A) -> src/types/mod.rs (*)"]);
}

#[test]
fn what_stands_under_test_is_left_out() {
    let found = circles(&[
        (
            "types/mod.rs",
            "mod a;\n#[cfg(test)]\nmod tests;\nuse a::A;\npub struct B(A);\n#[cfg(test)]\nfn f() { a::f() }\n",
        ),
        (
            "types/a.rs",
            "pub struct A;\n#[cfg(test)]\nuse super::B;\n#[cfg(test)]\nmod tests { use crate::types::B; }\n",
        ),
        ("types/tests.rs", "use super::{B, a::A};\n"),
    ]);
    assert_eq!(found, [""; 0]);
}

#[test]
fn names_that_are_not_ours_and_modules_alone_are_no_imports() {
    let found = circles(&[
        ("types/mod.rs", "mod a;\nuse a;\nuse self::fmt;\npub struct B;\nfn f(a: i64) -> i64 { a + fmt::b::c() }\n"),
        ("types/a.rs", "use std::fmt;\nuse fmt::fmt as f;\nuse super::B;\npub struct A(B, f::G);\n"),
    ]);
    assert_eq!(found, [""; 0]);
}
