use std::path::PathBuf;

use super::faults;
use super::table::TABLE;

/// The faults of one file in a service that is otherwise complete and clean.
fn faults_of(path: &str, text: &str) -> Vec<String> {
    let mut sources: Vec<(PathBuf, String)> = TABLE
        .iter()
        .map(|room| match room.name {
            "lib" | "main" | "app" | "config" => format!("{}.rs", room.name),
            name => format!("{name}/mod.rs"),
        })
        .filter(|file| file != path)
        .map(|file| (file.into(), String::new()))
        .collect();
    sources.push((path.into(), text.to_owned()));
    faults(&sources)
}

#[test]
fn the_imports_of_the_table_pass() {
    let text = "use crate::account::{Account, errors};\nuse crate::{types::Phone, http};\nuse poem_openapi::Object;\n";
    assert_eq!(faults_of("applet/login.rs", text), [""; 0]);
    let text = "use std::fmt;\nuse sea_orm::EntityTrait;\nfn rows() -> entity::user::Model { super::rows() }\n";
    assert_eq!(faults_of("storage/users.rs", text), [""; 0]);
}

#[test]
fn a_room_that_the_table_does_not_allow_is_named_with_its_line() {
    let faults = faults_of("applet/login.rs", "use crate::account::Account;\n\nuse crate::{types, storage::users};\n");
    assert_eq!(faults, ["src/applet/login.rs:3: `applet` may not import `storage` (crate::storage::users)"]);
}

#[test]
fn a_path_in_code_counts_like_an_import() {
    let faults =
        faults_of("mall/mod.rs", "fn f() {\n    let _ = crate::applet::envelope::<crate::sandbox::Page>();\n}\n");
    assert_eq!(
        faults,
        [
            "src/mall/mod.rs:2: `mall` may not import `applet` (crate::applet::envelope)",
            "src/mall/mod.rs:2: `mall` may not import `sandbox` (crate::sandbox::Page)"
        ]
    );
}

#[test]
fn super_that_leaves_the_room_counts() {
    assert_eq!(faults_of("upstream/wechat/mod.rs", "use super::http::Client;\n"), [""; 0]);
    assert_eq!(
        faults_of("upstream/wechat/mod.rs", "use super::super::storage::Rows;\n"),
        ["src/upstream/wechat/mod.rs:1: `upstream` may not import `storage` (crate::storage::Rows)"]
    );
    assert_eq!(
        faults_of("upstream/mod.rs", "mod inner {\n    use super::super::account;\n}\n"),
        ["src/upstream/mod.rs:2: `upstream` may not import `account` (crate::account)"]
    );
}

#[test]
fn macros_and_attributes_are_read_too() {
    let text = "fn f() {\n    println!(\"{}\", crate::account::verb());\n}\n";
    assert_eq!(
        faults_of("sandbox/mod.rs", text),
        ["src/sandbox/mod.rs:2: `sandbox` may not import `account` (crate::account::verb)"]
    );
    let text = "macro_rules! m {\n    () => { use $crate::{types, http}; pub(crate) struct X; };\n}\n";
    assert_eq!(
        faults_of("account/mod.rs", text),
        ["src/account/mod.rs:2: `account` may not import `http` (crate::http)"]
    );
    let text =
        "#[derive(Deserialize)]\nstruct S {\n    #[serde(with = \"crate::storage::seconds\")]\n    life: u64,\n}\n";
    assert_eq!(
        faults_of("http/mod.rs", text),
        ["src/http/mod.rs:3: `http` may not import `storage` (crate::storage::seconds)"]
    );
    let text = "#[derive(poem_openapi::Object)]\nstruct S;\n";
    assert_eq!(
        faults_of("types/id.rs", text),
        ["src/types/id.rs:1: `types` may not use the library `poem_openapi` (poem_openapi::Object)"]
    );
}

