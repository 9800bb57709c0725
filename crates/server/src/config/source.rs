//! The layers that a value can come from, and where it did come from.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use keyward_domain::secret::Secret;
use toml::{Table, Value};

use super::settings::{self, Setting};
use super::{ConfigError, Sourced};
use crate::key_file;

/// The environment variables that count: those that begin with `KEYWARD_`.
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<String, Option<Secret<String>>>);

impl Environment {
    /// The process's own. A variable that is no text is kept as such, to be refused by name.
    #[allow(clippy::disallowed_methods, reason = "the home of the environment")]
    pub fn of_process() -> Self {
        let named = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        let ours = named.filter(|(name, _)| name.starts_with("KEYWARD_"));
        Self(ours.map(|(name, value)| (name, value.into_string().ok().map(Secret::new))).collect())
    }

    /// One that a test or another program makes up.
    pub fn of<const N: usize>(variables: [(&str, &str); N]) -> Self {
        Self(
            variables
                .into_iter()
                .map(|(name, value)| (name.to_owned(), Some(Secret::new(value.to_owned()))))
                .collect(),
        )
    }

    fn get(&self, name: &str) -> Result<Option<&str>, ConfigError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Some(text)) => Ok(Some(text.expose())),
            Some(None) => Err(ConfigError { origin: name.to_owned(), why: "is not UTF-8 text".to_owned() }),
        }
    }
}

/// Defaults under the file under the environment.
pub(super) struct Layers {
    environment: Environment,
    file: Option<(PathBuf, Table)>,
}

/// A value's text and the place that a person must change to change it.
struct Found {
    text: Secret<String>,
    origin: String,
}

impl Layers {
    /// Reads the file, if there is one.
    pub(super) fn read(file: Option<&Path>, environment: Environment) -> Result<Self, ConfigError> {
        let path = file.unwrap_or(Path::new("keyward.toml"));
        let refuse = |why: String| ConfigError { origin: path.display().to_string(), why };
        let file = match fs::read_to_string(path) {
            Ok(text) => {
                // The parser's own message quotes the line, which may hold a secret.
                let table = text.parse::<Table>().map_err(|error| {
                    let start = error.span().map_or(0, |span| span.start);
                    let line = 1 + text.get(..start).unwrap_or_default().matches('\n').count();
                    refuse(format!("line {line} is not valid TOML"))
                })?;
                Some((path.to_owned(), table))
            }
            Err(error) if error.kind() == ErrorKind::NotFound && file.is_none() => None,
            Err(error) => return Err(refuse(format!("cannot be read: {}", error.kind()))),
        };
        Ok(Self { environment, file })
    }

    /// A setting that has a default, parsed.
    pub(super) fn get<T>(
        &self,
        setting: &Setting,
        parse: fn(&str) -> Result<T, String>,
    ) -> Result<T, ConfigError> {
        self.get_with_origin(setting, parse).map(|sourced| sourced.value)
    }

    /// The same with its origin, for what can turn out wrong later.
    pub(super) fn get_with_origin<T>(
        &self,
        setting: &Setting,
        parse: fn(&str) -> Result<T, String>,
    ) -> Result<Sourced<T>, ConfigError> {
        let default = || Found {
            text: Secret::new(setting.default.unwrap_or_default().to_owned()),
            origin: setting.variable.unwrap_or(setting.key).to_owned(),
        };
        let Found { text, origin } = self.find(setting)?.unwrap_or_else(default);
        match parse(text.expose()) {
            Ok(value) => Ok(Sourced { value, origin }),
            Err(why) => Err(ConfigError { origin, why }),
        }
    }

