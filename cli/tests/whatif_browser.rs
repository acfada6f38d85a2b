//! The page of a what-if in a real browser: `make test-ui`.

mod common;

#[path = "common/whatif.rs"]
mod fixture;

use std::process::Command;

use common::Desk;

const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Measures the page in frames of given widths: how wide it becomes, and how many of its marks have a size.
const PROBE: &str = r#"<!DOCTYPE html><title>probe</title><body><script>
const widths = [390, 1280];
for (const width of widths) {
  const frame = document.createElement('iframe');
  frame.style.width = width + 'px';
  frame.style.height = '3000px';
  frame.src = 'r.html';
  frame.onload = () => {
    const page = frame.contentDocument;
    const marks = [...page.querySelectorAll('g[data-chart] rect')];
    const drawn = marks.filter(m => m.getBoundingClientRect().width > 0).length;
    const result = document.createElement('p');
    result.className = 'result';
    result.textContent = `${width}: ${page.documentElement.scrollWidth} wide, ${drawn} of ${marks.length} drawn`;
    document.body.append(result);
  };
  document.body.append(frame);
}
</script>"#;

/// The DOM after loading, and what the browser says.
fn browse(desk: &Desk, page: &str) -> (String, String) {
    let profile = desk.path("profile");
    let started = NAMES.into_iter().find_map(|name| {
        let mut command = Command::new(name);
        command.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]);
        command.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
        command.args(["--allow-file-access-from-files", "--enable-logging=stderr", "--virtual-time-budget=5000"]);
        command.arg(format!("--user-data-dir={}", profile.display()));
        command.arg("--dump-dom").arg(format!("file://{}", desk.path(page).display()));
        command.output().ok()
    });
    let output = started.expect("Chromium; `make test-ui` installs it");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
#[ignore = "needs Chromium: make test-ui"]
fn the_page_fits_phones_and_screens_and_says_nothing_to_the_console() {
    let desk = Desk::new("whatif-browser");
    fixture::page_and_report(&desk);
    desk.write("probe.html", PROBE);
    let (dom, said) = browse(&desk, "probe.html");
    let console: Vec<&str> = said.lines().filter(|l| l.contains("CONSOLE")).collect();
    assert!(console.is_empty(), "{console:#?}");
    let results: Vec<&str> =
        dom.split("class=\"result\">").skip(1).map(|r| r.split('<').next().unwrap_or_default()).collect();
    assert_eq!(results.len(), 2, "{dom}");
    for result in results {
        let (width, rest) = result.split_once(": ").expect("a width");
        let (wide, drawn) = rest.split_once(" wide, ").expect("a measure");
        let (n, of) = drawn.trim_end_matches(" drawn").split_once(" of ").expect("a count");
        let limit: u32 = width.parse().expect("a width");
        assert!(wide.parse::<u32>().expect("pixels") <= limit, "the page scrolls sideways: {result}");
        assert!(n == of && n != "0", "{result}");
    }
}
