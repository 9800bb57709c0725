//! `GET /metrics`: the server's figures, in Prometheus's text format (version 0.0.4).

use std::fmt::{self, Write};

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use keyward_domain::metrics::{Family, Figures, Kind, Labels, Sample, Spread, Value};

use crate::admin;
use crate::extract::Cx;
use crate::metrics::MetricsAccess;
use crate::problem::problem;

/// Security: open or for admins, as the operator decides. What is told names no account, agent, key or address.
pub(super) async fn metrics(cx: Cx) -> HttpResponse {
    match cx.metrics.access {
        MetricsAccess::Open => {}
        MetricsAccess::Admin if admin::is_admin(&cx) => {}
        MetricsAccess::Admin => return admin::unauthorized(),
    }
    match text(&cx.metrics.measure()) {
        Ok(text) => HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text),
        Err(fmt::Error) => problem(StatusCode::INTERNAL_SERVER_ERROR, None),
    }
}

fn text(figures: &Figures) -> Result<String, fmt::Error> {
    let mut text = String::new();
    for family in figures.families() {
        let kind = match family.kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        writeln!(text, "# HELP {} {}\n# TYPE {} {kind}", family.name, family.help, family.name)?;
        family.samples.iter().try_for_each(|sample| write_sample(&mut text, family, sample))?;
    }
    Ok(text)
}

fn write_sample(text: &mut String, family: &Family, Sample { labels, value }: &Sample) -> fmt::Result {
    match value {
        Value::Number(number) => {
            write_name(text, family.name, "", labels, None)?;
            writeln!(text, " {number}")
        }
        Value::Spread(spread) => write_spread(text, family.name, labels, spread),
    }
}

fn write_spread(text: &mut String, name: &str, labels: Labels<'_>, spread: &Spread) -> fmt::Result {
    for (bound, count) in &spread.buckets {
        write_name(text, name, "_bucket", labels, Some(*bound))?;
        writeln!(text, " {count}")?;
    }
    write_name(text, name, "_sum", labels, None)?;
    writeln!(text, " {}", spread.sum)?;
    write_name(text, name, "_count", labels, None)?;
    writeln!(text, " {}", spread.count())
}

/// Nothing needs escaping: names and values are the program's own.
fn write_name(
    text: &mut String,
    name: &str,
    part: &str,
    labels: Labels<'_>,
    bound: Option<f64>,
) -> fmt::Result {
    write!(text, "{name}{part}")?;
    let mut before = '{';
    for (label, value) in labels {
        write!(text, "{before}{label}=\"{value}\"")?;
        before = ',';
    }
    match bound {
        Some(bound) if bound.is_infinite() => write!(text, "{before}le=\"+Inf\"}}"),
        Some(bound) => write!(text, "{before}le=\"{bound}\"}}"),
        None if labels.is_empty() => Ok(()),
        None => text.write_char('}'),
    }
}

#[cfg(test)]
mod tests {
    use keyward_domain::metrics::{Histogram, SIZES};

    use super::*;

    #[test]
    fn figures_are_written_as_prometheus_reads_them() {
        let histogram = Histogram::new(&SIZES);
        histogram.record(3);
        let mut figures = Figures::default();
        figures.gauge("keyward_nothing", "Nothing.");
        figures.counter("keyward_uses_total", "Uses.").count(&[("of", "a"), ("by", "b")], 7);
        figures.gauge("keyward_age_seconds", "Age.").number(&[], 0.25);
        figures.histogram("keyward_jobs", "Jobs.").spread(&[("in", "c")], histogram.spread());
        let text = text(&figures).unwrap();
        let (head, tail) = text.split_once("# TYPE keyward_jobs histogram\n").unwrap();
        assert_eq!(
            head,
            "# HELP keyward_nothing Nothing.\n# TYPE keyward_nothing gauge\n\
             # HELP keyward_uses_total Uses.\n# TYPE keyward_uses_total counter\n\
             keyward_uses_total{of=\"a\",by=\"b\"} 7\n\
             # HELP keyward_age_seconds Age.\n# TYPE keyward_age_seconds gauge\nkeyward_age_seconds 0.25\n\
             # HELP keyward_jobs Jobs.\n"
        );
        assert!(tail.starts_with(
            "keyward_jobs_bucket{in=\"c\",le=\"1\"} 0\nkeyward_jobs_bucket{in=\"c\",le=\"2\"} 0\n\
             keyward_jobs_bucket{in=\"c\",le=\"4\"} 1\n"
        ));
        assert!(tail.ends_with(
            "keyward_jobs_bucket{in=\"c\",le=\"+Inf\"} 1\nkeyward_jobs_sum{in=\"c\"} 3\nkeyward_jobs_count{in=\"c\"} 1\n"
        ));
    }
}
