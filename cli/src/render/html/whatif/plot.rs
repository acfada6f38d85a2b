//! What the charts share: rows of a label, a drawing and a figure over one axis. Drawings have no view box: across they
//! count in percent and down in pixels, so that text keeps its size at any width.

use maud::{Markup, html};

use crate::render::html::scale::Scale;

/// Height of a row's drawing in pixels.
pub const HEIGHT: u32 = 24;
/// Where marks stand in it.
pub const MIDDLE: u32 = 12;

/// A length or a place across.
pub fn pc(percent: f64) -> String {
    format!("{percent:.3}%")
}

/// A row; `mark` is drawn over the ticks.
pub fn row(scale: &Scale, label: &Markup, figure: &str, title: &str, mark: &Markup) -> Markup {
    html! {
        div.plot {
            div.what { (label) }
            svg height=(HEIGHT) role="img" aria-label=(title) {
                title { (title) }
                @for tick in scale.ticks() {
                    @let x = pc(scale.percent(tick));
                    line.tick x1=(x) x2=(x) y1="0" y2=(HEIGHT) {}
                }
                (mark)
            }
            div.figure { (figure) }
        }
    }
}

/// A bar between two values, however small it is.
pub fn span(scale: &Scale, class: &str, from: f64, to: f64, height: u32) -> Markup {
    let (a, b) = (scale.percent(from.min(to)), scale.percent(from.max(to)));
    html! {
        rect class=(class) x=(pc(a)) width=(pc((b - a).max(0.15))) y=(MIDDLE - height / 2) height=(height) rx="2" {}
    }
}

/// An upright stroke at a value.
pub fn stroke(scale: &Scale, class: &str, at: f64, half: u32) -> Markup {
    let x = pc(scale.percent(at));
    html! { line class=(class) x1=(x) x2=(x) y1=(MIDDLE - half) y2=(MIDDLE + half) {} }
}

/// Where the truth may lie, as a line with ends.
pub fn whisker(scale: &Scale, low: f64, high: f64) -> Markup {
    let (a, b) = (pc(scale.percent(low)), pc(scale.percent(high)));
    html! {
        line.whisker x1=(a) x2=(b) y1=(MIDDLE) y2=(MIDDLE) {}
        (stroke(scale, "whisker", low, 4))
        (stroke(scale, "whisker", high, 4))
    }
}

/// The labels under all rows.
pub fn axis(scale: &Scale, title: &str) -> Markup {
    html! {
        div.plot.foot {
            div.what {}
            div.axis {
                @for tick in scale.ticks() {
                    @let x = scale.percent(tick);
                    // Those at the ends would stand out of the drawing.
                    @if (3.0..=97.0).contains(&x) { span style=(format!("left:{x:.2}%")) { (scale.label(tick)) } }
                }
            }
            div.figure {}
            div.unit { (title) }
        }
    }
}
