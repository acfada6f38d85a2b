//! The integer program against enumeration.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::program::{Column, Program};
use super::solver;

/// A random covering program under limits, with a solution to start from: everything as often as it goes.
fn random(rng: &mut StdRng) -> Program {
    let mut rows: Vec<f64> = (0..3).map(|_| -f64::from(rng.random_range(1..4_u32))).collect();
    let columns: Vec<Column> = (0..6)
        .map(|_| {
            let entries = (0..3).filter(|_| rng.random_bool(0.6)).map(|r| (r, -1.0)).collect::<Vec<_>>();
            let held = f64::from(rng.random_range(1..4_u32));
            let most = f64::from(rng.random_range(0..3_u32));
            let cost = f64::from(rng.random_range(1..60_u32));
            let entries = entries.into_iter().chain([(3, held)]).collect();
            Column::plain(cost, most, entries, most)
        })
        .collect();
    rows.push(columns.iter().map(|c| c.most * c.entries.last().map_or(0.0, |e| e.1)).sum());
    Program { rows, columns }
}

/// The least cost over all choices, if one is feasible.
fn enumerated(program: &Program) -> Option<f64> {
    let choices: u32 = program.columns.iter().map(|c| c.most as u32 + 1).product();
    let cost = |mut n: u32| {
        let mut left = program.rows.clone();
        let mut cost = 0.0;
        for column in &program.columns {
            let times = f64::from(n % (column.most as u32 + 1));
            n /= column.most as u32 + 1;
            cost += times * column.cost;
            column.entries.iter().for_each(|&(r, v)| left[r] -= times * v);
        }
        left.iter().all(|l| *l >= 0.0).then_some(cost)
    };
    (0..choices).filter_map(cost).reduce(f64::min)
}

#[test]
fn the_solver_finds_what_enumeration_finds() {
    let mut rng = StdRng::seed_from_u64(5);
    let (mut feasible, mut tight) = (0, 0);
    for n in 0..300 {
        let mut program = random(&mut rng);
        if enumerated(&program).is_none() {
            continue;
        }
        // The start must stay feasible, so the limit is only tightened where it is left out.
        if n % 2 == 0 {
            program.rows[3] *= 0.7;
            program.columns.iter_mut().for_each(|c| c.start = 0.0);
        }
        let Some(best) = enumerated(&program) else { continue };
        let solved = solver::solve(&program, 1_000).unwrap_or_else(|| panic!("{n}: not solved"));
        assert!((solved.cost - best).abs() <= 2e-3 * best, "{n}: {} against {best}", solved.cost);
        let begun: f64 = program.columns.iter().map(|c| c.cost * c.start).sum();
        assert!(n % 2 == 0 || solved.cost <= begun + 1e-9, "{n}: dearer than where it began");
        assert!(solved.bound <= best * (1.0 + 1e-9), "{n}: bound {} above {best}", solved.bound);
        feasible += 1;
        tight += n % 2;
    }
    assert!(feasible >= 60 && tight >= 20, "{feasible} programs, {tight} of them with a start");
}
