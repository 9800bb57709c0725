//! The ratios as a picture: a bar each, with its spread and what is aimed at.

use std::fmt::Write;

use super::report::{Line, Ratio, Report, Target};

const WIDTH: f64 = 760.0;
const LABELS: f64 = 300.0;
const STEP: f64 = 34.0;
const TOP: f64 = 54.0;
/// The ratio at the right edge, if none is greater.
const FULL: f64 = 1.0;

const STYLE: &str = "text{font:13px sans-serif;fill:#24292f}.t{font-weight:bold;font-size:15px}.n{fill:#57606a;\
    font-size:11px}.b{fill:#2f6f9f}.r{fill:#d8dee4}.s{stroke:#24292f;stroke-width:1.5}.a{stroke:#c0392b;\
    stroke-width:2;stroke-dasharray:4 3}rect.p{fill:#fff}";

/// Draws every line that has a ratio which is the better the greater it is.
pub(super) fn svg(report: &Report) -> String {
    let is_better_if_more = |line: &&Line| !matches!(line.target, Some(Target::AtMost(_)));
    let lines = report.lines.iter().filter(is_better_if_more);
    let bars: Vec<(&Line, &Ratio)> = lines.filter_map(|line| Some((line, line.ratio.as_ref()?))).collect();
    let most = bars.iter().map(|(_, ratio)| ratio.value.high).fold(FULL, f64::max);
    let scale = (WIDTH - LABELS - 70.0) / most;
    let height = TOP + STEP * bars.len() as f64 + 24.0;
    let mut drawn = String::new();
    for (at, (line, ratio)) in bars.iter().enumerate() {
        bar(&mut drawn, TOP + STEP * at as f64, scale, line, ratio);
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n\
         <rect class=\"p\" width=\"{WIDTH}\" height=\"{height}\"/>\n\
         <text class=\"t\" x=\"12\" y=\"24\">{title}</text>\n\
         <text class=\"n\" x=\"12\" y=\"41\">times the bare primitive of the same round; line: lowest to highest \
         round; dashes: what is aimed at</text>\n{drawn}</svg>\n",
        title = escaped(&report.title),
    )
}

fn bar(drawn: &mut String, y: f64, scale: f64, line: &Line, Ratio { to, value }: &Ratio) {
    let x = |ratio: f64| LABELS + ratio * scale;
    let middle = y + 11.0;
    let label = escaped(line.what.split(',').take(2).collect::<Vec<_>>().join(",").as_str());
    // Writing into text cannot fail.
    let _ = writeln!(drawn, "<text x=\"12\" y=\"{:.0}\">{label}</text>", y + 9.0);
    let _ = writeln!(drawn, "<text class=\"n\" x=\"12\" y=\"{:.0}\">× {}</text>", y + 23.0, escaped(to));
    let _ = writeln!(
        drawn,
        "<rect class=\"r\" x=\"{LABELS}\" y=\"{y:.0}\" width=\"{:.1}\" height=\"22\"/>",
        FULL * scale
    );
    let _ = writeln!(
        drawn,
        "<rect class=\"b\" x=\"{LABELS}\" y=\"{y:.0}\" width=\"{:.1}\" height=\"22\"/>",
        value.median * scale
    );
    let _ = writeln!(
        drawn,
        "<line class=\"s\" x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{middle:.1}\" y2=\"{middle:.1}\"/>",
        x(value.low),
        x(value.high)
    );
    if let Some(Target::AtLeast(least)) = line.target {
        let _ = writeln!(
            drawn,
            "<line class=\"a\" x1=\"{0:.1}\" x2=\"{0:.1}\" y1=\"{1:.0}\" y2=\"{2:.0}\"/>",
            x(least),
            y - 3.0,
            y + 25.0
        );
    }
    let right = x(value.high.max(FULL)) + 6.0;
    let _ = writeln!(drawn, "<text x=\"{right:.0}\" y=\"{:.0}\">{:.2}</text>", y + 16.0, value.median);
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