#[test]
fn a_library_out_of_its_place_is_named_and_a_variable_of_its_name_is_not() {
    assert_eq!(
        faults_of("account/users.rs", "use sea_orm as db;\nfn f() { let entity = 1; g(entity) }\n"),
        ["src/account/users.rs:1: `account` may not use the library `sea_orm` (sea_orm)"]
    );
    assert_eq!(
        faults_of("applet/login.rs", "fn f() -> ::reqwest::Url { todo() }\n"),
        ["src/applet/login.rs:1: `applet` may not use the library `reqwest` (reqwest::Url)"]
    );
}

#[test]
fn test_modules_may_use_any_library_but_no_other_room() {
    let text = "#[cfg(test)]\nmod tests {\n    use super::*;\n    use poem::test::TestClient;\n    use crate::storage::Rows;\n}\n";
    assert_eq!(
        faults_of("upstream/mod.rs", text),
        ["src/upstream/mod.rs:5: `upstream` may not import `storage` (crate::storage::Rows)"]
    );
}

#[test]
fn a_test_module_in_a_file_of_its_own_is_known_by_its_declaration() {
    let mut sources: Vec<(PathBuf, String)> = vec![
        ("account/mod.rs".into(), "#[cfg(test)]\nmod tests;\n".to_owned()),
        ("account/tests.rs".into(), "use poem::Route;\nuse crate::http::Body;\n".to_owned()),
    ];
    let of_tests = |sources: &[(PathBuf, String)]| -> Vec<String> {
        faults(sources).into_iter().filter(|fault| fault.starts_with("src/account")).collect()
    };
    assert_eq!(of_tests(&sources), ["src/account/tests.rs:2: `account` may not import `http` (crate::http::Body)"]);
    sources[0].1 = "mod tests;\n".to_owned();
    assert_eq!(of_tests(&sources).len(), 2);
}

#[test]
fn the_configuration_takes_only_settings() {
    let text =
        "use crate::applet::Settings as Applet;\nuse crate::types::Secret;\nuse crate::upstream::wechat::Client;\n";
    assert_eq!(
        faults_of("config.rs", text),
        ["src/config.rs:3: `config` may import only the settings of `upstream` (crate::upstream::wechat::Client)"]
    );
}

#[test]
fn the_operators_commands_import_no_surface() {
    let text =
        "use crate::account::Account;\nuse crate::applet::Login;\nuse crate::mall::Login;\nuse crate::http::Body;\n";
    assert_eq!(
        faults_of("ops/user.rs", text),
        [
            "src/ops/user.rs:2: `ops` may not import `applet` (crate::applet::Login)",
            "src/ops/user.rs:3: `ops` may not import `mall` (crate::mall::Login)",
            "src/ops/user.rs:4: `ops` may not import `http` (crate::http::Body)"
        ]
    );
}

#[test]
fn the_whole_crate_and_its_root_are_for_those_who_wire_it() {
    assert_eq!(
        faults_of("ops/mod.rs", "use crate::*;\nuse super::*;\nuse crate::Spec;\nuse crate as all;\n"),
        [
            "src/ops/mod.rs:1: `ops` may not import the whole crate (crate::*)",
            "src/ops/mod.rs:2: `ops` may not import the whole crate (crate::*)",
            "src/ops/mod.rs:3: `ops` may not import `lib` (crate::Spec)",
            "src/ops/mod.rs:4: `ops` may not import the whole crate (crate)"
        ]
    );
    assert_eq!(faults_of("app.rs", "use crate::*;\nuse sea_orm::Database;\n"), [""; 0]);
    assert_eq!(faults_of("applet/mod.rs", "use crate::app::App;\n").len(), 1);
}

#[test]
fn a_file_of_no_room_a_missing_room_and_text_that_is_not_rust_are_faults() {
    assert_eq!(faults_of("utils.rs", ""), ["src/utils.rs: the table knows no room `utils`"]);
    assert_eq!(faults_of("http/body.rs", "fn {").len(), 1);
    let required = TABLE.iter().filter(|room| !room.optional).count();
    assert_eq!(faults(&[]).len(), required, "an empty src/ lacks every room that is not optional");
}
