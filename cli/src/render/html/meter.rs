//! A thin bar that is filled to a share.

use maud::{Markup, html};

/// The bar; `class` is its colour. Shares outside 0 to 1 are drawn as empty or full.
pub fn of(share: f64, class: &str) -> Markup {
    html! {
        div.meter {
            svg viewBox="0 0 100 9" preserveAspectRatio="none" aria-hidden="true" {
                rect class=(class) x="0" y="0" width=(format!("{:.1}", share.clamp(0.0, 1.0) * 100.0)) height="9" {}
            }
        }
    }
}
