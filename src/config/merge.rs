//! Overrides settings in a TOML table.

use toml::{Table, Value};

/// Overrides `settings` by those of `file`. `prefix` is the name of the table with a dot, for messages.
pub(super) fn merge(settings: &mut Table, file: Table, prefix: &str) -> Result<(), String> {
    for (key, value) in file {
        let name = format!("{prefix}{key}");
        match (settings.get_mut(&key), value) {
            (None, _) => return Err(format!("{name} is no setting")),
            (Some(Value::Table(settings)), Value::Table(file)) => merge(settings, file, &format!("{name}."))?,
            (Some(Value::Table(_)), _) => return Err(format!("{name} must be a table")),
            (Some(setting), value) => *setting = value,
        }
    }
    Ok(())
}

/// Overrides one setting by a text, which is parsed as the type of the default. `key` separates tables by `__`.
pub(super) fn set(settings: &mut Table, defaults: &Table, key: &str, text: String) -> Result<(), String> {
    let (name, rest) = match key.split_once("__") {
        Some((table, rest)) => (table, Some(rest)),
        None => (key, None),
    };
    let name = name.to_ascii_lowercase();
    match (settings.get_mut(&name), defaults.get(&name), rest) {
        (Some(Value::Table(settings)), Some(Value::Table(defaults)), Some(rest)) => set(settings, defaults, rest, text),
        // The file may have set a value of any type, so the default decides.
        (Some(setting), Some(default), None) if !setting.is_table() => {
            *setting = parse_like(default, text)?;
            Ok(())
        }
        _ => Err("there is no such setting".to_owned()),
    }
}

fn parse_like(default: &Value, text: String) -> Result<Value, &'static str> {
    match default {
        Value::Integer(_) => text.trim().parse().map(Value::Integer).map_err(|_| "must be a whole number"),
        Value::Boolean(_) => text.trim().parse().map(Value::Boolean).map_err(|_| "must be true or false"),
        Value::Array(_) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Ok(items.map(Value::from).collect::<Vec<_>>().into())
        }
        _ => Ok(Value::String(text)),
    }
}
