//! Means over things that share their luck within a replication.

use super::Estimate;

/// A mean over all jobs of all replications, its standard error clustered by replication: the jobs of one share its
/// shocks and are not independent, so the samples are the replications.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Clusters {
    /// Sum of values and number of jobs, a pair for each replication.
    totals: Vec<(f64, u64)>,
}

impl Clusters {
    /// Takes a replication in: the sum of its jobs' values, and how many jobs it has.
    pub fn add(&mut self, sum: f64, jobs: u64) {
        self.totals.push((sum, jobs));
    }

    /// The mean a job with its interval: a ratio of two means, by its linear part.
    pub fn estimate(&self, confidence: f64) -> Estimate {
        let n = self.totals.len() as f64;
        let jobs: u64 = self.totals.iter().map(|(_, jobs)| jobs).sum();
        let mean = self.totals.iter().map(|(sum, _)| sum).sum::<f64>() / jobs.max(1) as f64;
        let off = |(sum, jobs): &(f64, u64)| sum - mean * *jobs as f64;
        let squares: f64 = self.totals.iter().map(|t| off(t) * off(t)).sum();
        let standard_error = libm::sqrt(squares * n / (n - 1.0).max(1.0)) / jobs.max(1) as f64;
        Estimate::student(mean, standard_error, self.totals.len() as u64, confidence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draws::{Draws, Purpose};
    use crate::stats::Moments;
    use tradewind_core::seed::Seed;

    #[test]
    fn alike_clusters_are_the_t_interval_of_their_means() {
        let means = [1.0, 4.0, 2.5, 3.0];
        let mut clusters = Clusters::default();
        means.iter().for_each(|m| clusters.add(10.0 * m, 10));
        let plain = means.into_iter().collect::<Moments>().estimate(0.95);
        let (a, b) = (clusters.estimate(0.95), plain);
        assert!((a.value - b.value).abs() < 1e-12 && (a.relative_half_width() - b.relative_half_width()).abs() < 1e-12);
        assert_eq!(Clusters::default().estimate(0.95), Estimate { value: 0.0, interval: None });
    }

    /// A shock of variance 1 that all 20 to 60 jobs of a replication share, and noise of variance 1 of each job.
    #[test]
    fn shared_shocks_widen_the_interval() {
        let runs = 500_u64;
        let (mut by_replication, mut by_job) = (0, 0);
        for run in 0..runs {
            let (mut clusters, mut jobs) = (Clusters::default(), Moments::default());
            for replication in 0..40 {
                let draws = Draws::new(Seed(run), replication);
                let n = 20 + 40 * u64::from(draws.uniform(0, Purpose(1), 0) < 0.5);
                let values = (0..n).map(|j| draws.normal(0, Purpose(2), 0) + draws.normal(j, Purpose(3), 0));
                let values: Vec<f64> = values.collect();
                clusters.add(values.iter().sum(), n);
                jobs.extend(values);
            }
            by_replication += u32::from(clusters.estimate(0.95).interval.is_some_and(|i| i.contains(0.0)));
            by_job += u32::from(jobs.estimate(0.95).interval.is_some_and(|i| i.contains(0.0)));
        }
        let share = |n: u32| f64::from(n) / runs as f64;
        assert!((0.91..0.98).contains(&share(by_replication)), "{}", share(by_replication));
        assert!(share(by_job) < 0.5, "jobs are not samples: {}", share(by_job));
    }
}
