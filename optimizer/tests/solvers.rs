//! Programs of the relaxation's shape by three methods that share no code: the simplex of HiGHS through
//! the live master, the interior point method of HiGHS, and microlp.

use highs::{ColProblem, HighsModelStatus, Sense};
use microlp::{ComparisonOp, OptimizationDirection, Problem};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tradewind_optimizer::master::{LiveMaster, LpSolution, Master, RowId, RowKind, StatedMaster};

/// Classes covered by columns that share limits, and copies that columns need; leaving out is dear.
struct Program {
    rows: Vec<RowKind>,
    /// Cost, upper bound, entries.
    columns: Vec<(f64, f64, Vec<(usize, f64)>)>,
}

fn program(seed: u64) -> Program {
    let mut rng = StdRng::seed_from_u64(seed);
    let (classes, quotas, copies) = (rng.random_range(3..30), rng.random_range(1..12), rng.random_range(0..4));
    let mut rows = vec![RowKind::Equal(1.0); classes];
    rows.extend((0..quotas).map(|_| RowKind::AtMost(rng.random_range(0.5..4.0))));
    let mut columns: Vec<(f64, f64, Vec<(usize, f64)>)> =
        (0..classes).map(|k| (rng.random_range(200.0..400.0), f64::INFINITY, vec![(k, 1.0)])).collect();
    for _ in 0..copies {
        let cost = rng.random_range(1.0..30.0);
        let linked = rows.len()..rows.len() + classes;
        rows.extend(linked.clone().map(|_| RowKind::AtMost(0.0)));
        // At most one copy: more would serve no one.
        columns.push((cost, 1.0, linked.clone().map(|row| (row, -1.0)).collect()));
        for (k, row) in linked.enumerate() {
            let entries =
                vec![(k, 1.0), (classes + rng.random_range(0..quotas), rng.random_range(0.1..2.0)), (row, 1.0)];
            columns.push((rng.random_range(0.5..40.0), f64::INFINITY, entries));
        }
    }
    for _ in 0..classes * 8 {
        let limit = classes + rng.random_range(0..quotas);
        let entries = vec![(rng.random_range(0..classes), 1.0), (limit, rng.random_range(0.05..2.0))];
        let upper = if rng.random_bool(0.1) { 0.5 } else { f64::INFINITY };
        columns.push((rng.random_range(1.0..60.0), upper, entries));
    }
    Program { rows, columns }
}

fn through(mut master: impl Master, p: &Program) -> LpSolution {
    let rows: Vec<RowId> = p.rows.iter().map(|&kind| master.add_row(kind, &[])).collect();
    for (cost, upper, entries) in &p.columns {
        let entries: Vec<(RowId, f64)> = entries.iter().map(|&(r, x)| (rows[r], x)).collect();
        master.add_column(*cost, *upper, &entries);
    }
    master.solve().expect("leaving everything out is feasible")
}

fn by_interior_point(p: &Program) -> f64 {
    let mut problem = ColProblem::new();
    let row = |kind: &RowKind, problem: &mut ColProblem| match *kind {
        RowKind::Equal(b) => problem.add_row(b..=b),
        RowKind::AtMost(b) => problem.add_row(..=b),
    };
    let rows: Vec<_> = p.rows.iter().map(|kind| row(kind, &mut problem)).collect();
    for (cost, upper, entries) in &p.columns {
        problem.add_column(*cost, 0.0..=*upper, entries.iter().map(|&(r, x)| (rows[r], x)));
    }
    let mut model = problem.optimise(Sense::Minimise);
    model.make_quiet();
    model.set_option("threads", 1);
    model.set_option("solver", "ipm");
    let solved = model.solve();
    assert_eq!(solved.status(), HighsModelStatus::Optimal);
    solved.objective_value()
}

fn by_microlp(p: &Program) -> f64 {
    let mut problem = Problem::new(OptimizationDirection::Minimize);
    let mut rows: Vec<Vec<_>> = vec![Vec::new(); p.rows.len()];
    for (cost, upper, entries) in &p.columns {
        let column = problem.add_var(*cost, (0.0, *upper));
        entries.iter().for_each(|&(r, x)| rows[r].push((column, x)));
    }
    for (kind, entries) in p.rows.iter().zip(rows) {
        match *kind {
            RowKind::Equal(b) => problem.add_constraint(entries, ComparisonOp::Eq, b),
            RowKind::AtMost(b) => problem.add_constraint(entries, ComparisonOp::Le, b),
        }
    }
    problem.solve().expect("leaving everything out is feasible").objective()
}

/// What the prices of the rows prove, worked out here: no solution costs less.
fn proven(p: &Program, duals: &[f64]) -> f64 {
    let right = |kind: &RowKind| match *kind {
        RowKind::Equal(b) | RowKind::AtMost(b) => b,
    };
    let rows: f64 = p.rows.iter().zip(duals).map(|(kind, y)| right(kind) * y).sum();
    let reduced = |(cost, _, entries): &(f64, f64, Vec<(usize, f64)>)| {
        cost - entries.iter().map(|&(r, x)| duals[r] * x).sum::<f64>()
    };
    // A column that would pay is held back by its upper bound only.
    let held: f64 = p
        .columns
        .iter()
        .map(|c| reduced(c).min(0.0))
        .zip(&p.columns)
        .map(|(d, c)| if d < -1e-7 { d * c.1 } else { 0.0 })
        .sum();
    rows + held
}

#[test]
fn simplex_interior_point_and_microlp_agree() {
    let (mut worst, mut columns) = (0.0_f64, 0);
    for seed in 0..200 {
        let p = program(seed);
        let live = through(LiveMaster::new(), &p);
        let stated = through(StatedMaster::new(), &p).objective;
        let close = |what: &str, value: f64| {
            let off = (value - live.objective).abs() / live.objective.abs().max(1.0);
            assert!(off <= 1e-6, "seed {seed}: {what} {value}, simplex {}", live.objective);
            off
        };
        worst = worst.max(close("good_lp", stated));
        worst = worst.max(close("interior point", by_interior_point(&p)));
        worst = worst.max(close("microlp", by_microlp(&p)));
        worst = worst.max(close("the dual value", proven(&p, &live.duals)));
        let below = p.rows.iter().zip(&live.duals).all(|(k, y)| matches!(k, RowKind::Equal(_)) || *y <= 1e-7);
        assert!(below, "seed {seed}: a limit with a price of the wrong sign");
        columns += p.columns.len();
    }
    println!("200 programs with {columns} columns, farthest apart {worst:.1e}");
}
