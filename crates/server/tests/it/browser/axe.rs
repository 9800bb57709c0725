//! Looks for barriers with axe-core.

use std::fs;

use serde_json::Value;

use super::chromium::tool;
use super::tab::Tab;

/// What axe finds on the page that is grave: its rule, and where.
pub(super) fn grave_findings(tab: &mut Tab) -> Vec<String> {
    let script = fs::read_to_string(tool("KEYWARD_TEST_AXE")).expect("axe-core");
    // Put in by the debugger: the page's own policy does not let it in, and stays as it is.
    tab.evaluate(&format!("{script}; 0"));
    let found = tab.evaluate("axe.run().then(results => results.violations)");
    let is_grave = |finding: &&Value| finding["impact"] == "serious" || finding["impact"] == "critical";
    let findings = found.as_array().expect("findings");
    findings
        .iter()
        .filter(is_grave)
        .map(|finding| format!("{}: {}", finding["id"], finding["nodes"]))
        .collect()
}
