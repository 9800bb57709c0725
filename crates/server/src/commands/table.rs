//! What a server said, made fit for a terminal: no character of it can move the cursor or hide what stands beside it.

use serde_json::Value;

/// A column: its head, and the member of the row that it shows.
pub(super) type Column = (&'static str, &'static str);

/// Rows as an aligned table.
pub(super) fn table(columns: &[Column], rows: &[Value]) -> String {
    let head = columns.iter().map(|(head, _)| (*head).to_owned()).collect();
    let body = rows
        .iter()
        .map(|row| columns.iter().map(|(_, member)| cell(row.get(member).unwrap_or(&Value::Null))).collect());
    let lines: Vec<Vec<String>> = std::iter::once(head).chain(body).collect();
    let width = |column: usize| {
        lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let mut text = String::new();
    for line in &lines {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => plain(text),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => plain(&value.to_string()),
    }
}

/// Text in one line, whose control characters, and those that reorder or hide others, are written out.
pub(super) fn plain(text: &str) -> String {
    escape(text, |character| format!("\\u{{{:x}}}", u32::from(character)))
}

/// JSON in one line: white space between its parts is a blank, and what [`plain`] writes out is escaped as JSON has it.
pub(super) fn plain_json(text: &str) -> String {
    let spaced = text.trim().replace(['\n', '\r', '\t'], " ");
    escape(&spaced, |character| {
        let mut units = [0; 2];
        character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect()
    })
}

fn escape(text: &str, write: impl Fn(char) -> String) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() || reorders(character) {
            plain.push_str(&write(character));
        } else {
            plain.push(character);
        }
    }
    plain
}

/// Separators of lines, controls of direction (UAX #9), and characters without a width.
const fn reorders(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{61c}'
            | '\u{200b}'
            | '\u{200e}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_stand_below_their_heads() {
        let rows = [json!({"id": "1", "name": "Ä"}), json!({"id": "22", "name": null})];
        let text = table(&[("ID", "id"), ("NAME", "name"), ("OK", "ok")], &rows);
        assert_eq!(text, "ID  NAME  OK\n1   Ä     -\n22  -     -\n");
    }

    #[test]
    fn threat_a7_what_a_server_says_cannot_steer_the_terminal() {
        let hostile = "a\u{1b}[31m\nb\u{9b}2J\u{202e}c\u{7f}";
        let harmless = "a\\u{1b}[31m\\u{a}b\\u{9b}2J\\u{202e}c\\u{7f}";
        assert_eq!(plain(hostile), harmless);
        assert!(table(&[("A", "a")], &[json!({"a": hostile})]).contains(harmless));
    }

    #[test]
    fn threat_a7_json_is_the_same_value_without_raw_control_characters() {
        let value = json!({"a": "x\u{9b}\u{202e}\u{e0001}\u{7f}", "b": 1});
        let shown = plain_json(&format!("\n{value}\r\n"));
        assert!(!shown.contains(|c: char| c.is_control() || reorders(c)), "{shown:?}");
        assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), value);
    }
}
