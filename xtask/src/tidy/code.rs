//! Reading Rust line by line: enough for tidy's rules, and no parser.

/// The line up to its `//` comment; a `//` in a string is no comment.
pub(crate) fn without_comment(line: &str) -> &str {
    let mut in_string = false;
    let mut previous = ' ';
    for (at, c) in line.char_indices() {
        let is_char = previous == '\'' && line.get(at + 1..).is_some_and(|rest| rest.starts_with('\''));
        match c {
            '"' if previous != '\\' && !is_char => in_string = !in_string,
            '/' if previous == '/' && !in_string => return line.get(..at - 1).unwrap_or(line),
            _ => {}
        }
        previous = if previous == '\\' { ' ' } else { c };
    }
    line
}

/// Where `word` stands in `text` as a whole identifier.
pub(crate) fn find_word(text: &str, word: &str) -> Option<usize> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).map(|(at, _)| at).find(|&at| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

/// Whether the file is test code as a whole.
pub(crate) fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs")
}

/// The lines before the inline module of tests, if there is one.
pub(crate) fn lines_outside_tests(text: &str) -> usize {
    let mut after_cfg = false;
    for (count, line) in text.lines().map(str::trim).enumerate() {
        if after_cfg && line.starts_with("mod ") && line.ends_with('{') {
            return count - 1;
        }
        after_cfg = line == "#[cfg(test)]" || (after_cfg && line.starts_with("#["));
    }
    text.lines().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_cut_and_strings_are_not() {
        assert_eq!(without_comment("let a = 1; // one"), "let a = 1; ");
        assert_eq!(without_comment(r#"let a = "http://x"; // one"#), r#"let a = "http://x"; "#);
        assert_eq!(without_comment(r#"let a = "\"//"; // one"#), r#"let a = "\"//"; "#);
        assert_eq!(without_comment(r#"let a = '"'; // one"#), r#"let a = '"'; "#);
        assert_eq!(without_comment(r#"f("'"); // one"#), r#"f("'"); "#);
        assert_eq!(without_comment("//! doc"), "");
    }

    #[test]
    fn a_word_is_a_whole_identifier() {
        assert_eq!(find_word("use diesel::sql_query;", "sql_query"), Some(12));
        assert_eq!(find_word("my_sql_query, sql_query_2", "sql_query"), None);
    }

    #[test]
    fn an_inline_module_of_tests_does_not_count() {
        assert_eq!(lines_outside_tests("//! x\nfn f() {}\n#[cfg(test)]\nmod tests {\n}\n"), 2);
        assert_eq!(lines_outside_tests("//! x\n#[cfg(test)]\nmod tests;\nfn f() {}\n"), 4);
        assert_eq!(lines_outside_tests("//! x\n#[cfg(test)]\nuse a;\nmod b {\n}\n"), 5);
    }
}
