//! Plans for people: text, Markdown and pages for a browser.

mod common;

use common::{Desk, JOB};
use html5gum::{Token, Tokenizer};

/// A job that runs, and one that does not, with a name that is nobody's friend.
const UNFRIENDLY: &str = r#"{"id":"<script>alert('x')</script>|\"b*`","vcpus":90000,"memory":"4GiB","runtime":"1h"}"#;

fn plan(name: &str) -> Desk {
    let desk = Desk::new(name);
    desk.write("q.jsonl", format!("{JOB}\n{UNFRIENDLY}\n"));
    desk.run(&["plan", "q.jsonl", "-o", "p.json"]).expect(0);
    desk
}

/// What stands before the assumptions, which belong to the market.
fn before_assumptions<'t>(text: &'t str, mark: &str) -> &'t str {
    text.split_once(mark).map_or(text, |(before, _)| before)
}

#[test]
fn a_plan_as_text() {
    let desk = plan("pages-text");
    let shown = desk.run(&["show", "p.json"]).expect(0).stdout;
    insta::assert_snapshot!(before_assumptions(&shown, "\nAssumptions"), @r#"
    2 jobs, 2 tasks: 1 placed, 1 not, USD 0.06
    No plan of these tasks costs less than USD 0.05 (proven): this one is at most 25.0 % above it.
    No plan places more than 1 task (proven).
    1 node in 1 region of 1 cloud, from 2024-03-31T00:00:00Z for 2d in windows of 1h.
    Prices: snapshot 2024-03-31 of 2024-03-31, not older than the plan.
    Ended: the default limit of work was reached.

    To launch
      region          bought     nodes   USD  types
      --------------  ---------  -----  ----  -------------
      aws/ap-south-1  on demand      1  0.06  1 x m6a.large

    Not placed
      job                               tasks  why
      --------------------------------  -----  ---------------------------------------------------------
      <script>alert('x')</script>|"b*`      1  no node is large enough: asked for 90000 vCPU, 4096 MiB
                                               and 0 GPU on one node; larger work needs `nodes` > 1

    Expected cost
      part      USD    share
      -------  ----  -------
      compute  0.06   90.8 %
      boot     0.00    0.9 %
      address  0.01    8.3 %
      total    0.06  100.0 %

    Against simple rules on the same input
      rule                    placed   USD  against this plan
      ----------------------  ------  ----  -------------------
      cheapest first               1  0.06  1.00 times the cost
      cheapest first shifted       1  0.06  1.00 times the cost
      first fit decreasing         1  0.06  1.00 times the cost
      on demand                    1  0.06  1.00 times the cost
      this plan                    1  0.06
    "#);
    let planned = desk.run(&["plan", "q.jsonl"]).expect(0).stdout;
    assert!(planned.starts_with(before_assumptions(&shown, "\nAssumptions")), "shown as it was when made");
}

#[test]
fn a_plan_as_markdown() {
    let desk = plan("pages-md");
    let shown = desk.run(&["show", "p.json", "--format", "md"]).expect(0).stdout;
    insta::assert_snapshot!(before_assumptions(&shown, "\n<details><summary>Assumptions"), @r#"
    ## 2 jobs, 2 tasks: 1 placed, 1 not, USD 0.06

    - No plan of these tasks costs less than USD 0.05 (proven): this one is at most 25.0 % above it.
    - No plan places more than 1 task (proven).
    - 1 node in 1 region of 1 cloud, from 2024-03-31T00:00:00Z for 2d in windows of 1h.
    - Prices: snapshot 2024-03-31 of 2024-03-31, not older than the plan.
    - Ended: the default limit of work was reached.

    ### To launch

    | region | bought | nodes | USD | types |
    | --- | --- | ---: | ---: | --- |
    | aws/ap-south-1 | on demand | 1 | 0.06 | 1 x m6a.large |

    ### Not placed

    | job | tasks | why |
    | --- | ---: | --- |
    | &lt;script>alert('x')&lt;/script>\|"b\*\` | 1 | no node is large enough: asked for 90000 vCPU, 4096 MiB and 0 GPU on one node; larger work needs \`nodes\` > 1 |

    ### Expected cost

    | part | USD | share |
    | --- | ---: | ---: |
    | compute | 0.06 | 90.8 % |
    | boot | 0.00 | 0.9 % |
    | address | 0.01 | 8.3 % |
    | total | 0.06 | 100.0 % |

    <details><summary>Against simple rules on the same input (5)</summary>

    | rule | placed | USD | against this plan |
    | --- | ---: | ---: | --- |
    | cheapest first | 1 | 0.06 | 1.00 times the cost |
    | cheapest first shifted | 1 | 0.06 | 1.00 times the cost |
    | first fit decreasing | 1 | 0.06 | 1.00 times the cost |
    | on demand | 1 | 0.06 | 1.00 times the cost |
    | this plan | 1 | 0.06 |  |

    </details>
    "#);
}

#[test]
fn the_machine_formats_are_those_of_plan() {
    let desk = plan("pages-formats");
    for format in ["json", "csv"] {
        let shown = desk.run(&["show", "p.json", "--format", format]).expect(0).stdout;
        assert_eq!(shown, desk.run(&["plan", "q.jsonl", "--format", format]).expect(0).stdout);
    }
}

/// Elements that have no end.
const VOID: [&str; 3] = ["meta", "br", "link"];

/// Parses strictly: no parse error, every element closed in order. The number of elements.
fn elements(page: &str) -> usize {
    let (mut open, mut n) = (Vec::new(), 0);
    for token in Tokenizer::new(page).flatten() {
        match token {
            Token::Error(error) => panic!("{error:?} in {page}"),
            Token::StartTag(tag) => {
                n += 1;
                let name = String::from_utf8_lossy(&tag.name).into_owned();
                if !VOID.contains(&name.as_str()) && !tag.self_closing {
                    open.push(name);
                }
            }
            Token::EndTag(tag) => assert_eq!(open.pop().as_deref(), Some(&*String::from_utf8_lossy(&tag.name))),
            _ => {}
        }
    }
    assert!(open.is_empty(), "not closed: {open:?}");
    n
}

/// Well formed, and nothing in it reaches out or runs.
fn expect_sound(page: &str) {
    assert!(page.starts_with("<!DOCTYPE html><html lang=\"en\">"), "{}", &page[..80]);
    assert!(elements(page) > 10);
    assert!(page.contains("http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src"));
    let rest = page.replace("http-equiv", "");
    for reach in ["http", "src=", "href", "url(", "@import", "<script", "<link", "<img", "onclick", "javascript:"] {
        assert!(!rest.contains(reach), "{reach} in the page");
    }
}

#[test]
fn a_plan_as_a_page() {
    let desk = plan("pages-html");
    let page = desk.run(&["show", "p.json", "--format", "html"]).expect(0).stdout;
    expect_sound(&page);
    for part in ["Expected cost", "Nodes over time", "Not placed", "Against simple rules", "Limits", "Placements"] {
        assert!(page.contains(&format!("<h2>{part}")), "{part}");
    }
    assert!(page.contains("&lt;script&gt;alert('x')&lt;/script&gt;|&quot;b*`"), "escaped, not lost");
    assert!(page.contains("prefers-color-scheme:dark") && page.contains("@media print"));
    let hash = desk.read("p.json").split('"').skip_while(|w| *w != "content_hash").nth(2).expect("a hash").to_owned();
    assert!(page.contains(&hash), "the footer names the plan");

    desk.run(&["show", "p.json", "--format", "html", "-o", "p.html"]).expect(0);
    assert_eq!(desk.read("p.html"), page, "the same bytes, printed or written");
    assert!(desk.run(&["show", "p.json", "-o", "p.json"]).expect(64).stderr.contains("would overwrite the plan"));
    assert_eq!(desk.names(), ["p.html", "p.json", "q.jsonl"]);
}

#[test]
fn every_page_is_sound() {
    let desk = plan("pages-every");
    desk.write("none.jsonl", UNFRIENDLY);
    desk.run(&["plan", "none.jsonl", "-o", "none.json"]).expect(3);
    for arguments in [
        &["show", "none.json"][..],
        &["check", "p.json"],
        &["diff", "none.json", "p.json"],
        &["offers", "--limit", "3"],
        &["prices", "show"],
        &["prices", "check"],
    ] {
        expect_sound(&desk.run(&[arguments, &["--format", "html"]].concat()).expect(0).stdout);
    }
    let night = ["reevaluate", "q.jsonl", "--state", "s", "--world", ".", "--as-of", "2024-03-29", "--format", "html"];
    expect_sound(&desk.run(&night).expect(2).stdout);
}

/// A thousand jobs in four regions around the clock: some hundred rows and bars.
#[test]
fn a_large_page_stays_small_and_the_same() {
    let desk = Desk::new("pages-large");
    let line = |id: usize| {
        let region = ["aws/us-east-1", "aws/eu-west-1", "gcp/us-central1", "azure/eastus"][id % 4];
        let (vcpus, minutes, hour, spot) = (8 * (1 + id % 3), 30 + 10 * (id % 7), id % 24, id % 2 == 0);
        format!(
            r#"{{"id":"job-{id:04}","vcpus":{vcpus},"memory":"60GiB","runtime":"{minutes}m","interruptible":{spot},"regions":["{region}"],"earliest_start":"2024-03-31T{hour:02}:00:00Z"}}{}"#,
            "\n"
        )
    };
    desk.write("q.jsonl", (0..1000).map(line).collect::<String>());
    desk.run(&["plan", "q.jsonl", "-o", "p.json", "--quotas", "none"]).expect(0);
    let show = || desk.run(&["show", "p.json", "--format", "html"]).expect(0).stdout;
    let page = show();
    assert_eq!(page, show(), "the same plan, the same bytes");
    expect_sound(&page);
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
    assert!(page.contains("Placements (first 250 of "), "capped with a count");
}
