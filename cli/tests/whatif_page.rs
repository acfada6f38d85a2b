//! The page of a what-if says what its report says: figures are read back from its charts and from its data.

mod common;

#[path = "common/whatif.rs"]
mod fixture;

use std::collections::BTreeMap;

use common::Desk;
use html5gum::{Token, Tokenizer};
use serde_json::{Value, json};

/// A mark of a chart: its `data-` attributes, and those of the shapes in it.
#[derive(Debug, Default)]
struct Mark {
    data: BTreeMap<String, String>,
    shapes: Vec<BTreeMap<String, String>>,
}

impl Mark {
    fn is(&self, chart: &str) -> bool {
        self.data.get("data-chart").is_some_and(|c| c == chart)
    }
}

/// Every `g` with figures, in the order of the page. Groups with figures hold no such groups.
fn marks(page: &str) -> Vec<Mark> {
    let (mut marks, mut depth) = (Vec::<Mark>::new(), 0_u32);
    for token in Tokenizer::new(page).flatten() {
        match token {
            Token::Error(error) => panic!("{error:?}"),
            Token::StartTag(tag) => {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                let attributes: BTreeMap<String, String> =
                    tag.attributes.iter().map(|(name, value)| (text(name), text(value))).collect();
                if attributes.contains_key("data-chart") {
                    marks.push(Mark { data: attributes, shapes: Vec::new() });
                    depth = 1;
                } else if depth > 0 {
                    depth += u32::from(text(&tag.name) == "g");
                    marks.last_mut().expect("a mark").shapes.push(attributes);
                }
            }
            Token::EndTag(tag) if &*tag.name == b"g" => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    marks
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().expect("a list")
}

fn number(value: &Value) -> f64 {
    value.as_str().expect("a decimal").parse().expect("a number")
}

fn percent(text: &str) -> f64 {
    text.strip_suffix('%').expect("percent").parse().expect("a number")
}

/// The JSON that stands in the page.
fn island(page: &str) -> &str {
    let start = "<script type=\"application/json\" id=\"tradewind-whatif\">";
    let (_, rest) = page.split_once(start).expect("the data of the run");
    rest.split_once("</script>").expect("its end").0
}

#[test]
fn figures_are_read_back_from_the_page() {
    let desk = Desk::new("whatif-read-back");
    let (page, report) = fixture::page_and_report(&desk);
    let data: Value = serde_json::from_str(island(&page)).expect("JSON");
    assert_eq!(data, report);
    let marks = marks(&page);
    let of = |chart: &'static str| marks.iter().filter(move |m| m.is(chart));

    for mark in of("tornado") {
        let arm: usize = mark.data["data-arm"].parse().expect("an arm");
        assert_eq!(json!(mark.data["data-usd"]), report["arms"][arm]["compared"]["difference"]["usd"]);
    }
    assert_eq!(of("tornado").count(), list(&report["arms"]).len());

    for mark in of("ranges") {
        let arm = &mark.data["data-arm"];
        let figures = match arm.parse::<usize>() {
            Ok(n) => &report["arms"][n]["compared"]["figures"],
            Err(_) => &report["base"],
        };
        for name in ["mean", "p50", "p95"] {
            assert_eq!(json!(mark.data[&format!("data-{name}-usd")]), figures["cost"][format!("{name}_usd")], "{arm}");
        }
    }
    assert_eq!(of("ranges").count(), 1 + list(&report["arms"]).len());

    let largest = report["largest"].as_u64().expect("an arm") as usize;
    let steps = list(&report["arms"][largest]["compared"]["steps"]);
    for mark in of("waterfall").filter(|m| m.data.contains_key("data-cause")) {
        let step = steps.iter().find(|s| s["cause"] == json!(mark.data["data-cause"])).expect("a cause");
        assert_eq!(step["usd"], json!(mark.data["data-usd"]));
    }
    let totals: Vec<Value> = of("waterfall").filter_map(|m| m.data.get("data-total")).map(|t| json!(t)).collect();
    assert_eq!(totals[1], report["arms"][largest]["compared"]["figures"]["cost"]["mean_usd"]);

    let points = list(&report["frontier"]);
    assert_eq!(of("frontier").count(), points.len());
    for mark in of("frontier") {
        let allowed = mark.data["data-allowed"].parse::<f64>().map_or(Value::Null, |p| json!(p));
        let point = points.iter().find(|p| p["allowed"] == allowed).expect("a point");
        assert_eq!(json!(mark.data["data-mean-usd"]), point["figures"]["cost"]["mean_usd"]);
        assert_eq!(mark.data["data-dominated"], point["dominated"].to_string());
    }

    let lives: usize = list(&report["median"]["rows"]).iter().map(|r| list(&r["lives"]).len()).sum();
    assert_eq!(of("gantt").count(), lives);
}

/// Bars of the tornado are as long as their figures say, to the rounding of a percent, and on the right side.
#[test]
fn bars_are_as_long_as_their_figures() {
    let desk = Desk::new("whatif-lengths");
    let (page, report) = fixture::page_and_report(&desk);
    let bars: Vec<(f64, f64, f64)> = marks(&page)
        .iter()
        .filter(|m| m.is("tornado"))
        .map(|m| {
            let bar = m.shapes.iter().find(|s| s.contains_key("width")).expect("a bar");
            (number(&json!(m.data["data-usd"])), percent(&bar["x"]), percent(&bar["width"]))
        })
        .collect();
    let (largest, _, widest) = bars.iter().copied().max_by(|a, b| a.0.abs().total_cmp(&b.0.abs())).expect("bars");
    let zero = bars.iter().find(|b| b.0 > 0.01).expect("an arm that costs more").1;
    for (usd, x, width) in bars {
        let wished = (usd / largest).abs() * widest;
        assert!((width - wished).abs() < 0.16, "USD {usd}: {width} % of the width, {wished} by its figure");
        let start = if usd < 0.0 { x + width } else { x };
        assert!((start - zero).abs() < 0.16, "USD {usd} starts at {start}, zero is at {zero}");
    }
    assert!(list(&report["arms"]).iter().any(|a| number(&a["compared"]["difference"]["usd"]) < 0.0));
}

#[test]
fn the_page_asks_for_nothing_and_runs_nothing() {
    let desk = Desk::new("whatif-sound");
    let (page, _) = fixture::page_and_report(&desk);
    assert!(page.starts_with("<!DOCTYPE html><html lang=\"en\">"));
    assert!(page.contains("http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src"));
    let shown = page.replace(island(&page), "").replace("http-equiv", "");
    for reach in ["http", "src=", "href", "url(", "@import", "<link", "<img", "onclick", "javascript:"] {
        assert!(!shown.contains(reach), "{reach} in the page");
    }
    assert_eq!(shown.matches("<script").count(), 1, "the data alone");
    assert!(page.contains("q&lt;b&gt;.jsonl") && !page.contains("<b>.jsonl"), "names are escaped");
    assert!(page.len() < 1_000_000, "{} bytes", page.len());
    for part in ["Base and arms", "Where the money goes", "What moves the cost most", "Cost against", "The median run"]
    {
        assert!(page.contains(&format!("<h2>{part}")), "{part}");
    }
}