    /// A setting that may be absent, parsed.
    pub(super) fn get_optional<T>(
        &self,
        setting: &Setting,
        parse: fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, ConfigError> {
        Ok(self.get_sourced(setting, parse)?.map(|sourced| sourced.value))
    }

    /// The same with its origin, for what can turn out wrong later.
    pub(super) fn get_sourced<T>(
        &self,
        setting: &Setting,
        parse: fn(&str) -> Result<T, String>,
    ) -> Result<Option<Sourced<T>>, ConfigError> {
        let Some(Found { text, origin }) = self.find(setting)? else {
            return Ok(None);
        };
        match parse(text.expose()) {
            Ok(value) => Ok(Some(Sourced { value, origin })),
            Err(why) => Err(ConfigError { origin, why }),
        }
    }

    /// A table of the file whose names are free, each name and value parsed.
    pub(super) fn table<T>(
        &self,
        key: &str,
        parse_name: fn(&str) -> Result<String, String>,
        parse: fn(&str) -> Result<T, String>,
    ) -> Result<BTreeMap<String, Sourced<T>>, ConfigError> {
        let Some((path, value)) = self.lookup(key) else {
            return Ok(BTreeMap::new());
        };
        let refuse = |name: &str, why: String| ConfigError { origin: format!("{path}: {key}{name}"), why };
        let entries = value.as_table().ok_or_else(|| refuse("", "must be a table".to_owned()))?;
        let mut table = BTreeMap::new();
        for (typed, value) in entries {
            let refuse = |why: String| refuse(&format!(".{typed}"), why);
            let text = value.as_str().ok_or_else(|| refuse("must be text".to_owned()))?;
            let origin = format!("{path}: {key}.{typed}");
            let parsed = Sourced { value: parse(text).map_err(refuse)?, origin };
            if table.insert(parse_name(typed).map_err(refuse)?, parsed).is_some() {
                return Err(refuse("is there twice, in two spellings".to_owned()));
            }
        }
        Ok(table)
    }

    /// A refusal that names the place where the setting was made, or would be.
    pub(super) fn error(&self, setting: &Setting, why: &str) -> ConfigError {
        let origin = match self.find(setting) {
            Ok(Some(found)) => found.origin,
            Ok(None) | Err(_) => setting.variable.unwrap_or(setting.key).to_owned(),
        };
        ConfigError { origin, why: why.to_owned() }
    }

    /// A key that nothing reads is a mistake: most likely a misspelled one that is missing elsewhere.
    pub(super) fn refuse_unknown_keys(&self) -> Result<(), ConfigError> {
        let Some((path, table)) = &self.file else {
            return Ok(());
        };
        let known = settings::all();
        let is_known =
            |key: &str| known.iter().any(|setting| setting.key == key) || key.starts_with("dialects.hosts.");
        match leaves(table, "").into_iter().find(|key| !is_known(key)) {
            Some(key) => Err(ConfigError {
                origin: format!("{}: {key}", path.display()),
                why: "is no setting".to_owned(),
            }),
            None => Ok(()),
        }
    }

    /// The variables of the environment that no setting reads and no command either.
    pub(super) fn unknown_variables(&self) -> Vec<String> {
        let known = settings::all();
        let is_setting = |name: &str| {
            known.iter().filter_map(|setting| Some((setting.variable?, setting.has_file_form))).any(
                |(variable, has_file_form)| {
                    name == variable || (has_file_form && name.strip_suffix("_FILE") == Some(variable))
                },
            )
        };
        let is_client = |name: &str| name == "KEYWARD_API_KEY";
        self.environment.0.keys().filter(|name| !is_setting(name) && !is_client(name)).cloned().collect()
    }

    fn find(&self, setting: &Setting) -> Result<Option<Found>, ConfigError> {
        let from_environment = match setting.variable {
            Some(variable) => self.find_variable(setting, variable)?,
            None => None,
        };
        match from_environment {
            Some(found) => Ok(Some(found)),
            None => self.find_in_file(setting),
        }
    }

    fn find_variable(&self, setting: &Setting, variable: &str) -> Result<Option<Found>, ConfigError> {
        let file_variable = format!("{variable}_FILE");
        let named_file = if setting.has_file_form { self.environment.get(&file_variable)? } else { None };
        match (self.environment.get(variable)?, named_file) {
            (None, None) => Ok(None),
            (Some(text), None) => {
                Ok(Some(Found { text: Secret::new(text.to_owned()), origin: variable.to_owned() }))
            }
            (None, Some(path)) => {
                let refuse = |why: String| ConfigError { origin: file_variable.clone(), why };
                if path.is_empty() {
                    return Err(refuse("is empty".to_owned()));
                }
                let text = key_file::read(Path::new(path)).map_err(|error| refuse(error.to_string()))?;
                Ok(Some(Found { text, origin: file_variable }))
            }
            (Some(_), Some(_)) => Err(ConfigError {
                origin: file_variable,
                why: format!("stands beside {variable}: set one of them"),
            }),
        }
    }

    fn find_in_file(&self, setting: &Setting) -> Result<Option<Found>, ConfigError> {
        let Some((path, value)) = self.lookup(setting.key) else {
            return Ok(None);
        };
        let origin = format!("{path}: {}", setting.key);
        match as_text(value) {
            Some(text) => Ok(Some(Found { text: Secret::new(text), origin })),
            None => Err(ConfigError { origin, why: "has the wrong type".to_owned() }),
        }
    }

    fn lookup(&self, key: &str) -> Option<(String, &Value)> {
        let (path, table) = self.file.as_ref()?;
        let mut parts = key.split('.');
        let first = table.get(parts.next()?)?;
        let value = parts.try_fold(first, |value, part| value.as_table()?.get(part))?;
        Some((path.display().to_string(), value))
    }
}

/// Text, whole numbers, switches and lists of text, all as text: one parser then serves the file and the
/// environment.
fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Boolean(true) => Some("on".to_owned()),
        Value::Boolean(false) => Some("off".to_owned()),
        Value::Array(items) => {
            let items: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            Some(items?.join(","))
        }
        Value::Float(_) | Value::Datetime(_) | Value::Table(_) => None,
    }
}

/// The keys of all values that are no tables, with dots.
fn leaves(table: &Table, prefix: &str) -> Vec<String> {
    let leaf = |(name, value): (&String, &Value)| {
        let key = format!("{prefix}{name}");
        match value.as_table() {
            Some(inner) => leaves(inner, &format!("{key}.")),
            None => vec![key],
        }
    };
    table.iter().flat_map(leaf).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threat_k1_the_environment_prints_no_values() {
        let environment = Environment::of([("KEYWARD_MASTER_KEY", "hunter2")]);
        assert!(!format!("{environment:?}").contains("hunter2"));
    }

    #[test]
    fn variables_that_nothing_reads_are_told_apart() {
        let ours = [("KEYWARD_LISTEN", "x"), ("KEYWARD_MASTER_KEY_FILE", "x"), ("KEYWARD_URL", "x")];
        let [(listen, _), (file, _), (url, _)] = ours;
        let names = [
            (listen, "x"),
            (file, "x"),
            (url, "x"),
            ("KEYWARD_LISTEN_FILE", "x"),
            ("KEYWARD_MASTERKEY", "x"),
        ];
        let layers = Layers { environment: Environment::of(names), file: None };
        assert_eq!(layers.unknown_variables(), ["KEYWARD_LISTEN_FILE", "KEYWARD_MASTERKEY"]);
    }
}
